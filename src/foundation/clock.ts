import { setTimeout as delay } from 'node:timers/promises';
import { cancelled } from './errors.ts';

/** Time comes from outside, so that tests and replays own it. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Milliseconds from an arbitrary origin; never jumps back. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with `cancelled` when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal ? { signal } : {});
    } catch (error) {
      if (signal?.aborted) throw cancelled();
      throw error;
    }
  },
};

/** Uniform in [0, 1); `bytes(n)` for identifiers and nonces. */
export interface Random {
  next(): number;
  bytes(count: number): Uint8Array;
}
