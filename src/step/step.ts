import type { Clock, Random } from '../foundation/clock.ts';
import type { LandfallError } from '../foundation/errors.ts';
import type { EventBody } from '../journal/events.ts';
import type { State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import type { ExecOptions, ExecResult, Host, RemoteJob } from '../remote/host.ts';
import type { Servers } from '../remote/sql/server.ts';
import type { Action } from './action.ts';

/** The stages of the walk, in order. */
export const PHASES = [
  'check',
  'inventory',
  'build',
  'sync',
  'database',
  'prove',
  'ready',
  'cutover',
] as const;
export type Phase = (typeof PHASES)[number];

/** What a decision may look at: the frozen plan and the folded journal. */
export interface View {
  readonly plan: Plan;
  readonly state: State;
}

/** A share of something scarce: `link`, `host:mia-kvm1`. The conductor keeps the sum under the budget. */
export interface Resource {
  readonly key: string;
  readonly units: number;
}

/** Retry is off unless a step says which errors are transient, how often, and how long to wait. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** Pause before attempt n (2, 3, …) in milliseconds. */
  readonly pauseMs: (attempt: number) => number;
  readonly transient: (error: LandfallError) => boolean;
}

/**
 * Everything landfall does to the world. `preview` returns the very actions that `run` will perform; the context
 * refuses any other, so that a dry run cannot lie. `done` asks the world, not memory.
 */
export interface Step {
  /** `build/web1/replica`: phase, subject, name. Stable across runs. */
  readonly id: string;
  readonly phase: Phase;
  /** The machine, hypervisor or database it is about. */
  readonly subject: string;
  /** One line for people: `create the replica disks of web1`. */
  readonly title: string;
  /** Steps that must be done before it. */
  readonly needs: readonly string[];
  readonly resources: readonly Resource[];
  /**
   * Steps whose work it takes apart while it runs and puts back at its end. Where it does not end well, they are asked
   * again, with all that needs them, before anything goes on.
   */
  readonly disturbs?: readonly string[];
  /** Listed only while there is something to do: that it was done once says nothing of the next time that it is listed. */
  readonly repeats?: true;
  readonly retry?: RetryPolicy;
  preview(view: View): readonly Action[];
  done(context: StepContext, signal: AbortSignal): Promise<boolean>;
  run(context: StepContext, signal: AbortSignal): Promise<void>;
  /**
   * Stops what the step has set going on hosts and what would go on without it: called when an engineer pauses it,
   * never when landfall itself ends. What has arrived stays; the step begins again when it is resumed. A step without
   * it is short, and a pause lets it come to its end.
   */
  halt?(context: StepContext): Promise<void>;
}

/** How far a running step is; never journalled, always with the time it was taken. */
export interface Sample {
  readonly step: string;
  readonly subject: string;
  readonly at: number;
  /** What is going on, one line. */
  readonly text: string;
  /** 0 to 1, only where the end is really known. */
  readonly fraction?: number;
  readonly bytes?: number;
  readonly bytesPerSecond?: number;
  readonly etaMs?: number;
}

/** A step's hands. Everything it does to the world goes through here and is checked against its preview. */
export interface StepContext extends View {
  /** The host by landfall's name for it: a hypervisor, a machine, `<machine>.receiver`. */
  host(id: string): Promise<Host>;
  /** Executes an action that the preview announced; a foreign or unknown one is a bug and is refused. */
  perform(action: Action & { kind: 'exec' }, options?: ExecOptions): Promise<ExecResult>;
  perform(action: Action & { kind: 'write' }): Promise<void>;
  perform(action: Action & { kind: 'job' }): Promise<RemoteJob>;
  /**
   * The SQL Servers of a database of the plan, each connected when it is first asked. What writes must have been
   * announced by the preview, word for word; before its first write a server has proved who it is.
   */
  sql(database: string): Promise<Servers>;
  /** The folded state right now (the `state` of the view is this getter). */
  emit(event: EventBody): Promise<void>;
  sample(sample: Omit<Sample, 'step' | 'subject' | 'at'>): void;
  /** Keeps a log of a pass or a job in the evacuation's directory. */
  keepLog(name: string, content: Uint8Array): Promise<void>;
  readonly evacuation: string;
  /** The plan in force, as it was written; absent where a step is tried by itself. */
  readonly planText?: string;
  readonly clock: Clock;
  readonly random: Random;
}
