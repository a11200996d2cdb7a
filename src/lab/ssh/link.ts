import type { Socket } from 'node:net';
import { SOURCE_PREFIX } from '../world/layout.ts';
import type { SimHost } from '../world/world.ts';

/**
 * The line between the sites: one token bucket for all connections that come from a source host and go to a target
 * host. A connection that has sent more than its share is simply not read for a while, so TCP holds its sender back.
 */

export interface Link {
  /** Bytes per second; null lifts the limit. */
  setRate(bytesPerSecond: number | null): void;
  readonly rate: number | null;
  /** Round trip of connections that begin from now on, ms; 0 is none. */
  roundTripMs: number;
  /** Bytes that came through so far. */
  readonly bytes: number;
  /** Connections on the line now. */
  readonly connections: number;
  /** Cuts every connection and refuses new ones. */
  drop(): void;
  heal(): void;
  readonly dropped: boolean;
  /** Takes a connection in; false where the line is down. */
  admit(socket: Socket): boolean;
  /** Keeps a connection from being read, whatever the bucket says; for a frozen host. */
  hold(socket: Socket, held: boolean): void;
}

/** How long the bucket may save up: bursts stay short, so that a rate can be seen within a second. */
const BURST_SECONDS = 0.05;

export const crossesTheLink = (host: Pick<SimHost, 'site'>, remoteAddress: string | undefined): boolean =>
  host.site === 'target' && (remoteAddress ?? '').startsWith(SOURCE_PREFIX);

export function createLink(initial: number | null, monotonic: () => number): Link {
  let rate = initial;
  let down = false;
  let bytes = 0;
  let tokens = 0;
  let refilled = monotonic();
  let timer: NodeJS.Timeout | undefined;
  const sockets = new Set<Socket>();
  const held = new Set<Socket>();

  const refill = (): void => {
    const now = monotonic();
    if (rate !== null) tokens = Math.min(tokens + ((now - refilled) / 1000) * rate, rate * BURST_SECONDS);
    refilled = now;
  };

  const release = (): void => {
    timer = undefined;
    refill();
    if (rate !== null && tokens < 0) wait();
    else for (const socket of sockets) if (!held.has(socket)) socket.resume();
  };

  const wait = (): void => {
    if (rate === null) return;
    // Also while a wait is under way: a connection that came meanwhile has not been told.
    for (const socket of sockets) socket.pause();
    timer ??= setTimeout(release, Math.max(1, Math.ceil((-tokens / rate) * 1000)));
  };

  return {
    roundTripMs: 0,
    get rate() {
      return rate;
    },
    get bytes() {
      return bytes;
    },
    get connections() {
      return sockets.size;
    },
    get dropped() {
      return down;
    },
    setRate(bytesPerSecond) {
      refill();
      rate = bytesPerSecond;
      tokens = 0;
      clearTimeout(timer);
      release();
    },
    drop() {
      down = true;
      for (const socket of sockets) socket.destroy();
    },
    heal() {
      down = false;
    },
    admit(socket) {
      if (down) return false;
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        held.delete(socket);
      });
      socket.on('data', chunk => {
        bytes += chunk.length;
        if (rate === null) return;
        refill();
        tokens -= chunk.length;
        if (tokens < 0) wait();
      });
      return true;
    },
    hold(socket, keep) {
      if (keep) held.add(socket);
      else held.delete(socket);
    },
  };
}
