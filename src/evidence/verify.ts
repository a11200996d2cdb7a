import { asLandfallError, type LandfallError } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import { counted } from '../foundation/units.ts';
import { membersOf, unwrap } from './archive.ts';
import { type Journal, readJournal } from './journal.ts';
import { type Judgement, judge } from './judgement.ts';
import { MANIFEST, type Manifest, parseManifest, sumOf } from './manifest.ts';
import { checkNamedLogs, checkPlans } from './named.ts';

/** Checks a pack from its bytes alone: no file is written, no host asked, no directory needed. */

export interface Check {
  readonly name: 'archive' | 'manifest' | 'files' | 'journal' | 'chain' | 'plan' | 'logs' | 'verdict';
  readonly ok: boolean;
  /** One line. */
  readonly said: string;
  /** What is wrong, one a line; names the file. */
  readonly faults: readonly string[];
}

export interface Verified {
  /** Nothing at all is wrong. */
  readonly ok: boolean;
  /** SHA-256 of the archive, to be held against what was written down when it was made. */
  readonly sha256: string;
  readonly checks: readonly Check[];
  readonly manifest?: Manifest;
  /** The verdict as of the instant at which the pack was made. */
  readonly judgement?: Judgement;
}

export function verifyEvidence(archive: Uint8Array): Verified {
  const sha256 = sumOf(archive);
  let members: Map<string, Buffer>;
  try {
    members = membersOf(unwrap(archive));
  } catch (thrown) {
    const { facts }: LandfallError = asLandfallError(thrown);
    return { ok: false, sha256, checks: [bad('archive', 'it cannot be trusted', [facts.what])] };
  }
  return { sha256, ...verifyMembers(members) };
}

/** The same for what is in an archive. */
export function verifyMembers(members: ReadonlyMap<string, Buffer>): Omit<Verified, 'sha256'> {
  const checks: Check[] = [good('archive', `whole: ${counted(members.size, 'file')}`)];
  const over = (more: Partial<Verified> = {}): Omit<Verified, 'sha256'> => ({
    ok: checks.every(({ ok }) => ok),
    checks,
    ...more,
  });
  const written = members.get(MANIFEST);
  const manifest = written === undefined ? undefined : parseManifest(written);
  if (manifest === undefined) {
    const fault = written === undefined ? `${MANIFEST} is missing` : `${MANIFEST} cannot be read`;
    checks.push(bad('manifest', 'nothing can be held against it', [fault]));
    return over();
  }
  checks.push(good('manifest', `${manifest.evacuation}, made by ${harmless(manifest.by)}`));
  checks.push(checkFiles(manifest, members));

  const journal = readJournal(members.get('journal.jsonl') ?? Buffer.alloc(0));
  checks.push(checkJournal(journal));
  checks.push(checkChain(manifest, journal));
  checks.push(
    fromFaults(
      'plan',
      checkPlans(members, journal),
      'it is the accepted one, and every earlier one is there',
    ),
  );
  checks.push(
    fromFaults(
      'logs',
      checkNamedLogs(members, journal, manifest),
      'every log that the journal names is there, or said to be left out',
    ),
  );
  const judgement = judge(members, journal, manifest.at);
  checks.push(
    judgement === undefined
      ? bad('verdict', 'none', ['plan.yaml: it is no plan that this landfall can read'])
      : good('verdict', judgement.line),
  );
  return over({ manifest, ...(judgement === undefined ? {} : { judgement }) });
}

function checkFiles({ files }: Manifest, members: ReadonlyMap<string, Buffer>): Check {
  const faults: string[] = [];
  const known = new Set([MANIFEST]);
  for (const { path, size, sha256 } of files) {
    known.add(path);
    const bytes = members.get(path);
    if (bytes === undefined) faults.push(`${path}: it is missing`);
    else if (bytes.length !== size || sumOf(bytes) !== sha256) faults.push(`${path}: it was changed`);
  }
  if (known.size !== files.length + 1) faults.push(`${MANIFEST}: it names a file twice`);
  for (const path of members.keys())
    if (!known.has(path)) faults.push(`${harmless(path)}: it was added, ${MANIFEST} does not name it`);
  return fromFaults('files', faults, `${counted(files.length, 'file')}, every byte as it was`);
}

const checkJournal = ({ events, fault }: Journal): Check =>
  fromFaults(
    'journal',
    fault === undefined ? [] : [`journal.jsonl: line ${fault.line}: ${fault.reason}`],
    `${counted(events.length, 'event')}, without a gap`,
  );

/** Head of the whole, and the heads that were written to the target site on the way. */
function checkChain({ journal: said }: Manifest, { head, heads, events }: Journal): Check {
  const faults: string[] = [];
  if (head.upTo !== said.upTo || head.head !== said.head)
    faults.push(`journal.jsonl: its chain ends with another head than ${MANIFEST} says`);
  let mirrored = 0;
  for (const event of events) {
    if (event.type !== 'mirror.written' && event.type !== 'evacuation.recovered') continue;
    mirrored += 1;
    if (heads[event.upTo - 1] !== event.head)
      faults.push(`journal.jsonl: event ${event.seq} knew another journal up to event ${event.upTo}`);
  }
  const anchored = mirrored === 0 ? '' : `; ${counted(mirrored, 'head')} on the way agree`;
  return fromFaults('chain', faults, `head ${said.head} at event ${said.upTo}${anchored}`);
}

const good = (name: Check['name'], said: string): Check => ({ name, ok: true, said, faults: [] });
const bad = (name: Check['name'], said: string, faults: readonly string[]): Check => ({
  ...{ name, ok: false, said },
  faults: faults.map(each => harmless(each)),
});
const fromFaults = (name: Check['name'], faults: readonly string[], said: string): Check =>
  faults.length === 0 ? good(name, said) : bad(name, counted(faults.length, 'fault'), faults);
