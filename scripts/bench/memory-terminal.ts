import { PassThrough, Writable } from 'node:stream';

/** A terminal that draws nothing and knows when something was written to it: only the program's own cost is left. */
export interface MemoryTerminal {
  readonly streams: {
    readonly stdin: NodeJS.ReadStream;
    readonly stdout: NodeJS.WriteStream;
    readonly stderr: NodeJS.WriteStream;
  };
  /** Sends keys as they come from a keyboard. */
  type(bytes: string): void;
  /** Resolves with the next write. */
  written(): Promise<void>;
  bytes(): number;
  writes(): number;
}

export function memoryTerminal(columns: number, rows: number): MemoryTerminal {
  let bytes = 0;
  let writes = 0;
  let waiting: (() => void)[] = [];
  const keyboard = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => keyboard,
    ref: () => keyboard,
    unref: () => keyboard,
  });
  const output = (counts: boolean): Writable =>
    Object.assign(
      new Writable({
        decodeStrings: false,
        write(chunk, _encoding, done) {
          done();
          if (!counts) return;
          bytes += String(chunk).length;
          writes += 1;
          const told = waiting;
          waiting = [];
          for (const tell of told) tell();
        },
      }),
      { isTTY: true, columns, rows },
    );
  return {
    streams: {
      // Ink asks of these streams what they have: bytes, a size, raw mode, 'readable' and 'resize'.
      stdin: keyboard as unknown as NodeJS.ReadStream,
      stdout: output(true) as unknown as NodeJS.WriteStream,
      stderr: output(false) as unknown as NodeJS.WriteStream,
    },
    type: text => void keyboard.write(text),
    written: () => new Promise(resolve => void waiting.push(resolve)),
    bytes: () => bytes,
    writes: () => writes,
  };
}
