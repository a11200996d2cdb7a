import { mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LandfallError } from '../foundation/errors.ts';
import { createFile, replaceFile } from '../journal/durable-file.ts';
import { diffPlans } from '../plan/diff.ts';

/** What anybody may read; a plan names its secrets and never holds them. */
const PLAN_MODE = 0o644;

/** Creates a plan file whole. Throws `plan.exists` where there is one: it may be a day's work; `plan.unwritable`. */
export async function createPlan(file: string, text: string): Promise<void> {
  const made = await writing(file, async () => {
    await mkdir(dirname(file), { recursive: true });
    return createFile(file, text, PLAN_MODE);
  });
  if (!made) throw planExists(file);
}

export const planExists = (file: string): LandfallError =>
  new LandfallError('plan.exists', {
    what: `there is a file ${file} already, and landfall overwrites no plan`,
    where: { file },
    next: [
      'name another file',
      `or move the old one away first: mv ${file} ${file}.old`,
      `to change it: edit it, then landfall check ${file}`,
    ],
  });

/**
 * Replaces a plan file whole, its mode kept, through a symbolic link where it is one. `read` is the text that was
 * edited: throws `plan.conflict` where the file holds another by now, and `plan.unwritable`.
 */
export async function savePlan(file: string, text: string, read: string): Promise<void> {
  const { path, mode, now } = await writing(file, async () => {
    const path = await realpath(file);
    return { path, mode: (await stat(path)).mode & 0o7777, now: await readFile(path, 'utf8') };
  });
  if (now !== read) {
    throw new LandfallError('plan.conflict', {
      what: `${file} was changed by somebody else while it was edited here`,
      why: 'saving would undo their change',
      where: { file },
      evidence: diffPlans(read, now).split('\n').slice(0, 20),
      next: ['look at their change, then open the plan again and repeat yours'],
    });
  }
  if (text !== now) await writing(file, () => replaceFile(path, text, mode));
}

async function writing<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof LandfallError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw new LandfallError('plan.unwritable', {
      what: `${file} cannot be written${REASONS[code] ?? ''}`,
      where: { file },
      evidence: [cause instanceof Error ? cause.message : String(cause)],
      next: ['choose another place, or see to the directory and its disk', `ls -ld ${dirname(file)}`],
      cause,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: ': no permission',
  EPERM: ': no permission',
  ENOSPC: ': its disk is full',
  EROFS: ': its file system is read-only',
  ENOENT: ': it is gone',
};
