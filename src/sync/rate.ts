import type { View } from '../step/step.ts';
import { linkLimit } from './link-limit.ts';
import { stepId } from './names.ts';

/**
 * What a machine's copy may send now, bytes per second, over all its streams; undefined where nothing limits it. The
 * link's limit (the throttle, or what the plan says of that hour) is shared among the passes that run, by their
 * streams: one that runs alone has all of it. A source that needs its host for itself (`source.cared`) holds it down
 * further. Pure; `now` is epoch ms.
 */
export function rateOf(view: View, machine: string, now: number): number | undefined {
  const { plan, state } = view;
  const limit = state.evacuation?.throttle?.bytesPerSecond ?? linkLimit(plan.link, now);
  const cared = Object.hasOwn(state.machines, machine) ? state.machines[machine]?.cared : undefined;
  const cap = cared?.act === 'ease' ? cared.bytesPerSecond : undefined;
  if (limit === undefined) return cap;
  const own = streamsOf(view, machine);
  const others = sending(view)
    .filter(name => name !== machine)
    .reduce((sum, name) => sum + streamsOf(view, name), 0);
  const share = (limit * own) / (own + others);
  return cap === undefined ? share : Math.min(share, cap);
}

/** Streams that a machine's pass takes side by side: more than one only in a full pass that was surveyed so. */
export function streamsOf({ state }: View, machine: string): number {
  const known = Object.hasOwn(state.machines, machine) ? state.machines[machine] : undefined;
  if (known?.survey === undefined || known.mover?.mover === 'blocks') return 1;
  const { pass, streams } = known.survey;
  const isOver = known.passes.some(each => each.pass >= pass && each.ended !== undefined);
  return isOver ? 1 : streams;
}

/** Machines whose pass runs now. */
function sending({ plan, state }: View): string[] {
  return Object.keys(plan.machines).filter(machine => {
    const last = state.machines[machine]?.passes.at(-1)?.pass ?? 0;
    return [last, last + 1].some(pass => {
      const step = stepId(machine, `pass-${pass}`);
      return Object.hasOwn(state.steps, step) && state.steps[step]?.status === 'running';
    });
  });
}

/** A restart costs a handshake and a file list: a smaller change than this share is not worth it. */
const NOTABLE = 0.1;
/** For so long a higher share has to last before a pass is started again for its sake. */
const RISE_MS = 60_000;
/** The same for a lower share, where other passes are the reason: many are over sooner than that. */
const FALL_MS = 10_000;

/** Each time that a pass was made faster makes the wait for the next time twice as long, up to this. */
const LONGEST_RISE_MS = 32 * 60_000;

/** Decides when a running copy is started again at another rate. One for each run; `look` is called every few seconds. */
export interface RateWatch {
  /** True where the run should go on at what `rateOf` says now. */
  look(view: View, now: number): boolean;
  /** The copy was started (again) at this rate. */
  began(rate: number | undefined): void;
}

/**
 * Orders, hours and care for the source count at once, because somebody waits for them; only what care gives back step by
 * step, and what passes of other machines take or leave, has to last first. Every start costs a file list, so that a
 * pass which was made faster often waits longer for the next time: it comes to its end however the rates go.
 */
export function createRateWatch(machine: string, view: View, now: number): RateWatch {
  let rate = rateOf(view, machine, now);
  let ceiling = ceilingOf(view, machine, now);
  let since: { readonly at: number; readonly rises: boolean } | undefined;
  let raised = 0;
  return {
    began(at) {
      rate = at;
      since = undefined;
    },
    look(view, now) {
      const wanted = rateOf(view, machine, now);
      const ordered = ceilingOf(view, machine, now);
      const isOrdered = differs(ceiling, ordered);
      if (!differs(rate, wanted)) {
        since = undefined;
        ceiling = ordered;
        return false;
      }
      const rises = (wanted ?? Number.POSITIVE_INFINITY) > (rate ?? Number.POSITIVE_INFINITY);
      if (since === undefined || since.rises !== rises) since = { at: now, rises };
      const riseMs = Math.min(LONGEST_RISE_MS, RISE_MS * 2 ** raised);
      const isCare = isOrdered && rises && isEased(view, machine);
      if ((!isOrdered || isCare) && now - since.at < (rises ? riseMs : FALL_MS)) return false;
      ceiling = ordered;
      if (rises) raised += 1;
      return true;
    },
  };
}

/** Care for a source gives its rate back in many steps: a large tree would spend them all on its file list. */
const isEased = ({ state }: View, machine: string): boolean => state.machines[machine]?.cared?.act === 'ease';

/** What would be allowed if no other pass ran: it changes only by an order, the hour, or care for the source. */
function ceilingOf({ plan, state }: View, machine: string, now: number): number | undefined {
  const limit = state.evacuation?.throttle?.bytesPerSecond ?? linkLimit(plan.link, now);
  const cared = state.machines[machine]?.cared;
  const cap = cared?.act === 'ease' ? cared.bytesPerSecond : undefined;
  if (limit === undefined || cap === undefined) return limit ?? cap;
  return Math.min(limit, cap);
}

function differs(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a !== b;
  return Math.abs(a - b) > NOTABLE * Math.max(a, b);
}
