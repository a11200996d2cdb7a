import type { Sizing } from '../estate/sizing/shape.ts';
import { firstPassWords, laterPassWords, lineWords, verdictOf } from '../estate/sizing/words.ts';
import { formatBytes, formatCount, formatRate } from '../foundation/units.ts';
import { ASCII_FIGURES, UNICODE_FIGURES } from '../reports/figures.ts';
import { layOut } from '../reports/table.ts';

interface Options {
  readonly now: number;
  readonly width: number;
  readonly unicode: boolean;
}

/** How much leaves, over which line, and whether that fits. */
export function sizingText(name: string, sizing: Sizing, { now, width, unicode }: Options): string {
  const or = (value: number | undefined, format: (value: number) => string): string =>
    value === undefined ? '-' : format(value);
  const table = layOut(
    sizing.machines,
    [
      { title: 'machine', keep: 0, cell: each => each.name },
      { title: 'used', keep: 1, cell: each => or(each.usedBytes, formatBytes) },
      { title: 'on disks', keep: 2, cell: each => formatBytes(each.allocatedBytes) },
      { title: 'files', keep: 3, cell: each => or(each.files, formatCount) },
      { title: 'writes', keep: 1, cell: each => or(each.writtenPerSecond, formatRate) },
      { title: 'first pass', keep: 0, cell: firstPassWords },
      { title: 'later passes', keep: 0, shrink: true, cell: laterPassWords },
    ],
    width,
    unicode ? UNICODE_FIGURES : ASCII_FIGURES,
  );
  return `${[
    `${name}: ${formatBytes(sizing.totalBytes)} leave, ${formatBytes(sizing.leftBytes)} are still to send`,
    lineWords(sizing, now),
    '',
    ...table,
    ...sizing.databases.map(
      each => `database ${each.name}: ${formatBytes(each.bytes)}, ${formatBytes(each.leftBytes)} to send`,
    ),
    '',
    verdictOf(sizing),
    ...sizing.missing.map(each => `  - ${each}`),
  ].join('\n')}\n`;
}
