import { areHeld, holdObjects } from '../reconcile/hold.ts';
import type { Work } from '../stage.ts';

/** Foreign keys that cascade and triggers would do again what production has done: a round finds them held. */
export async function holdWhereNot(work: Work): Promise<void> {
  if (!(await areHeld(work))) await holdObjects(work);
}
