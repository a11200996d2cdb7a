import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createFile, replaceFile } from './durable-file.ts';
import type { EventOf } from './events.ts';
import { errno, unreadable, unwritable } from './troubles.ts';

const PLAN_FILE = 'plan.yaml';

/** The text of a plan as it was when the evacuation took it up. */
export interface FrozenPlan {
  readonly text: string;
  readonly hash: string;
}

export type JournalAcceptance = (acceptance: EventOf<'plan.accepted'>) => Promise<unknown>;

/** SHA-256 of the text: what the journal knows a plan by. */
export function planHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Freezes the first plan; false where one is frozen already. */
export async function freezePlan(directory: string, text: string): Promise<boolean> {
  await createFile(copyOf(directory, planHash(text)), text);
  return createFile(join(directory, PLAN_FILE), text);
}

/**
 * The plan in force. `accepted` is the hash that the journal has accepted last: where a crash kept it from becoming
 * the frozen one, its copy is read instead.
 */
export async function readFrozenPlan(directory: string, accepted?: string): Promise<FrozenPlan> {
  const frozen = await readPlan(join(directory, PLAN_FILE));
  if (accepted === undefined || frozen.hash === accepted) return frozen;
  const copy = copyOf(directory, accepted);
  return existsSync(copy) ? readPlan(copy) : frozen;
}

/**
 * Replaces the plan in force. The journal decides which one that is, so the acceptance is durable before the file
 * changes; the copy is made before that, so that what the journal names can always be read.
 */
export async function acceptPlan(
  directory: string,
  text: string,
  diff: string,
  journalIt: JournalAcceptance,
): Promise<FrozenPlan> {
  const path = join(directory, PLAN_FILE);
  const hash = planHash(text);
  try {
    await createFile(copyOf(directory, hash), text);
    await journalIt({ type: 'plan.accepted', planHash: hash, diff });
    await replaceFile(path, text);
  } catch (error) {
    throw errno(error) === undefined ? error : unwritable(path, error);
  }
  return { text, hash };
}

async function readPlan(path: string): Promise<FrozenPlan> {
  try {
    const text = await readFile(path, 'utf8');
    return { text, hash: planHash(text) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Every plan that was ever in force stays under its hash. */
function copyOf(directory: string, hash: string): string {
  return join(directory, 'plans', `${basename(hash)}.yaml`);
}
