import { formatBytes } from '../../foundation/units.ts';
import type { DatabaseState } from '../../journal/state.ts';
import type { View } from '../../step/step.ts';
import { own } from '../copy.ts';
import { databaseExposureMs, OBSERVATION_MAX_AGE_MS } from '../database-exposure.ts';
import { isRecent } from '../evidence.ts';
import { NOTHING, type Work } from './work.ts';

/** From the end of the seed until the copy follows: agents start, the backlog is applied, a marker arrives. */
const RELEASE_MS = 10 * 60e3;

/** What a database has still before it follows production, by the forecast of its lane and the progress of its seed. */
export function databaseWork(view: View, name: string, now: number): Work {
  const database = own(view.state.databases, name);
  const plan = own(view.plan.databases, name);
  const tier = own(view.plan.tiers, plan?.tier ?? '');
  const base = {
    name,
    kind: 'database' as const,
    priority: tier?.priority ?? 9,
    cost: tier?.cost_per_hour ?? 0,
    needs: [],
    hasCopy: false,
    ...(database?.failure === undefined ? {} : { failed: database.failure.step }),
    expected: NOTHING,
    worst: NOTHING,
    relief: [],
  };
  if (database?.released !== undefined) {
    const observed = database.observed?.at;
    const isHeard = observed !== undefined && isRecent(observed, now, OBSERVATION_MAX_AGE_MS);
    const follows = isHeard && databaseExposureMs(database, now) !== undefined;
    const left = { bytes: 0, tailMs: follows ? 0 : RELEASE_MS };
    return {
      ...base,
      hasCopy: databaseExposureMs(database, now) !== undefined,
      standing: follows ? 'safe' : 'open',
      why: follows ? 'the copy follows production' : 'released; nothing was proven to arrive lately',
      expected: left,
      worst: left,
    };
  }
  const lane = database?.lane?.lane;
  const forecast = database?.planned?.lanes.find(each =>
    lane === undefined ? each.verdict === 'recommended' : each.lane === lane,
  );
  if (forecast?.hours === undefined)
    return {
      ...base,
      standing: 'unknown',
      why: `its seed was never measured: landfall database ${view.plan.name} plan`,
    };
  const left = 1 - seeded(database);
  const bytes = (forecast.bytes ?? 0) * left;
  const measured = database?.planned?.linkBytesPerSecond;
  // The forecast is of the whole seed; what it spends on the link is shared with the machines.
  const onLink = measured === undefined || measured <= 0 ? 0 : (bytes / measured) * 1000;
  const tailMs = Math.max(0, forecast.hours * 3600e3 * left - onLink) + RELEASE_MS;
  return {
    ...base,
    standing: 'open',
    why: `lane ${forecast.lane}: ${formatBytes(bytes)} to go${left < 1 ? `, ${Math.floor((1 - left) * 100)}% is seeded` : ''}`,
    expected: { bytes, tailMs },
    worst: { bytes, tailMs },
  };
}

/** Share of the rows that the newest reconcile has compared, 0 to 1. */
function seeded(database: DatabaseState | undefined): number {
  const reconcile = database?.reconcile;
  if (reconcile === undefined) return 0;
  if (reconcile.ended !== undefined) return 1;
  const rows = reconcile.done.reduce((sum, { compared }) => sum + compared.rows, 0);
  return reconcile.rows <= 0 ? 0 : Math.min(1, rows / reconcile.rows);
}
