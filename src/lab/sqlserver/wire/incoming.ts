import type { Duplex } from 'node:stream';
import { SqlError } from '../errors.ts';
import { type BulkFeed, createBulkFeed } from './bulk-feed.ts';
import { protocolFault } from './faults.ts';
import { createPacketReader, LARGEST_PACKET, PACKET, type Packet, STATUS } from './packets.ts';

/** What a client sent, message by message. */
export type Arrival =
  | Message
  | { readonly kind: 'attention' }
  /** What came is not TDS; nothing after it is read. */
  | { readonly kind: 'fault'; readonly error: SqlError };

export interface Message {
  readonly kind: 'message';
  readonly type: number;
  /** Empty for a bulk load, whose bytes come by `feed`. */
  readonly payload: Buffer;
  readonly feed: BulkFeed | undefined;
  readonly reset: 'no' | 'all' | 'keeping transaction';
  /** Taken back by the client while it was sent. */
  readonly ignored: boolean;
  /** Aborts with an attention, with a bulk load that is taken back, and with the connection. */
  readonly signal: AbortSignal;
}

export interface Incoming {
  /** Reads from this stream from now on; `first` was read from it already. */
  from(stream: Duplex, first?: Buffer): void;
  /** Stops reading; the bytes that belong to no message yet. */
  release(): Buffer;
  /** The next message, after which the one before counts as answered; undefined when the connection is gone. */
  next(): Promise<Arrival | undefined>;
  /** Aborts what runs, and nothing comes any more. */
  end(): void;
  /** Longest packet a client may send. */
  limit: number;
}

/** A message that is longer is refused before it fills the memory. */
const LONGEST_MESSAGE = 536_870_912;
/** Messages a client may send ahead of their replies. */
const AHEAD = 32;

interface Building {
  readonly type: number;
  readonly status: number;
  readonly controller: AbortController;
  readonly chunks: Buffer[];
  size: number;
  readonly feed: BulkFeed | undefined;
}

export function createIncoming(): Incoming {
  let packets = createPacketReader();
  let stream: Duplex | undefined;
  let building: Building | undefined;
  let over = false;
  let answering: AbortController | undefined;
  let wake: ((arrival: Arrival | undefined) => void) | undefined;
  const queue: { readonly arrival: Arrival; readonly controller?: AbortController }[] = [];

  const abortAll = (): void => {
    answering?.abort();
    for (const { controller } of queue) controller?.abort();
  };

  const deliver = (arrival: Arrival, controller?: AbortController): void => {
    if (wake !== undefined) {
      const waiting = wake;
      wake = undefined;
      answering = controller;
      waiting(arrival);
      return;
    }
    queue.push(controller === undefined ? { arrival } : { arrival, controller });
    if (queue.length > AHEAD) throw protocolFault('requests sent without waiting for a reply');
  };

  const begin = (packet: Packet): Building => {
    const controller = new AbortController();
    const feed =
      packet.type === PACKET.bulk
        ? createBulkFeed({ pause: () => stream?.pause(), resume: () => stream?.resume() })
        : undefined;
    const built = { type: packet.type, status: packet.status, controller, chunks: [], size: 0, feed };
    if (feed !== undefined) deliver(messageOf(built, false), controller);
    return built;
  };

  const messageOf = (built: Building, ignored: boolean): Message => ({
    kind: 'message',
    type: built.type,
    payload: Buffer.concat(built.chunks, built.size),
    feed: built.feed,
    reset:
      (built.status & STATUS.resetKeepingTransaction) !== 0
        ? 'keeping transaction'
        : (built.status & STATUS.reset) !== 0
          ? 'all'
          : 'no',
    ignored,
    signal: built.controller.signal,
  });

  const takePacket = (packet: Packet): void => {
    if (packet.type === PACKET.attention) {
      if (building !== undefined) throw protocolFault('an attention within a message');
      abortAll();
      deliver({ kind: 'attention' });
      return;
    }
    if (building !== undefined && building.type !== packet.type) {
      throw protocolFault('a message within a message');
    }
    const current = building ?? begin(packet);
    building = current;
    const ignored = (packet.status & STATUS.ignore) !== 0;
    if (current.feed !== undefined) current.feed.push(packet.payload);
    else {
      current.chunks.push(packet.payload);
      current.size += packet.payload.length;
      if (current.size > LONGEST_MESSAGE) throw protocolFault('a message of more than 512 MiB');
    }
    if ((packet.status & STATUS.last) === 0) return;
    building = undefined;
    if (current.feed === undefined) {
      deliver(messageOf(current, ignored), current.controller);
      return;
    }
    if (ignored) current.controller.abort();
    current.feed.finish(ignored);
  };

  const take = (bytes: Buffer): void => {
    if (over) return;
    try {
      packets.limit = incoming.limit;
      for (const packet of packets.push(bytes)) takePacket(packet);
    } catch (error) {
      const fault = error instanceof SqlError ? error : protocolFault('bytes that are no packet');
      over = true;
      abortAll();
      building?.feed?.fail();
      if (wake !== undefined) deliver({ kind: 'fault', error: fault });
      else queue.push({ arrival: { kind: 'fault', error: fault } });
    }
  };

  const gone = (): void => {
    over = true;
    abortAll();
    building?.feed?.fail();
    const waiting = wake;
    wake = undefined;
    waiting?.(undefined);
  };

  const incoming: Incoming = {
    limit: LARGEST_PACKET,
    from(next, first) {
      stream = next;
      next.on('data', take);
      next.on('close', gone);
      next.on('end', gone);
      next.on('error', gone);
      if (first !== undefined && first.length > 0) take(first);
      next.resume();
    },
    release() {
      stream?.off('data', take);
      stream?.off('close', gone);
      stream?.off('end', gone);
      stream?.off('error', gone);
      const rest = packets.rest();
      packets = createPacketReader();
      return rest;
    },
    next() {
      answering = undefined;
      const first = queue.shift();
      if (first !== undefined) {
        answering = first.controller;
        return Promise.resolve(first.arrival);
      }
      if (over) return Promise.resolve(undefined);
      return new Promise(resolve => {
        wake = resolve;
      });
    },
    end: gone,
  };
  return incoming;
}
