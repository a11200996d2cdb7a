import { mkdir, mkdtemp, readFile, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { LandfallError } from '../foundation/errors.ts';
import type { Redactor } from '../foundation/redact.ts';
import { removeTree } from '../foundation/remove-tree.ts';
import { Chain } from '../journal/chain.ts';
import { keptFiles } from '../journal/kept-files.ts';
import { wrap } from './archive.ts';
import { MANIFEST, type Manifest, SUMS, sumOf } from './manifest.ts';

/** Puts everything that proves what was done into one archive. Reads the evacuation's directory; takes no lock. */

const MEBIBYTE = 1024 ** 2;
const LIMITS = { eachBytes: 64 * MEBIBYTE, allBytes: 384 * MEBIBYTE };
/** What the old form of tar can name. */
const LONGEST_NAME = 100;
const LONGEST_FOLDER = 150;

export interface PackOptions {
  readonly evacuation: string;
  readonly directory: string;
  /** The plan in force. */
  readonly planText: string;
  /** What is rendered now: reports, the record of decisions. By path in the pack. */
  readonly documents: Readonly<Record<string, string>>;
  readonly at: number;
  readonly by: string;
  readonly landfall: string;
  readonly redactor: Redactor;
  /** Values that the redactor knows, to be found where nothing may be changed. */
  readonly secrets: readonly string[];
  /** Where the archive is put together; everything in it is private and goes again. */
  readonly scratch: string;
}

export interface Packed {
  readonly archive: Buffer;
  readonly sha256: string;
  readonly manifest: Manifest;
}

export async function pack(options: PackOptions): Promise<Packed> {
  const { directory, evacuation, at, by, landfall } = options;
  const kept = await keptFiles(directory, LIMITS);
  const leftOut = [...kept.leftOut];
  const files = new Map<string, Uint8Array>();
  const journal = await wholeLines(join(directory, 'journal.jsonl'));
  files.set('plan.yaml', Buffer.from(options.planText));
  files.set('journal.jsonl', journal.bytes);
  for (const { path } of kept.files) {
    if (files.has(path)) continue;
    if (basename(path).length > LONGEST_NAME || dirname(path).length > LONGEST_FOLDER)
      leftOut.push({ path, why: 'its name is too long for the archive' });
    else files.set(path, await readFile(join(directory, path)));
  }
  for (const [path, text] of Object.entries(options.documents)) files.set(path, Buffer.from(text));
  for (const [path, bytes] of files) files.set(path, withoutSecrets(path, bytes, options));

  const listed = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const sums = listed.map(([path, bytes]) => `${sumOf(bytes)}  ${path}\n`).join('');
  listed.push([SUMS, Buffer.from(sums)]);
  const manifest: Manifest = {
    ...{ v: 1, type: 'landfall-evidence', evacuation, at, by, landfall },
    journal: journal.head,
    files: listed.map(([path, bytes]) => ({ path, size: bytes.length, sha256: sumOf(bytes) })),
    leftOut,
  };
  const members = new Map([[MANIFEST, Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)], ...listed]);
  const archive = wrap(await tarOf(members, { at, scratch: options.scratch }));
  return { archive, sha256: sumOf(archive), manifest };
}

/** What must be kept byte for byte is refused where a known secret is in it; all else is redacted. */
function withoutSecrets(
  path: string,
  bytes: Uint8Array,
  { redactor, secrets }: Pick<PackOptions, 'redactor' | 'secrets'>,
): Uint8Array {
  // Latin-1 keeps bytes that are no text, and finds a secret among them.
  const text = Buffer.from(bytes).toString('latin1');
  if (path !== 'journal.jsonl' && !/^(?:plan\.yaml$|plans\/)/.test(path)) {
    const safe = redactor.text(text);
    return safe === text ? bytes : Buffer.from(safe, 'latin1');
  }
  if (!secrets.some(secret => text.includes(Buffer.from(secret).toString('latin1')))) return bytes;
  throw new LandfallError('plan.invalid', {
    what: `a password that the plan names stands in clear in ${path}`,
    why: 'the pack would carry it to everybody who gets the pack, and without it the pack proves nothing',
    where: { file: path },
    next: ['change that password, then make the pack again'],
  });
}

async function wholeLines(
  path: string,
): Promise<{ readonly bytes: Buffer; readonly head: Manifest['journal'] }> {
  const all = await readFile(path);
  const chain = new Chain();
  chain.push(all);
  return { bytes: all.subarray(0, chain.bytes), head: chain.current };
}

/** The same files give the same bytes: order, owner, mode and time are ours. */
export async function tarOf(
  members: ReadonlyMap<string, Uint8Array>,
  { at, scratch }: { readonly at: number; readonly scratch: string },
): Promise<Buffer> {
  const staging = await mkdtemp(join(scratch, 'landfall-evidence-'));
  try {
    for (const [path, bytes] of members) {
      await mkdir(dirname(join(staging, path)), { recursive: true, mode: 0o700 });
      await writeFile(join(staging, path), bytes, { mode: 0o600 });
      await utimes(join(staging, path), at / 1000, at / 1000);
    }
    const { stdout } = await execa(
      'tar',
      [
        '--create',
        ...['--format=ustar', '--no-recursion', '--owner=0', '--group=0', '--numeric-owner', '--mode=0600'],
        `--mtime=@${Math.floor(at / 1000)}`,
        ...['--directory', staging, '--null', '--verbatim-files-from', '--files-from=-', '--file=-'],
      ],
      {
        input: [...members.keys()].map(path => `${path}\0`).join(''),
        env: { LC_ALL: 'C', TAR_OPTIONS: '', TZ: 'UTC' },
        encoding: 'buffer',
        stripFinalNewline: false,
        maxBuffer: 2 * 1024 ** 3,
      },
    );
    return Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  } catch (error) {
    throw new LandfallError('local.command-failed', {
      what: 'the evidence pack could not be put together',
      where: { command: 'tar --create' },
      evidence: [error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)],
      next: ['install GNU tar', `make room: df -h ${scratch}`],
      cause: error,
    });
  } finally {
    await removeTree(staging, scratch);
  }
}
