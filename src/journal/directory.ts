import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LandfallError } from '../foundation/errors.ts';
import { NAME_PATTERN } from '../foundation/names.ts';
import { artifactPath } from './artifact-path.ts';
import { createFile, replaceFile, syncDirectory } from './durable-file.ts';
import { commitMilestone, type Milestone } from './milestone.ts';
import { NOTES_HEAD } from './notes-file.ts';
import {
  acceptPlan,
  type FrozenPlan,
  freezePlan,
  type JournalAcceptance,
  readFrozenPlan,
} from './plan-file.ts';
import { errno, unreadable, unwritable } from './troubles.ts';

/** Everything one evacuation leaves on the control machine: journal, frozen plan, inventories, logs, reports. */
export interface EvacuationDirectory {
  readonly name: string;
  /** Absolute or relative as the root was given. */
  readonly path: string;
  readonly journalPath: string;
  readonly lockPath: string;
  /** The plan in force; `accepted` is the hash in the state, which wins over a file that a crash left behind it. */
  readonly frozenPlan: (accepted?: string) => Promise<FrozenPlan>;
  /**
   * Replaces the frozen plan after the engineer has accepted the difference. `journalIt` must make the acceptance
   * durable; both texts stay in `plans/`.
   */
  readonly acceptPlan: (text: string, diff: string, journalIt: JournalAcceptance) => Promise<FrozenPlan>;
  /**
   * Writes `inventories/web1.json` or `logs/web1/pass-3.log` whole or not at all, and returns its path. Refuses paths
   * that lead out of the directory or to files with a keeper of their own.
   */
  readonly writeArtifact: (relative: string, bytes: Uint8Array | string) => Promise<string>;
  /**
   * Commits everything, where Git is there. Never throws: what went wrong is in the answer. `routine` is what happens every
   * few minutes: in a long history it may wait for a later commit.
   */
  readonly commit: (message: string, options?: { readonly routine?: boolean }) => Promise<Milestone>;
}

const FOLDERS = ['inventories', 'logs', 'plans', 'reports'];
const IGNORED = ['lock', 'lock.*', '*.sock', '*.new'];

/**
 * Makes the directory. The plan comes last: where it lies, everything lies, and of two creators one wins. Throws
 * `state.exists` where the name is taken; what a crash left half-made is completed.
 */
export async function createEvacuationDirectory(
  root: string,
  name: string,
  options: { readonly planText: string },
): Promise<EvacuationDirectory> {
  const directory = at(root, name);
  const { path } = directory;
  try {
    for (const folder of FOLDERS) await mkdir(join(path, folder), { recursive: true, mode: 0o700 });
    await createFile(join(path, '.gitignore'), `${IGNORED.join('\n')}\n`);
    await createFile(join(path, 'notes.md'), NOTES_HEAD);
    if (!(await freezePlan(path, options.planText))) throw taken(path, name);
    await syncDirectory(root);
  } catch (error) {
    if (error instanceof LandfallError) throw error;
    const code = errno(error);
    if (code === 'EEXIST' || code === 'ENOTDIR') throw taken(path, name);
    throw unwritable(path, error);
  }
  return directory;
}

/** Throws `state.absent` where there is none of that name. */
export async function openEvacuationDirectory(root: string, name: string): Promise<EvacuationDirectory> {
  const directory = at(root, name);
  if (!(await isEvacuation(directory.path))) {
    const others = await listEvacuations(root);
    throw new LandfallError('state.absent', {
      what: `there is no evacuation called ${name}`,
      where: { file: directory.path },
      evidence: others.length === 0 ? [] : [`evacuations here: ${others.join(', ')}`],
      next: ['start it: landfall run PLAN', 'or name the right directory of evacuations'],
    });
  }
  return directory;
}

/** Names of all evacuations, sorted; none where the root does not exist. */
export async function listEvacuations(root: string): Promise<string[]> {
  const entries = await readdir(root).catch((error: unknown) => {
    if (errno(error) === 'ENOENT') return [];
    throw unreadable(root, error);
  });
  const found: string[] = [];
  for (const name of entries.sort()) {
    if (NAME_PATTERN.test(name) && (await isEvacuation(join(root, name)))) found.push(name);
  }
  return found;
}

function at(root: string, name: string): EvacuationDirectory {
  if (!NAME_PATTERN.test(name)) {
    throw new LandfallError('usage', {
      what: `${JSON.stringify(name)} cannot be the name of an evacuation`,
      next: ['use 1 to 63 characters of a-z, 0-9 and "-", neither starting nor ending with "-"'],
    });
  }
  const path = join(root, name);
  let committing: Promise<unknown> = Promise.resolve();
  return {
    name,
    path,
    journalPath: join(path, 'journal.jsonl'),
    lockPath: join(path, 'lock'),
    frozenPlan: accepted => readFrozenPlan(path, accepted),
    acceptPlan: (text, diff, journalIt) => acceptPlan(path, text, diff, journalIt),
    writeArtifact: (relative, bytes) => writeArtifact(path, relative, bytes),
    commit: (message, options) => {
      const milestone = committing.then(() => commitMilestone(path, message, options));
      committing = milestone;
      return milestone;
    },
  };
}

async function writeArtifact(
  directory: string,
  relative: string,
  bytes: Uint8Array | string,
): Promise<string> {
  const path = artifactPath(directory, relative);
  try {
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
    await replaceFile(path, bytes);
  } catch (error) {
    throw unwritable(path, error);
  }
  return path;
}

async function isEvacuation(path: string): Promise<boolean> {
  const plan = await stat(join(path, 'plan.yaml')).catch((error: unknown) => {
    const code = errno(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  });
  return plan?.isFile() === true;
}

function taken(path: string, name: string): LandfallError {
  return new LandfallError('state.exists', {
    what: `there is already something called ${name}`,
    where: { file: path },
    next: ['run the plan again to resume it', 'or give the new evacuation another name in the plan'],
  });
}
