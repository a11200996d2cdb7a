import { formatBytes, formatDuration } from '../foundation/units.ts';
import type { EventOf } from '../journal/events.ts';
import type { PassState } from '../journal/state.ts';
import { recurring } from './hot.ts';
import { metricsOf, type PassMetrics, scanFloor } from './metrics.ts';

export interface ConvergeSettings {
  /** Literal bytes below which a pass counts as converged (`passes.small`). */
  readonly small: number;
  /** `passes.at_most`. */
  readonly atMost: number;
}

export type Verdict = EventOf<'pass.judged'>['verdict'];

export interface Judgement {
  readonly verdict: Verdict;
  readonly why: string;
  readonly help: readonly string[];
}

/** A pass of at most this multiple of the floor has nothing left to win. */
const FLOOR_FACTOR = 1.2;
/** Literal bytes that stay above this share of the last pass do not shrink. */
const PLATEAU = 0.8;
/** Sending more than this multiple of the machine's size is no way to copy it (Xen's rule for memory). */
const SENT_FACTOR = 3;

/**
 * Judges the last ended pass (DESIGN 5; facts of the disk, 3.3). The first copy is never judged: it took long, and
 * what changed meanwhile is unknown.
 */
export function judge(passes: readonly PassState[], settings: ConvergeSettings): Judgement {
  const all = metricsOf(passes);
  const last = all.at(-1);
  if (last === undefined || last.kind === 'full')
    return {
      verdict: 'first',
      why: 'the first copy: the next pass shows how much changes meanwhile',
      help: [],
    };

  const stuck = stuckPaths(all);
  if (stuck.length > 0) {
    return {
      verdict: 'not-converging',
      why: `the same ${stuck.length === 1 ? 'path' : `${stuck.length} paths`} could not be copied in two passes`,
      help: stuck.slice(0, 5).map(line => `look at: ${line}`),
    };
  }
  // A pass with troubles has not copied everything, however little it sent.
  if (last.troubles.length === 0) {
    const converged = convergence(all, last, settings);
    if (converged !== undefined) return { verdict: 'converged', why: converged, help: [] };
  }

  const sent = all.reduce((sum, pass) => sum + pass.sentBytes, 0);
  const size = Math.max(...all.map(pass => pass.totalBytes));
  if (sent > SENT_FACTOR * size) {
    return {
      verdict: 'exhausted',
      why: `${formatBytes(sent)} were sent for a machine of ${formatBytes(size)}: more passes would not help`,
      help: help(all),
    };
  }
  if (isPlateau(all)) {
    return {
      verdict: 'not-converging',
      why: `three passes in a row sent about the same: ${formatBytes(last.literalBytes)} the last time`,
      help: help(all),
    };
  }
  if (last.pass >= settings.atMost) {
    return {
      verdict: 'exhausted',
      why: `the plan allows ${settings.atMost} passes, and the last still sent ${formatBytes(last.literalBytes)}`,
      help: help(all),
    };
  }
  const troubles = last.troubles.length;
  return {
    verdict: 'converging',
    why:
      troubles > 0
        ? `${troubles} ${troubles === 1 ? 'path was' : 'paths were'} not copied yet`
        : `${formatBytes(last.literalBytes)} in ${formatDuration(last.ms)}, the floor is ${formatDuration(scanFloor(all))}`,
    help: [],
  };
}

function convergence(
  all: readonly PassMetrics[],
  last: PassMetrics,
  settings: ConvergeSettings,
): string | undefined {
  if (last.literalBytes <= settings.small)
    return `${formatBytes(last.literalBytes)} new: not more than the ${formatBytes(settings.small)} that count as small`;
  // A pass that reads all contents takes its own time; only its bytes can be judged.
  if (last.checksum) return undefined;
  const floor = scanFloor(all);
  if (last.ms <= FLOOR_FACTOR * floor)
    return `${formatDuration(last.ms)}: as short as a pass gets, the floor is ${formatDuration(floor)}`;
  return undefined;
}

/** Twice in a row, a delta pass sent at least 0.8 of the one before it. */
function isPlateau(all: readonly PassMetrics[]): boolean {
  const literal = all.filter(pass => pass.kind === 'delta').map(pass => pass.literalBytes);
  const [a, b, c] = literal.slice(-3);
  return a !== undefined && b !== undefined && c !== undefined && b >= PLATEAU * a && c >= PLATEAU * b;
}

function stuckPaths(all: readonly PassMetrics[]): string[] {
  const [before, last] = all.slice(-2);
  if (before === undefined || last === undefined) return [];
  return last.troubles.filter(line => before.troubles.includes(line));
}

function help(all: readonly PassMetrics[]): string[] {
  const hot = recurring(all).slice(0, 5);
  return [
    ...hot.map(({ path, bytes }) => `hot: ${path} (${formatBytes(bytes)} in the last pass)`),
    'exclude the hot paths in the plan if they can be made again at the target',
    'use replication for databases, a snapshot, or the blocks mover for this machine',
    'at cutover, stop the writers before the last pass: it then takes little more than the floor',
  ];
}
