import { createHash } from 'node:crypto';

/** Which ranges of which disks are compared, and what of them is left out because the source has written it since. */

/** Bytes of one range: small enough to find a fault by, large enough that starting programs costs nothing. */
export const RANGE = 64 * 1024 ** 2;
/** Blanks are told in this unit. */
const UNIT = 4096;
/** Blanks of one range that are told one by one; gaps between more of them count as written, too. */
const MOST_BLANKS = 64;

export interface Extent {
  readonly start: number;
  readonly length: number;
}

export interface Disk {
  /** `vda`. */
  readonly disk: string;
  /** Bytes. */
  readonly capacity: number;
  /** What the source has written since the pass, in any order. */
  readonly written: readonly Extent[];
}

/** A range as both sides are asked for it. */
export interface Range {
  readonly disk: string;
  readonly at: number;
  readonly size: number;
  /** Parts that may differ, relative to the range, in bytes: disjoint, in order, multiples of 4 KiB. */
  readonly blanks: readonly Extent[];
}

/** Every range of the disk of which something is still as the pass has left it. */
export function rangesOf({ disk, capacity, written }: Disk): {
  readonly ranges: Range[];
  /** Ranges of which some part was written since. */
  readonly live: number;
} {
  const blanks = new Map<number, Extent[]>();
  for (const extent of written) {
    const end = Math.min(extent.start + extent.length, capacity);
    for (let at = extent.start - (extent.start % RANGE); at < end; at += RANGE) {
      const from = Math.max(extent.start, at) - at;
      const to = Math.min(end, at + RANGE) - at;
      const list = blanks.get(at) ?? [];
      list.push({ start: from, length: to - from });
      blanks.set(at, list);
    }
  }
  const ranges: Range[] = [];
  for (let at = 0; at < capacity; at += RANGE) {
    const size = Math.min(RANGE, capacity - at);
    const own = mergedBlanks(blanks.get(at) ?? [], size);
    if (own.reduce((sum, { length }) => sum + length, 0) < size) ranges.push({ disk, at, size, blanks: own });
  }
  return { ranges, live: blanks.size };
}

/** Bytes of a range that are really compared. */
export const comparedBytes = ({ size, blanks }: Range): number =>
  Math.max(0, size - blanks.reduce((sum, { length }) => sum + length, 0));

/** Whole units, disjoint, in order, few enough to be told; what is merged away counts as written. */
function mergedBlanks(extents: readonly Extent[], size: number): Extent[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, length } of extents.toSorted((a, b) => a.start - b.start)) {
    if (length <= 0) continue;
    const from = start - (start % UNIT);
    const to = Math.ceil((start + length) / UNIT) * UNIT;
    const last = merged.at(-1);
    if (last !== undefined && from <= last.end) last.end = Math.max(last.end, to);
    else merged.push({ start: from, end: to });
  }
  const gaps = merged.slice(1).map(({ start }, index) => start - (merged[index]?.end ?? start));
  const widest = gaps.toSorted((a, b) => b - a)[MOST_BLANKS - 1] ?? 0;
  const few: { start: number; end: number }[] = [];
  let split = 0;
  for (const [index, extent] of merged.entries()) {
    const last = few.at(-1);
    const isApart = index === 0 || ((gaps[index - 1] ?? 0) >= widest && split < MOST_BLANKS - 1);
    if (last === undefined || isApart) {
      if (last !== undefined) split += 1;
      few.push({ ...extent });
    } else last.end = extent.end;
  }
  return few.map(({ start, end }) => ({ start, length: Math.min(end, size) - start }));
}

/** The list that both sides work through, a range a line. */
export function listOf(ranges: readonly Range[]): string {
  return ranges
    .map(({ disk, at, size, blanks }) =>
      [
        disk,
        at,
        size,
        ...blanks.map(({ start, length }) => `${start / UNIT}+${Math.ceil(length / UNIT)}`),
      ].join(' '),
    )
    .map(line => `${line}\n`)
    .join('');
}

/** SHA-256 of that many zeros, as `sha256sum` prints it: what a range without data is worth where the other side has read it. */
export function zeroSum(size: number): string {
  const hash = createHash('sha256');
  const block = new Uint8Array(1024 ** 2);
  for (let left = size; left > 0; left -= block.length)
    hash.update(block.subarray(0, Math.min(left, block.length)));
  return hash.digest('hex');
}
