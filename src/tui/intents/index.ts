import type { App, Intent, IntentScope } from '../app.ts';
import type { IntentId } from '../keys.ts';
import { ACTING } from './acting.ts';
import { CHOOSING_MOVER } from './choosing-mover.ts';
import { CUTTING_OVER } from './cutting-over.ts';
import { DATABASING } from './databasing.ts';
import { MOVING } from './moving.ts';
import { tell, tellError } from './order.ts';
import { PLANNING } from './planning.ts';
import { READING } from './reading.ts';
import { SEARCHING } from './searching.ts';
import { scopeOf } from './selection.ts';
import { STORMING } from './storming.ts';
import { VIEWING } from './viewing.ts';
import { WALKING } from './walking.ts';

export const INTENTS: ReadonlyMap<IntentId, Intent> = new Map(
  [
    ...MOVING,
    ...SEARCHING,
    ...WALKING,
    ...READING,
    ...ACTING,
    ...CHOOSING_MOVER,
    ...DATABASING,
    ...CUTTING_OVER,
    ...STORMING,
    ...PLANNING,
    ...VIEWING,
  ].map(each => [each.id, each]),
);

/** Why an intent would do nothing now; undefined where it works. */
export const disabledIn =
  (scope: IntentScope) =>
  (id: IntentId, argument?: string): string | undefined =>
    INTENTS.get(id)?.disabled?.(scope, argument);

/** Does what a key or a command of the palette means; a disabled one says why. */
export function perform(app: App, id: IntentId, argument?: string): void {
  const why = disabledIn(scopeOf(app))(id, argument);
  if (why !== undefined) {
    tell(app, `not now: ${why}`, 'warn');
    return;
  }
  // At once: the next key may already be there, and it is meant for what this one opens.
  try {
    const goesOn = INTENTS.get(id)?.run(app, argument);
    goesOn?.catch((thrown: unknown) => tellError(app, thrown));
  } catch (thrown) {
    tellError(app, thrown);
  }
}
