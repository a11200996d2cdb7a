import { SqlError } from '../../errors.ts';
import { APPLOCK_MODES, releaseAppLock, takeAppLock } from '../app-locks.ts';
import type { ProcedureContext, ProcedureValues, SystemProcedure } from '../procedure.ts';
import { procedure } from './define.ts';

/** Milliseconds between two tries while another session holds the lock. */
const INTERVAL = 20;

function target(context: ProcedureContext, values: ProcedureValues) {
  const resource = values.text('@Resource');
  const owner = values.text('@LockOwner') ?? 'Transaction';
  const session = owner.toLowerCase() === 'session';
  // Asking for the transaction begins its part in this database, which gives it its id.
  const begun = session || context.transaction !== undefined;
  const transaction = context.instance.sessions.get(context.session.id)?.transactionId;
  if (resource === null || (!session && owner.toLowerCase() !== 'transaction')) return undefined;
  if (!begun || (!session && transaction === undefined))
    throw new SqlError(
      3916,
      'Cannot execute a procedure that takes a transaction-owned application lock without a transaction.',
    );
  return {
    session: context.session.id,
    transaction: session ? undefined : transaction,
    database: context.database.id,
    principal: values.text('@DbPrincipal') ?? 'public',
    resource: resource.slice(0, 255),
  };
}

export const LOCK_PROCEDURES: readonly SystemProcedure[] = [
  procedure(
    'sp_getapplock',
    `@Resource nvarchar(255); @LockMode varchar(32); @LockOwner varchar(32) = Transaction; @LockTimeout int = null;
     @DbPrincipal sysname = public`,
    async (context, values) => {
      const mode = APPLOCK_MODES.find(each => each.toLowerCase() === values.text('@LockMode')?.toLowerCase());
      const lock = target(context, values);
      if (mode === undefined || lock === undefined) return -999;
      const { clock } = context.instance;
      const timeout = values.integer('@LockTimeout') ?? context.session.options.lockTimeout;
      const begun = clock.monotonic();
      for (let tries = 0; ; tries++) {
        if (takeAppLock(context.instance, { ...lock, mode })) return tries === 0 ? 0 : 1;
        if (timeout >= 0 && clock.monotonic() - begun >= timeout) return -1;
        if (context.signal.aborted) return -2;
        await clock.sleep(INTERVAL, context.signal);
      }
    },
  ),
  procedure(
    'sp_releaseapplock',
    '@Resource nvarchar(255); @LockOwner varchar(32) = Transaction; @DbPrincipal sysname = public',
    (context, values) => {
      const lock = target(context, values);
      if (lock === undefined) return -999;
      if (releaseAppLock(context.instance, lock)) return 0;
      throw new SqlError(
        1223,
        `Cannot release the application lock (Database Principal: '${lock.principal}', Resource: '${lock.resource}') because it is not currently held.`,
      );
    },
  ),
];
