import { formatBitRate, formatBytes, formatDuration } from '../../foundation/units.ts';
import type { Inventory } from '../../reports/inventory/inventory.ts';

/** How much leaves and how long that takes, in a line; empty where nobody can say anything. */
export function sizeText({ sizing }: Inventory): string {
  if (sizing === undefined || (sizing.totalBytes === 0 && sizing.machines.length === 0)) return '';
  const { totalBytes, totalMs, leftMs, link, unknown, fits } = sizing;
  const over =
    link === undefined
      ? 'the line was never measured: landfall doctor PLAN --link'
      : `over ${formatBitRate(link.bytesPerSecond)} (${link.from})`;
  const long =
    totalMs === undefined
      ? ''
      : `, at least ${formatDuration(totalMs)} of ${formatDuration(Math.max(0, leftMs))}${fits === false ? ': NOT ENOUGH TIME' : ''}`;
  return `${[
    `size         ${formatBytes(totalBytes)} leave, ${over}${long}`,
    ...(unknown.length === 0 ? [] : [`             not counted, too little is known: ${unknown.join(', ')}`]),
  ].join('\n')}\n`;
}
