import type { Event, EventOf } from './events.ts';
import { isOf } from './families.ts';
import { foldAround, foldCutover } from './fold-cutover.ts';
import { foldDatabase } from './fold-database.ts';
import { foldInventory } from './fold-inventory.ts';
import { foldMachine } from './fold-machine.ts';
import { foldOrder, nobodyAttached } from './fold-orders.ts';
import { changeMover, foldStep, interruptSteps } from './fold-steps.ts';
import { get, type OwnMaps, put } from './maps.ts';
import { EMPTY_STATE, type EvacuationState, type MachineState, type State } from './state.ts';

/** Notes that stay in the state; the journal keeps every one. */
const NOTES_KEPT = 500;

/** The state after these events. Pure: the same events give the same state, live, replayed or in a test. */
export function fold(events: Iterable<Event>, from: State = EMPTY_STATE): State {
  const folding = new Folding(from);
  for (const event of events) folding.add(event);
  return folding.state;
}

/**
 * A fold that goes on as events come. Between two looks at its state it changes maps of its own in place: copying the
 * steps of 500 machines at every event would make a long journal slow to read.
 */
export class Folding {
  #state: State;
  #own: OwnMaps = new WeakSet();

  constructor(from: State = EMPTY_STATE) {
    this.#state = from;
  }

  /** From here on nothing in what was handed out changes any more. */
  get state(): State {
    this.#own = new WeakSet();
    return this.#state;
  }

  get lastSeq(): number {
    return this.#state.lastSeq;
  }

  /** Hash of the plan in force, if the evacuation was created. */
  get planHash(): string | undefined {
    return this.#state.evacuation?.planHash;
  }

  add(event: Event): void {
    this.#state = step(this.#state, event, this.#own);
  }
}

/**
 * The state after one more event. Parts that the event does not concern stay the same objects, so a screen can
 * compare by identity. Never throws: an event about something that was never announced changes only `lastSeq`.
 */
export function apply(state: State, event: Event): State {
  return step(state, event);
}

function step(state: State, event: Event, own?: OwnMaps): State {
  return { ...change(state, event, own), lastSeq: event.seq, lastAt: event.at };
}

function moverChosen(state: State, event: Event & EventOf<'mover.chosen'>, own: OwnMaps | undefined): State {
  // Read before its map may be changed in place.
  const before = get(state.machines, event.machine);
  const isAnother = event.mover !== (before?.mover?.mover ?? before?.passes.at(-1)?.mover);
  const folded = foldMachine(state, event, own);
  return isAnother ? changeMover(folded, event, own) : folded;
}

function change(state: State, event: Event, own: OwnMaps | undefined): State {
  if (event.type === 'mover.chosen') return moverChosen(state, event, own);
  if (isOf(event, 'sync')) return foldMachine(state, event, own);
  if (isOf(event, 'inventory')) return foldInventory(state, event, own);
  if (isOf(event, 'database')) return foldDatabase(state, event, own);
  if (isOf(event, 'cutover')) return foldCutover(state, event);
  if (isOf(event, 'around')) return foldAround(state, event, own);
  switch (event.type) {
    case 'evacuation.created':
      return created(state, event);
    case 'evacuation.started':
      return started(state, event, own);
    case 'evacuation.ended':
      return evacuation(state, { phase: 'ended', outcome: event.outcome });
    case 'plan.accepted':
      return planAccepted(state, event);
    case 'note.added':
      return noted(state, event);

    case 'lock.taken-over':
    case 'journal.mended':
      return state;

    case 'step.started':
    case 'step.done':
    case 'step.retrying':
    case 'step.failed':
    case 'step.cancelled':
    case 'step.retry-requested':
      return foldStep(state, event, own);

    case 'stages.held':
    case 'stage.approved':
    case 'evacuation.paused':
    case 'evacuation.resumed':
    case 'link.throttled':
    case 'gate.waived':
    case 'gate.waiver-withdrawn':
    case 'stop.requested':
    case 'engineer.attached':
    case 'engineer.left':
      if (state.evacuation === undefined) return state;
      return { ...state, evacuation: foldOrder(state.evacuation, event) };

    case 'hypervisor.observed': {
      const { type, v, seq, by, at, hypervisor, ...facts } = event;
      return {
        ...state,
        hypervisors: put(state.hypervisors, hypervisor, { ...facts, observedAt: at }),
      };
    }

    case 'machine.observed':
    case 'replica.created':
    case 'receiver.started':
    case 'receiver.reachable':
    case 'receiver.observed':
    case 'receiver.prepared':
    case 'path.keyed':
    case 'path.opened':
    case 'path.removed':
    case 'pass.started':
    case 'pass.ended':
    case 'pass.judged':
    case 'replica.verified':
    case 'standby.defined':
    case 'proof.requested':
    case 'proof.started':
    case 'proof.ended':
    case 'fixups.planned':
    case 'pass.requested':
    case 'machine.paused':
    case 'machine.resumed':
      return foldMachine(state, event, own);

    default:
      return unheardOf(event, state);
  }
}

/** The compiler proves that no event type is forgotten above. */
function unheardOf(_event: never, state: State): State {
  return state;
}

function created(state: State, event: Event & EventOf<'evacuation.created'>): State {
  const { type, v, seq, by, at, landfall, ...facts } = event;
  let machines: Readonly<Record<string, MachineState>> = state.machines;
  for (const name of event.machines) {
    if (!Object.hasOwn(machines, name)) machines = put(machines, name, { name, passes: [] });
  }
  return {
    ...state,
    machines,
    evacuation: { ...facts, createdAt: at, controlKeys: [], phase: 'created', starts: 0, notes: [] },
  };
}

/** A journal that does not say what changed may have changed anything. */
const ANYTHING = ['*'];

function planAccepted(state: State, event: Event & EventOf<'plan.accepted'>): State {
  const { planHash, machines, databases, changed = ANYTHING, at } = event;
  const touched = Object.fromEntries(changed.map(part => [part, at]));
  return evacuation(state, {
    planHash,
    ...(changed.length === 0 ? {} : { planChanged: { ...state.evacuation?.planChanged, ...touched } }),
    ...(machines === undefined ? {} : { machines }),
    ...(databases === undefined ? {} : { databases }),
  });
}

function started(
  state: State,
  event: Event & EventOf<'evacuation.started'>,
  own: OwnMaps | undefined,
): State {
  // Only a process that died leaves steps running behind it: there is one writer at a time.
  const interrupted = { ...state, steps: interruptSteps(state.steps, event.at, own) };
  if (state.evacuation === undefined) return interrupted;
  const { outcome, ...before } = state.evacuation;
  return {
    ...interrupted,
    evacuation: {
      ...before,
      ...(before.engineers === undefined ? {} : { engineers: nobodyAttached(before.engineers) }),
      phase: 'running',
      starts: before.starts + 1,
      controlKeys: event.controlKeys,
    },
  };
}

function noted(state: State, event: Event & EventOf<'note.added'>): State {
  const notes = [...(state.evacuation?.notes ?? []), { at: event.at, by: event.by, text: event.text }];
  return evacuation(state, { notes: notes.slice(-NOTES_KEPT) });
}

function evacuation(state: State, changes: Partial<EvacuationState>): State {
  if (state.evacuation === undefined) return state;
  return { ...state, evacuation: { ...state.evacuation, ...changes } };
}
