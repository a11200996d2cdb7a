import { LandfallError } from '../../../foundation/errors.ts';
import { didYouMean } from '../../../foundation/spelling.ts';
import type { EventBody } from '../../../journal/events.ts';
import type { MachineState, State, StepState } from '../../../journal/state.ts';
import type { Plan } from '../../../plan/schema.ts';
import type { Step } from '../../../step/step.ts';
import type { Command, CommandKind, CommandOf } from '../command.ts';

/** What a decision about an order may look at. */
export interface Desktop {
  readonly plan: Plan;
  readonly state: State;
  /** Epoch ms. */
  readonly now: number;
  /** The author of the order: `dana@jump1`. */
  readonly by: string;
  /** The steps that there are now. */
  readonly steps: readonly Step[];
}

/** What an order comes to, before anything is done about it. */
export interface Decision {
  /** The answer: one plain sentence. */
  readonly said: string;
  readonly events: readonly EventBody[];
  /** Failed steps to be tried again. */
  readonly retry?: readonly string[];
  /** Subjects whose finished steps are asked again whether they are still done. */
  readonly recheck?: readonly string[];
  /** Stop what runs and is held now, with this reason. */
  readonly interrupt?: string;
  /** End the engine. */
  readonly stop?: true;
  /** Look at names, clocks and credentials again. */
  readonly look?: true;
}

/** Decides an order, or throws `command.refused`, `command.unavailable`. Pure. */
export type Decide<C extends Command> = (command: C, desk: Desktop) => Decision;

/** One decision for every kind of order. */
export type Decisions = { readonly [K in CommandKind]: Decide<CommandOf<K>> };

export const nothingToDo = (said: string): Decision => ({ said, events: [] });

export const refuse = (what: string, next: readonly string[], why?: string): LandfallError =>
  new LandfallError('command.refused', { what, why, next });

/** Refuses a machine that the plan does not have. */
export function requireMachine({ plan }: Desktop, machine: string): void {
  if (Object.hasOwn(plan.machines, machine)) return;
  const hint = didYouMean(machine, Object.keys(plan.machines));
  throw refuse(`the plan has no machine called ${machine}`, [hint ?? 'add it to the plan first']);
}

/** The machine that is meant, or all of the plan. */
export function machinesOf(desk: Desktop, machine: string | undefined): string[] {
  if (machine === undefined) return Object.keys(desk.plan.machines);
  requireMachine(desk, machine);
  return [machine];
}

export const machineState = ({ state }: Desktop, machine: string): MachineState | undefined =>
  Object.hasOwn(state.machines, machine) ? state.machines[machine] : undefined;

/** `build/web1/replica` is about web1 (the Step contract). */
export const subjectOf = (step: string): string => step.split('/')[1] ?? '';

/**
 * A step that knows how to stop what it has set going on hosts may be stopped in the middle. Any other is short and ends
 * by itself: cut off, its command could go on unseen (sudo does not pass a signal on), beside the same command of the
 * step that begins again.
 */
export const canBeStopped = (step: Step): boolean => step.halt !== undefined;

export const isRunning = ({ status }: StepState): boolean => status === 'running' || status === 'retrying';

/** Steps of a machine, or all, as the journal knows them. */
export function stepsAbout({ state }: Desktop, machine: string | undefined): StepState[] {
  const steps = Object.values(state.steps);
  return machine === undefined ? steps : steps.filter(({ id }) => subjectOf(id) === machine);
}

/** Failed steps that there still are: one that the planner no longer lists has nothing to try again. */
export function failedSteps(desk: Desktop, machine: string | undefined): string[] {
  const listed = new Set(desk.steps.map(({ id }) => id));
  return stepsAbout(desk, machine)
    .filter(({ id, status }) => status === 'failed' && listed.has(id))
    .map(({ id }) => id);
}

export const retryEvents = (steps: readonly string[]): EventBody[] =>
  steps.map(step => ({ type: 'step.retry-requested', step }));

/** `{ reason }` where there is one. */
export const reasonOf = (reason: string | undefined): { reason?: string } =>
  reason === undefined ? {} : { reason };
