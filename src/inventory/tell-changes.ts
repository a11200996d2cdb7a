import { get } from '../journal/maps.ts';
import type { StepContext } from '../step/step.ts';

/** Sentences of one event; who wants all of them looks at both inventories. */
const MOST = 100;

/**
 * Records what a new inventory of `subject` found changed since the one of `since` (epoch ms). From then on the new one is
 * what the next is compared with. Where nothing changed, nothing is recorded: but what a look in between had told against
 * the same inventory is taken back.
 */
export async function tellChanges(
  context: Pick<StepContext, 'state' | 'emit'>,
  subject: string,
  found: readonly string[],
  since: number,
): Promise<void> {
  const before = get(context.state.drift ?? {}, subject);
  const isTakenBack = found.length === 0 && before?.since === since && before.found.length > 0;
  if (found.length === 0 && !isTakenBack) return;
  await context.emit({ type: 'drift.seen', subject, found: bounded(found), since });
}

function bounded(found: readonly string[]): string[] {
  const rest = found.length - MOST;
  return rest <= 0 ? [...found] : [...found.slice(0, MOST), `${rest} more changes`];
}
