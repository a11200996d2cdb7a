import { formatBytes, formatDuration } from '../foundation/units.ts';
import type { EventOf } from '../journal/events.ts';
import type { PassState } from '../journal/state.ts';
import { metricsOf, type PassMetrics, scanFloor } from './metrics.ts';
import { modelOf } from './model.ts';
import { recentOf } from './recent.ts';
import { remedies } from './remedies.ts';
import { roundOf, verdictBefore } from './rounds.ts';

export interface ConvergeSettings {
  /** Literal bytes below which a pass counts as converged (`passes.small`). */
  readonly small: number;
  /** `passes.at_most`: of one round. */
  readonly atMost: number;
  /** The earliest credible loss, epoch ms: no pass is begun that would end after it. */
  readonly deadline?: number;
}

export type Verdict = EventOf<'pass.judged'>['verdict'];

export interface Judgement {
  readonly verdict: Verdict;
  readonly why: string;
  readonly help: readonly string[];
}

/** A pass of at most this multiple of the floor has nothing left to win. */
export const FLOOR_FACTOR = 1.2;
/** Literal bytes that stay above this share of the last pass do not shrink. */
const PLATEAU = 0.8;
/** Sending more than this multiple of the machine's size is no way to copy it (Xen's rule for memory). */
const SENT_FACTOR = 3;

/**
 * Judges the last ended pass (DESIGN 5; facts of the disk, 3.3). The first copy is never judged: it took long, and
 * what changed meanwhile is unknown.
 */
export function judge(history: readonly PassState[], settings: ConvergeSettings): Judgement {
  const passes = recentOf(history);
  const known = metricsOf(passes);
  const all = metricsOf(roundOf(passes));
  const last = all.at(-1);
  if (last === undefined || last.kind === 'full')
    return {
      verdict: 'first',
      why: 'the first copy: the next pass shows how much changes meanwhile',
      help: [],
    };

  const stuck = stuckPaths(known);
  if (stuck.length > 0) {
    return {
      verdict: 'not-converging',
      why: `the same ${stuck.length === 1 ? 'path' : `${stuck.length} paths`} could not be copied in two passes`,
      help: stuck.slice(0, 5).map(line => `look at: ${line}`),
    };
  }
  // A pass with troubles has not copied everything, however little it sent.
  if (last.troubles.length === 0) {
    const converged = convergence(known, last, settings) ?? keptUp(passes, known, settings);
    if (converged !== undefined) return { verdict: 'converged', why: converged, help: [] };
  }
  const help = (): readonly string[] => remedies(known);

  const sent = all.reduce((sum, pass) => sum + pass.sentBytes, 0);
  const size = Math.max(...all.map(pass => pass.totalBytes));
  if (sent > SENT_FACTOR * size) {
    return {
      verdict: 'exhausted',
      why: `${formatBytes(sent)} were sent for a machine of ${formatBytes(size)}: more passes would not help`,
      help: help(),
    };
  }
  if (isPlateau(all)) {
    return {
      verdict: 'not-converging',
      why: `three passes in a row sent about the same: ${formatBytes(last.literalBytes)} the last time`,
      help: help(),
    };
  }
  if (isAsBefore(passes, known, last)) {
    return {
      verdict: 'not-converging',
      why: `it did not converge before, and still sends as much: ${formatBytes(last.literalBytes)} this time`,
      help: help(),
    };
  }
  // Numbers as well as count: the passes before a fallback to another mover were passes of this evacuation, too.
  const count = verdictBefore(passes) === undefined ? Math.max(last.pass, all.length) : all.length;
  if (count >= settings.atMost) {
    return {
      verdict: 'exhausted',
      why: `the plan allows ${settings.atMost} passes, and the last still sent ${formatBytes(last.literalBytes)}`,
      help: help(),
    };
  }
  const late = afterDeadline(known, last, settings);
  if (late !== undefined) return { verdict: 'exhausted', why: late, help: help() };
  const troubles = last.troubles.length;
  return {
    verdict: 'converging',
    why:
      troubles > 0
        ? `${troubles} ${troubles === 1 ? 'path was' : 'paths were'} not copied yet`
        : `${formatBytes(last.literalBytes)} in ${formatDuration(last.ms)}, the floor is ${formatDuration(scanFloor(known))}`,
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
  const floor = scanFloor(all.filter(({ mover }) => mover === last.mover));
  if (last.ms <= FLOOR_FACTOR * floor)
    return `${formatDuration(last.ms)}: as short as a pass gets, the floor is ${formatDuration(floor)}`;
  return undefined;
}

/**
 * A machine that had converged and was left alone for a while brings what was written in that while, which says nothing
 * against it: what counts is what a pass right behind this one would bring.
 */
function keptUp(
  passes: readonly PassState[],
  all: readonly PassMetrics[],
  { small }: ConvergeSettings,
): string | undefined {
  const last = all.at(-1);
  if (last === undefined || verdictBefore(passes) !== 'converged') return undefined;
  const model = modelOf(all);
  if (model === undefined) return undefined;
  const bytes = model.dirtied(last.ms);
  if (bytes > small && model.passMs(bytes) > FLOOR_FACTOR * model.floorMs) return undefined;
  return `${formatBytes(last.literalBytes)} new since the pass before; one right behind it would bring about ${formatBytes(bytes)}`;
}

/** Twice in a row, a delta pass sent at least 0.8 of the one before it. */
function isPlateau(all: readonly PassMetrics[]): boolean {
  const literal = all.filter(pass => pass.kind === 'delta').map(pass => pass.literalBytes);
  const [a, b, c] = literal.slice(-3);
  return a !== undefined && b !== undefined && c !== undefined && b >= PLATEAU * a && c >= PLATEAU * b;
}

/** The round before was given up, and this pass brought no less than the last one of it. */
function isAsBefore(passes: readonly PassState[], all: readonly PassMetrics[], last: PassMetrics): boolean {
  if (verdictBefore(passes) !== 'other') return false;
  const before = all.findLast(pass => pass.pass < last.pass);
  return before !== undefined && last.literalBytes >= PLATEAU * before.literalBytes;
}

/** Time of the passes alone tells: the judgement of a pass stays what it was, whenever it is asked. */
function afterDeadline(
  all: readonly PassMetrics[],
  last: PassMetrics,
  { deadline }: ConvergeSettings,
): string | undefined {
  const end = last.startedAt + last.ms;
  const model = modelOf(all);
  if (deadline === undefined || end >= deadline || model === undefined) return undefined;
  const next = model.passMs(model.dirtied(last.ms));
  return end + next <= deadline
    ? undefined
    : `another pass would take ${formatDuration(next)} and end after the earliest loss`;
}

function stuckPaths(all: readonly PassMetrics[]): string[] {
  const [before, last] = all.slice(-2);
  if (before === undefined || last === undefined) return [];
  return last.troubles.filter(line => before.troubles.includes(line));
}
