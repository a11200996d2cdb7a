/** The judgement of passes is the pace's: rooms that know nothing of movers read it, too. */
export { type ConvergeSettings, type Judgement, judge, type Verdict } from '../pace/judge.ts';
