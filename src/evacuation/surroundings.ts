import type { Clock } from '../foundation/clock.ts';
import { asLandfallError, type LandfallError } from '../foundation/errors.ts';
import type { EventBody, EventOf } from '../journal/events.ts';
import type { State } from '../journal/state.ts';
import { hasLogin } from '../plan/login.ts';
import type { LoadedPlan } from '../plan/read.ts';
import type { Plan } from '../plan/schema.ts';
import type { Host } from '../remote/host.ts';
import { isUnwritable } from './attempt.ts';
import { lookAtSecrets } from './sql/secrets.ts';
import { askForClock } from './surroundings/clocks.ts';
import { askForRecords, type NameResolver } from './surroundings/names.ts';

type Observed = EventOf<'surroundings.observed'>;

export interface LookParts {
  readonly plan: Pick<LoadedPlan, 'plan' | 'file'>;
  readonly state: () => State;
  /** The connection to a host of the plan, by landfall's name for it. */
  readonly host: (id: string) => Promise<Host>;
  readonly resolver: NameResolver;
  /** Where secrets that the plan calls env:NAME are found. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/** Hosts that are asked at the same time. */
const TOGETHER = 8;

/** Looks at names, clocks and credentials once: reads only. Never rejects for what it finds. */
export async function lookAround(parts: LookParts, signal: AbortSignal): Promise<Observed> {
  const { plan, resolver, env, clock } = parts;
  const [records, secrets, clocks] = await Promise.all([
    askForRecords(plan.plan, resolver),
    lookAtSecrets(plan, env),
    inTurn(hostsToAsk(plan.plan, parts.state()), id => askForClock(id, parts.host, clock, signal)),
  ]);
  const logins = clocks.map(({ host, offsetMs, trouble }) => ({
    name: `ssh ${host}`,
    usable: offsetMs !== undefined || trouble === undefined,
    ...(trouble === undefined ? {} : { trouble }),
  }));
  return { type: 'surroundings.observed', records, clocks, credentials: [...secrets, ...logins] };
}

/**
 * Hypervisors and sources, as far as they are still to be asked: nothing goes to a source site that is dark, and a
 * source that a cutover switched off does not answer.
 */
export function hostsToAsk(plan: Plan, { evacuation, cutover }: State): string[] {
  const isDark =
    evacuation?.mode?.mode === 'dark' || (cutover?.dark === true && cutover.ended?.outcome !== 'rolled-back');
  const hypervisors = Object.keys(plan.hypervisors).filter(
    name => !isDark || plan.sites[plan.hypervisors[name]?.site ?? '']?.role !== 'source',
  );
  const machines = Object.keys(plan.machines).filter(name => {
    const done = Object.hasOwn(cutover?.machines ?? {}, name) ? cutover?.machines[name] : undefined;
    return !isDark && hasLogin(plan, name) && done?.poweredOff === undefined;
  });
  return [...hypervisors, ...machines];
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next; index < items.length; index = next) {
      next = index + 1;
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(TOGETHER, items.length) }, worker));
  return results;
}

export interface WatchParts extends LookParts {
  readonly emit: (event: EventBody) => Promise<void>;
  /** Something went wrong that is no part of what was seen; the watch goes on. */
  readonly onTrouble: (error: LandfallError) => void;
}

/** Between two looks. */
export const LOOK_EVERY_MS = 15 * 60e3;

/** Looks at once, every quarter of an hour, and whenever it is asked to. */
export class Surroundings {
  readonly #parts: WatchParts;
  #nudge = new AbortController();

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** One more look as soon as the one that may be under way is over. */
  look(): void {
    this.#nudge.abort();
  }

  /** Until the signal fires; rejects only where the journal cannot be written. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#nudge = new AbortController();
      const nudged = this.#nudge.signal;
      await this.#once(signal);
      try {
        if (!nudged.aborted && !signal.aborted)
          await this.#parts.clock.sleep(LOOK_EVERY_MS, AbortSignal.any([signal, nudged]));
      } catch {
        // Either signal: the loop tells which.
      }
    }
  }

  async #once(signal: AbortSignal): Promise<void> {
    try {
      // A host that does not answer must not keep the engine from ending.
      const seen = await Promise.race([lookAround(this.#parts, signal), fired(signal)]);
      // What was cut off would tell of troubles that are none.
      if (seen !== undefined && !signal.aborted) await this.#parts.emit(seen);
    } catch (thrown) {
      if (signal.aborted) return;
      if (isUnwritable(thrown)) throw thrown;
      this.#parts.onTrouble(asLandfallError(thrown));
    }
  }
}

const fired = (signal: AbortSignal): Promise<undefined> =>
  new Promise(resolve => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
