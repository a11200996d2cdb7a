import { formatBytes } from '../../../../foundation/units.ts';
import { rangeKey } from './answers.ts';
import { comparedBytes, type Range, zeroSum } from './ranges.ts';

type Sums = ReadonlyMap<string, string>;

export interface Verdict {
  readonly bytes: number;
  /** `vda at offset 134217728 (67.1 MB): source and replica differ`. */
  readonly mismatches: readonly string[];
}

/** Holds the sums of both sides against each other; a range that either side did not answer for is a difference, too. */
export function judgeRanges(ranges: readonly Range[], source: Sums, target: Sums): Verdict {
  const zeros = new Map<number, string>();
  const sumOf = (sums: Sums, { disk, at, size }: Range): string | undefined => {
    const sum = sums.get(rangeKey(disk, at, size));
    if (sum !== 'zero') return sum;
    const known = zeros.get(size) ?? zeroSum(size);
    zeros.set(size, known);
    return known;
  };
  const mismatches: string[] = [];
  let bytes = 0;
  for (const range of ranges) {
    const here = source.get(rangeKey(range.disk, range.at, range.size));
    const there = target.get(rangeKey(range.disk, range.at, range.size));
    const isEqual =
      here !== undefined &&
      (here === there || (there !== undefined && sumOf(source, range) === sumOf(target, range)));
    if (isEqual) bytes += comparedBytes(range);
    else {
      const where = `${range.disk} at offset ${range.at} (${formatBytes(range.size)})`;
      mismatches.push(
        here === undefined || there === undefined
          ? `${where}: not compared`
          : `${where}: source and replica differ`,
      );
    }
  }
  return { bytes, mismatches };
}
