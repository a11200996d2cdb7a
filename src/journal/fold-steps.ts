import type { Event } from './events.ts';
import { drop, get, type OwnMaps, put } from './maps.ts';
import type { DatabaseState, MachineState, State, StepState } from './state.ts';

type StepEvent = Extract<Event, { type: `step.${string}` }>;
type Steps = State['steps'];

/** Folds the life of one step, and the failure of its machine or database with it. */
export function foldStep(state: State, event: StepEvent, own?: OwnMaps): State {
  const folded = foldOne(state, event, own);
  return event.type === 'step.done' ? forgetOld(folded, event.step, own) : folded;
}

/**
 * Steps of a kind that are kept, by number: a pass and a comparison every few minutes for weeks must not make the state
 * grow for ever. A little more than the passes that are kept is of no use to anybody.
 */
export const STEPS_KEPT = 40;
/** Numbers may leave gaps: not every pass is compared. */
const GAPS = 12;

/** `sync/web1/pass-60` is done: `pass-20` and the few before it are behind us; of them their count and time stay. */
function forgetOld(state: State, step: string, own: OwnMaps | undefined): State {
  const [, family, digits] = /^(.+-)(\d+)$/.exec(step) ?? [];
  const newest = Number(digits) - STEPS_KEPT;
  if (family === undefined || !(newest >= 1)) return state;
  const old: StepState[] = [];
  for (let number = newest; number > Math.max(0, newest - GAPS); number -= 1) {
    const known = get(state.steps, `${family}${number}`);
    if (known?.status === 'done' || known?.status === 'cancelled') old.push(known);
  }
  if (old.length === 0) return state;
  const phase = old[0]?.phase ?? '';
  const before = state.olderSteps === undefined ? undefined : get(state.olderSteps, phase);
  const ms = old.reduce(
    (sum, { startedAt, endedAt }) => sum + Math.max(0, (endedAt ?? startedAt) - startedAt),
    0,
  );
  return {
    ...state,
    steps: drop(
      state.steps,
      old.map(({ id }) => id),
      own,
    ),
    olderSteps: {
      ...state.olderSteps,
      [phase]: { count: (before?.count ?? 0) + old.length, ms: (before?.ms ?? 0) + ms },
    },
  };
}

function foldOne(state: State, event: StepEvent, own?: OwnMaps): State {
  // A step that nobody has heard of cannot be tried again.
  if (event.type === 'step.retry-requested' && get(state.steps, event.step)?.status !== 'failed')
    return state;
  const steps = put(state.steps, event.step, next(get(state.steps, event.step), event), own);
  return steps[event.step]?.phase === 'database'
    ? {
        ...state,
        steps,
        databases: withFailure(databasesOf(state, event), steps, event, own, mendedDatabase),
      }
    : { ...state, steps, machines: withFailure(state.machines, steps, event, own, mendedMachine) };
}

/** Steps that were under way when a process died: they will be asked again whether they are done. */
export function interruptSteps(steps: Steps, at: number, own?: OwnMaps): Steps {
  let result = steps;
  for (const step of Object.values(steps)) {
    if (step.status === 'running' || step.status === 'retrying') {
      result = put(result, step.id, { ...step, status: 'cancelled', endedAt: at }, own);
    }
  }
  return result;
}

/** What each mover needs, and the other may have taken apart since: the replica in its receiver, the path. */
const ITS_OWN = {
  files: (machine: string) => [
    ...['attach', 'prepare'].map(name => `build/${machine}/${name}`),
    ...['key', 'path'].map(name => `sync/${machine}/${name}`),
  ],
  blocks: (machine: string) => ['blocks-key', 'blocks-path'].map(name => `sync/${machine}/${name}`),
} as const;

/**
 * Another mover has the machine: what failed of the work of the one before is not tried again and stands in nobody's way (a
 * pass of the new one may bear the same name), and what the new one had once is asked again whether it is still done.
 */
export function changeMover(
  state: State,
  {
    machine,
    mover,
    at,
  }: { readonly machine: string; readonly mover: 'files' | 'blocks'; readonly at: number },
  own?: OwnMaps,
): State {
  const again = new Set(ITS_OWN[mover](machine));
  const open = Object.values(state.steps).filter(
    ({ id, status }) =>
      (status === 'failed' && id.startsWith(`sync/${machine}/`)) || (status === 'done' && again.has(id)),
  );
  const known = get(state.machines, machine);
  if (open.length === 0 || known === undefined) return state;
  const steps = open.reduce(
    (all, step) => put(all, step.id, { ...step, status: 'cancelled', endedAt: at }, own),
    state.steps,
  );
  const failure = standingFailure(machine, steps);
  const { failure: _gone, ...rest } = known;
  const mended = failure === undefined ? rest : { ...rest, failure };
  return { ...state, steps, machines: put(state.machines, machine, mended, own) };
}

function next(before: StepState | undefined, event: StepEvent): StepState {
  const base = {
    id: event.step,
    phase: 'phase' in event ? event.phase : (before?.phase ?? ''),
    attempts: before?.attempts ?? 0,
    startedAt: before?.startedAt ?? event.at,
  };
  switch (event.type) {
    case 'step.started':
      return {
        ...base,
        status: 'running',
        attempts: event.attempt,
        // A further attempt belongs to the same run of the step; anything else begins a new one.
        startedAt: before?.status === 'retrying' ? before.startedAt : event.at,
      };
    case 'step.retrying':
      return { ...base, status: 'retrying', attempts: event.attempt, error: event.error };
    case 'step.done': {
      const startedAt = before?.status === 'running' ? before.startedAt : event.at - event.ms;
      return { ...base, status: 'done', startedAt, endedAt: event.at };
    }
    case 'step.failed':
      return {
        ...base,
        status: 'failed',
        attempts: event.attempts,
        endedAt: event.at,
        error: event.error,
      };
    case 'step.cancelled':
    case 'step.retry-requested':
      return { ...base, status: 'cancelled', endedAt: event.at };
  }
}

/** A database is known from the first step that failed for it, too: a server that never let landfall in. */
function databasesOf({ databases }: State, event: StepEvent): State['databases'] {
  const name = subjectOf(event.step);
  if (event.type !== 'step.failed' || get(databases, name) !== undefined) return databases;
  return put(databases, name, { name, ordered: {} });
}

function withFailure<S extends Pick<MachineState | DatabaseState, 'name' | 'failure'>>(
  subjects: Readonly<Record<string, S>>,
  steps: Steps,
  event: StepEvent,
  own: OwnMaps | undefined,
  mended: (subject: S) => S,
): Readonly<Record<string, S>> {
  if (event.type !== 'step.failed' && event.type !== 'step.done' && event.type !== 'step.retry-requested') {
    return subjects;
  }
  const subject = get(subjects, subjectOf(event.step));
  if (subject === undefined) return subjects;
  if (event.type === 'step.failed') {
    const failure = { step: event.step, error: event.error, at: event.at };
    return put(subjects, subject.name, { ...subject, failure }, own);
  }
  if (subject.failure?.step !== event.step) return subjects;
  const failure = standingFailure(subject.name, steps);
  return put(subjects, subject.name, failure === undefined ? mended(subject) : { ...subject, failure }, own);
}

const mendedMachine = ({ failure, ...rest }: MachineState): MachineState => rest;
const mendedDatabase = ({ failure, ...rest }: DatabaseState): DatabaseState => rest;

/** The failure that was shown is mended; an older one of the same subject may still stand in the way. */
function standingFailure(subject: string, steps: Steps): MachineState['failure'] {
  let standing: MachineState['failure'];
  for (const step of Object.values(steps)) {
    if (step.status !== 'failed' || step.error === undefined) continue;
    if (subjectOf(step.id) !== subject) continue;
    const at = step.endedAt ?? step.startedAt;
    if (standing === undefined || at > standing.at) standing = { step: step.id, error: step.error, at };
  }
  return standing;
}

/** `build/web1/replica` is about web1 (the Step contract). */
function subjectOf(step: string): string {
  return step.split('/')[1] ?? '';
}
