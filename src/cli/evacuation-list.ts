import type { EvacuationSummary } from '../evacuation/engine/find.ts';
import { takeUp } from '../evacuation/engine/take-up.ts';
import { harmless } from '../foundation/text.ts';
import { formatDuration } from '../foundation/units.ts';

/** All evacuations as lines in columns, for people. */
export function evacuationList(evacuations: readonly EvacuationSummary[], now: number): string {
  const rows = evacuations.map(each => [
    each.name,
    stateOf(each),
    each.holder === undefined ? '-' : harmless(`pid ${each.holder.pid} on ${each.holder.host}`),
    each.lastAt === 0 ? '-' : `${formatDuration(now - each.lastAt)} ago`,
    kindOf(each),
  ]);
  const all = [['evacuation', 'state', 'engine', 'last event', ''], ...rows];
  const widths = [0, 1, 2, 3].map(column => Math.max(...all.map(row => (row[column] ?? '').length)));
  return all
    .map(
      row =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** For one that nobody steers any more. */
export function howItGoesOn({ name, lab }: EvacuationSummary): string {
  const hosts = lab ? '; its simulated hosts go on for 15 minutes after they were last used' : '';
  return `${name} goes on with: ${takeUp({ name, lab })}${hosts}\n`;
}

function stateOf(each: EvacuationSummary): string {
  const { error, running, interrupted, holder, phase } = each;
  if (error !== undefined) return `unreadable [${error.code}]`;
  if (running) return 'running';
  if (interrupted) return 'engine gone';
  if (holder !== undefined) return 'held, takes no orders';
  return phase === 'ended' ? `ended: ${endOf(each)}` : phase;
}

/** Stopped with nothing left to do, or in the middle of its work. */
function endOf({ outcome, stopped }: EvacuationSummary): string {
  if (stopped !== true) return outcome ?? 'unknown';
  return outcome === 'cancelled' ? 'stopped' : `${outcome ?? 'unknown'}, stopped`;
}

const kindOf = ({ lab, rehearsal }: EvacuationSummary): string =>
  lab ? 'LAB' : rehearsal ? 'rehearsal' : '';
