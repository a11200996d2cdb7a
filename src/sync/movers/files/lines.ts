/**
 * Cuts a stream of bytes into lines, wherever the chunks end. Bytes become characters one to one (Latin-1), so that a
 * name that is not UTF-8 survives. A line past `maxLength` keeps its beginning only: memory stays bounded.
 */
export interface LineCutter {
  push(chunk: Uint8Array): void;
  /** Hands over what is left without a line end. */
  end(): void;
}

export interface LineCutterOptions {
  /** `any`: a carriage return ends a line too, as rsync's progress does. */
  readonly ends: 'newline' | 'any';
  readonly maxLength?: number;
  readonly onLine: (line: string) => void;
}

export function createLineCutter({ ends, maxLength = 65_536, onLine }: LineCutterOptions): LineCutter {
  const separator = ends === 'any' ? /[\r\n]/ : /\n/;
  let rest = '';
  const keep = (text: string): string => (text.length > maxLength ? text.slice(0, maxLength) : text);

  return {
    push(chunk) {
      const parts = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        .toString('latin1')
        .split(separator);
      const last = parts.pop() ?? '';
      for (const part of parts) {
        onLine(keep(rest + part));
        rest = '';
      }
      rest = keep(rest + last);
    },
    end() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
