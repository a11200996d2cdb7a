import { get } from '../journal/maps.ts';
import { modelOfPasses } from '../pace/model.ts';
import type { Step, View } from '../step/step.ts';

/**
 * Who goes first where not all can go at once. First passes come before seconds, and those before thirds, whoever they
 * belong to. Among equals those that can still make the earliest loss come before those that cannot; among these the tier
 * decides, then who has least time to spare, then what costs more an hour; then the name, so that the order is the same
 * on every run.
 */
export function byUrgency(view: View): (a: Step, b: Step) => number {
  const ranks = new Map<string, Rank>();
  const rankOf = (subject: string): Rank => {
    const known = ranks.get(subject) ?? rank(view, subject);
    ranks.set(subject, known);
    return known;
  };
  return (a, b) => {
    const round = roundOf(view, a) - roundOf(view, b);
    if (round !== 0) return round;
    const [one, other] = [rankOf(a.subject), rankOf(b.subject)];
    return (
      Number(one.hopeless) - Number(other.hopeless) ||
      one.priority - other.priority ||
      compare(one.slackMs, other.slackMs) ||
      other.cost - one.cost ||
      (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
    );
  };
}

interface Rank {
  readonly priority: number;
  readonly cost: number;
  /** It is not done by the earliest loss even if it began now and alone: it must not starve those that are. */
  readonly hopeless: boolean;
  /** Time to the earliest loss beyond its own work; the same for all where nothing is known. */
  readonly slackMs: number;
}

/** `Infinity - Infinity` is no number, and an order that answers with one is none. */
const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

function rank(view: View, subject: string): Rank {
  const { plan, state } = view;
  const tierName = (get(plan.machines, subject) ?? get(plan.databases, subject))?.tier;
  const tier = tierName === undefined ? undefined : get(plan.tiers, tierName);
  const planned = plan.deadline.earliest;
  const deadline =
    state.evacuation?.deadline.earliest ?? (planned.kind === 'at' ? planned.epochMs : undefined);
  const workMs = workOf(view, subject);
  const slackMs =
    deadline === undefined || workMs === undefined
      ? Number.POSITIVE_INFINITY
      : deadline - state.lastAt - workMs;
  return {
    priority: tierName === undefined ? 0 : (tier?.priority ?? 9),
    cost: tier?.cost_per_hour ?? 0,
    // After the deadline nobody is told from anybody: whoever is still there goes on as before.
    hopeless: deadline !== undefined && state.lastAt < deadline && slackMs < 0,
    slackMs,
  };
}

/**
 * What a machine has still before its next copy is whole, ms: the bytes of a first copy at the rate of the link as far as
 * the passes of any machine have measured it, later the forecast of its next pass. Undefined where nobody knows.
 */
function workOf(view: View, subject: string): number | undefined {
  const machine = get(view.state.machines, subject);
  if (machine === undefined) return undefined;
  const last = machine.passes.findLast(({ ended }) => ended !== undefined)?.ended;
  const verifyMs = machine.verified?.ms ?? 0;
  if (last !== undefined) {
    const model = modelOfPasses(machine.passes);
    return (model === undefined ? last.ms : model.passMs(model.dirtied(last.ms))) + verifyMs;
  }
  const rate = streamRate(view);
  if (rate === undefined || machine.observed === undefined) return undefined;
  const bytes = machine.observed.guest.fileSystems.reduce((sum, { used }) => sum + used, 0);
  return (bytes / rate) * 1000;
}

const rates = new WeakMap<View['state']['machines'], { readonly rate: number | undefined }>();

/** Bytes per second of the best first copy so far; the plan's share of the link before there is one. */
function streamRate({ plan, state }: View): number | undefined {
  const known = rates.get(state.machines);
  if (known !== undefined) return known.rate;
  let best: number | undefined;
  for (const { passes } of Object.values(state.machines)) {
    const { ended, kind } = passes[0] ?? {};
    if (ended === undefined || kind !== 'full') continue;
    const bytes = ended.runs.reduce((sum, run) => sum + run.totalBytes, 0);
    const rate = bytes / (Math.max(1, ended.ms) / 1000);
    if (best === undefined || rate > best) best = rate;
  }
  const rate = best ?? (plan.link.limit === undefined ? undefined : plan.link.limit / plan.link.streams);
  rates.set(state.machines, { rate });
  return rate;
}

/**
 * The round a step belongs to: its pass number, but nothing beyond two counts. From the third on passes keep copies
 * fresh, and who has had hundreds must not wait for everybody who has had fewer.
 */
function roundOf({ state }: View, { id, subject }: Step): number {
  const number = Number(/\/(?:pass|verify)-(\d+)$/.exec(id)?.[1] ?? 0);
  if (number <= 2) return number;
  // A replica that was made anew needs its first copy again.
  const machine = get(state.machines, subject);
  const last = machine?.passes.findLast(({ ended }) => ended !== undefined);
  const isAnew = last !== undefined && (machine?.replica?.afterPass ?? 0) >= last.pass;
  return isAnew ? 1 : 3;
}
