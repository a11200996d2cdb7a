import type { z } from 'zod';
import type { Lane, Marker, ReplicationSample } from '../../journal/database-facts.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { Scene, Work } from '../stage.ts';
import { answer, many, mapped, one } from './answers.ts';
import {
  agentRow,
  agentsStatement,
  errorRow,
  errorsStatement,
  pendingRow,
  pendingStatement,
  queueRow,
  queueStatement,
  type TracerRow,
  tracerRow,
  tracersStatement,
} from './ask-distributor.ts';
import { followedRow, followedStatement, shippedRow, shippedStatement } from './ask-lanes.ts';
import {
  counterRow,
  countersStatement,
  productionFromOutside,
  productionRow,
  productionStatement,
  tokenRow,
  tracerStatement,
} from './ask-publisher.ts';
import { laneOf } from './lane.ts';
import { readMarker, writeMarker, writeMarkerStatement } from './marker.ts';
import { type Answer, type Followed, known, type Observation } from './observation.ts';
import { sampleOf } from './sample.ts';

/** A tracer token a minute: each is a row in the log and in three tables. */
const TRACER_SECONDS = 60;
const DAY_SECONDS = 86_400;

const isReplicated = (lane: Lane): boolean => lane !== 'log-shipping' && lane !== 'change-tracking';

/** Every statement that writes and that `observe` may send. */
export function observeStatements(scene: Scene): readonly Statement[] {
  const lane = laneOf(scene);
  if (lane === 'log-shipping') return [];
  return [writeMarkerStatement(scene.ref), ...(isReplicated(lane) ? [tracerStatement(scene.ref)] : [])];
}

/**
 * How the copy follows. Writes a marker, and at most once a minute a tracer token, and asks all three servers at once.
 * A server that is away, or will not answer a question, is a trouble in the sample, never an error of this function.
 *
 * @throws LandfallError cancelled alone
 */
export async function observe(work: Work): Promise<ReplicationSample> {
  const sample = sampleOf(work, await look(work));
  work.signal.throwIfAborted();
  return sample;
}

/** What one look brings. */
export async function look(work: Work): Promise<Observation> {
  const lane = laneOf(work);
  const { ref } = work;
  const replicated = isReplicated(lane);
  const [production, written, arrived, distributed, own] = await Promise.all([
    one(work, lane === 'log-shipping' ? productionFromOutside(ref) : productionStatement(ref), productionRow),
    lane === 'log-shipping' ? undefined : answer(() => writeMarker(work, work.signal)),
    lane === 'log-shipping'
      ? ({ answered: true, value: undefined } as Answer<Marker | undefined>)
      : answer(() => readMarker(work.servers.subscriber, 'subscriber', ref.copy, work.signal)),
    replicated ? pipeline(work) : {},
    ownLane(work, lane),
  ]);
  return {
    lane,
    now: work.clock.now(),
    production,
    arrived,
    ...(written === undefined ? {} : { written }),
    ...distributed,
    ...own,
  };
}

type Pipeline = Pick<Observation, 'waiting' | 'agents' | 'tracers' | 'pending' | 'errors' | 'queue'>;

/** Log reader, queue and distribution agent. */
async function pipeline(work: Work): Promise<Pipeline> {
  const { ref } = work;
  const [waiting, agents, tracers, pending, errors, queue] = await Promise.all([
    waitingTransactions(work),
    many(work, agentsStatement(ref), agentRow),
    many(work, tracersStatement(ref), tracerRow),
    one(work, pendingStatement(ref), pendingRow),
    many(work, errorsStatement(ref), errorRow, { seconds: { type: 'int', value: errorSeconds(work) } }),
    one(work, queueStatement(ref), queueRow),
  ]);
  await postTracer(work, tracers);
  return {
    waiting,
    agents,
    tracers,
    pending: mapped(pending, ({ pendingcmdcount }) => pendingcmdcount),
    errors,
    queue,
  };
}

/** Errors since the rows were last compared, or the copy began to follow; a day where neither is known. */
function errorSeconds({ state, clock }: Work): number {
  const live = state.validated?.live;
  // A comparison of some tables does not explain away an error of another.
  const compared = live?.limited === true ? 0 : (live?.startedAt ?? 0);
  const since = Math.max(compared, state.released?.at ?? 0);
  return since === 0 ? DAY_SECONDS : Math.max(0, Math.ceil((clock.now() - since) / 1000));
}

/** Where none was posted in the last minute. That there is no active subscription yet is told by what else is missing. */
async function postTracer(work: Work, tracers: Answer<readonly TracerRow[]>): Promise<void> {
  const [newest] = known(tracers) ?? [];
  if (!tracers.answered || (newest !== undefined && newest.age_seconds < TRACER_SECONDS)) return;
  await one(work, tracerStatement(work.ref), tokenRow);
}

async function waitingTransactions(work: Work): Promise<Answer<number>> {
  const rows = await many(work, countersStatement(work.ref), counterRow);
  return mapped(
    rows,
    all => all.find(({ database }) => database.toLowerCase() === work.ref.source.toLowerCase())?.waiting ?? 0,
  );
}

async function ownLane(work: Work, lane: Lane): Promise<Pick<Observation, 'shipped' | 'followed'>> {
  if (lane === 'log-shipping') {
    const rows = await many(work, shippedStatement(work.ref), shippedRow);
    return { shipped: mapped(rows, ([newest]) => newest) };
  }
  if (lane === 'change-tracking') {
    const rows = await many(work, followedStatement(work.ref), followedRow);
    return { followed: mapped(rows, followedOf) };
  }
  return {};
}

function followedOf(rows: readonly z.infer<typeof followedRow>[]): Followed | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const least = rows.reduce(
    (so, { version }) => (BigInt(version) < so ? BigInt(version) : so),
    BigInt(first.version),
  );
  return {
    version: String(least),
    tables: rows.length,
    behind: rows.filter(({ copied }) => !copied).map(({ name }) => name),
  };
}
