import type { App, Intent, IntentScope } from '../app.ts';
import type { IntentId } from '../keys.ts';
import { ACTING } from './acting.ts';
import { MOVING } from './moving.ts';
import { tell, tellError } from './order.ts';
import { scopeOf } from './selection.ts';
import { VIEWING } from './viewing.ts';
import { WALKING } from './walking.ts';

export const INTENTS: ReadonlyMap<IntentId, Intent> = new Map(
  [...MOVING, ...WALKING, ...ACTING, ...VIEWING].map(each => [each.id, each]),
);

/** Why an intent would do nothing now; undefined where it works. */
export const disabledIn =
  (scope: IntentScope) =>
  (id: IntentId): string | undefined =>
    INTENTS.get(id)?.disabled?.(scope);

/** Does what a key or a command of the palette means; a disabled one says why. */
export function perform(app: App, id: IntentId): void {
  const why = disabledIn(scopeOf(app))(id);
  if (why !== undefined) {
    tell(app, `not now: ${why}`, 'warn');
    return;
  }
  Promise.resolve()
    .then(() => INTENTS.get(id)?.run(app))
    .catch((thrown: unknown) => tellError(app, thrown));
}
