import type { Sizing } from '../estate/sizing/shape.ts';
import { firstPassWords, laterPassWords, lineWords, verdictOf } from '../estate/sizing/words.ts';
import { formatBytes, formatCount, formatRate } from '../foundation/units.ts';
import { ASCII_FIGURES, UNICODE_FIGURES } from '../reports/figures.ts';
import { layOut } from '../reports/table.ts';
import { wrap } from './help.ts';

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
      { title: 'on disks', keep: 3, cell: each => formatBytes(each.allocatedBytes) },
      { title: 'files', keep: 4, cell: each => or(each.files, formatCount) },
      { title: 'writes', keep: 2, cell: each => or(each.writtenPerSecond, formatRate) },
      { title: 'first pass', keep: 0, cell: firstPassWords },
      // Cut off, it would no longer say how long the last pass takes.
      { title: 'later passes', keep: 0, shrink: true, atLeast: 24, cell: laterPassWords },
    ],
    width,
    unicode ? UNICODE_FIGURES : ASCII_FIGURES,
  );
  const isSeen = sizing.machines.length + sizing.databases.length > 0;
  const verdict = verdictOf(sizing);
  return `${[
    ...wrap(isSeen ? sums(name, sizing) : `${name}: how much leaves is not known`, width),
    ...wrap(lineWords(sizing, now), width),
    '',
    ...(sizing.machines.length === 0 ? [] : table),
    ...sizing.databases.map(
      each => `database ${each.name}: ${formatBytes(each.bytes)}, ${formatBytes(each.leftBytes)} to send`,
    ),
    ...(isSeen ? [''] : []),
    ...wrap(verdict, width),
    // The first reason stands in the verdict.
    ...sizing.missing
      .filter(each => !verdict.includes(each))
      .flatMap(each => wrap(each, width - 4).map((line, at) => `  ${at === 0 ? '- ' : '  '}${line}`)),
    ...(sizing.unknown.length === 0 ? [] : ['next: landfall inventory <the plan file>']),
  ].join('\n')}\n`;
}

function sums(name: string, { totalBytes, leftBytes, unknown }: Sizing): string {
  const far = unknown.length > 0 ? ', as far as it is known' : '';
  return `${name}: ${formatBytes(totalBytes)} leave${far}; ${formatBytes(leftBytes)} are still to send`;
}
