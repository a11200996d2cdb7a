import { LandfallError } from '../foundation/errors.ts';
import type { View } from '../step/step.ts';
import type { Checklist, ItemCommand, Timings } from './types.ts';

export type * from './types.ts';

export interface ChecklistOptions {
  /** Exact commands by item, from the deeds' previews; without them the list has those that names alone can tell. */
  readonly commands?: Readonly<Record<string, readonly ItemCommand[]>>;
  readonly timings?: Timings;
  /** What the list would be if it began now; otherwise as the cutover that has begun says. */
  readonly dark?: boolean;
}

/** The cutover of this evacuation as a list, with how far it is. Pure; `now` in epoch ms. */
export function checklistOf(_view: View, _now: number, _options: ChecklistOptions = {}): Checklist {
  throw new LandfallError('bug', { what: 'the checklist is not written yet', next: ['report this'] });
}

/** `quiet/web1` and `quiet/db1` are compared with themselves, `no-return` with every no-return: the key of Timings. */
export const itemKey = (id: string): string => id;
