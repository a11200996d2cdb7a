import { harmless } from '../foundation/text.ts';
import { formatDuration } from '../foundation/units.ts';
import type { Lane, ReplicationTrouble } from '../journal/database-facts.ts';
import { isOpenItem } from '../journal/database-words.ts';
import type { DatabaseState } from '../journal/state.ts';
import { own } from '../readiness/copy.ts';
import { openSteps, subjectOfStep } from '../readiness/open-steps.ts';
import type { View } from '../step/step.ts';
import type { Status } from './shape.ts';

/** What one line says of a database that leaves. Every text is harmless for a terminal. */
export interface DatabaseRow {
  readonly name: string;
  readonly tier: string;
  readonly status: Status;
  /** The step that is under way. */
  readonly step?: string;
  readonly lane?: Lane;
  /** Tables that were compared or repaired, of all of the newest reconcile; absent before one began. */
  readonly seeded?: { readonly tables: number; readonly of: number; readonly repaired: number };
  /** Age of the newest commit that is proven to be in the copy, ms; absent where none is. Grows with silence. */
  readonly exposureMs?: number;
  readonly rpoMs?: number;
  /** End to end, ms, by the last tracer token. */
  readonly latencyMs?: number;
  readonly pending?: number;
  /** Epoch ms of the newest observation. */
  readonly observedAt?: number;
  readonly validated?: {
    readonly kind: 'live' | 'exact';
    readonly at: number;
    readonly tables: number;
    /** Tables that differ. */
    readonly differ: number;
  };
  readonly troubles: readonly ReplicationTrouble[];
  readonly blockers: number;
  /** What replication does not bring and nobody has done yet. */
  readonly besides?: { readonly open: number; readonly of: number };
  readonly double: boolean;
}

/** Without an observation for so long replication is not known to work: silence is red. */
export const SILENT_MS = 5 * 60e3;

/** One row for every database of the plan, in its order. `now` in epoch ms. */
export function databaseRows(view: View, now: number): DatabaseRow[] {
  const open = openSteps(view.state.steps);
  return Object.keys(view.plan.databases).map(name => {
    const step = open.find(each => each.status !== 'failed' && subjectOfStep(each.id) === name)?.id;
    return databaseRow(view, name, now, step);
  });
}

function databaseRow(
  { plan, state }: View,
  name: string,
  now: number,
  step: string | undefined,
): DatabaseRow {
  const database = own(state.databases, name);
  const tier = plan.databases[name]?.tier ?? '';
  const sample = database?.observed?.sample;
  const seeded = seededOf(database);
  const validated = validatedOf(database);
  const exposureMs = exposureOf(database, now);
  const latencyMs = sample?.hops.find(hop => hop.name === 'distribution')?.latencyMs;
  return {
    name,
    tier: harmless(tier),
    status: statusOf(database, step, now),
    ...(step === undefined ? {} : { step }),
    ...(database?.lane === undefined ? {} : { lane: database.lane.lane }),
    ...(seeded === undefined ? {} : { seeded }),
    ...(exposureMs === undefined ? {} : { exposureMs }),
    ...(plan.tiers[tier] === undefined ? {} : { rpoMs: plan.tiers[tier].rpo }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(sample?.pendingCommands === undefined ? {} : { pending: sample.pendingCommands }),
    ...(database?.observed === undefined ? {} : { observedAt: database.observed.at }),
    ...(validated === undefined ? {} : { validated }),
    troubles: sample?.troubles ?? [],
    blockers: database?.assessed?.findings.filter(({ severity }) => severity === 'blocker').length ?? 0,
    ...(database?.besides === undefined
      ? {}
      : {
          besides: {
            open: database.besides.items.filter(isOpenItem).length,
            of: database.besides.items.length,
          },
        }),
    double: database?.assessed?.publisher.banner.includes('SQL Server double') ?? false,
  };
}

/** By the publisher's clock when it was taken, and the time that passed since by ours. */
function exposureOf(database: DatabaseState | undefined, now: number): number | undefined {
  const observed = database?.observed;
  if (observed?.sample.exposureMs === undefined) return undefined;
  return observed.sample.exposureMs + Math.max(0, now - observed.at);
}

function seededOf(database: DatabaseState | undefined): DatabaseRow['seeded'] {
  const reconcile = database?.reconcile;
  if (reconcile === undefined) return undefined;
  return {
    tables: reconcile.ended === undefined ? reconcile.done.length : reconcile.tables,
    of: reconcile.tables,
    repaired: reconcile.done.reduce((sum, each) => sum + each.inserted + each.updated + each.deleted, 0),
  };
}

function validatedOf(database: DatabaseState | undefined): DatabaseRow['validated'] {
  const newest = [database?.validated?.exact, database?.validated?.live]
    .filter(each => each !== undefined)
    .filter(each => each.limited !== true)
    .sort((a, b) => b.at - a.at)[0];
  if (newest === undefined) return undefined;
  return {
    kind: newest.kind,
    at: newest.at,
    tables: newest.tables.length,
    differ: newest.tables.filter(each => each.missing + each.extra + each.different > 0).length,
  };
}

/** What the step that runs is doing, in a word or two. */
const DOING: Readonly<Record<string, string>> = {
  assess: 'assessing',
  plan: 'weighing lanes',
  capture: 'capturing',
  align: 'aligning schema',
  pin: 'pinning',
  reconcile: 'reconciling',
  unpin: 'releasing',
  release: 'subscribing',
  'catch-up': 'catching up',
  backup: 'backing up',
  restore: 'restoring',
  'ship-logs': 'shipping logs',
  track: 'tracking',
  copy: 'copying',
  follow: 'following',
  besides: 'comparing logins',
  validate: 'validating',
  handover: 'handing over',
  teardown: 'tearing down',
};

function statusOf(database: DatabaseState | undefined, step: string | undefined, now: number): Status {
  if (database === undefined)
    return { kind: step === undefined ? 'unknown' : 'busy', word: doing(step) ?? 'not begun' };
  if (database.failure !== undefined)
    return { kind: 'bad', word: `${lastPart(database.failure.step)} failed` };
  const trouble = database.observed?.sample.troubles.find(({ severity }) => severity === 'blocker');
  if (trouble !== undefined) return { kind: 'bad', word: trouble.code.replaceAll('-', ' ') };
  if (database.paused !== undefined) return { kind: 'warn', word: 'paused' };
  const doingNow = doing(step);
  if (doingNow !== undefined) return { kind: 'busy', word: doingNow };
  if (database.handover?.ended !== undefined) return { kind: 'ok', word: 'handed over' };
  if (database.tornDown !== undefined) return { kind: 'unknown', word: 'torn down' };
  const validated = validatedOf(database);
  if (database.released === undefined)
    return { kind: 'unknown', word: database.assessed === undefined ? 'not begun' : 'not seeded' };
  if (validated !== undefined && validated.differ > 0) return { kind: 'bad', word: 'differs' };
  const observed = database.observed;
  if (observed === undefined || now - observed.at > SILENT_MS)
    return {
      kind: 'unknown',
      word: observed === undefined ? 'not observed' : `silent ${formatDuration(now - observed.at)}`,
    };
  if (observed.sample.proven === undefined) return { kind: 'busy', word: 'nothing proven' };
  return validated === undefined ? { kind: 'warn', word: 'not validated' } : { kind: 'ok', word: 'in sync' };
}

const doing = (step: string | undefined): string | undefined =>
  step === undefined ? undefined : (DOING[lastPart(step)] ?? lastPart(step));

const lastPart = (step: string): string => step.slice(step.lastIndexOf('/') + 1);
