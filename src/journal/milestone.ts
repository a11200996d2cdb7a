import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LandfallError } from '../foundation/errors.ts';
import { tailLines } from '../foundation/text.ts';
import { errno } from './troubles.ts';

/** What became of a commit; only `failed` deserves a line on the screen. */
export type Milestone =
  | { readonly kind: 'committed'; readonly id: string }
  | { readonly kind: 'unchanged' }
  /** The last one is too near: a later one takes it in. */
  | { readonly kind: 'spared' }
  | { readonly kind: 'no-git' }
  | { readonly kind: 'failed'; readonly error: LandfallError };

const TIMEOUT_MS = 60_000;

/**
 * Every commit holds the whole journal again, and Git packs nothing by itself here. So what happens every few minutes for weeks
 * is committed the more rarely the longer the files have grown: about a megabyte an hour, whatever the size.
 */
const SPACING_MS_PER_BYTE = 360_000 / 1024 ** 2;
const GROWING = ['journal.jsonl', 'logs/commands.jsonl'];

/**
 * Commits all of the directory into a Git repository of its own, made on first use. Neither the engineer's settings
 * nor hooks, signing keys or a surrounding repository take part. An evacuation never fails for it. A `routine` one may be
 * left to the next.
 */
export async function commitMilestone(
  directory: string,
  message: string,
  { routine = false } = {},
): Promise<Milestone> {
  const git = gitIn(directory);
  try {
    if (routine && (await isTooNear(directory))) return { kind: 'spared' };
    if (!existsSync(join(directory, '.git'))) await git(['init', '--quiet', '--template=']);
    // It holds hashes of passwords, and a commit is for ever.
    await git(['add', '--all', '--', '.', ':(exclude,glob)**/besides.sql']);
    if ((await git(['status', '--porcelain', '--untracked-files=no'])) === '') return { kind: 'unchanged' };
    await git(['commit', '--quiet', '--no-verify', '--cleanup=verbatim', '--file=-'], message);
    return { kind: 'committed', id: await git(['rev-parse', 'HEAD']) };
  } catch (error) {
    if (errno(error) === 'ENOENT') return { kind: 'no-git' };
    return { kind: 'failed', error: failure(directory, error) };
  }
}

/** By the times of the files alone: Git writes that one with every commit. */
async function isTooNear(directory: string): Promise<boolean> {
  const look = (name: string) => stat(join(directory, name)).catch(() => undefined);
  const [last, ...growing] = await Promise.all(['.git/COMMIT_EDITMSG', ...GROWING].map(look));
  if (last === undefined) return false;
  const bytes = growing.reduce((sum, file) => sum + (file?.size ?? 0), 0);
  const newest = Math.max(...growing.map(file => file?.mtimeMs ?? 0));
  return bytes > 1024 ** 2 && newest - last.mtimeMs < bytes * SPACING_MS_PER_BYTE;
}

function gitIn(directory: string): (args: readonly string[], input?: string) => Promise<string> {
  const place = [`--git-dir=${join(directory, '.git')}`, `--work-tree=${directory}`];
  return async (args, input = '') => {
    // Loaded late: who only reads a journal should not pay for it.
    const { execa } = await import('execa');
    const { stdout } = await execa('git', [...place, ...SETTINGS, ...args], {
      cwd: directory,
      env: ENVIRONMENT,
      input,
      timeout: TIMEOUT_MS,
    });
    return stdout;
  };
}

const SETTINGS = Object.entries({
  'user.name': 'landfall',
  'user.email': 'landfall@localhost',
  'commit.gpgSign': 'false',
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.autocrlf': 'false',
  'core.safecrlf': 'false',
  'init.defaultBranch': 'main',
  // No housekeeping beside a running evacuation.
  'gc.auto': '0',
  'maintenance.auto': 'false',
}).flatMap(([key, value]) => ['-c', `${key}=${value}`]);

/** An undefined value removes the variable: what is exported for another repository must not reach this one. */
const ENVIRONMENT: NodeJS.ProcessEnv = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_OBJECT_DIRECTORY: undefined,
  GIT_ALTERNATE_OBJECT_DIRECTORIES: undefined,
  GIT_COMMON_DIR: undefined,
  GIT_NAMESPACE: undefined,
  GIT_CONFIG_PARAMETERS: undefined,
  GIT_CONFIG_COUNT: undefined,
  GIT_TEMPLATE_DIR: undefined,
  GIT_AUTHOR_NAME: undefined,
  GIT_AUTHOR_EMAIL: undefined,
  GIT_AUTHOR_DATE: undefined,
  GIT_COMMITTER_NAME: undefined,
  GIT_COMMITTER_EMAIL: undefined,
  GIT_COMMITTER_DATE: undefined,
  GIT_TRACE: undefined,
};

function failure(directory: string, error: unknown): LandfallError {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return new LandfallError('local.command-failed', {
    what: 'the evacuation directory could not be committed to Git',
    where: { file: directory, command: 'git commit' },
    why: 'the files are safe on disk; only their history has a gap',
    evidence: tailLines(stderr, 8),
    next: [`see what Git says: git -C ${directory} status`],
    cause: error,
  });
}
