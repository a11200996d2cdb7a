import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './durable-file.ts';
import type { EventOf } from './events.ts';
import { unreadable, unwritable } from './troubles.ts';

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

/** Writes the plan, and a copy under its hash, so that every plan that was ever followed stays. */
export async function keepPlan(directory: string, text: string): Promise<FrozenPlan> {
  const hash = planHash(text);
  await mkdir(join(directory, 'plans'), { recursive: true, mode: 0o700 });
  await replaceFile(join(directory, 'plans', `${hash}.yaml`), text);
  await replaceFile(join(directory, 'plan.yaml'), text);
  return { text, hash };
}

export async function readFrozenPlan(directory: string): Promise<FrozenPlan> {
  const path = join(directory, 'plan.yaml');
  try {
    const text = await readFile(path, 'utf8');
    return { text, hash: planHash(text) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The journal decides which plan holds: the acceptance is durable before the file changes. After a crash in between,
 * the hash in the state differs from the frozen one, and accepting the same text again mends it.
 */
export async function acceptPlan(
  directory: string,
  text: string,
  diff: string,
  journalIt: JournalAcceptance,
): Promise<FrozenPlan> {
  await journalIt({ type: 'plan.accepted', planHash: planHash(text), diff });
  try {
    return await keepPlan(directory, text);
  } catch (error) {
    throw unwritable(join(directory, 'plan.yaml'), error);
  }
}
