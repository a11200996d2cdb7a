import { streamEnded } from './faults.ts';

/** Bytes of a bulk load's message on their way from the socket to the session. */
export interface BulkFeed {
  push(bytes: Buffer): void;
  /** EOM; `ignored` where the client takes the message back. */
  finish(ignored: boolean): void;
  /** The connection is gone. */
  fail(): void;
  /**
   * What has come since; empty at the end.
   * @throws SqlError 4002 where the message was taken back or the connection is gone
   */
  take(): Promise<readonly Buffer[]>;
  /** Drops everything up to EOM, so that the next message is read from its beginning. */
  discard(): Promise<void>;
  readonly ignored: boolean;
}

/** Above this the client is made to wait, below a quarter of it goes on. */
const HIGH = 1_048_576;

export function createBulkFeed(flow: { readonly pause: () => void; readonly resume: () => void }): BulkFeed {
  let held: Buffer[] = [];
  let size = 0;
  let paused = false;
  let ending: 'no' | 'whole' | 'ignored' | 'gone' = 'no';
  let discarding = false;
  let wake: (() => void) | undefined;

  const settle = (): void => {
    const waiting = wake;
    wake = undefined;
    waiting?.();
  };
  const something = (): Promise<void> =>
    new Promise(resolve => {
      wake = resolve;
    });
  const relax = (): void => {
    if (!paused) return;
    paused = false;
    flow.resume();
  };
  const end = (how: typeof ending): void => {
    if (ending !== 'no') return;
    ending = how;
    settle();
  };

  return {
    push(bytes) {
      if (discarding) return;
      held.push(bytes);
      size += bytes.length;
      if (size > HIGH && !paused) {
        paused = true;
        flow.pause();
      }
      settle();
    },
    finish: ignored => end(ignored ? 'ignored' : 'whole'),
    fail: () => end('gone'),
    async take() {
      while (held.length === 0 && ending === 'no') await something();
      if (ending === 'ignored' || ending === 'gone') throw streamEnded();
      const taken = held;
      held = [];
      size = 0;
      relax();
      return taken;
    },
    async discard() {
      discarding = true;
      held = [];
      size = 0;
      relax();
      while (ending === 'no') await something();
    },
    get ignored() {
      return ending === 'ignored';
    },
  };
}
