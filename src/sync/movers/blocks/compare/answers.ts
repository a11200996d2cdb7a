import { z } from 'zod';
import type { Extent } from './ranges.ts';

/** What the jobs of a comparison print, read a line at a time: maps of large disks are long. */

/** One extent of `qemu-img map --output=json`; more members than these stand in it. */
const extent = z.object({
  start: z.number().nonnegative(),
  length: z.number().positive(),
  data: z.boolean(),
});

export interface SourceAnswer {
  push(chunk: Uint8Array): void;
  end(): void;
  /** By disk: what was written since the checkpoint; whole once `asked` is true. */
  readonly written: ReadonlyMap<string, readonly Extent[]>;
  /** The job waits for its ranges. */
  readonly asked: boolean;
  /** By range: its sum, or `zero`. */
  readonly sums: ReadonlyMap<string, string>;
  /** Every range that was asked for was answered. */
  readonly whole: boolean;
  /** Lines that are none of these. */
  readonly strange: readonly string[];
}

export const rangeKey = (disk: string, at: number, size: number): string => `${disk} ${at} ${size}`;

const STRANGE_KEPT = 5;

/**
 * Reads what a job prints. `qemu-img map` writes one extent a line; in a map of a dirty bitmap what was written has
 * `"data": false`, and the rest `"data": true`.
 */
export function createAnswerReader(onAsked?: () => void, onSum?: (size: number) => void): SourceAnswer {
  const written = new Map<string, Extent[]>();
  const sums = new Map<string, string>();
  const strange: string[] = [];
  const decoder = new TextDecoder();
  let disk: string | undefined;
  let asked = false;
  let whole = false;
  let rest = '';

  const onLine = (line: string): void => {
    const words = line.trim().split(' ');
    const [first = '', second = '', third = '', fourth = '', fifth = ''] = words;
    if (first === '') return;
    if (first === 'written' && words.length === 2) {
      disk = second;
      written.set(second, []);
    } else if (first === 'asked' && words.length === 1) {
      asked = true;
      disk = undefined;
      onAsked?.();
    } else if (first === 'sum' && /^(?:zero|[0-9a-f]{64})$/.test(fifth) && words.length === 5) {
      sums.set(rangeKey(second, Number(third), Number(fourth)), fifth);
      onSum?.(Number(fourth));
    } else if (first === 'whole' && words.length === 1) whole = true;
    else if (disk === undefined || !readExtent(line, written.get(disk) ?? [])) {
      if (strange.length < STRANGE_KEPT) strange.push(line);
    }
  };
  return {
    push(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end() {
      onLine(rest);
      rest = '';
    },
    written,
    get asked() {
      return asked;
    },
    sums,
    get whole() {
      return whole;
    },
    strange,
  };
}

/** One line of a map: an extent, perhaps with the brackets of the list around it; `[]` is the map of nothing. */
function readExtent(line: string, into: Extent[]): boolean {
  const text = line
    .trim()
    .replace(/^\[/, '')
    .replace(/[\],]+$/, '')
    .trim();
  if (text === '') return true;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  const read = extent.safeParse(value);
  if (!read.success) return false;
  const { start, length, data } = read.data;
  if (!data) {
    const last = into.at(-1);
    if (last !== undefined && last.start + last.length === start)
      into[into.length - 1] = { start: last.start, length: last.length + length };
    else into.push({ start, length });
  }
  return true;
}
