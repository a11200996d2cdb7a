import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** As much as may be on its way in one direction: a long fat pipe, and no unbounded memory. */
const IN_FLIGHT_BYTES = 64 * 1024 * 1024;

interface Parcel {
  readonly chunk: Buffer;
  readonly due: number;
}

/** Keeps parcels for `delayMs` and hands them on in their order. */
class Lane {
  readonly #deliver: (chunk: Buffer) => void;
  readonly #delayMs: () => number;
  readonly #monotonic: () => number;
  readonly #parcels: Parcel[] = [];
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  #onRoom: (() => void) | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(delayMs: () => number, monotonic: () => number, deliver: (chunk: Buffer) => void) {
    this.#delayMs = delayMs;
    this.#monotonic = monotonic;
    this.#deliver = deliver;
  }

  /** Calls back at once while there is room, else when there is again. */
  send(chunk: Buffer, onRoom: () => void): void {
    this.#parcels.push({ chunk, due: this.#monotonic() + this.#delayMs() });
    this.#bytes += chunk.length;
    this.#timer ??= setTimeout(this.#arrive, Math.ceil(this.#delayMs()));
    if (this.#bytes < IN_FLIGHT_BYTES) onRoom();
    else this.#onRoom = onRoom;
  }

  whenEmpty(then: () => void): void {
    if (this.#parcels.length === 0) then();
    else this.#onEmpty = then;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#parcels.length = 0;
  }

  readonly #arrive = (): void => {
    this.#timer = undefined;
    const now = this.#monotonic();
    while (this.#parcels[0] !== undefined && this.#parcels[0].due <= now) {
      const { chunk } = this.#parcels.shift() ?? this.#parcels[0];
      this.#bytes -= chunk.length;
      this.#deliver(chunk);
    }
    const room = this.#onRoom;
    if (room !== undefined && this.#bytes < IN_FLIGHT_BYTES) {
      this.#onRoom = undefined;
      room();
    }
    const [next] = this.#parcels;
    if (next !== undefined) this.#timer ??= setTimeout(this.#arrive, Math.max(1, Math.ceil(next.due - now)));
    else this.#onEmpty?.();
  };
}

/**
 * The socket as it is at the end of a long line: what goes either way arrives half a round trip later. It emulates
 * above TCP: no loss, and no effect on TCP's own windows.
 */
export function atADistance(socket: Socket, roundTripMs: () => number, monotonic: () => number): Duplex {
  const half = (): number => roundTripMs() / 2;
  const inward = new Lane(half, monotonic, chunk => void far.push(chunk));
  const outward = new Lane(half, monotonic, chunk => void socket.write(chunk));
  const far: Duplex = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => outward.send(chunk, done),
    final: done => outward.whenEmpty(() => socket.end(done)),
    destroy(error, done) {
      inward.stop();
      outward.stop();
      socket.destroy();
      done(error);
    },
  });
  // No holding back here: the link's own bucket paces what is read of the socket.
  socket.on('data', (chunk: Buffer) => inward.send(chunk, () => undefined));
  socket.on('end', () => inward.whenEmpty(() => void far.push(null)));
  // What was said before an orderly end still arrives; a cut line takes it along.
  socket.on('close', () => {
    if (!socket.readableEnded) far.destroy();
  });
  return far;
}
