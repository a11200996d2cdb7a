import type { Reply } from '../server/replies.ts';

/** Replies that may wait for the wire before the one who makes them has to. */
const HIGH_WATER = 8;

/** Between the work of a request and the wire that sends its replies: the work waits while the wire is behind. */
export class ReplyChannel {
  #waiting: Reply[] = [];
  #ended = false;
  #abandoned = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  push(reply: Reply): void {
    if (this.#abandoned) return;
    this.#waiting.push(reply);
    this.#wakeReader?.();
  }

  /** What the writer has to wait for, undefined while the reader keeps up. */
  ready(): Promise<void> | undefined {
    if (this.#abandoned || this.#waiting.length < HIGH_WATER) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wakeWriter = resolve;
    return promise;
  }

  end(): void {
    this.#ended = true;
    this.#wakeReader?.();
  }

  /** The reader does not come back. */
  abandon(): void {
    this.#abandoned = true;
    this.#waiting = [];
    this.#wakeWriter?.();
  }

  /** The replies so far; undefined after the last one. */
  async take(): Promise<readonly Reply[] | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#ended) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wakeReader = resolve;
      await promise;
      this.#wakeReader = undefined;
    }
    const taken = this.#waiting;
    this.#waiting = [];
    this.#wakeWriter?.();
    this.#wakeWriter = undefined;
    return taken;
  }
}

/** Made once: a reason of its own for every request would cost more than a small request does. */
const LEFT = new Error('nobody takes the replies');

/**
 * The replies of a piece of work as a stream. The work begins with the first pull; who stops pulling aborts it, and the
 * stream is over when the work is.
 */
export async function* replies(
  signal: AbortSignal | undefined,
  work: (channel: ReplyChannel, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<Reply> {
  const channel = new ReplyChannel();
  const left = new AbortController();
  const both = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  const finished = work(channel, both).finally(() => channel.end());
  // Heard of when it is awaited below; until then nobody may call it unhandled.
  finished.catch(() => undefined);
  try {
    for (;;) {
      const taken = await channel.take();
      if (!taken) break;
      yield* taken;
    }
  } finally {
    left.abort(LEFT);
    channel.abandon();
    await finished;
  }
}
