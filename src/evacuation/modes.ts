import type { MachineState, State } from '../journal/state.ts';
import type { Step, View } from '../step/step.ts';

/**
 * How the storm is met. `calm`: as planned. `squeeze`: new copies only of whom triage saves, in its order. `last-call`:
 * one last delta of every machine that has a copy, compared, and nothing new after it. `dark`: nothing is asked of the
 * source any more.
 */

type Named = Pick<Step, 'id' | 'phase' | 'subject'>;

/** Stages by which a database is seeded: what follows them keeps it fresh, or was ordered. */
const SEEDING: ReadonlySet<string> = new Set([
  'capture',
  'align',
  'pin',
  'reconcile',
  'release',
  'backup',
  'restore',
  'ship-logs',
  'track',
  'copy',
  'follow',
]);

/** Why the mode holds a step back; undefined where it does not. The cutover itself is held by no mode. */
export function modeHold(step: Named, state: State): string | undefined {
  const mode = state.evacuation?.mode;
  if (mode === undefined || mode.mode === 'calm') return undefined;
  // A source that a cutover has made quiet gets its last copy, whatever was held before.
  if (mode.mode !== 'dark' && isQuiet(step.subject, state)) return undefined;
  const why = HOLDS[mode.mode](step, state, mode.saved ?? []);
  return why === undefined ? undefined : `${mode.mode}, ordered by ${mode.by}: ${why}`;
}

const isQuiet = (subject: string, { cutover }: State): boolean =>
  cutover !== undefined &&
  cutover.ended === undefined &&
  Object.hasOwn(cutover.machines, subject) &&
  cutover.machines[subject]?.stopped !== undefined;

type Holds = (step: Named, state: State, saved: readonly string[]) => string | undefined;

const squeeze: Holds = (step, state, saved) => {
  if (saved.includes(step.subject)) return undefined;
  if (!isPass(step) && step.phase !== 'prove' && !isSeeding(step, state)) return undefined;
  return `${step.subject} is not among those that triage saves`;
};

const lastCall: Holds = (step, state) => {
  if (step.phase === 'prove') return 'no more proofs';
  if (isSeeding(step, state)) {
    const database = Object.hasOwn(state.databases, step.subject) ? state.databases[step.subject] : undefined;
    const begun = database?.captured ?? database?.pinned ?? database?.reconcile;
    return begun === undefined ? 'no seed begins any more' : undefined;
  }
  if (step.phase === 'build' || isPass(step)) {
    const machine = machineOf(state, step.subject);
    if (machine === undefined || machine.passes.length === 0) return 'no first copy begins any more';
    if (isPass(step) && beginsAnew(machine)) return 'no copy begins from nothing any more';
  }
  return undefined;
};

const dark: Holds = step => {
  if (step.phase === 'sync' || step.phase === 'inventory') return 'nothing is asked of the source';
  // The hand-over of a dark source asks its own copy alone.
  if (step.phase === 'database' && nameOf(step) !== 'handover') return 'nothing is asked of production';
  return undefined;
};

const HOLDS = { squeeze, 'last-call': lastCall, dark } as const;

const nameOf = ({ id }: Named): string => id.split('/')[2] ?? '';
const isPass = (step: Named): boolean => step.phase === 'sync' && /^pass-\d+$/.test(nameOf(step));
const machineOf = (state: State, name: string): MachineState | undefined =>
  Object.hasOwn(state.machines, name) ? state.machines[name] : undefined;

function isSeeding(step: Named, state: State): boolean {
  if (step.phase !== 'database' || !SEEDING.has(nameOf(step))) return false;
  const database = Object.hasOwn(state.databases, step.subject) ? state.databases[step.subject] : undefined;
  return database?.released === undefined;
}

/** The next pass would be a full one although there were others: the replica was made anew after them. */
function beginsAnew({ passes, replica }: MachineState): boolean {
  const last = passes.at(-1);
  return last?.ended !== undefined && (replica?.afterPass ?? 0) >= last.pass;
}

/**
 * The steps that there are in this mode. In the dark the inventories of the source are none: what waits for them has
 * what they brought. In a squeeze the saved go first, in triage's order.
 */
export function inMode(view: View, steps: readonly Step[]): readonly Step[] {
  const mode = view.state.evacuation?.mode;
  if (mode?.mode === 'dark')
    return steps.filter(step => step.phase !== 'inventory' || !isAtSource(view, step.subject));
  if (mode?.mode !== 'squeeze') return steps;
  const saved = mode.saved ?? [];
  const rank = ({ subject }: Step): number => {
    const place = saved.indexOf(subject);
    return place < 0 ? saved.length : place;
  };
  return steps.toSorted((a, b) => rank(a) - rank(b));
}

function isAtSource({ plan }: View, subject: string): boolean {
  if (Object.hasOwn(plan.machines, subject)) return true;
  const site = Object.hasOwn(plan.hypervisors, subject) ? plan.hypervisors[subject]?.site : undefined;
  return site !== undefined && plan.sites[site]?.role === 'source';
}
