import type { ClientChannel } from 'ssh2';
import type { Connection } from './connection.ts';

/** How one command on one channel ended, without judging it. */
export type ChannelEnd =
  | { readonly how: 'exited'; readonly code: number }
  | { readonly how: 'signalled'; readonly signal: string }
  /** The channel was closed in good order, and nobody said how the command ended. */
  | { readonly how: 'silent' }
  /** The connection broke while it ran. */
  | { readonly how: 'lost'; readonly cause: string }
  /** The connection was gone before the command could start: it certainly did not run. */
  | { readonly how: 'not-started'; readonly cause: string }
  /** The server will not open a channel, or will not run commands. */
  | { readonly how: 'refused'; readonly detail: string }
  | { readonly how: 'aborted' };

export interface ChannelOptions {
  readonly stdin?: Uint8Array | string | undefined;
  readonly onStdout?: ((chunk: Buffer) => void) | undefined;
  readonly onStderr?: ((chunk: Buffer) => void) | undefined;
  /** Ends the command (KILL, where the server takes signals) and closes the channel. */
  readonly signal: AbortSignal;
}

/** Runs one command line. Resolves however it ended; rejects only with what a callback threw. */
export async function runOnChannel(
  connection: Connection,
  line: Buffer,
  options: ChannelOptions,
): Promise<ChannelEnd> {
  const { signal } = options;
  const gone = (): string => connection.lossCause() ?? 'the connection was closed';
  if (signal.aborted) return { how: 'aborted' };
  if (!connection.isAlive()) return { how: 'not-started', cause: gone() };
  return new Promise(resolve => {
    const onAbort = (): void => resolve({ how: 'aborted' });
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      // ssh2 writes a Buffer as it is (Protocol.exec); its types only know text, which would spoil bytes beyond UTF-8.
      connection.client.exec(line as unknown as string, (error, channel) => {
        signal.removeEventListener('abort', onAbort);
        if (error === undefined && signal.aborted) abandon(connection, channel);
        // In this very turn: the exit status may be in the packet that is being read.
        else if (error === undefined) resolve(converse(connection, channel, options));
        else if (connection.isAlive()) resolve({ how: 'refused', detail: error.message });
        // "Unable to exec" comes after the request was sent; anything else is from before.
        else if (/unable to exec/i.test(error.message)) resolve({ how: 'lost', cause: gone() });
        else resolve({ how: 'not-started', cause: gone() });
      });
    } catch {
      // ssh2 throws "Not connected" where the socket has ended, and nobody has said so yet.
      signal.removeEventListener('abort', onAbort);
      connection.close();
      resolve({ how: 'not-started', cause: gone() });
    }
  });
}

async function converse(
  connection: Connection,
  channel: ClientChannel,
  options: ChannelOptions,
): Promise<ChannelEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<ChannelEnd>();
  let end: ChannelEnd = { how: 'silent' };
  const guarded = (sink: ((chunk: Buffer) => void) | undefined) => (chunk: Buffer) => {
    try {
      sink?.(chunk);
    } catch (error) {
      // Thrown inside ssh2's parser it would take the whole connection down.
      abandon(connection, channel);
      reject(error);
    }
  };
  const onAbort = (): void => {
    abandon(connection, channel);
    resolve({ how: 'aborted' });
  };
  channel.on('data', guarded(options.onStdout));
  channel.stderr.on('data', guarded(options.onStderr));
  channel.on('exit', (code: number | null, signal?: string) => {
    if (code !== null) end = { how: 'exited', code };
    else end = { how: 'signalled', signal: signal ?? 'an unknown signal' };
  });
  // The last bytes of stderr may come after stdout has closed.
  let open = 2;
  const onClose = (): void => {
    open -= 1;
    if (open > 0) return;
    const lost = end.how === 'silent' && !connection.isAlive();
    resolve(lost ? { how: 'lost', cause: connection.lossCause() ?? 'the connection was closed' } : end);
  };
  channel.once('close', onClose);
  channel.stderr.once('close', onClose);
  options.signal.addEventListener('abort', onAbort, { once: true });
  channel.end(options.stdin);
  try {
    return await promise;
  } finally {
    options.signal.removeEventListener('abort', onAbort);
  }
}

/** Kills the command as far as the server lets us, and gives the channel back. */
function abandon(connection: Connection, channel: ClientChannel): void {
  channel.removeAllListeners('data');
  channel.stderr.removeAllListeners('data');
  channel.resume();
  channel.stderr.resume();
  if (connection.isAlive()) sendSignal(channel, 'KILL');
  channel.close();
}

/** ssh2's own parts that signal() uses; present in 1.17 and checked before use. */
interface ChannelInside {
  readonly outgoing?: { readonly id?: number };
  readonly _client?: { readonly _protocol?: { signal?(channel: number, name: string): void } };
}

/** channel.signal() is silent once our standard input has ended, although RFC 4254 6.9 allows a signal then. */
function sendSignal(channel: ClientChannel, name: string): void {
  const inside = channel as ChannelInside;
  const id = inside.outgoing?.id;
  if (id !== undefined) inside._client?._protocol?.signal?.(id, name);
}
