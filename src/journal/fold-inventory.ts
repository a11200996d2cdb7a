import type { Event, EventOf } from './events.ts';
import type { PeerFacts } from './facts-survey.ts';
import type { FamilyEvent } from './families.ts';
import { get, type OwnMaps, put } from './maps.ts';
import type { DriftState, MachineState, PeerState, State } from './state.ts';

/** An event of the wide look at the estate. */
export type InventoryEvent = FamilyEvent<'inventory'>;

/** Peers that are kept of one machine: those seen last. */
export const PEERS_KEPT = 400;

/** Folds what the wide look at the estate found. */
export function foldInventory(state: State, event: InventoryEvent, own?: OwnMaps): State {
  switch (event.type) {
    case 'machine.surveyed': {
      const { survey, digest, at } = event;
      return machine(state, event.machine, own, each => ({ ...each, surveyed: { ...survey, digest, at } }));
    }
    case 'peers.sampled':
      return machine(state, event.machine, own, each => ({
        ...each,
        peers: withPeers(each.peers ?? {}, event),
        peerSamples: (each.peerSamples ?? 0) + event.samples,
      }));
    case 'hypervisor.surveyed': {
      const surveyed = { ...event.survey, at: event.at };
      return { ...state, surveys: put(state.surveys ?? {}, event.hypervisor, surveyed, own) };
    }
    case 'server.surveyed': {
      const { server, databases, survey, at } = event;
      return {
        ...state,
        servers: put(state.servers ?? {}, server, { ...survey, planned: databases, at }, own),
      };
    }
    case 'link.measured': {
      const { type, v, seq, by, ...facts } = event;
      return { ...state, links: put(state.links ?? {}, linkKey(event.from, event.to), facts, own) };
    }
    case 'drift.seen': {
      const { subject } = event;
      const drift = withDrift(get(state.drift ?? {}, subject), event);
      return { ...state, drift: put(state.drift ?? {}, subject, drift, own) };
    }
  }
}

/** `miami-kvm>dallas-kvm`: one entry a direction in which copies travel. */
export const linkKey = (from: string, to: string): string => `${from}>${to}`;

/** `out tcp 10.1.0.9:5432`: the same other end, whenever it was seen. */
export const peerKey = ({ direction, protocol, address, port }: PeerFacts): string =>
  `${direction} ${protocol} ${address}:${port}`;

function withPeers(
  before: Readonly<Record<string, PeerState>>,
  event: Event & EventOf<'peers.sampled'>,
): Readonly<Record<string, PeerState>> {
  const all = new Map(Object.entries(before));
  for (const peer of event.peers) {
    const key = peerKey(peer);
    const known = all.get(key);
    all.delete(key);
    all.set(key, {
      ...peer,
      seen: (known?.seen ?? 0) + peer.seen,
      firstAt: known?.firstAt ?? event.at,
      lastAt: event.at,
    });
  }
  return Object.fromEntries([...all].slice(-PEERS_KEPT));
}

/** How long changes stay known after a newer inventory has been taken: somebody comes back in the morning. */
export const CHANGES_KEPT_MS = 24 * 3600e3;
/** Inventories whose changes are kept of one subject. */
const CHANGES_KEPT = 24;

/** What was told against the same inventory is replaced; what was found against an older one stays known for a day. */
function withDrift(
  before: DriftState | undefined,
  { found, at, since }: Event & EventOf<'drift.seen'>,
): DriftState {
  const isOver = before !== undefined && before.since !== since && before.found.length > 0;
  const all = [...(before?.earlier ?? []), ...(isOver ? [{ found: before.found, at: before.at }] : [])];
  const earlier = all.filter(each => at - each.at < CHANGES_KEPT_MS).slice(-CHANGES_KEPT);
  return {
    ...{ found, at },
    ...(since === undefined ? {} : { since }),
    ...(earlier.length === 0 ? {} : { earlier }),
  };
}

function machine(
  state: State,
  name: string,
  own: OwnMaps | undefined,
  changes: (each: MachineState) => MachineState,
): State {
  const before = get(state.machines, name) ?? { name, passes: [] };
  return { ...state, machines: put(state.machines, name, changes(before), own) };
}
