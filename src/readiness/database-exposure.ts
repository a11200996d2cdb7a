import type { DatabaseState } from '../journal/state.ts';
import type { View } from '../step/step.ts';
import { own } from './copy.ts';

/** Without an observation for so long replication is not known to work: silence is red. */
export const OBSERVATION_MAX_AGE_MS = 5 * 60e3;

/**
 * What would be lost if production died now, ms of work: the age of the newest commit that is proven to be in the copy,
 * by the publisher's clock when it was looked at, and the time that has passed since by ours. Undefined where nothing is
 * proven. `now` in epoch ms.
 */
export function databaseExposureMs(
  database: Pick<DatabaseState, 'observed' | 'handover'> | undefined,
  now: number,
): number | undefined {
  if (isSettled(database)) return 0;
  const observed = database?.observed;
  if (observed?.sample.exposureMs === undefined) return undefined;
  return observed.sample.exposureMs + Math.max(0, now - observed.at);
}

/** Frozen and drained to the last row, or handed over so: what came since is in the copy. A thaw takes this back. */
export function isSettled(database: Pick<DatabaseState, 'handover'> | undefined): boolean {
  const handover = database?.handover;
  return handover?.dark === false && (handover.drained !== undefined || handover.ended !== undefined);
}

/** The instant up to which the copy is proven to hold everything, epoch ms by our clock; otherwise why there is none. */
export function databaseSince(
  database: Pick<DatabaseState, 'observed' | 'released'> | undefined,
): number | string {
  const observed = database?.observed;
  if (observed?.sample.exposureMs === undefined)
    return database?.released === undefined
      ? 'its copy does not follow yet'
      : 'nothing is proven to have arrived';
  return observed.at - observed.sample.exposureMs;
}

/** What would be lost of a database now. Bytes are not known: what waits is counted in commands. */
export interface DatabaseExposure {
  readonly database: string;
  readonly ageMs?: number;
  /** Why there is no age. */
  readonly why?: string;
  /** Nobody has looked for so long that the copy may have stopped following: the age still grows. */
  readonly silentMs?: number;
  readonly pendingCommands?: number;
  readonly money?: number;
  readonly rpoMs?: number;
}

/** `now` in epoch ms. */
export function databaseExposureOf({ plan, state }: View, name: string, now: number): DatabaseExposure {
  const database = own(state.databases, name);
  const tier = own(plan.tiers, own(plan.databases, name)?.tier ?? '');
  const rpo = tier === undefined ? {} : { rpoMs: tier.rpo };
  const ageMs = databaseExposureMs(database, now);
  const since = databaseSince(database);
  if (ageMs === undefined) return { database: name, why: String(since), ...rpo };
  const silence = now - (database?.observed?.at ?? now);
  const cost = tier?.cost_per_hour;
  const pending = database?.observed?.sample.pendingCommands;
  return {
    database: name,
    ageMs,
    ...(silence > OBSERVATION_MAX_AGE_MS ? { silentMs: silence } : {}),
    ...(pending === undefined ? {} : { pendingCommands: pending }),
    ...(cost === undefined ? {} : { money: (ageMs / 3600e3) * cost }),
    ...rpo,
  };
}
