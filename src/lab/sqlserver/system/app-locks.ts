import type { Instance } from '../server/instance.ts';

export const APPLOCK_MODES = ['Shared', 'Update', 'IntentShared', 'IntentExclusive', 'Exclusive'] as const;

export type AppLockMode = (typeof APPLOCK_MODES)[number];

export interface AppLock {
  readonly session: number;
  /** undefined: owned by the session itself. */
  readonly transaction: number | undefined;
  readonly database: number;
  readonly principal: string;
  readonly resource: string;
  readonly mode: AppLockMode;
}

const COMPATIBLE: Readonly<Record<AppLockMode, readonly AppLockMode[]>> = {
  IntentShared: ['IntentShared', 'Shared', 'Update', 'IntentExclusive'],
  Shared: ['IntentShared', 'Shared', 'Update'],
  Update: ['IntentShared', 'Shared'],
  IntentExclusive: ['IntentShared', 'IntentExclusive'],
  Exclusive: [],
};

const held = new WeakMap<Instance, AppLock[]>();

/** Application locks whose owners are still there: a session that ended and a transaction that ended own nothing. */
export function appLocks(instance: Instance): readonly AppLock[] {
  const kept = (held.get(instance) ?? []).filter(lock => {
    const session = instance.sessions.get(lock.session);
    return (
      session !== undefined && (lock.transaction === undefined || session.transactionId === lock.transaction)
    );
  });
  held.set(instance, kept);
  return kept;
}

const sameResource = (left: AppLock, right: AppLock): boolean =>
  left.database === right.database &&
  left.principal.toLowerCase() === right.principal.toLowerCase() &&
  left.resource === right.resource;

/** Takes the lock where nobody else's is in its way. */
export function takeAppLock(instance: Instance, lock: AppLock): boolean {
  const others = appLocks(instance).filter(
    each =>
      sameResource(each, lock) && each.session !== lock.session && !COMPATIBLE[lock.mode].includes(each.mode),
  );
  if (others.length > 0) return false;
  held.get(instance)?.push(lock);
  return true;
}

/** Gives back one hold; false where there is none. */
export function releaseAppLock(instance: Instance, lock: Omit<AppLock, 'mode'>): boolean {
  const all = [...appLocks(instance)];
  const place = all.findIndex(
    each =>
      sameResource(each, { ...lock, mode: each.mode }) &&
      each.session === lock.session &&
      (each.transaction === undefined) === (lock.transaction === undefined),
  );
  if (place < 0) return false;
  all.splice(place, 1);
  held.set(instance, all);
  return true;
}

/** APPLOCK_MODE: what this owner holds. */
export function heldMode(instance: Instance, wanted: Omit<AppLock, 'mode'>): AppLockMode | 'NoLock' {
  const own = appLocks(instance).filter(
    each =>
      sameResource(each, { ...wanted, mode: each.mode }) &&
      each.session === wanted.session &&
      (each.transaction === undefined) === (wanted.transaction === undefined),
  );
  for (const mode of ['Exclusive', 'IntentExclusive', 'Update', 'Shared', 'IntentShared'] as const)
    if (own.some(each => each.mode === mode)) return mode;
  return 'NoLock';
}
