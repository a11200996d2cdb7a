import type { FunctionContext, ScalarFunction } from '../../functions/function.ts';
import { INT, nvarchar } from '../../values/types.ts';
import { APPLOCK_MODES, type AppLock, appLocks, heldMode } from '../app-locks.ts';
import { metadata } from '../define-function.ts';

function wanted(
  context: FunctionContext,
  principal: string,
  resource: string,
  owner: string,
): Omit<AppLock, 'mode'> {
  const transaction = context.instance.sessions.get(context.session.id)?.transactionId;
  return {
    session: context.session.id,
    transaction: owner.toLowerCase() === 'session' ? undefined : (transaction ?? -1),
    database: context.database.id,
    principal,
    resource,
  };
}

export const LOCK_FUNCTIONS: readonly ScalarFunction[] = [
  metadata('applock_mode', [3, 3], nvarchar(32), (given, context) => {
    const [principal, resource, owner] = [given.text(0), given.text(1), given.text(2)];
    if (principal === null || resource === null || owner === null) return null;
    return heldMode(context.instance, wanted(context, principal, resource, owner));
  }),
  metadata('applock_test', [4, 4], INT, (given, context) => {
    const [principal, resource, mode] = [given.text(0), given.text(1), given.text(2)];
    const known = APPLOCK_MODES.find(each => each.toLowerCase() === mode?.toLowerCase());
    if (principal === null || resource === null || known === undefined) return null;
    const own = wanted(context, principal, resource, given.text(3) ?? 'Transaction');
    const others = appLocks(context.instance).filter(
      each =>
        each.session !== own.session &&
        each.database === own.database &&
        each.resource === own.resource &&
        each.principal.toLowerCase() === own.principal.toLowerCase() &&
        (known !== 'Shared' || each.mode !== 'Shared'),
    );
    return Number(others.length === 0);
  }),
];
