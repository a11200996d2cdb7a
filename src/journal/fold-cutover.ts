import type { Event, EventOf } from './events.ts';
import type { FamilyEvent } from './families.ts';
import { get, type OwnMaps, put } from './maps.ts';
import type { CutoverMachineState, CutoverState, EvacuationState, MachineState, State } from './state.ts';

type CutoverEvent = FamilyEvent<'cutover'>;

/** Folds a cutover. An event without a cutover that has begun changes nothing. */
export function foldCutover(state: State, event: CutoverEvent): State {
  const { cutover } = state;
  if (event.type === 'cutover.begun') {
    // Two orders that crossed: a second beginning must not forget what the first has stopped and started.
    const isOver = cutover === undefined || cutover.ended?.outcome === 'rolled-back';
    return isOver ? { ...state, cutover: begun(event) } : state;
  }
  if (cutover === undefined) return state;
  return { ...state, cutover: change(cutover, event) };
}

function begun(event: Event & EventOf<'cutover.begun'>): CutoverState {
  const { type, v, seq, at, ...facts } = event;
  return { ...facts, startedAt: at, items: {}, ordered: {}, machines: {} };
}

function change(
  cutover: CutoverState,
  event: Exclude<CutoverEvent, { type: 'cutover.begun' }>,
): CutoverState {
  const { at, by } = event;
  switch (event.type) {
    case 'cutover.ordered': {
      const order = { by, at, ...(event.confirmed === undefined ? {} : { confirmed: event.confirmed }) };
      if (event.act === 'run')
        return event.item === undefined
          ? cutover
          : { ...cutover, ordered: { ...cutover.ordered, [event.item]: order } };
      const { going, ...rest } = cutover;
      return event.act === 'go' ? { ...rest, going: order } : { ...rest, ordered: {} };
    }
    case 'cutover.item': {
      const { type, v, seq, item, ...facts } = event;
      const { [item]: _answered, ...ordered } = cutover.ordered;
      const { [item]: _before, ...others } = cutover.items;
      return {
        ...cutover,
        ordered,
        items: event.outcome === 'reopened' ? others : { ...others, [item]: facts },
      };
    }
    case 'cutover.quieting':
      return machine(cutover, event.machine, { stopped: { units: event.units, at } });
    case 'cutover.quiet':
      return machine(cutover, event.machine, {
        stopped: {
          units: event.units,
          at: get(cutover.machines, event.machine)?.stopped?.at ?? at,
          quietAt: at,
        },
      });
    case 'cutover.powering-off':
      return machine(cutover, event.machine, {
        poweredOff: { domain: event.domain, autostart: event.autostart, at },
      });
    case 'cutover.powered-off': {
      const before = get(cutover.machines, event.machine)?.poweredOff;
      return before === undefined
        ? cutover
        : machine(cutover, event.machine, { poweredOff: { ...before, offAt: at } });
    }
    case 'cutover.overlaid':
      return machine(cutover, event.machine, { overlaid: { volumes: event.volumes, at } });
    case 'cutover.standby-started': {
      const { domain, address } = event;
      const before = get(cutover.machines, event.machine)?.started;
      return machine(cutover, event.machine, {
        started: { domain, at: before?.at ?? at, ...(address === undefined ? {} : { address }) },
      });
    }
    case 'cutover.committed':
      return machine(cutover, event.machine, { committedAt: at });
    case 'cutover.taken-back': {
      const { [event.part]: _gone, ...rest } = get(cutover.machines, event.machine) ?? {};
      return { ...cutover, machines: put(cutover.machines, event.machine, rest) };
    }
    // Of two that crossed the first one counts: behind the line nothing is taken back, and what is taken back has no line.
    case 'cutover.no-return':
      if (cutover.aborted !== undefined) return cutover;
      return { ...cutover, noReturn: { by, at } };
    case 'cutover.aborted': {
      if (cutover.noReturn !== undefined) return cutover;
      const { going, ...rest } = cutover;
      return { ...rest, ordered: {}, aborted: { by, at, reason: event.reason } };
    }
    case 'cutover.ended': {
      const { going, ...rest } = cutover;
      return { ...rest, ordered: {}, ended: { outcome: event.outcome, lost: event.lost, at } };
    }
  }
}

function machine(cutover: CutoverState, name: string, changes: CutoverMachineState): CutoverState {
  return {
    ...cutover,
    machines: put(cutover.machines, name, { ...get(cutover.machines, name), ...changes }),
  };
}

/** Folds what is measured, mirrored and looked at around an evacuation. */
export function foldAround(state: State, event: FamilyEvent<'around'>, own?: OwnMaps): State {
  switch (event.type) {
    case 'mode.switched': {
      const { by, at, mode, reason, saved } = event;
      return evacuation(state, () => ({
        mode: {
          ...{ mode, by, at },
          ...(reason === undefined ? {} : { reason }),
          ...(saved === undefined ? {} : { saved }),
        },
      }));
    }
    case 'exposure.requested':
      return known(state, event.machine, own, each => ({ ...each, measureRequested: { at: event.at } }));
    case 'exposure.measured':
      return known(state, event.machine, own, each => {
        const { type, v, seq, by, machine: _name, ...facts } = event;
        const { measureRequested, ...rest } = each;
        return { ...rest, measured: facts };
      });
    case 'mirror.written': {
      const { hypervisor, path, upTo, head, at } = event;
      return evacuation(state, ({ mirrors }) => ({
        mirrors: put(mirrors ?? {}, hypervisor, { path, upTo, head, at }),
      }));
    }
    case 'mirror.failed': {
      const { hypervisor, why, at } = event;
      return evacuation(state, ({ mirrors }) => {
        const before = get(mirrors ?? {}, hypervisor) ?? { path: '', upTo: 0, head: '', at: 0 };
        return { mirrors: put(mirrors ?? {}, hypervisor, { ...before, trouble: { why, at } }) };
      });
    }
    case 'evacuation.recovered': {
      const { type, v, seq, ...facts } = event;
      return evacuation(state, () => ({ recovered: facts }));
    }
    case 'surroundings.observed': {
      const { type, v, seq, by, ...facts } = event;
      return { ...state, surroundings: facts };
    }
  }
}

function evacuation(state: State, changes: (known: EvacuationState) => Partial<EvacuationState>): State {
  if (state.evacuation === undefined) return state;
  return { ...state, evacuation: { ...state.evacuation, ...changes(state.evacuation) } };
}

function known(
  state: State,
  name: string,
  own: OwnMaps | undefined,
  changes: (each: MachineState) => MachineState,
): State {
  const before = get(state.machines, name) ?? { name, passes: [] };
  return { ...state, machines: put(state.machines, name, changes(before), own) };
}
