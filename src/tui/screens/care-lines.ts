import { formatDuration, formatRate } from '../../foundation/units.ts';
import type { MachineState } from '../../journal/state.ts';
import type { View } from '../screen.ts';
import { type Line, wrap } from '../text/line.ts';

/** Why a machine's copy is slow or stands still although nobody paused it: its source is short of something. */
export function careLines({ glyphs, now }: View, { cared }: MachineState, width: number): Line[] {
  if (cared === undefined) return [];
  const ago = formatDuration(Math.max(0, now - cared.at));
  const what =
    cared.act === 'stop'
      ? `stopped for the sake of production ${ago} ago`
      : `slower for the sake of production${cared.bytesPerSecond === undefined ? '' : ` (${formatRate(cared.bytesPerSecond)})`} since ${ago}`;
  return [
    ...wrap(`${glyphs.warn} ${what}: ${cared.why}`, width, 'warn'),
    ...cared.evidence.flatMap(each => wrap(`  ${each}`, width, 'muted')),
    ...wrap('it goes on by itself when the source has been calm for some time', width, 'muted'),
  ];
}
