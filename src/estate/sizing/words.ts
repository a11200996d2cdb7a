import { counted, formatBytes, formatDuration, formatRate } from '../../foundation/units.ts';
import { freshness } from '../freshness.ts';
import type { MachineSize, Sizing } from './shape.ts';

/** Sizes in words, the same ones for screens, terminals and documents. */

/** The answer in one sentence. */
export function verdictOf(sizing: Sizing): string {
  const { fits, totalMs, leftMs, missing } = sizing;
  const left = `${formatDuration(leftMs)} are left until the earliest loss`;
  if (totalMs === undefined) return `nobody can say whether it fits: ${missing[0] ?? 'no line is known'}`;
  const needs = `what is known takes ${formatDuration(totalMs)}${ofWhat(sizing)}, ${left}`;
  if (fits === true) return `it fits: ${needs}`;
  if (fits === false) return `it does not fit: ${needs}`;
  const [first = '', ...more] = missing;
  const rest = more.length === 0 ? '' : ` (and ${counted(more.length, 'further reason')})`;
  return `it may fit: ${needs}; but ${first}${rest}`;
}

/** What that time leaves out: before passes were made nobody knows what one costs besides its bytes. */
function ofWhat({ machines, databases }: Sizing): string {
  const counted = machines.filter(({ fixedMs }) => fixedMs !== undefined).length;
  if (counted === 0) return ' of the line';
  return counted === machines.length && databases.length === 0
    ? ' with what passes cost by themselves'
    : ' of the line, with what passes cost by themselves where some were made';
}

/** The line that is counted with, and how it is measured where nobody has. `now` in epoch ms. */
export function lineWords({ link }: Sizing, now: number): string {
  if (link === undefined) return 'line: not known; measure it: landfall doctor PLAN --link';
  const rate = formatRate(link.bytesPerSecond);
  if (link.from === 'plan') return `line: ${rate}, the limit of the plan`;
  const age = link.at === undefined ? '' : `, ${freshness('link', link.at, now).words}`;
  if (link.from === 'passes') return `line: ${rate}, as passes got it${age}`;
  return `line: ${rate}, measured${age}${link.bottleneck === undefined ? '' : `; bottleneck: ${link.bottleneck}`}`;
}

/** What a machine's mover carries first, and how long that takes; beside it what it really took. */
export function firstPassWords({ mover, movers, passes }: MachineSize): string {
  const own = movers.find(each => each.mover === mover);
  if (own === undefined) return 'its size is not known';
  const took = passes?.find(({ kind }) => kind === 'full')?.ms;
  const time = own.fullMs === undefined ? '' : ` in ${formatDuration(own.fullMs)}`;
  const real = took === undefined ? '' : `, took ${formatDuration(took)}`;
  return `${formatBytes(own.fullBytes)} by ${mover}${time}${real}`;
}

export function laterPassWords({ mover, movers }: MachineSize): string {
  const own = movers.find(each => each.mover === mover);
  if (own?.converges === undefined || own.deltaMs === undefined) return 'not known';
  const last = `last pass ${formatDuration(own.deltaMs)}`;
  return own.converges ? `converges, ${last}` : `does not converge, ${last}`;
}
