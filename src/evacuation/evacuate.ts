import type { Clock, Random } from '../foundation/clock.ts';
import { LandfallError } from '../foundation/errors.ts';
import type { Redactor } from '../foundation/redact.ts';
import { createEvacuationDirectory, type EvacuationDirectory } from '../journal/directory.ts';
import type { Event } from '../journal/events.ts';
import { type Journal, openJournal } from '../journal/journal.ts';
import type { State } from '../journal/state.ts';
import { diffPlans } from '../plan/diff.ts';
import type { LoadedPlan } from '../plan/read.ts';
import { resolveDeadline } from '../plan/resolve.ts';
import type { CommandRecord } from '../remote/host.ts';
import { createHosts } from '../remote/hosts.ts';
import type { Phase, Sample } from '../step/step.ts';
import { addressOf } from './addresses.ts';
import { budgetOf } from './budget.ts';
import { conduct, type Outcome } from './conductor.ts';
import { contextFor } from './context.ts';
import { stepsOf } from './planner.ts';

export interface EvacuateOptions {
  readonly plan: LoadedPlan;
  /** The directory of all evacuations. */
  readonly root: string;
  /** Which stages this run goes through. */
  readonly phases?: readonly Phase[];
  /** Accept a plan that changed since the evacuation was created. */
  readonly acceptPlan?: boolean;
  /** Take the lock from a holder on another host that cannot be seen. */
  readonly takeOver?: boolean;
  /** Ask for one more pass of every machine, with this reason, before anything else. */
  readonly anotherPass?: string;
  readonly sshConfig?: string | undefined;
  readonly agentSocket?: string | undefined;
  readonly landfallVersion: string;
  readonly owner: { readonly pid: number; readonly host: string; readonly user: string };
  readonly clock: Clock;
  readonly random: Random;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: Event, state: State) => void;
  readonly onSample?: (sample: Sample) => void;
}

export interface Evacuated {
  readonly state: State;
  readonly outcome: Outcome;
  readonly directory: string;
}
