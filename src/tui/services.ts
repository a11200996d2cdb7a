import type { Command } from '../evacuation/engine/command.ts';
import type { EvacuationSummary } from '../evacuation/engine/find.ts';
import type { Session } from '../evacuation/engine/session.ts';
import type { NewMachine } from '../plan/template.ts';
import type { Report } from '../reports/shape.ts';

/**
 * What the screens may ask of the world. The command line gives it to them, so that nothing here touches files,
 * processes or hosts; every promise may reject with a LandfallError, which the screen shows with what to do.
 */
export interface Services {
  evacuations(): Promise<readonly EvacuationSummary[]>;
  plans(): Promise<readonly PlanSummary[]>;
  /** Attaches where an engine runs, otherwise opens what the journal says. */
  open(name: string): Promise<Session>;
  /** Starts the engine of a plan, or of an evacuation that was interrupted, detached; stages wait for approval. */
  start(what: { readonly plan: string } | { readonly name: string }): Promise<Session>;
  /** Starts a pocket rehearsal with an engine of its own and attaches to it. */
  rehearse(): Promise<Session>;
  /** What `landfall doctor` finds; with a plan or evacuation also about its hosts. */
  examine(name: string | undefined): Promise<readonly Finding[]>;
  /** Writes the readiness report beside the journal and returns its path. */
  saveReport(report: Report): Promise<string>;
  /** The last lines of a log in the evacuation's directory, such as a pass log. */
  tail(name: string, relative: string): Promise<readonly string[]>;
  /** The last of the evacuation's notes file. */
  notes(name: string): Promise<readonly string[]>;
  /** Looks at the hypervisors of both sites with reading commands, and proposes a first plan; writes nothing. */
  proposePlan(wishes: PlanWishes): Promise<ProposedPlan>;
  /** Looks at the sites of a plan that is being edited, for machines that it does not have yet. */
  findMachines(file: string, text: string): Promise<FoundMachines>;
  /** The text of a plan file. */
  readPlan(file: string): Promise<string>;
  /** Writes a plan file whole: a new one, or in place of the text that was read; refused where it changed meanwhile. */
  savePlan(file: string, text: string, read: string | undefined): Promise<void>;
}

/** What a first plan is made of, in the words of `landfall init`. */
export interface PlanWishes {
  readonly file: string;
  readonly source: readonly string[];
  readonly target: readonly string[];
  readonly earliest?: string;
  readonly expected?: string;
  readonly sshConfig?: string;
}

export interface FoundMachines {
  /** Every machine that could go, as it would stand in the plan. */
  readonly offers: readonly NewMachine[];
  /** What could not be read at the sites, one line each. */
  readonly troubles: readonly string[];
}

export interface ProposedPlan extends FoundMachines {
  /** As the engineer would type it. */
  readonly file: string;
  readonly text: string;
}

export interface PlanSummary {
  /** As the engineer would type it. */
  readonly file: string;
  readonly name?: string;
  readonly machines?: number;
  readonly lab: boolean;
  /** What is wrong with it, one line each with line and column; empty where it can be run. */
  readonly problems: readonly string[];
  /** An evacuation of this name exists. */
  readonly begun: boolean;
}

export interface Finding {
  readonly subject: string;
  readonly verdict: 'good' | 'warn' | 'bad';
  readonly found: string;
  readonly evidence?: readonly string[];
  readonly next?: readonly string[];
}

/** Something that was asked for and may still be on its way. */
export type Loaded<T> =
  | { readonly state: 'none' }
  | { readonly state: 'loading'; readonly since: number }
  | { readonly state: 'here'; readonly value: T; readonly at: number }
  | { readonly state: 'failed'; readonly what: string; readonly next: readonly string[] };

export type { Command, EvacuationSummary };
