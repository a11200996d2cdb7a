import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ErrorFacts, LandfallError } from '../foundation/errors.ts';
import { closest } from '../foundation/spelling.ts';
import { problemLine } from './format.ts';
import { type PlanResult, parsePlan } from './load.ts';
import type { Problem } from './problem.ts';
import type { Plan } from './schema.ts';
import { MAX_PLAN_BYTES } from './text-source.ts';

/** A sound plan with the exact text it was read from, which is what an evacuation freezes. */
export interface LoadedPlan {
  readonly file: string;
  readonly plan: Plan;
  readonly text: string;
  /** SHA-256 of the text. */
  readonly hash: string;
  readonly warnings: readonly Problem[];
}

export interface ExaminedPlan {
  readonly result: PlanResult;
  /** Empty where the file is no text. */
  readonly text: string;
}

export interface ReadOptions {
  /** The frozen plan of an evacuation that runs: a deadline that went by is then a warning. */
  readonly running?: boolean;
}

/** Reads a plan file and says what is wrong with it. Throws `plan.unreadable`. */
export async function examinePlan(
  file: string,
  now: number,
  options: ReadOptions = {},
): Promise<ExaminedPlan> {
  const bytes = await readBytes(file);
  return { result: parsePlan(bytes, { file, now, ...options }), text: new TextDecoder().decode(bytes) };
}

/** Reads a plan that has to be sound. Throws `plan.unreadable` or `plan.invalid`. */
export async function readPlan(file: string, now: number, options: ReadOptions = {}): Promise<LoadedPlan> {
  const { result, text } = await examinePlan(file, now, options);
  if (!result.ok) throw invalid(file, result.problems);
  const { plan, hash, warnings } = result;
  return { file, plan, text, hash, warnings };
}

const EVIDENCE_LINES = 8;

function invalid(file: string, problems: readonly Problem[]): LandfallError {
  const errors = problems.filter(p => p.severity === 'error');
  const first = errors[0];
  const shown = errors.slice(0, EVIDENCE_LINES).map(problemLine);
  const rest = errors.length - shown.length;
  return new LandfallError('plan.invalid', {
    what: `the plan ${file} has ${errors.length === 1 ? 'an error' : `${errors.length} errors`}`,
    why: 'no host was contacted: a wrong plan is never executed in part',
    where: { file, line: first?.line, column: first?.column },
    evidence: rest > 0 ? [...shown, `and ${rest} more`] : shown,
    next: [`landfall check ${file}   shows every problem with its line and what to write instead`],
  });
}

/** One byte more than allowed is enough to refuse the file; a device or a pipe is not waited for. */
async function readBytes(file: string): Promise<Uint8Array> {
  try {
    const facts = await stat(file);
    if (facts.isDirectory()) throw await isDirectory(file);
    if (!facts.isFile()) {
      throw unreadable(file, { what: `${file} is no regular file`, next: ['name the plan file itself'] });
    }
    return await head(file, MAX_PLAN_BYTES + 1);
  } catch (error) {
    if (error instanceof LandfallError) throw error;
    throw await cannotRead(file, error);
  }
}

/** The first bytes of a file. */
async function head(file: string, most: number): Promise<Uint8Array> {
  await using handle = await open(file, 'r');
  const buffer = Buffer.alloc(most);
  let length = 0;
  while (length < most) {
    const { bytesRead } = await handle.read(buffer, length, most - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

const unreadable = (file: string, facts: Omit<ErrorFacts, 'where'>): LandfallError =>
  new LandfallError('plan.unreadable', { ...facts, where: { file } });

async function isDirectory(file: string): Promise<LandfallError> {
  const plans = await plansIn(file);
  return unreadable(file, {
    what: `${file} is a directory, not a plan`,
    next:
      plans.length > 0
        ? plans.slice(0, 5).map(name => `landfall check ${join(file, name)}`)
        : ['name a YAML file; plans/minimal.yaml is the shortest example'],
  });
}

async function cannotRead(file: string, error: unknown): Promise<LandfallError> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return absent(file, error);
  if (code === 'EACCES' || code === 'EPERM') {
    return unreadable(file, {
      what: `no permission to read ${file}`,
      next: [`ls -l ${file}   shows whose file it is`, 'run landfall as the user who owns the plan'],
      cause: error,
    });
  }
  return unreadable(file, {
    what: `${file} cannot be read`,
    evidence: [error instanceof Error ? error.message : String(error)],
    next: ['check the path and the disk it is on'],
    cause: error,
  });
}

async function absent(file: string, cause: unknown): Promise<LandfallError> {
  const folder = dirname(file);
  const plans = await plansIn(folder);
  const near = closest(basename(file), plans);
  const names = near === undefined ? plans.slice(0, 5) : [near];
  return unreadable(file, {
    what: `there is no file ${file}`,
    next:
      names.length > 0
        ? names.map(name => `landfall check ${join(folder, name)}`)
        : ['check the path; plans/minimal.yaml is the shortest example'],
    cause,
  });
}

/** The YAML files of a folder; none where the folder cannot be read, for they are only a hint. */
async function plansIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(name => /\.ya?ml$/.test(name)).sort();
  } catch {
    return [];
  }
}
