import type { Clock } from '../foundation/clock.ts';
import { get } from '../journal/maps.ts';
import type { State } from '../journal/state.ts';
import { type Cadence, cadences } from '../pace/cadence.ts';
import { heldBack } from '../pace/held-back.ts';
import type { Plan } from '../plan/schema.ts';
import type { View } from '../step/step.ts';
import type { Command } from './engine/command.ts';

/**
 * Keeps machines fresh: asks for the pass of whoever is due, and tries again what failed of one that had converged. It
 * gives orders as an engineer would, through the same desk; what can be ordered and what holds it back is decided there.
 */
interface Run {
  readonly plan: { readonly plan: Plan };
  readonly clock: Clock;
  readonly owner: { readonly pid: number; readonly host: string; readonly user: string };
  /** `stay`: for as long as the engine lives. `done`: only while other machines still keep it busy. */
  readonly engine?: { readonly until: Until };
}

type Until = 'stay' | 'done';

interface Orderable {
  order(command: Command, by: string): Promise<unknown>;
}

/** Looked at least so often: what an event changed is seen then. */
const LOOK_MS = 60e3;
const LEAST_LOOK_MS = 1000;
/** A machine with an RPO of two minutes cannot wait a minute to be looked at. */
const LOOKS_IN_RPO = 10;

/** Until the signal fires; does nothing without an engine that takes orders. */
export async function keepSchedule(
  { plan: { plan }, clock, owner, engine: { until } = { until: 'done' } }: Run,
  engine: Orderable | undefined,
  journal: { readonly state: State },
  signal: AbortSignal,
): Promise<void> {
  const by = `${owner.user}@${owner.host}:${owner.pid}`;
  while (engine !== undefined && !signal.aborted) {
    const now = clock.now();
    for (const command of ordersAt({ plan, state: journal.state }, now, until))
      await engine.order(command, by);
    try {
      await clock.sleep(untilNextLook({ plan, state: journal.state }, now), signal);
    } catch {
      // Only the signal ends a sleep: the loop sees it.
    }
  }
}

/** What is to be ordered at this moment, most urgent first. Pure. */
export function ordersAt(view: View, now: number, until: Until): Command[] {
  const all = cadences(view, now);
  if (until === 'done' && !all.some(each => isBusyAnyway(view, each))) return [];
  const due = all
    .filter(({ standing, dueAt }) => standing === 'kept' && dueAt !== undefined && dueAt <= now)
    .toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0));
  return [
    ...due.map(
      ({ machine, why }): Command => ({
        kind: 'sync',
        machine,
        ...(why === undefined ? {} : { reason: why }),
      }),
    ),
    ...all.flatMap((each): Command[] => {
      const at = retryAt(view, each);
      return at !== undefined && at <= now ? [{ kind: 'retry', machine: each.machine }] : [];
    }),
  ];
}

/** Without it an engine that is to end when all is done would begin again whenever the first RPO asks. */
function isBusyAnyway(view: View, { machine, standing }: Cadence): boolean {
  if (standing !== 'before' || get(view.state.machines, machine)?.failure !== undefined) return false;
  return heldBack(view, machine) === undefined;
}

/** After a failure: five minutes; where it has gone on for long, half an hour. */
const RETRY = { least: 5 * 60e3, most: 30 * 60e3 };

/**
 * When a step that failed is tried again: only of a machine that had been fresh once, because nobody watches by then. A
 * first copy that fails waits for its engineer, as ever.
 */
export function retryAt(view: View, { machine, standing, since }: Cadence): number | undefined {
  const failure = get(view.state.machines, machine)?.failure;
  if (failure === undefined || standing !== 'working' || heldBack(view, machine) !== undefined)
    return undefined;
  const lasting = since === undefined ? RETRY.most : Math.max(0, failure.at - since) / 4;
  return failure.at + Math.min(RETRY.most, Math.max(RETRY.least, lasting));
}

function untilNextLook(view: View, now: number): number {
  const all = cadences(view, now);
  const next = all.flatMap(each => [
    ...(each.standing === 'kept' && each.dueAt !== undefined ? [each.dueAt - now] : []),
    ...(each.rpoMs === undefined ? [] : [each.rpoMs / LOOKS_IN_RPO]),
  ]);
  return Math.max(LEAST_LOOK_MS, Math.min(LOOK_MS, ...next));
}
