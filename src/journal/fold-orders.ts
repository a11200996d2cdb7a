import type { Event, EventOf } from './events.ts';
import { get, put } from './maps.ts';
import type { EngineerState, EvacuationState, Order } from './state.ts';

type OrderType =
  | 'stages.held'
  | 'stage.approved'
  | 'evacuation.paused'
  | 'evacuation.resumed'
  | 'link.throttled'
  | 'gate.waived'
  | 'gate.waiver-withdrawn'
  | 'stop.requested'
  | 'engineer.attached'
  | 'engineer.left';
type OrderEvent = Event & EventOf<OrderType>;

/** Folds what an engineer ordered for the evacuation as a whole. */
export function foldOrder(evacuation: EvacuationState, event: OrderEvent): EvacuationState {
  switch (event.type) {
    case 'stages.held':
      return { ...evacuation, held: event.phases };
    case 'stage.approved':
      if (evacuation.held === undefined) return evacuation;
      return { ...evacuation, held: evacuation.held.filter(phase => phase !== event.phase) };
    case 'evacuation.paused':
      return { ...evacuation, paused: orderOf(event) };
    case 'evacuation.resumed': {
      const { paused, ...rest } = evacuation;
      return rest;
    }
    case 'link.throttled': {
      const { throttle, ...rest } = evacuation;
      const { bytesPerSecond } = event;
      return bytesPerSecond === null ? rest : { ...rest, throttle: { ...orderOf(event), bytesPerSecond } };
    }
    case 'gate.waived': {
      const { gate, by, at, reason, until } = event;
      return { ...evacuation, waivers: put(evacuation.waivers ?? {}, gate, { by, at, reason, until }) };
    }
    case 'gate.waiver-withdrawn': {
      if (evacuation.waivers === undefined) return evacuation;
      const { [event.gate]: _withdrawn, ...waivers } = evacuation.waivers;
      return { ...evacuation, waivers };
    }
    case 'stop.requested':
      return evacuation;
    case 'engineer.attached':
    case 'engineer.left':
      return { ...evacuation, engineers: presence(evacuation.engineers ?? {}, event) };
  }
}

/** Clients of one engineer may come from ever new hosts; of those who have left, the ones seen last are kept. */
export const ENGINEERS_KEPT = 100;

/** An engine that died could not say that its clients left. */
export function nobodyAttached(
  engineers: Readonly<Record<string, EngineerState>>,
): Readonly<Record<string, EngineerState>> {
  return Object.fromEntries(
    Object.entries(engineers).map(([name, known]) => [name, { ...known, attached: 0 }]),
  );
}

export function orderOf({ by, at, reason }: { by: string; at: number; reason?: string | undefined }): Order {
  return { by, at, ...(reason === undefined ? {} : { reason }) };
}

function presence(
  engineers: Readonly<Record<string, EngineerState>>,
  event: Event & EventOf<'engineer.attached' | 'engineer.left'>,
): Readonly<Record<string, EngineerState>> {
  const attached = get(engineers, event.by)?.attached ?? 0;
  return forgetOldest(
    put(engineers, event.by, {
      attached: Math.max(0, attached + (event.type === 'engineer.attached' ? 1 : -1)),
      lastAt: event.at,
      lastSeq: event.seq,
    }),
  );
}

function forgetOldest(
  engineers: Readonly<Record<string, EngineerState>>,
): Readonly<Record<string, EngineerState>> {
  const all = Object.entries(engineers);
  if (all.length <= ENGINEERS_KEPT) return engineers;
  const oldest = all
    .filter(([, { attached }]) => attached === 0)
    .toSorted(([, a], [, b]) => a.lastSeq - b.lastSeq)
    .slice(0, all.length - ENGINEERS_KEPT);
  const forgotten = new Set(oldest.map(([name]) => name));
  return Object.fromEntries(all.filter(([name]) => !forgotten.has(name)));
}
