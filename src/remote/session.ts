import PQueue from 'p-queue';
import { cancelled } from '../foundation/errors.ts';
import { type ChannelEnd, type ChannelOptions, runOnChannel } from './channel.ts';
import type { Connection } from './connection.ts';

/** sshd allows ten sessions on one connection (MaxSessions); jump streams and a human may want one too. */
const MAX_CHANNELS = 8;
/** Streams last for hours; the rest stays free for short commands, so that a stop always gets through. */
const MAX_STREAMS = 6;

export interface RunOptions extends ChannelOptions {
  /** A stream that may last for hours. */
  readonly long: boolean;
  /** Told when its turn has come and the connection stands. */
  readonly onStart: () => void;
}

/** The connection to one host: made when needed, made again when lost, one at a time, shared by many channels. */
export interface Session {
  connect(): Promise<void>;
  /** The living connection, for what is neither a command nor a file. */
  connection(): Promise<Connection>;
  /** Runs a command line on a channel of its own. */
  run(line: Buffer, options: RunOptions): Promise<ChannelEnd>;
  close(): void;
}

export function createSession(id: string, open: () => Promise<Connection>): Session {
  const channels = new PQueue({ concurrency: MAX_CHANNELS });
  const streams = new PQueue({ concurrency: MAX_STREAMS });
  let current: Promise<Connection> | undefined;
  let closed = false;

  const attempt = async (): Promise<Connection> => {
    if (closed) throw cancelled(`the connection to ${id} was closed`);
    current ??= open();
    const mine = current;
    try {
      return await mine;
    } catch (error) {
      if (current === mine) current = undefined;
      throw error;
    }
  };

  /** The living connection, or one more attempt where the last one has died. */
  const connection = async (): Promise<Connection> => {
    const pending = current;
    const made = await attempt();
    if (made.isAlive() || pending === undefined) return made;
    if (current === pending) current = undefined;
    return attempt();
  };

  const once = async (line: Buffer, options: RunOptions): Promise<ChannelEnd> => {
    const ready = await connection();
    options.onStart();
    return runOnChannel(ready, line, options);
  };

  const twice = async (line: Buffer, options: RunOptions): Promise<ChannelEnd> => {
    const first = await once(line, options);
    // The loss is often noticed only now; the command did not start, so a second try is the first one.
    return first.how === 'not-started' && !closed ? once(line, options) : first;
  };

  return {
    async connect() {
      await connection();
    },
    connection,
    async run(line, options) {
      const inChannel = (): Promise<ChannelEnd> =>
        queued(channels, () => twice(line, options), options.signal);
      return options.long ? queued(streams, inChannel, options.signal) : inChannel();
    },
    close() {
      closed = true;
      const last = current;
      current = undefined;
      // A failed attempt has nothing to close, and was reported to whoever asked for it.
      last?.then(made => made.close()).catch(() => undefined);
    },
  };
}

/** Comes back at once when told to stop; an attempt to connect goes on for the others who wait for it. */
async function queued(
  queue: PQueue,
  task: () => Promise<ChannelEnd>,
  signal: AbortSignal,
): Promise<ChannelEnd> {
  try {
    return await queue.add(task, { signal });
  } catch (error) {
    if (signal.aborted) return { how: 'aborted' };
    throw error;
  }
}
