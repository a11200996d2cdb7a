import { harmlessValue } from '../foundation/harmless-value.ts';
import type { EvacuationState, State, Waiver } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import type { View } from '../step/step.ts';
import { own } from './copy.ts';
import type { Gate } from './gate.ts';
import {
  basisOfDatabase,
  basisOfMachine,
  type GateOptions,
  gatesOfDatabase,
  gatesOfEvacuation,
  gatesOfMachine,
} from './gates.ts';
import { type SubjectVerdict, subjectVerdict, type Verdicts, verdictFrom } from './verdict.ts';

/** Gates speak of ages, so they are looked at again at least this often, changed or not. */
export const GATES_KEPT_MS = 10_000;

/**
 * The gates of an evacuation for a screen that asks every second: those of `gatesOf`, with every text harmless, worked out
 * again only where something changed or where they are older than GATES_KEPT_MS. What is the same stays the same object.
 */
export interface GateBook {
  /** The gates of one machine; none where the plan has no such machine. `now` in epoch ms. */
  gatesFor(view: View, machine: string, now: number): readonly Gate[];
  gatesForDatabase(view: View, database: string, now: number): readonly Gate[];
  gatesForEvacuation(view: View, now: number, options?: GateOptions): readonly Gate[];
  /** The verdict of one machine: what blocks it, what warns, what was waived. */
  verdictFor(view: View, machine: string, now: number): SubjectVerdict | undefined;
  verdicts(view: View, now: number, options?: GateOptions): Verdicts;
}

export function createGateBook(): GateBook {
  return new MemoisedGates();
}

interface Entry {
  /** What the gates were worked out from, compared by identity. */
  readonly from: readonly unknown[];
  /** The waivers as they were looked at last. */
  waivers: EvacuationState['waivers'];
  readonly gates: readonly Gate[];
  readonly verdict: SubjectVerdict | undefined;
}

class MemoisedGates implements GateBook {
  #plan: Plan | undefined;
  #machines = new Map<string, Entry>();
  #databases = new Map<string, Entry>();
  #evacuation: Entry | undefined;
  #last: { readonly of: readonly SubjectVerdict[]; readonly verdicts: Verdicts } | undefined;

  gatesFor(view: View, machine: string, now: number): readonly Gate[] {
    return this.#ofMachine(view, machine, now).gates;
  }

  gatesForDatabase(view: View, database: string, now: number): readonly Gate[] {
    return this.#ofDatabase(view, database, now).gates;
  }

  gatesForEvacuation(view: View, now: number, options: GateOptions = {}): readonly Gate[] {
    return this.#ofEvacuation(view, now, options).gates;
  }

  verdictFor(view: View, machine: string, now: number): SubjectVerdict | undefined {
    return this.#ofMachine(view, machine, now).verdict;
  }

  verdicts(view: View, now: number, options: GateOptions = {}): Verdicts {
    const { machines, databases } = view.plan;
    const entries = [
      this.#ofEvacuation(view, now, options),
      ...Object.keys(machines).map(name => this.#ofMachine(view, name, now)),
      ...Object.keys(databases).map(name => this.#ofDatabase(view, name, now)),
    ];
    const of = entries.flatMap(each => each.verdict ?? []);
    const last = this.#last;
    if (last !== undefined && isSame(of, last.of)) return last.verdicts;
    const verdicts = verdictFrom(of);
    this.#last = { of, verdicts };
    return verdicts;
  }

  #ofMachine(view: View, name: string, now: number): Entry {
    this.#turnTo(view.plan);
    const from = [...basisOfMachine(view, name), Math.floor((now + offsetOf(name)) / GATES_KEPT_MS)];
    return kept(this.#machines, name, view.state, from, () => gatesOfMachine(view, name, now));
  }

  #ofDatabase(view: View, name: string, now: number): Entry {
    this.#turnTo(view.plan);
    const from = [...basisOfDatabase(view, name), Math.floor((now + offsetOf(name)) / GATES_KEPT_MS)];
    return kept(this.#databases, name, view.state, from, () => gatesOfDatabase(view, name, now));
  }

  #ofEvacuation(view: View, now: number, options: GateOptions): Entry {
    this.#turnTo(view.plan);
    const { evacuation, steps, lastSeq, lastAt } = view.state;
    const { planHash, rehearsedAt } = options;
    const from = [evacuation, steps, lastSeq, lastAt, planHash, rehearsedAt, Math.floor(now / GATES_KEPT_MS)];
    const before = this.#evacuation;
    if (before !== undefined && isSame(before.from, from)) return before;
    this.#evacuation = entry(view.state, from, gatesOfEvacuation(view, now, options));
    return this.#evacuation;
  }

  /** Another plan is another evacuation, or another shape of it: nothing of before counts. */
  #turnTo(plan: Plan): void {
    if (plan === this.#plan) return;
    this.#plan = plan;
    this.#machines = new Map();
    this.#databases = new Map();
    this.#evacuation = undefined;
  }
}

function kept(
  entries: Map<string, Entry>,
  name: string,
  state: State,
  from: readonly unknown[],
  gates: () => readonly Gate[],
): Entry {
  const before = entries.get(name);
  if (before !== undefined && isSame(before.from, from) && hasSameWaivers(before, state)) return before;
  const made = entry(state, from, gates());
  entries.set(name, made);
  return made;
}

function entry(state: State, from: readonly unknown[], raw: readonly Gate[]): Entry {
  const gates = harmlessValue(raw);
  return { from, waivers: state.evacuation?.waivers, gates, verdict: subjectVerdict(gates) };
}

/** A waiver of one machine must not cost the gates of all others. */
function hasSameWaivers(before: Entry, { evacuation }: State): boolean {
  const waivers = evacuation?.waivers;
  if (before.waivers === waivers) return true;
  const of = (all: EvacuationState['waivers'], id: string): Waiver | undefined => own(all ?? {}, id);
  if (before.gates.some(({ id }) => of(before.waivers, id) !== of(waivers, id))) return false;
  before.waivers = waivers;
  return true;
}

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((each, index) => Object.is(each, b[index]));

/**
 * Spreads the machines over the time in which gates are kept, so that they do not all come due in the same frame: the
 * FNV-1a hash of the name, which sends even neighbouring names far apart.
 */
function offsetOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  // The lowest bits alone mix badly; the high half is folded in.
  return ((hash ^ (hash >>> 15)) >>> 0) % GATES_KEPT_MS;
}
