import { parsePlan } from '../plan/load.ts';
import { gatesOf } from '../readiness/gates.ts';
import { type Verdict, verdictOf } from '../readiness/verdict.ts';
import type { Journal } from './journal.ts';

/** What landfall says of the evacuation in a pack, as of then. */
export interface Judgement {
  readonly overall: Verdict;
  readonly line: string;
  /** The newest cutover, in a few words; absent where there was none. */
  readonly cutover?: string;
}

/** Undefined where the plan cannot be read. */
export function judge(
  members: ReadonlyMap<string, Buffer>,
  { state }: Journal,
  at: number,
): Judgement | undefined {
  const result = parsePlan(members.get('plan.yaml') ?? '', { file: 'plan.yaml', now: at, running: true });
  if (!result.ok) return undefined;
  const { overall, line } = verdictOf(gatesOf({ plan: result.plan, state }, at));
  const { cutover } = state;
  if (cutover === undefined) return { overall, line };
  const words =
    cutover.ended?.outcome ??
    (cutover.aborted !== undefined
      ? 'being taken back'
      : cutover.noReturn !== undefined
        ? 'past the point of no return'
        : 'running');
  return { overall, line, cutover: cutover.rehearse ? `rehearsal, ${words}` : words };
}
