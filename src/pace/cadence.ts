import { formatDuration } from '../foundation/units.ts';
import { get } from '../journal/maps.ts';
import type { MachineState } from '../journal/state.ts';
import { linkLimits } from '../plan/link-limit.ts';
import type { Plan } from '../plan/schema.ts';
import type { View } from '../step/step.ts';
import { heldBack } from './held-back.ts';
import { modelOfPasses } from './model.ts';
import { roundTime } from './round-time.ts';

/**
 * When the next pass of a machine is due once its copies have converged, and whether it is late. Pure functions of plan,
 * journal and clock: the engine acts on them, and status, screens and timers tell the same.
 */
export interface Cadence {
  readonly machine: string;
  /**
   * `before`: the passes that make a first good copy go on by themselves. `kept`: it waits for its next pass. `working`:
   * that pass, or its comparison, was asked for or runs. `held`: somebody holds it back. `over`: a cutover has it.
   */
  readonly standing: 'before' | 'kept' | 'working' | 'held' | 'over';
  /** When the last pass began that was compared and is equal; absent where there is none. Epoch ms. */
  readonly since?: number;
  /** When the next pass is to begin at the latest; only of `kept` and `held`. */
  readonly dueAt?: number;
  /** What asks for it, in words: `the RPO of 15m asks for it`. */
  readonly why?: string;
  /** What the pass and its comparison are expected to take. */
  readonly cycleMs?: number;
  readonly rpoMs?: number;
  /** The RPO cannot be held: the work takes longer than it allows. In words. */
  readonly tight?: string;
  /** By how much it is late, and what is; absent where nothing is. */
  readonly late?: { readonly ms: number; readonly why: string };
}

/** Passes and comparisons may take so much longer than foreseen before the RPO is broken. */
const SAFETY = 1.25;
/** What is not over so long after its time is late. */
const GRACE = { least: 60e3, share: 0.1 };
/** Where the RPO cannot be held, the source rests for this share of the time that its last cycle took. */
const REST = 0.25;

const ENDS: ReadonlySet<string> = new Set(['converged', 'not-converging', 'exhausted']);

export function cadenceOf(view: View, machine: string, now: number): Cadence {
  const wanted = get(view.plan.machines, machine);
  const tier = wanted === undefined ? undefined : get(view.plan.tiers, wanted.tier);
  const state = get(view.state.machines, machine);
  const base = { machine, ...(tier === undefined ? {} : { rpoMs: tier.rpo }) };
  if (isOver(view)) return { ...base, standing: 'over' };
  const last = state?.passes.findLast(({ ended }) => ended !== undefined);
  if (state === undefined || last?.ended === undefined) return { ...base, standing: 'before' };
  if (state.verified === undefined || !hasConverged(state)) return { ...base, standing: 'before' };

  const since = safeSince(state);
  const known = { ...base, ...(since === undefined ? {} : { since }) };
  const differs = state.verified.mismatches.length > 0 ? state.verified.at : undefined;
  const overdue = (at: number | undefined, limitMs: number): { late?: NonNullable<Cadence['late']> } =>
    lateness(known, now, at, limitMs, differs);
  if (isWorking(state))
    return { ...known, standing: 'working', ...overdue(undefined, tier?.rpo ?? Number.POSITIVE_INFINITY) };
  const asked = due(view, state, tier?.rpo, now);
  const hold = heldBack(view, machine);
  return {
    ...known,
    standing: hold === undefined ? 'kept' : 'held',
    ...asked,
    ...(hold === undefined ? {} : { why: hold }),
    // Who has made the last call, or lost the source, knows that nothing comes any more.
    ...(isLast(view) ? {} : overdue(asked.dueAt, tier?.rpo ?? Number.POSITIVE_INFINITY)),
  };
}

/** Of every machine of the plan. */
export const cadences = (view: View, now: number): Cadence[] =>
  Object.keys(view.plan.machines).map(machine => cadenceOf(view, machine, now));

/** A cutover that was not taken back has the machines: the last passes are its own. */
const isOver = ({ state }: View): boolean =>
  state.cutover !== undefined && state.cutover.ended?.outcome !== 'rolled-back';

const isLast = ({ state }: View): boolean =>
  state.evacuation?.mode?.mode === 'last-call' || state.evacuation?.mode?.mode === 'dark';

/** Once a judgement has ended its passes it is kept fresh, whatever its later passes are judged to be. */
const hasConverged = ({ passes }: MachineState): boolean =>
  passes.some(({ judged }) => judged !== undefined && ENDS.has(judged.verdict));

/** A pass or a comparison is under way, or will come by itself. */
function isWorking({ passes, requested, verified, replica }: MachineState): boolean {
  const last = passes.at(-1);
  if (requested !== undefined || last?.ended === undefined || last.judged === undefined) return true;
  if ((replica?.afterPass ?? 0) >= last.pass) return true;
  return !ENDS.has(last.judged.verdict) || (verified?.pass ?? 0) < last.pass;
}

function safeSince({ verified, passes }: MachineState): number | undefined {
  if (verified === undefined || verified.mismatches.length > 0) return undefined;
  const pass = passes.find(each => each.pass === verified.pass);
  return Math.min(verified.passStartedAt, pass?.startedAt ?? verified.passStartedAt);
}

type Due = Pick<Cadence, 'dueAt' | 'why' | 'cycleMs' | 'tight'>;

function due(view: View, state: MachineState, rpo: number | undefined, now: number): Due {
  const last = state.passes.at(-1);
  if (last?.ended === undefined) return {};
  const from = last.startedAt;
  const verifyMs = state.verified?.ms ?? 0;
  const model = modelOfPasses(state.passes);
  const cap = streamCap(view, now);
  const cycle = (gap: number): number =>
    (model === undefined ? (last.ended?.ms ?? 0) : model.passMs(model.dirtied(gap), cap)) + verifyMs;
  const { every } = view.plan.passes;
  const byRule = every ?? rpo;
  const dues: { readonly dueAt: number; readonly why: string; readonly tight?: string }[] = [];
  if (every !== undefined)
    dues.push({ dueAt: from + every, why: `every ${roundTime(every)}, as the plan says` });
  else if (rpo !== undefined)
    dues.push(
      byRpo(rpo, from, Math.max(state.verified?.at ?? 0, last.ended.startedAt + last.ended.ms), cycle),
    );
  const compare = view.plan.verify.every;
  if (compare !== undefined && state.verified !== undefined)
    dues.push({
      dueAt: state.verified.at + compare,
      why: `a comparison every ${roundTime(compare)}, as the plan says`,
    });
  const first = dues.toSorted((a, b) => a.dueAt - b.dueAt)[0];
  if (first === undefined || byRule === undefined) return {};
  return { ...first, cycleMs: Math.round(cycle(first.dueAt - from)) };
}

/** The latest beginning from which pass and comparison end before the last good copy is older than the RPO. */
function byRpo(
  rpo: number,
  from: number,
  restedFrom: number,
  cycle: (gapMs: number) => number,
): { readonly dueAt: number; readonly why: string; readonly tight?: string } {
  const ends = (gap: number): number => gap + SAFETY * cycle(gap);
  let low = 0;
  let high = rpo;
  for (let round = 0; round < 40; round += 1) {
    const middle = (low + high) / 2;
    if (ends(middle) <= rpo) low = middle;
    else high = middle;
  }
  const why = `the RPO of ${roundTime(rpo)} asks for it`;
  const latest = Math.floor(from + low);
  const work = Math.max(0, restedFrom - from);
  const rested = Math.ceil(restedFrom + REST * work);
  if (latest >= rested) return { dueAt: latest, why };
  return {
    dueAt: rested,
    why,
    tight: `a pass and its comparison take about ${formatDuration(Math.max(work, cycle(0)))}: an RPO of ${roundTime(rpo)} cannot be held`,
  };
}

function lateness(
  { since }: Pick<Cadence, 'since'>,
  now: number,
  dueAt: number | undefined,
  limitMs: number,
  /** When the last comparison ended, where it found differences. */
  differs: number | undefined,
): { late?: NonNullable<Cadence['late']> } {
  const age = since === undefined ? undefined : now - since;
  if (age !== undefined && age > limitMs)
    return {
      late: {
        ms: age - limitMs,
        why: `the last good copy is ${formatDuration(age)} old, ${roundTime(limitMs)} are allowed`,
      },
    };
  const grace = Math.max(GRACE.least, Number.isFinite(limitMs) ? GRACE.share * limitMs : 0);
  // A pass that mends it comes by itself; where it has not, there is no copy that is known to be good.
  if (age === undefined && differs !== undefined && now - differs > grace)
    return {
      late: {
        ms: now - differs,
        why: 'its last comparison found differences that no write explains: no copy is known to be good',
      },
    };
  if (dueAt === undefined) return {};
  const over = now - dueAt;
  return over > grace
    ? { late: { ms: over, why: `its pass was due ${formatDuration(over)} ago and has not begun` } }
    : {};
}

type Limits = ReturnType<typeof linkLimits>;
const limitsOf = new WeakMap<Plan['link'], Limits>();

/** What one stream gets of the link at most by throttle or plan; undefined without a limit. */
function streamCap({ plan, state }: View, now: number): number | undefined {
  const limits = limitsOf.get(plan.link) ?? linkLimits(plan.link);
  limitsOf.set(plan.link, limits);
  const limit = state.evacuation?.throttle?.bytesPerSecond ?? limits(now);
  return limit === undefined ? undefined : limit / plan.link.streams;
}
