import type { Clock } from '../../foundation/clock.ts';
import { asLandfallError, type LandfallError } from '../../foundation/errors.ts';
import type { EventBody } from '../../journal/events.ts';
import { get } from '../../journal/maps.ts';
import type { MachineState, State } from '../../journal/state.ts';
import { hasLogin } from '../../plan/login.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Host } from '../../remote/host.ts';
import { moverOf } from '../../step/mover.ts';
import type { Sample } from '../../step/step.ts';
import { rateOf } from '../../sync/index.ts';
import { isUnwritable } from '../attempt.ts';
import { holdOf, isPastCare } from '../held.ts';
import type { Controls } from '../instructions.ts';
import { type CareAct, judgeCare, LOOKS_KEPT } from './judge.ts';
import { type CareSample, lookAt, type Place } from './look.ts';

export interface CareParts {
  readonly plan: Plan;
  readonly state: () => State;
  readonly host: (id: string) => Promise<Host>;
  readonly clock: Clock;
  readonly emit: (event: EventBody) => Promise<void>;
  readonly onSample: (sample: Sample) => void;
  readonly controls: Pick<Controls, 'interrupt' | 'wake'>;
  /** Something went wrong that is no part of what was seen; the watch goes on. */
  readonly onTrouble: (error: LandfallError) => void;
  readonly signal: AbortSignal;
}

/** The watch as an engine has it. */
export const keepCare = (
  { clock, onTrouble }: { readonly clock: Clock; readonly onTrouble?: (error: LandfallError) => void },
  { controls }: { readonly controls: Controls },
  parts: Omit<CareParts, 'clock' | 'controls' | 'onTrouble' | 'signal'>,
  signal: AbortSignal,
): Promise<void> => watchCare({ ...parts, clock, controls, signal, onTrouble: error => onTrouble?.(error) });

/** Between two looks at a source, ms. */
export const CARE_EVERY_MS = 15_000;
/** What a copy is taken to have where nothing limits it and none was measured. */
const PLENTY = 100e6;

/**
 * Looks after the sources on which landfall works, and steps back where production needs them: slower first, then not at
 * all, and again as before when they have been calm for some time. Ends with the signal; rejects only where the journal
 * cannot be written.
 */
export async function watchCare(parts: CareParts): Promise<void> {
  const watches = new Map<string, Watch>();
  for (;;) {
    try {
      await parts.clock.sleep(CARE_EVERY_MS, parts.signal);
    } catch {
      return;
    }
    await Promise.all(
      Object.keys(parts.plan.machines).map(async machine => {
        const watch = watches.get(machine) ?? { rows: new Map(), decidedAt: undefined };
        watches.set(machine, watch);
        try {
          await once(parts, machine, watch);
        } catch (thrown) {
          if (parts.signal.aborted) return;
          if (isUnwritable(thrown)) throw thrown;
          parts.onTrouble(asLandfallError(thrown));
        }
      }),
    );
  }
}

interface Watch {
  /** By host, oldest first; a look without an answer begins a new row. */
  readonly rows: Map<string, CareSample[]>;
  decidedAt: number | undefined;
}

async function once(parts: CareParts, machine: string, watch: Watch): Promise<void> {
  const { plan, clock, signal } = parts;
  const before = parts.state();
  const known = get(before.machines, machine);
  const working = workingStep(before, machine);
  if (isPastCare(before, machine)) {
    watch.rows.clear();
    if (known?.cared !== undefined) {
      const why = 'everything there is at rest for the cutover';
      await act(parts, machine, watch, { act: 'release', why, evidence: [] });
    }
    return;
  }
  if (before.evacuation?.mode?.mode === 'dark' || (working === undefined && known?.cared === undefined)) {
    watch.rows.clear();
    return;
  }
  const places = placesOf(plan, before, machine);
  const looks = await Promise.all(
    places.map(place =>
      lookAt(
        place,
        () => parts.host(place.host),
        () => clock.monotonic(),
        signal,
      ),
    ),
  );
  if (signal.aborted) return;
  for (const [index, look] of looks.entries()) {
    const host = places[index]?.host ?? '';
    if (typeof look !== 'string')
      watch.rows.set(host, [...(watch.rows.get(host) ?? []), look].slice(-LOOKS_KEPT));
    else {
      // Silence is neither calm nor a reason to stop: what was seen before it is not continued.
      watch.rows.delete(host);
      parts.onSample({
        step: working ?? `sync/${machine}/care`,
        subject: machine,
        at: clock.now(),
        text: `how ${host} is doing is not known: ${look}`,
      });
    }
  }
  // The state of now: a pass may have ended, an order come.
  const state = parts.state();
  const cared = get(state.machines, machine)?.cared;
  const full = fullRate(plan, state, machine, clock.now());
  const acts = places.map(({ host }) =>
    judgeCare({
      care: plan.care,
      samples: watch.rows.get(host) ?? [],
      cared,
      decidedAt: watch.decidedAt,
      full,
    }),
  );
  const decided = together(acts, cared);
  if (decided !== undefined) await act(parts, machine, watch, decided);
}

/** One host in need is enough to step back; to come back all of them have to be calm. */
export function together(
  acts: readonly (CareAct | undefined)[],
  cared: MachineState['cared'],
): CareAct | undefined {
  const stop = acts.find(each => each?.act === 'stop');
  if (stop !== undefined) return stop;
  const rate = cared?.act === 'stop' ? 0 : (cared?.bytesPerSecond ?? Number.POSITIVE_INFINITY);
  const slower = acts.find(each => each?.act === 'ease' && (each.bytesPerSecond ?? 0) < rate);
  if (slower !== undefined) return slower;
  if (!acts.every(each => each !== undefined)) return undefined;
  // One that goes on although a host is busy says so, whatever the others say.
  return acts.find(each => each?.foreign === true) ?? acts[0];
}

async function act(parts: CareParts, machine: string, watch: Watch, decided: CareAct): Promise<void> {
  const { act: kind, why, evidence, bytesPerSecond, foreign } = decided;
  await parts.emit({
    type: 'source.cared',
    machine,
    act: kind,
    why,
    evidence,
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    ...(foreign === undefined ? {} : { foreign }),
  });
  watch.decidedAt = parts.clock.monotonic();
  // As a pause does: what runs there is stopped on the hosts, and what has arrived stays.
  if (kind === 'stop')
    parts.controls.interrupt(
      step =>
        step.subject === machine && step.halt !== undefined && holdOf(step, parts.state())?.kind === 'paused',
      `for the sake of production: ${why}`,
    );
  parts.controls.wake();
}

/** The step by which landfall works on the source now. */
function workingStep({ steps }: State, machine: string): string | undefined {
  const prefix = `sync/${machine}/`;
  return Object.keys(steps).find(
    id => id.startsWith(prefix) && (steps[id]?.status === 'running' || steps[id]?.status === 'retrying'),
  );
}

/** Who is asked: the guest, where one may log in, and the hypervisor on which pieces are made. */
function placesOf(plan: Plan, state: State, machine: string): Place[] {
  const login = hasLogin(plan, machine);
  const known = get(state.machines, machine);
  const snapshots = (known?.snapshots ?? [])
    .filter(({ kind }) => kind === 'lvm')
    .map(({ snapshot }) => snapshot);
  const hypervisor = get(plan.machines, machine)?.source.hypervisor ?? '';
  const blocks = !login || moverOf({ plan, state }, machine) === 'blocks';
  return [
    ...(login ? [{ host: machine, snapshots }] : []),
    ...(blocks ? [{ host: hypervisor, scratch: get(plan.hypervisors, hypervisor)?.scratch }] : []),
  ];
}

/** What the copy would have if nobody was spared, bytes per second. */
function fullRate(plan: Plan, state: State, machine: string, now: number): number {
  const known = get(state.machines, machine);
  if (known === undefined) return PLENTY;
  const { cared: _spared, ...rest } = known;
  const free: State = { ...state, machines: { ...state.machines, [machine]: rest } };
  const allowed = rateOf({ plan, state: free }, machine, now);
  if (allowed !== undefined) return allowed;
  const runs = known.passes.flatMap(({ ended }) => ended?.runs ?? []);
  const seen = runs.map(({ sentBytes, ms }) => (ms < 1000 ? 0 : (sentBytes / ms) * 1000));
  return Math.max(...seen, 0) || PLENTY;
}
