import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../foundation/clock.ts';
import { LandfallError } from '../foundation/errors.ts';
import { NAME_PATTERN } from '../foundation/names.ts';
import type { Redactor } from '../foundation/redact.ts';
import { removeTree } from '../foundation/remove-tree.ts';
import { Chain } from '../journal/chain.ts';
import { openEvacuationDirectory } from '../journal/directory.ts';
import { replaceFile, syncDirectory } from '../journal/durable-file.ts';
import { openJournal } from '../journal/journal.ts';
import { MIRROR_ROOT, type MirrorManifest, mirrorDirectory } from '../journal/mirror-manifest.ts';
import type { State } from '../journal/state.ts';
import type { Host } from '../remote/host.ts';
import { quote } from '../remote/quote.ts';
import { manifestAt } from './mirror-host.ts';

/** Takes an evacuation up on another control machine, from its copy on a hypervisor of the target site. */

const MOST_BYTES = 1024 ** 3;
const ABSENT = 44;
/** $1 the directory of mirrors; one that may not be entered is a failure, not an empty one. */
const NAMES = `[ -e "$1" ] || exit ${ABSENT}
cd -- "$1" && for name in *; do echo "$name"; done`;

/** What is mirrored on this host, by name. Directories without a manifest are none: their first copy never ended. */
export async function mirrorsOn(host: Host): Promise<MirrorManifest[]> {
  const { code, stdout } = await host.exec(['sh', '-c', NAMES, 'sh', MIRROR_ROOT], { codes: [0, ABSENT] });
  if (code === ABSENT) return [];
  const names = stdout
    .toString('utf8')
    .split('\n')
    .filter(name => NAME_PATTERN.test(name));
  const manifests = await Promise.all(names.map(name => manifestAt(host, mirrorDirectory(name))));
  return manifests.filter(each => each !== undefined);
}

export interface RecoverOptions {
  readonly host: Host;
  readonly manifest: MirrorManifest;
  /** The directory of all evacuations. */
  readonly root: string;
  /** Where it came from, in words: `root@dal-kvm1:22`. */
  readonly from: string;
  readonly owner: { readonly pid: number; readonly host: string; readonly user: string };
  readonly clock: Clock;
  readonly redactor: Redactor;
}

export interface Recovered {
  readonly directory: string;
  readonly state: State;
}

/**
 * Fetches it, checks every byte, and only then gives the directory its name. Throws `state.exists` where this machine
 * has the evacuation already, `state.damaged` where what lies there is not what was written.
 */
export async function recover(options: RecoverOptions): Promise<Recovered> {
  const { host, manifest, root, clock } = options;
  const name = manifest.evacuation;
  // Whole and proved under a name of its own; then it is there at once.
  const within = join(root, `.recover-${randomUUID()}`);
  const staging = join(within, name);
  await mkdir(staging, { recursive: true, mode: 0o700 });
  try {
    for (const file of manifest.files) await fetchFile(host, name, staging, file);
    const journal = await fetchJournal(host, manifest);
    await replaceFile(join(staging, 'journal.jsonl'), journal.bytes);
    await replaceFile(join(staging, '.gitignore'), 'lock\nlock.*\n*.sock\n*.new\n');
    const directory = await openEvacuationDirectory(within, name);
    const { user, pid } = options.owner;
    const by = `${user}@${options.owner.host}`;
    const opened = await openJournal({
      ...{ directory, owner: { pid, user }, by: `${by}:${pid}`, clock, redactor: options.redactor },
    });
    try {
      const hash = opened.state.evacuation?.planHash;
      if (hash !== (await directory.frozenPlan(hash)).hash) throw planLost(host.id, name, hash);
      await opened.append(
        {
          type: 'evacuation.recovered',
          ...{ from: options.from, upTo: journal.upTo, lastAt: opened.state.lastAt, head: journal.head },
          missing: manifest.leftOut.map(({ path, why }) => `${path}: ${why}`),
        },
        by,
      );
      await directory.commit(`taken up again from ${options.from}`);
    } finally {
      await opened.close();
    }
    await take(staging, join(root, name), name);
    await syncDirectory(root);
    return { directory: join(root, name), state: opened.state };
  } finally {
    await removeTree(within, root);
  }
}

async function take(staging: string, path: string, name: string): Promise<void> {
  try {
    // Over an empty directory at most: a directory with something in it refuses.
    await rename(staging, path);
  } catch (error) {
    throw new LandfallError('state.exists', {
      what: `this machine has an evacuation called ${name} already`,
      where: { file: path },
      why: 'two journals of one evacuation would each tell half of the truth',
      next: [`see how far it is: landfall status ${name}`, `to take the other one: move ${path} aside first`],
      cause: error,
    });
  }
}

async function fetchFile(
  host: Host,
  name: string,
  staging: string,
  { path, size, sha256 }: MirrorManifest['files'][number],
): Promise<void> {
  const there = `${mirrorDirectory(name)}/${path}`;
  const bytes = await host.read(there, size + 1);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw damaged(host.id, there, 'it is not what landfall wrote there');
  await mkdir(dirname(join(staging, path)), { recursive: true, mode: 0o700 });
  await replaceFile(join(staging, path), bytes);
}

/** Whole lines that came after the manifest was written are taken, too: every line carries a checksum of its own. */
async function fetchJournal(
  host: Host,
  { evacuation, journal }: MirrorManifest,
): Promise<{ readonly bytes: Buffer; readonly upTo: number; readonly head: string }> {
  const path = `${mirrorDirectory(evacuation)}/journal.jsonl`;
  const all = await host.read(path, MOST_BYTES);
  let isInChain = false;
  const chain = new Chain(({ upTo, head }) => {
    if (upTo === journal.upTo) isInChain = head === journal.head;
  });
  chain.push(all);
  if (!isInChain)
    throw damaged(
      host.id,
      path,
      `its hash chain at event ${journal.upTo} is not the one that was written down`,
    );
  return { bytes: all.subarray(0, chain.bytes), ...chain.current };
}

function damaged(host: string, file: string, how: string): LandfallError {
  return new LandfallError('state.damaged', {
    what: `${file} on ${host} is damaged: ${how}`,
    where: { host, file },
    why: 'nothing is resumed from what cannot be proved',
    next: [
      `look at it: ls -l ${quote(file)}`,
      'take the copy of another hypervisor of the target site: landfall recover --from HOST',
    ],
  });
}

function planLost(host: string, name: string, hash: string | undefined): LandfallError {
  return new LandfallError('state.damaged', {
    what: `the plan that the journal of ${name} names (${hash ?? 'none'}) is not among what was mirrored`,
    where: { host, file: mirrorDirectory(name) },
    why: 'without the plan that was accepted nobody knows what the copies are for',
    next: ['take the copy of another hypervisor of the target site: landfall recover --from HOST'],
  });
}
