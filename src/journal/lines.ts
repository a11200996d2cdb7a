/** Cuts a stream of chunks at newlines, holding no more than the line that is still open. */
export interface LineSplitter {
  /** Calls `onLine` for every line that this chunk completes; the line is valid only during the call. */
  push(chunk: Uint8Array, onLine: (line: Uint8Array) => void): void;
  /** Bytes after the last newline. */
  readonly openBytes: number;
}

const NEWLINE = 0x0a;

export function createLineSplitter(): LineSplitter {
  let open: Uint8Array[] = [];
  let openBytes = 0;

  return {
    get openBytes() {
      return openBytes;
    },
    push(chunk, onLine) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        const piece = chunk.subarray(start, end);
        const line = open.length === 0 ? piece : Buffer.concat([...open, piece]);
        open = [];
        openBytes = 0;
        start = end + 1;
        onLine(line);
      }
      if (start < chunk.length) {
        // The caller reuses its buffer: what is kept must be a copy, and slice of a Buffer is none.
        open.push(Uint8Array.from(chunk.subarray(start)));
        openBytes += chunk.length - start;
      }
    },
  };
}
