import type { View } from '../step/step.ts';
import { deadlineOf } from './makes-it.ts';

/** So close to the earliest loss what could have waited cannot wait any more. */
export const CLOSE_MS = 12 * 3600e3;

/**
 * The severity of what is prepared long before: a warning while there is time to make it good, critical in the last hours
 * before the earliest credible loss and after it. `now` in epoch ms.
 */
export function untilClose(view: View, now: number): 'warning' | 'critical' {
  const deadline = deadlineOf(view);
  return deadline !== undefined && deadline - now < CLOSE_MS ? 'critical' : 'warning';
}
