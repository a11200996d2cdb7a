import {
  actionOf,
  databaseStepId,
  followingStages,
  isWorthTelling,
  laneOf,
  observe,
  observeStatements,
  sceneOf,
  shippingRound,
  stateOf,
  trackingRound,
  type Work,
  workOf,
} from '../database/index.ts';
import type { Clock, Random } from '../foundation/clock.ts';
import { asLandfallError, type LandfallError } from '../foundation/errors.ts';
import { formatDuration } from '../foundation/units.ts';
import type { Lane, ReplicationSample } from '../journal/database-facts.ts';
import type { EventBody } from '../journal/events.ts';
import type { DatabaseState, State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import type { Sample } from '../step/step.ts';
import { isUnwritable } from './attempt.ts';
import type { SqlAction, SqlHands } from './context.ts';

export interface WatchOptions {
  readonly plan: Plan;
  readonly state: () => State;
  readonly sql: SqlHands;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: (event: EventBody) => Promise<void>;
  readonly onSample: (sample: Sample) => void;
  readonly keepLog: (name: string, content: Uint8Array) => Promise<void>;
  /** Something went wrong that is no part of a sample; the watch goes on. */
  readonly onTrouble: (error: LandfallError) => void;
  readonly signal: AbortSignal;
}

/** Between two looks. */
export const LOOK_MS = 15_000;
/** Between two backups of the log: each is a file on production. */
export const SHIP_MS = 60_000;

/** Stages beside which a look would disturb, or find things half made. */
const ALONE: readonly string[] = [
  ...['capture', 'track', 'copy', 'follow', 'restore', 'ship-logs', 'release'],
  ...['handover', 'thaw', 'teardown'],
];

/**
 * Looks after every copy that follows, for as long as the signal does not fire: how far it is behind, and the rounds of
 * the lanes that have no agents of their own. Resolves when the last look is over; rejects only where the journal cannot
 * be written.
 */
export async function watchDatabases(options: WatchOptions): Promise<void> {
  await Promise.all(Object.keys(options.plan.databases).map(name => watchOne(options, name)));
}

async function watchOne(options: WatchOptions, name: string): Promise<void> {
  const { clock, signal } = options;
  let told: string | undefined;
  let roundAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    try {
      await clock.sleep(LOOK_MS, signal);
    } catch {
      return;
    }
    if (!isWatched(options.state(), name)) continue;
    try {
      const due = clock.monotonic() - roundAt;
      const hasRound = await look(options, name, due);
      if (hasRound) roundAt = clock.monotonic();
      told = undefined;
    } catch (thrown) {
      if (signal.aborted) return;
      if (isUnwritable(thrown)) throw thrown;
      const error = asLandfallError(thrown);
      // The same every quarter of a minute would say nothing more.
      if (told !== error.facts.what) options.onTrouble(error);
      told = error.facts.what;
    }
  }
}

/** A copy that follows, whose database no stage works on that wants to be alone with it. */
export function isWatched(state: State, name: string): boolean {
  const database = stateOf({ state }, name);
  if (database.released === undefined || database.tornDown !== undefined) return false;
  if (database.handover !== undefined || isOrdered(database)) return false;
  // In the dark nobody answers for production.
  if (state.cutover?.dark === true && state.cutover.ended?.outcome !== 'rolled-back') return false;
  return ALONE.every(stage => !isRunning(state, name, stage));
}

function isRunning(state: State, name: string, stage: string): boolean {
  const status = state.steps[databaseStepId(name, stage)]?.status;
  return status === 'running' || status === 'retrying';
}

const isOrdered = ({ ordered }: DatabaseState): boolean =>
  ordered['handover'] !== undefined || ordered['teardown'] !== undefined;

/** One look, after the lane's own round where it is due. True where there was a round. */
async function look(options: WatchOptions, name: string, sinceRound: number): Promise<boolean> {
  const { plan, clock } = options;
  const view = { plan, state: options.state() };
  const scene = sceneOf(view, name);
  const lane = laneOf(scene.state, scene.plan);
  if (lane === undefined) return false;
  const servers = await options.sql(name, () => announced(options, name, lane));
  const work = workOf(contextOf(options, name), name, servers, options.signal);
  // A comparison brings its own rounds, to the moment at which it compares.
  const round = isRunning(options.state(), name, 'validate')
    ? undefined
    : await roundOf(work, lane, sinceRound);
  const sample = await observe(work);
  tell(options, name, round ?? wordsOf(sample));
  if (isWorthTelling(stateOf({ state: options.state() }, name).observed, sample, clock.now()))
    await options.emit({ type: 'database.observed', database: name, sample });
  return round !== undefined;
}

/** What one round of a lane without agents brought, in words; undefined where none was due. */
async function roundOf(work: Work, lane: Lane, sinceRound: number): Promise<string | undefined> {
  if (lane === 'change-tracking') {
    const { rows } = await trackingRound(work);
    return `${rows} changed rows applied`;
  }
  if (lane !== 'log-shipping' || sinceRound < SHIP_MS) return undefined;
  const { files } = await shippingRound(work);
  return `${files.length} log backups restored`;
}

const wordsOf = ({ exposureMs, troubles }: ReplicationSample): string =>
  [
    exposureMs === undefined
      ? 'how far the copy is behind is not known'
      : `the copy is ${formatDuration(exposureMs)} behind`,
    ...troubles.slice(0, 1).map(({ what }) => what),
  ].join('; ');

const tell = ({ onSample, clock }: WatchOptions, name: string, text: string): void =>
  onSample({ step: databaseStepId(name, 'watch'), subject: name, at: clock.now(), text });

/** What a look may send: its own statements and those of the stages by which the lane goes on. */
function announced({ plan, state }: WatchOptions, name: string, lane: Lane): SqlAction[] {
  const scene = sceneOf({ plan, state: state() }, name);
  const statements = [
    ...observeStatements(scene),
    ...followingStages(lane).flatMap(stage => stage.preview(scene)),
  ];
  return statements.map(statement => actionOf(name, statement));
}

function contextOf(options: WatchOptions, name: string): Parameters<typeof workOf>[0] {
  const { plan, clock, random, emit, keepLog, onSample } = options;
  return {
    ...{ plan, clock, random, emit, keepLog },
    get state() {
      return options.state();
    },
    sample: sample =>
      onSample({ ...sample, step: databaseStepId(name, 'watch'), subject: name, at: clock.now() }),
  };
}
