import { sizingOf } from '../../estate/sizing/sizing.ts';
import { firstPassWords, laterPassWords, lineWords, verdictOf } from '../../estate/sizing/words.ts';
import { formatBytes, formatRate } from '../../foundation/units.ts';
import type { View } from '../screen.ts';
import { type Line, wrap } from '../text/line.ts';

/** How much leaves, over which line, and whether that fits; then what is missing for a yes. */
export function sizingLines(view: Pick<View, 'snapshot' | 'now' | 'glyphs'>, width: number): Line[] {
  const { snapshot, now, glyphs } = view;
  if (snapshot === undefined) return [];
  const sizing = sizingOf(snapshot, now);
  const [mark, tone] =
    sizing.fits === true
      ? ([glyphs.ok, 'good'] as const)
      : sizing.fits === false
        ? ([glyphs.bad, 'bad'] as const)
        : ([glyphs.warn, 'warn'] as const);
  return [
    ...wrap(`${mark} ${verdictOf(sizing)}`, width, tone),
    ...wrap(lineWords(sizing, now), width, 'muted'),
    ...sizing.machines.flatMap(machine => {
      const { name, writtenPerSecond: written } = machine;
      const writes = written === undefined ? 'writes not known' : `writes ${formatRate(written)}`;
      return wrap(
        `${name}: ${firstPassWords(machine)}; ${writes}; ${laterPassWords(machine)}`,
        width,
        'plain',
      );
    }),
    ...sizing.databases.flatMap(({ name, bytes, leftBytes }) =>
      wrap(`${name}: ${formatBytes(bytes)}, ${formatBytes(leftBytes)} to send`, width, 'plain'),
    ),
    ...sizing.missing.flatMap(each => wrap(`${glyphs.warn} ${each}`, width, 'warn')),
  ];
}
