import { firstPassWords, laterPassWords, lineWords, verdictOf } from '../estate/sizing/words.ts';
import { formatBytes, formatRate } from '../foundation/units.ts';
import { type Block, heading, list, paragraph, table } from './document/blocks.ts';
import { instant, or } from './render.ts';
import type { Report } from './shape.ts';

/** How much leaves and whether that fits. Nothing before the wide look or a measurement of the line. */
export function sizingBlocks({ sizing, generatedAt }: Report): Block[] {
  if (sizing === undefined) return [];
  return [
    heading(2, 'Sizes: how much leaves, and how long that takes'),
    paragraph(`${verdictOf(sizing)}. ${lineWords(sizing, generatedAt)}.`),
    table(
      'Machines by the mover that carries them',
      ['machine', 'holds', 'writes', 'first pass', 'later passes', 'seen at'],
      sizing.machines.map(each => [
        each.name,
        each.usedBytes === undefined
          ? `${formatBytes(each.allocatedBytes)} on disks`
          : formatBytes(each.usedBytes),
        or(each.writtenPerSecond, formatRate),
        firstPassWords(each),
        laterPassWords(each),
        or(each.seenAt, instant),
      ]),
    ),
    ...list([
      ...sizing.databases.map(
        ({ name, bytes, leftBytes }) =>
          `database ${name}: ${formatBytes(bytes)}, ${formatBytes(leftBytes)} to send`,
      ),
      ...sizing.missing.map(each => `not known: ${each}`),
    ]),
  ];
}
