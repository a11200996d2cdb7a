import { listed } from '../../foundation/listing.ts';
import { formatBitRate } from '../../foundation/units.ts';
import { type Change, jobsOf, type Situation } from './situation.ts';
import { choose, closureOf, compareScores, fits, type Job, scoreOf } from './solve.ts';
import type { TriageSaver } from './types.ts';

/** How many of those that are left out get advice of their own, the most important first. */
const MOST_ADVISED = 3;
/** Rates are asked for in steps of 10 Mbit/s, and not beyond what anybody could give. */
const RATE_STEP = 10e6 / 8;
const MOST_EXTRA = 100e9 / 8;
const MOST_SAVERS = 8;
/** Exchanges are tried against so many of the saved: the largest first, as they make most room. */
const MOST_EXCHANGES = 6;

/**
 * Changes that would save more, the cheapest first. Each was tried: the solver has run again with it, and says what it
 * saves and what it costs.
 */
export function saversOf(
  situation: Situation,
  {
    jobs,
    saved,
    mode,
  }: { readonly jobs: readonly Job[]; readonly saved: ReadonlySet<string>; readonly mode?: string },
): TriageSaver[] {
  const left = jobs
    .filter(({ name }) => !saved.has(name))
    .toSorted((a, b) => a.priority - b.priority || a.bytes - b.bytes || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_ADVISED);
  const tried = { situation, jobs, saved };
  const found = [
    ...(mode === undefined || mode === 'calm' ? order(tried) : []),
    ...left.flatMap(job => relieved(tried, job)),
    ...left.flatMap(job => faster(tried, job)),
    ...left.flatMap(job => exchanged(tried, job)),
  ];
  return found.slice(0, MOST_SAVERS);
}

interface Tried {
  readonly situation: Situation;
  readonly jobs: readonly Job[];
  readonly saved: ReadonlySet<string>;
}

/** What the solver makes of a change: whom it saves that was not, whom it gives up. */
export function tryChange({ situation, saved }: Tried, change: Change): { saves: string[]; costs: string[] } {
  const after = choose(jobsOf(situation, change)).saved;
  return {
    saves: [...after].filter(name => !saved.has(name)).toSorted(),
    costs: [...saved].filter(name => !after.has(name)).toSorted(),
  };
}

/** What copying everything at once in the plan's own order comes to, against the best order. */
function order({ situation, jobs, saved }: Tried): TriageSaver[] {
  const plain = plainlySaved(jobs);
  if (compareScores(scoreOf(jobs, saved), scoreOf(jobs, plain)) <= 0) return [];
  const saves = [...saved].filter(name => !plain.has(name)).toSorted();
  const costs = [...plain].filter(name => !saved.has(name)).toSorted();
  const without = jobs.filter(({ name }) => !saved.has(name)).map(({ name }) => name);
  return [
    {
      kind: 'order',
      words: `working in this order${without.length === 0 ? '' : `, without ${listed(without, 6)},`} would save ${listed(saves, 6)}`,
      saves,
      costs,
      action: `landfall mode ${situation.evacuation} squeeze`,
    },
  ];
}

/** All of them, as a run copies them where nobody says otherwise: by priority, then by name. */
export function plainlySaved(jobs: readonly Job[]): Set<string> {
  const named = new Map(jobs.map(job => [job.name, job]));
  const inTime = new Set<string>();
  let sent = 0;
  for (const job of jobs.toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1))) {
    sent += job.bytes;
    if (job.bytes === 0 ? job.due >= 0 : sent <= job.due) inTime.add(job.name);
  }
  return new Set([...inTime].filter(name => [...closureOf(named, name)].every(each => inTime.has(each))));
}

function relieved(tried: Tried, job: Job): TriageSaver[] {
  const { works, error } = tried.situation;
  const relief = works.find(({ name }) => name === job.name)?.relief ?? [];
  return relief.flatMap(({ kind, bytes, words, action }) => {
    const { saves, costs } = tryChange(tried, { spares: { name: job.name, bytes: bytes * error.factor } });
    if (!saves.includes(job.name) || costs.length > 0) return [];
    return [{ kind, words: `${words} would save ${listed(saves, 6)}`, saves, costs, action }];
  });
}

/** The least that the link would have to give more, so that nobody is given up for this one. */
function faster(tried: Tried, job: Job): TriageSaver[] {
  const { situation, jobs, saved } = tried;
  if (situation.capacity === undefined) return [];
  const named = new Map(jobs.map(each => [each.name, each]));
  const wanted = new Set([...saved, ...closureOf(named, job.name)]);
  const isEnough = (extra: number): boolean =>
    fits(jobsOf(situation, { extra }).filter(({ name }) => wanted.has(name)));
  const steps = leastSteps(Math.ceil(MOST_EXTRA / RATE_STEP), count => isEnough(count * RATE_STEP));
  if (steps === undefined || steps === 0) return [];
  const extra = steps * RATE_STEP;
  const { saves, costs } = tryChange(tried, { extra });
  if (!saves.includes(job.name) || costs.length > 0) return [];
  return [
    {
      kind: 'rate',
      words: `${formatBitRate(extra)} more would save ${listed(saves, 6)}`,
      saves,
      costs,
      action: rateAction(situation, extra),
    },
  ];
}

function rateAction({ evacuation, rate }: Situation, extra: number): string {
  const wanted = (rate?.now.bytesPerSecond ?? 0) + extra;
  const words = formatBitRate(wanted);
  if (rate?.boundBy === 'throttle')
    return rate.unthrottled !== undefined && rate.unthrottled >= wanted
      ? `landfall throttle ${evacuation} off`
      : `landfall throttle ${evacuation} "${words}"`;
  if (rate?.boundBy === 'plan')
    return `landfall throttle ${evacuation} "${words}", if the link has it to give`;
  return `ask who runs the link for ${words} until the storm: the network itself is the limit`;
}

/** The least count from 0 to `most` for which the condition holds, where it holds from some count on. */
function leastSteps(most: number, holds: (count: number) => boolean): number | undefined {
  if (!holds(most)) return undefined;
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** One of the saved, not more important, for this one: a decision for people, so it is said with its cost. */
function exchanged(tried: Tried, job: Job): TriageSaver[] {
  const { jobs, saved } = tried;
  const largest = jobs
    .filter(each => saved.has(each.name) && each.priority >= job.priority && !job.needs.includes(each.name))
    .toSorted((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_EXCHANGES);
  // The smallest that makes room enough costs least.
  for (const each of largest.toReversed()) {
    const { saves, costs } = tryChange(tried, { without: new Set([each.name]) });
    if (!saves.includes(job.name)) continue;
    return [
      {
        kind: 'leave',
        words: `leaving ${listed(costs, 6)} would save ${listed(saves, 6)}`,
        saves,
        costs,
        action: `landfall pause ${tried.situation.evacuation} ${each.name} --reason "leaves room for ${job.name}"`,
      },
    ];
  }
  return [];
}
