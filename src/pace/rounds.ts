import type { PassState } from '../journal/state.ts';

const ENDS: ReadonlySet<string> = new Set(['converged', 'not-converging', 'exhausted']);

/**
 * Passes come in rounds: each goes on until a judgement ends it, and the next begins when somebody asks or the schedule
 * does. What counts passes or bytes counts those of a round; a machine that is kept fresh for weeks would otherwise have
 * used up what the plan allows.
 */
export function roundOf(passes: readonly PassState[]): PassState[] {
  const ended = passes.filter(pass => pass.ended !== undefined).toSorted((a, b) => a.pass - b.pass);
  const last = ended.at(-1);
  const before = ended.slice(0, -1).findLastIndex(pass => isEnd(pass) || pass.mover !== last?.mover);
  return ended.slice(before + 1);
}

/** How the round before ended; undefined in the first one. */
export function verdictBefore(passes: readonly PassState[]): 'converged' | 'other' | undefined {
  const [first] = roundOf(passes);
  const before = passes.filter(pass => first !== undefined && pass.pass < first.pass && isEnd(pass)).at(-1);
  if (before === undefined) return undefined;
  return before.judged?.verdict === 'converged' ? 'converged' : 'other';
}

const isEnd = ({ judged }: PassState): boolean => judged !== undefined && ENDS.has(judged.verdict);
