import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { namedSecrets } from '../evacuation/sql/secrets.ts';
import { MOST_ARCHIVE_BYTES } from '../evidence/archive.ts';
import { pack, recordOf, type Verified, verifyEvidence } from '../evidence/index.ts';
import { LandfallError } from '../foundation/errors.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { createRedactor } from '../foundation/redact.ts';
import { harmless } from '../foundation/text.ts';
import { counted, formatBytes } from '../foundation/units.ts';
import { openEvacuationDirectory } from '../journal/directory.ts';
import { createFile } from '../journal/durable-file.ts';
import type { Event } from '../journal/events.ts';
import { readState } from '../journal/read-state.ts';
import type { Plan } from '../plan/schema.ts';
import { markdownOf } from '../reports/markdown.ts';
import { reportOf } from '../reports/model.ts';
import { engineerOf } from './engineer.ts';
import type { Io } from './io.ts';
import { evacuationsRoot, shortPath } from './paths.ts';
import { loadEvacuation } from './recorded.ts';
import { createStyle } from './style.ts';
import { VERSION } from './version.ts';

export interface PackInput {
  readonly evacuation: string | undefined;
  readonly output: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly state: string | undefined;
}

export async function packEvidence(io: Io, input: PackInput): Promise<void> {
  const { plan } = await loadEvacuation(io, input.evacuation, input.state);
  const root = evacuationsRoot(io, input.state);
  const directory = await openEvacuationDirectory(root, plan.name);
  const events: Event[] = [];
  const { state } = await readState(root, plan.name, event => events.push(event));
  const at = io.clock.now();
  const report = reportOf({ plan, state }, at);
  const secrets = await knownSecrets(io, plan);
  const redactor = createRedactor();
  for (const secret of secrets) redactor.learn(secret);
  const { archive, sha256, manifest } = await pack({
    ...{ evacuation: plan.name, directory: directory.path, at, redactor, secrets, landfall: VERSION },
    planText: (await directory.frozenPlan(state.evacuation?.planHash)).text,
    by: `${engineerOf(io)}@${io.process.host}`,
    scratch: tmpdir(),
    documents: {
      'record.json': `${JSON.stringify(recordOf(events), null, 1)}\n`,
      'reports/readiness.md': markdownOf(report),
      'reports/readiness.json': `${JSON.stringify(report)}\n`,
    },
  });
  const file = resolve(io.cwd, input.output ?? `${plan.name}-evidence-${stamp(at)}.tar.gz`);
  const { files, leftOut, journal } = manifest;
  if (!input.dryRun) await save(file, archive);
  if (input.json) {
    const said = { v: 1, type: input.dryRun ? 'dry-run' : 'evidence', file, sha256, bytes: archive.length };
    io.out(`${JSON.stringify({ ...said, journal, files: files.length, leftOut })}\n`);
    return;
  }
  if (input.dryRun) for (const { path, size } of files) io.out(`${path}  ${formatBytes(size)}\n`);
  const shown = shortPath(io, file);
  io.out(
    `${input.dryRun ? `would be written: ${shown}` : shown}: ${counted(files.length, 'file')}, ${formatBytes(archive.length)}, up to event ${journal.upTo}\n`,
  );
  for (const { path, why } of leftOut) io.out(`left out: ${harmless(path)} (${harmless(why)})\n`);
  if (input.dryRun) return;
  io.out(`sha256 ${sha256}\n  write this down at another place; next: landfall verify-evidence ${shown}\n`);
}

/** Values that must be in no pack, as far as they can be read here; none of them is needed for it. */
async function knownSecrets(io: Io, plan: Plan): Promise<string[]> {
  const found = await Promise.all(
    namedSecrets(plan).map(async ({ reference }) => {
      if (reference.startsWith('env:')) return io.env[reference.slice('env:'.length)];
      if (!reference.startsWith('file:/')) return undefined;
      // One that cannot be read here cannot have been copied from here either.
      return readFile(reference.slice('file:'.length), 'utf8').then(
        text => text.trim(),
        () => undefined,
      );
    }),
  );
  return found.filter(each => each !== undefined).filter(({ length }) => length >= 4);
}

async function save(file: string, archive: Uint8Array): Promise<void> {
  let created: boolean;
  try {
    created = await createFile(file, archive);
  } catch (cause) {
    throw new LandfallError('usage', {
      what: `the pack cannot be written to ${file}`,
      evidence: [cause instanceof Error ? cause.message : String(cause)],
      next: ['choose another place: --output FILE'],
      cause,
    });
  }
  if (!created)
    throw new LandfallError('usage', {
      what: `${file} exists already`,
      why: 'evidence is never overwritten',
      next: ['choose another name: --output FILE'],
    });
}

/** `20261122T120000Z`. */
const stamp = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');

export async function verifyPack(
  io: Io,
  input: { readonly file: string; readonly sha256: string | undefined; readonly json: boolean },
): Promise<ExitCode> {
  const file = resolve(io.cwd, input.file);
  const verified = verifyEvidence(await archiveAt(file));
  const isOther = input.sha256 !== undefined && input.sha256.toLowerCase() !== verified.sha256;
  const ok = verified.ok && !isOther;
  if (input.json) {
    io.out(`${JSON.stringify({ v: 1, type: 'verify-evidence', file, ...verified, ok })}\n`);
    return ok ? EXIT.ok : EXIT.failed;
  }
  print(io, verified);
  const style = createStyle(io.colour, io.unicode);
  if (isOther) io.out(`${style.bad(style.marks.bad)} it is not the archive whose sum you named\n`);
  io.out(`sha256 ${verified.sha256}\n`);
  io.out(
    ok
      ? `${style.good(style.marks.good)} nothing was changed since the pack was made\n`
      : `${style.bad(style.marks.bad)} this pack proves nothing: see above\n`,
  );
  return ok ? EXIT.ok : EXIT.failed;
}

function print(io: Io, { checks, manifest, judgement }: Verified): void {
  const style = createStyle(io.colour, io.unicode);
  for (const { ok, name, said, faults } of checks) {
    const mark = ok ? style.good(style.marks.good) : style.bad(style.marks.bad);
    io.out(`${mark} ${name.padEnd(8)} ${harmless(said)}\n`);
    for (const fault of faults.slice(0, 50)) io.out(`    ${harmless(fault)}\n`);
    if (faults.length > 50) io.out(`    and ${faults.length - 50} more: --json lists all\n`);
  }
  if (manifest !== undefined) {
    io.out(
      `made ${new Date(manifest.at).toISOString()} by ${harmless(manifest.by)} with landfall ${harmless(manifest.landfall)}\n`,
    );
    for (const { path, why } of manifest.leftOut)
      io.out(`left out then: ${harmless(path)} (${harmless(why)})\n`);
  }
  if (judgement?.cutover !== undefined) io.out(`cutover: ${judgement.cutover}\n`);
}

async function archiveAt(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > MOST_ARCHIVE_BYTES) throw new RangeError(`it has ${formatBytes(size)}`);
    return await readFile(file);
  } catch (cause) {
    throw new LandfallError('usage', {
      what: `${file} cannot be read`,
      evidence: [cause instanceof Error ? cause.message : String(cause)],
      next: ['name the archive that landfall evidence wrote'],
      cause,
    });
  }
}
