import type { Event, EventOf, EventType } from './events.ts';
import { orderOf } from './fold-orders.ts';
import { proofEnded, proofStarted } from './fold-proof.ts';
import { foldSync } from './fold-sync.ts';
import { get, type OwnMaps, put } from './maps.ts';
import type { MachineState, PassState, State } from './state.ts';

/**
 * A week of passes every few minutes must not make the state grow for ever: of each machine the newest passes stay,
 * of older ones their count, time and bytes.
 */
export const PASSES_KEPT = 200;

type MachineEvent = Exclude<
  Extract<Event, { machine: string }>,
  { type: `cutover.${string}` | `exposure.${string}` | 'machine.surveyed' | 'peers.sampled' }
>;
type Of<T extends EventType> = Event & EventOf<T>;

/** Folds one event about a machine; a machine that nobody announced is known from its first event on. */
export function foldMachine(state: State, event: MachineEvent, own?: OwnMaps): State {
  const before = get(state.machines, event.machine) ?? { name: event.machine, passes: [] };
  return { ...state, machines: put(state.machines, event.machine, next(before, event), own) };
}

function next(machine: MachineState, event: MachineEvent): MachineState {
  switch (event.type) {
    case 'machine.observed': {
      const { type, v, seq, by, machine: _name, ...observed } = event;
      return { ...machine, observed };
    }
    case 'replica.created': {
      const replica = replicaCreated(machine, event);
      if (isGrown(machine, event)) return { ...machine, replica };
      // Empty disks bear no names.
      const { sharedIdentifiers, ...rest } = machine;
      return { ...rest, replica };
    }
    case 'receiver.started':
      return {
        ...machine,
        receiver: { domain: event.domain, uuid: event.uuid },
        // A fresh receiver has never heard of the key that the one before let in.
        ...(machine.path === undefined ? {} : { path: { ...machine.path, opened: false } }),
      };
    case 'receiver.reachable':
      if (machine.receiver === undefined) return machine;
      return {
        ...machine,
        receiver: { ...machine.receiver, hostKey: event.hostKey, addresses: event.addresses },
      };
    case 'receiver.observed':
      if (machine.receiver === undefined) return machine;
      return {
        ...machine,
        receiver: { ...machine.receiver, devices: event.devices },
        ...(event.shared === undefined ? {} : { sharedIdentifiers: event.shared }),
      };
    case 'receiver.prepared': {
      if (machine.receiver === undefined) return machine;
      const { type, v, seq, by, machine: _name, ...prepared } = event;
      return { ...machine, receiver: { ...machine.receiver, prepared } };
    }
    case 'path.keyed':
      return {
        ...machine,
        path: {
          publicKey: event.publicKey,
          expiresAt: event.expiresAt,
          opened: false,
          ...(event.between === undefined ? {} : { between: event.between }),
        },
      };
    case 'path.opened':
      if (machine.path === undefined) return machine;
      return { ...machine, path: { ...machine.path, expiresAt: event.expiresAt, opened: true } };
    case 'path.removed': {
      const { path, ...rest } = machine;
      return rest;
    }
    case 'pass.started':
      return passStarted(machine, event);
    case 'pass.ended': {
      const { type, v, seq, by, at, machine: _name, pass, kind, mover, ...ended } = event;
      return withPass(machine, pass, before => ({ ...before, ended }));
    }
    case 'pass.judged': {
      const { type, v, seq, by, at, machine: _name, pass, ...judged } = event;
      return withPass(machine, pass, before => ({ ...before, judged }));
    }
    case 'replica.verified': {
      const { type, v, seq, by, machine: _name, ...verified } = event;
      return { ...machine, verified };
    }
    case 'standby.defined': {
      const { type, v, seq, by, machine: _name, ...standby } = event;
      return { ...machine, standby };
    }
    case 'proof.requested':
      return { ...machine, proofRequested: { reason: event.reason, at: event.at, by: event.by } };
    case 'proof.started':
      return proofStarted(machine, event);
    case 'proof.ended':
      return proofEnded(machine, event);
    case 'fixups.planned': {
      const { type, v, seq, by, machine: _name, ...fixups } = event;
      return { ...machine, fixups };
    }
    case 'pass.requested':
      return { ...machine, requested: { reason: event.reason, at: event.at } };
    case 'machine.paused':
      return { ...machine, paused: orderOf(event) };
    case 'machine.resumed': {
      const { paused, ...rest } = machine;
      return rest;
    }
    default:
      return foldSync(machine, event);
  }
}

function replicaCreated(
  machine: MachineState,
  event: Of<'replica.created'>,
): NonNullable<MachineState['replica']> {
  // What was copied is there as before; a volume was added to it.
  if (machine.replica !== undefined && isGrown(machine, event))
    return { ...machine.replica, volumes: event.volumes };
  const last = machine.passes.at(-1);
  // By the order of the journal, not by its times: a clock that was set back must not hide it.
  const afterPass = last === undefined ? {} : { afterPass: last.pass };
  return { volumes: event.volumes, at: event.at, ...afterPass };
}

/** Every volume that was known before is kept. */
const isGrown = ({ replica }: MachineState, { kept }: Of<'replica.created'>): boolean =>
  replica?.volumes.every(({ disk }) => kept?.includes(disk)) === true;

function passStarted(machine: MachineState, event: Of<'pass.started'>): MachineState {
  const { type, v, seq, by, at, machine: _name, ...facts } = event;
  const { requested, ...rest } = machine;
  const started: PassState = { ...facts, startedAt: at };
  // A pass that a crash cut short begins again under its own number.
  const again = machine.passes.some(pass => pass.pass === event.pass);
  const passes = again
    ? machine.passes.map(pass => (pass.pass === event.pass ? started : pass))
    : [...machine.passes, started];
  return forgetOldest({ ...rest, passes });
}

function withPass(machine: MachineState, number: number, edit: (pass: PassState) => PassState): MachineState {
  return { ...machine, passes: machine.passes.map(pass => (pass.pass === number ? edit(pass) : pass)) };
}

function forgetOldest(machine: MachineState): MachineState {
  const [oldest, ...kept] = machine.passes;
  if (oldest === undefined || kept.length < PASSES_KEPT) return machine;
  const sent = oldest.ended?.runs.reduce((sum, run) => sum + run.sentBytes, 0) ?? 0;
  const { count, ms, sentBytes } = machine.olderPasses ?? { count: 0, ms: 0, sentBytes: 0 };
  return {
    ...machine,
    passes: kept,
    olderPasses: { count: count + 1, ms: ms + (oldest.ended?.ms ?? 0), sentBytes: sentBytes + sent },
  };
}
