import { listed } from '../../foundation/listing.ts';
import { formatDuration } from '../../foundation/units.ts';
import { expectedOf, neededBy, type Situation, worstOf } from './situation.ts';
import { fits, type Job, orderOf } from './solve.ts';
import type { TriageRow, TriageVerdict } from './types.ts';
import type { Amount, Work } from './work.ts';

/** When each is expected to be safe, and at worst, in this order. Epoch ms. */
export interface Finish {
  readonly at: number;
  readonly worst: number;
}

/** The saved in their best order, then the others, for whom time is only left afterwards. */
export function sequenceOf(
  jobs: readonly Job[],
  saved: ReadonlySet<string>,
): { order: string[]; all: string[] } {
  const order = orderOf(jobs.filter(job => saved.has(job.name))).map(({ name }) => name);
  const late = orderOf(jobs.filter(job => !saved.has(job.name)).map(job => ({ ...job, due: Infinity })));
  return { order, all: [...order, ...late.map(({ name }) => name)] };
}

export function finishes(situation: Situation, names: readonly string[]): Map<string, Finish> {
  const works = new Map(situation.works.map(work => [work.name, work]));
  const sent = { expected: 0, worst: 0 };
  const found = new Map<string, Finish>();
  for (const name of names) {
    const work = works.get(name);
    if (work === undefined) continue;
    const [expected, worst] = [expectedOf(situation, work), worstOf(situation, work)];
    sent.expected += expected.bytes;
    sent.worst += worst.bytes;
    found.set(name, {
      at: finishOf(situation, sent.expected, expected),
      worst: finishOf(situation, sent.worst, worst),
    });
  }
  return found;
}

/** A pass keeps its share of a limit for itself: one large machine alone does not get the whole link. */
function finishOf({ capacity, now, rate }: Situation, sent: number, { bytes, tailMs }: Amount): number {
  if (bytes === 0) return now + tailMs;
  const afterOthers = capacity?.timeOf(sent) ?? Number.POSITIVE_INFINITY;
  const byItself = capacity?.timeOf(bytes / (rate?.share ?? 1)) ?? Number.POSITIVE_INFINITY;
  return Math.max(afterOthers, byItself) + tailMs;
}

export interface Answer {
  readonly jobs: readonly Job[];
  readonly saved: ReadonlySet<string>;
  readonly order: readonly string[];
  readonly finishes: ReadonlyMap<string, Finish>;
}

export function rowsOf(situation: Situation, answer: Answer): TriageRow[] {
  const works = new Map(situation.works.map(work => [work.name, work]));
  return situation.works.map(work => {
    const { name, kind, priority } = work;
    const finish = answer.finishes.get(name);
    const place = answer.order.indexOf(name) + 1;
    const { verdict, why } = judge(situation, answer, works, work);
    const { deadlineAt, now } = situation;
    const spareMs =
      deadlineAt === undefined || verdict === 'cannot-say'
        ? undefined
        : deadlineAt - (work.standing === 'safe' ? now : (finish?.at ?? Infinity));
    return {
      name,
      kind,
      priority,
      verdict,
      why,
      ...(finish === undefined || !Number.isFinite(finish.at) ? {} : { safeAt: Math.round(finish.at) }),
      ...(finish === undefined || !Number.isFinite(finish.worst)
        ? {}
        : { safeAtWorst: Math.round(finish.worst) }),
      ...(spareMs === undefined || !Number.isFinite(spareMs) ? {} : { spareMs: Math.round(spareMs) }),
      ...(place === 0 ? {} : { place }),
    };
  });
}

interface Judgement {
  readonly verdict: TriageVerdict;
  readonly why: string;
}

function judge(
  situation: Situation,
  answer: Answer,
  works: ReadonlyMap<string, Work>,
  work: Work,
): Judgement {
  const say = (verdict: TriageVerdict, why: string): Judgement => ({ verdict, why });
  const { deadlineAt, now, until } = situation;
  const needed = neededBy(works, work.name).flatMap(name => works.get(name) ?? []);
  const dark = needed.filter(each => each.standing !== 'safe' && !answer.finishes.has(each.name));
  if (work.standing === 'safe') {
    const lost = needed
      .filter(each => each.standing !== 'safe' && !answer.saved.has(each.name))
      .map(each => each.name);
    return say('will-make-it', lost.length === 0 ? work.why : `${work.why}; but it needs ${listed(lost)}`);
  }
  if (deadlineAt === undefined)
    return say('cannot-say', 'the evacuation has not begun: no deadline is fixed');
  const finish = answer.finishes.get(work.name);
  if (work.standing === 'unknown') return say('cannot-say', work.why);
  if (finish === undefined)
    return say(
      'cannot-say',
      'the link has no limit in the plan and nobody has measured it yet: landfall doctor PLAN --link',
    );
  if (dark.length > 0)
    return say(
      'cannot-say',
      `it needs ${listed(dark.map(({ name }) => name))}, of which nothing is known yet`,
    );

  if (!answer.saved.has(work.name)) {
    const why = whyNot(situation, answer, work, needed);
    return work.hasCopy ? say('at-risk', `${why}; what was copied before stays`) : say('cannot', why);
  }
  if (work.failed !== undefined) return say('at-risk', `${work.failed} failed: fix that first`);
  if (until === undefined)
    return say('at-risk', `both the earliest and the expected loss have passed: ${work.why}`);
  if (deadlineAt <= now)
    return say('at-risk', `the earliest loss has passed; it fits before the expected one`);
  if (finish.worst > until)
    return say(
      'at-risk',
      `${work.why}: expected in time, but ${formatDuration(finish.worst - until)} late at worst`,
    );
  return say('will-make-it', work.why);
}

function whyNot({ now, until }: Situation, answer: Answer, work: Work, needed: readonly Work[]): string {
  const left = until === undefined ? '' : ` in the ${formatDuration(until - now)} that are left`;
  const with_ = new Set([work.name, ...needed.map(({ name }) => name)]);
  const alone = answer.jobs.filter(({ name }) => with_.has(name));
  if (fits(alone)) return `it fits only in place of others: the link is full${left}`;
  const own = answer.jobs.filter(({ name }) => name === work.name);
  if (fits(own))
    return `it needs ${listed(alone.map(({ name }) => name).filter(name => name !== work.name))}, and together they do not fit${left}`;
  return `it does not fit${left}, even alone: ${work.why}`;
}
