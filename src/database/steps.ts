import type { DatabaseOrder, Lane } from '../journal/database-facts.ts';
import type { DatabaseState } from '../journal/state.ts';
import { SQL_RETRY } from '../step/retry.ts';
import type { Step, StepContext, View } from '../step/step.ts';
import { isAfterRelease, laneOf, lastStageFor, REPEATED, stagesOf } from './lanes.ts';
import { previewOf } from './preview.ts';
import { requireSameServers } from './same-servers.ts';
import { sceneOf, stateOf, workOf } from './scene.ts';
import type { Stage } from './stage.ts';

/** `database/Orders/capture`. */
export const databaseStepId = (name: string, stage: string): string => `database/${name}/${stage}`;

/**
 * The steps that are due or yet to come for a database, from the plan and the folded journal alone: first those that
 * find its lane, then those of the lane, then what is ordered. Nothing of a database that was handed over or torn down
 * comes by itself.
 */
export function databaseSteps(view: View, name: string): Step[] {
  const state = stateOf(view, name);
  const lane = laneOf(state, sceneOf(view, name).plan);
  const repeated = repeatedOrders(state);
  const stages = isGoingOn(state)
    ? stagesOf(lane).filter(stage => isDue(view, name, state, lane, stage))
    : [];
  const steps = chained(view, name, stages, repeated);
  const ids = new Set(steps.map(({ id }) => id));
  const ordered = [...repeated].flatMap(([order, stages]) =>
    stages.map(stage => stepOf(view, name, stage, [], order)).filter(({ id }) => !ids.has(id)),
  );
  return [...steps, ...ordered];
}

/** The steps that an engine is for that was started for one order alone. */
export function orderedSteps(view: View, name: string, order: DatabaseOrder): Step[] {
  const state = stateOf(view, name);
  const steps = databaseSteps(view, name);
  const repeats = REPEATED[order];
  if (repeats !== undefined && !isOnTheWay(state, order)) {
    const meant = new Set(repeats.map(({ id }) => databaseStepId(name, id)));
    return steps.filter(({ id }) => meant.has(id)).map(step => ({ ...step, needs: [] }));
  }
  const lane = laneOf(state, sceneOf(view, name).plan);
  const last = lastStageFor(order, lane);
  const along = stagesOf(lane).map(({ id }) => databaseStepId(name, id));
  const end = last === undefined ? along.length : along.indexOf(databaseStepId(name, last)) + 1;
  const meant = new Set(along.slice(0, end));
  return steps.filter(({ id }) => meant.has(id));
}

/** What a run, or an order, would go through, for --dry-run: every stage of the lane that is chosen or named. */
export function databaseOutlook(view: View, name: string, order?: DatabaseOrder): Step[] {
  const state = stateOf(view, name);
  const lane = laneOf(state, sceneOf(view, name).plan);
  if (order === undefined) {
    const stages = isGoingOn(state)
      ? stagesOf(lane).filter(stage => isDue(view, name, state, lane, stage))
      : [];
    return chained(view, name, stages, new Map());
  }
  const repeats = REPEATED[order];
  if (repeats !== undefined && !isOnTheWay(state, order))
    return repeats.map(stage => stepOf(view, name, stage, [], order));
  const last = lastStageFor(order, lane);
  const along = stagesOf(lane);
  const end = last === undefined ? along.length : along.findIndex(({ id }) => id === last) + 1;
  return chained(view, name, along.slice(0, end), new Map());
}

/** A database that was handed over, or is being, or was torn down, goes no further along its lane by itself. */
function isGoingOn(state: DatabaseState): boolean {
  if (state.handover !== undefined || state.ordered['handover'] !== undefined) return false;
  if (state.ordered['teardown'] !== undefined) return false;
  return (
    state.tornDown === undefined ||
    state.ordered['seed'] !== undefined ||
    state.ordered['replicate'] !== undefined
  );
}

/** What is ordered comes along the lane anyway. */
const isOnTheWay = (state: DatabaseState, order: DatabaseOrder): boolean =>
  (order === 'reconcile' && state.released === undefined) ||
  (order === 'plan' && state.assessed === undefined);

function repeatedOrders(state: DatabaseState): ReadonlyMap<DatabaseOrder, readonly Stage[]> {
  const orders = Object.values(state.ordered).flatMap(({ order }): [DatabaseOrder, readonly Stage[]][] => {
    const stages = REPEATED[order];
    return stages === undefined || isOnTheWay(state, order) ? [] : [[order, stages]];
  });
  return new Map(orders);
}

/**
 * Until the copy follows, the world is asked again of every stage; from then on what lies behind is not asked any more:
 * a database snapshot that was dropped would be made again.
 */
function isDue(
  { state }: View,
  name: string,
  database: DatabaseState,
  lane: Lane | undefined,
  stage: Stage,
): boolean {
  if (database.released === undefined || lane === undefined) return true;
  const step = Object.hasOwn(state.steps, databaseStepId(name, stage.id))
    ? state.steps[databaseStepId(name, stage.id)]
    : undefined;
  if (!isAfterRelease(lane, stage)) return step !== undefined && step.status !== 'done';
  return step?.status !== 'done' || (step.endedAt ?? 0) < database.released.at;
}

function chained(
  view: View,
  name: string,
  stages: readonly Stage[],
  repeated: ReadonlyMap<DatabaseOrder, readonly Stage[]>,
): Step[] {
  return stages.map((stage, at) => {
    const before = stages[at - 1];
    const order = [...repeated].find(([, all]) => all.some(({ id }) => id === stage.id))?.[0];
    return stepOf(view, name, stage, before === undefined ? [] : [databaseStepId(name, before.id)], order);
  });
}

/** Stages that an engineer may stop in the middle: each goes on from where it was. */
const STOPPABLE: ReadonlySet<string> = new Set(['reconcile', 'copy', 'catch-up', 'follow', 'validate']);

/** A stage as a step. One that was ordered is done when its order is answered. */
function stepOf(
  view: View,
  name: string,
  stage: Stage,
  needs: readonly string[],
  order?: DatabaseOrder,
): Step {
  const id = databaseStepId(name, stage.id);
  const isOrdered = ({ state }: Pick<StepContext, 'state'>): boolean =>
    order !== undefined && stateOf({ state }, name).ordered[order] !== undefined;
  return {
    ...{ id, phase: 'database', subject: name, needs },
    title: stage.title(sceneOf(view, name)),
    // Two stages of one database at once would meet in its metadata.
    resources: [{ key: `database:${name}`, units: 1 }],
    retry: SQL_RETRY,
    preview: now => previewOf(now, name, stage),
    async done(context, signal) {
      if (order !== undefined) return !isOrdered(context);
      const work = workOf(context, name, await context.sql(name), signal);
      if (stage.id === 'assess') await requireSameServers(work);
      return stage.done(work);
    },
    async run(context, signal) {
      await stage.run(workOf(context, name, await context.sql(name), signal));
    },
    ...(STOPPABLE.has(stage.id) ? { halt: () => Promise.resolve() } : {}),
  };
}
