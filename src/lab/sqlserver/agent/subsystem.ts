import type { Instance } from '../server/instance.ts';

/** A step of a job as `msdb.dbo.sysjobsteps` holds it. */
export interface JobStep {
  readonly jobId: string;
  readonly jobName: string;
  readonly stepId: number;
  readonly name: string;
  readonly subsystem: string;
  readonly command: string;
  readonly databaseName: string;
  readonly server: string | null;
}

/** Lines that end up in the `message` of the step's history row, the newest last. */
export interface StepHistory {
  add(text: string): void;
}

/**
 * What runs steps of one kind (`TSQL`, `LogReader`, `Distribution`, `Snapshot`). `run` ends when the step is done (a
 * continuous replication agent: when `signal` fires), and throws when it failed: the agent then waits `retry_interval`
 * minutes and tries again up to `retry_attempts` times.
 */
export interface Subsystem {
  /** As in sysjobsteps.subsystem. */
  readonly name: string;
  run(step: JobStep, instance: Instance, signal: AbortSignal, history: StepHistory): Promise<void>;
}

/** SQL Server Agent as procedures and views see it. */
export interface JobAgent {
  /** undefined where it does not run: Express, or it was stopped. */
  readonly running: boolean;
  /** Job ids (upper case, with hyphens) that run now, with the step they are at. */
  active(): ReadonlyMap<string, { readonly stepId: number; readonly started: number }>;
  /** Starts a job and returns at once; false where it runs already (22022). */
  startJob(jobId: string, source: string, stepId?: number): boolean;
  /** Cancels a job; false where it does not run (22022). Resolves when its step has ended. */
  stopJob(jobId: string, source: string): Promise<boolean>;
  /** The job's next end, at once where it does not run; for tests and for procedures that wait. */
  idle(jobId: string): Promise<void>;
  /** sysjobs, sysjobsteps or sysschedules changed. */
  refresh(): void;
  /** SQL Server Agent's own start and stop; start runs the jobs whose schedule says so. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
