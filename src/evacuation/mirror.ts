import type { Clock } from '../foundation/clock.ts';
import { asLandfallError } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import type { Event, EventBody } from '../journal/events.ts';
import type { State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import type { Host } from '../remote/host.ts';
import { milestoneOf } from './chronicle.ts';
import { checkIdentity, expectedIdentity } from './identity.ts';
import { mirrorTo } from './mirror-host.ts';
import { type MirrorSnapshot, mirrorSource } from './mirror-source.ts';

/**
 * Keeps a copy of the evacuation at the target site: whoever loses the control machine together with the source goes on
 * from there. What cannot be written is journalled and tried again at the next milestone; nothing waits for it.
 */
export interface Mirror {
  event(event: Event): void;
  /** Resolves when what was reached is mirrored, was refused, or patience is over. */
  settle(): Promise<void>;
  /** Once more, for the last events; from now on nothing is journalled. */
  close(): Promise<void>;
}

export interface MirrorOptions {
  readonly plan: Plan;
  readonly directory: string;
  readonly state: () => State;
  readonly host: (id: string) => Promise<Host>;
  readonly append: (event: EventBody) => Promise<unknown>;
  readonly clock: Clock;
  readonly by: string;
  readonly landfall: string;
  /** How long the end of a run waits for the target site, ms. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 20_000;

export function openMirror(options: MirrorOptions): Mirror {
  const { plan, state, clock } = options;
  const source = mirrorSource(options.directory);
  const proved = new Set<string>();
  const failing = new Set<string>();
  let isAsked = false;
  let isClosed = false;
  let working: Promise<void> | undefined;

  const emit = async (event: EventBody): Promise<void> => {
    if (!isClosed) await options.append(event);
  };

  const write = async (hypervisor: string, snapshot: MirrorSnapshot): Promise<void> => {
    try {
      const host = await options.host(hypervisor);
      const expected = expectedIdentity(state(), hypervisor);
      if (!proved.has(hypervisor) && expected !== undefined) await checkIdentity(host, expected);
      proved.add(hypervisor);
      const facts = { at: clock.now(), by: options.by, landfall: options.landfall };
      const path = await mirrorTo(host, { evacuation: plan.name, source, snapshot, facts });
      failing.delete(hypervisor);
      const { upTo, head } = snapshot.journal;
      await emit({ type: 'mirror.written', hypervisor, path, upTo, head });
    } catch (thrown) {
      failing.add(hypervisor);
      const why = harmless(asLandfallError(thrown).facts.what);
      // Told once, not at every milestone of a night.
      if (state().evacuation?.mirrors?.[hypervisor]?.trouble?.why !== why)
        await emit({ type: 'mirror.failed', hypervisor, why });
    }
  };

  const round = async (hypervisors: readonly string[]): Promise<void> => {
    if (hypervisors.length === 0) return;
    const snapshot = await source.snapshot();
    await Promise.all(hypervisors.map(each => write(each, snapshot)));
  };

  const work = async (): Promise<void> => {
    while (isAsked && !isClosed) {
      isAsked = false;
      // A journal that cannot be appended to ends the run by itself.
      await round(mirrorPlaces(plan, state())).catch(() => undefined);
    }
    working = undefined;
  };
  const patiently = (promise: Promise<unknown>): Promise<void> => within(promise, options);

  return {
    event(event) {
      if (milestoneOf(event) === undefined || isClosed) return;
      isAsked = true;
      working ??= work();
    },
    async settle() {
      isAsked = true;
      working ??= work();
      await patiently(working);
    },
    async close() {
      isClosed = true;
      const last = async (): Promise<void> => {
        await working;
        await round(mirrorPlaces(plan, state()).filter(each => !failing.has(each))).catch(() => undefined);
      };
      await patiently(last());
    },
  };
}

/** Hypervisors of the target site that have told who they are: nothing is written to a host before. */
export const mirrorPlaces = (plan: Plan, state: State): string[] =>
  Object.entries(plan.hypervisors)
    .filter(
      ([name, { site }]) => plan.sites[site]?.role === 'target' && Object.hasOwn(state.hypervisors, name),
    )
    .map(([name]) => name);

async function within(
  promise: Promise<unknown>,
  { clock, patienceMs = PATIENCE_MS }: Pick<MirrorOptions, 'clock' | 'patienceMs'>,
): Promise<void> {
  const over = new AbortController();
  await Promise.race([
    promise.finally(() => over.abort()),
    clock.sleep(patienceMs, over.signal).catch(() => undefined),
  ]);
  over.abort();
}
