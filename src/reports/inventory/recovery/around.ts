import { type Freshness, freshness } from '../../../estate/freshness.ts';
import type { View } from '../../../step/step.ts';
import type { Inventory } from '../inventory.ts';

/** What an entry is made of beside its own part of plan and state. */
export interface Around {
  readonly view: View;
  readonly inventory: Inventory;
  readonly now: number;
}

/** The age of what was seen, in words. */
export function ageOf(
  at: number | undefined,
  now: number,
): Pick<Freshness, 'stale'> & { readonly seen: string; readonly seenAt?: number } {
  if (at === undefined) return { seen: 'not looked at', stale: true };
  const { words, stale } = freshness('inventory', at, now);
  return { seen: words, seenAt: at, stale };
}
