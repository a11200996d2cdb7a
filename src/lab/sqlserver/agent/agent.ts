import type { Instance } from '../server/instance.ts';
import { JobStore, type Outcome } from './job-store.ts';
import { runJob } from './run-job.ts';
import { isContinuous, nextRun } from './schedule.ts';
import type { JobAgent, Subsystem } from './subsystem.ts';
import { tsql } from './tsql.ts';

interface Running {
  stepId: number;
  readonly started: number;
  readonly source: string;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/**
 * SQL Server Agent of an instance; to be put into `instance.agent` and started. `subsystems` are those besides T-SQL: the
 * agents of replication.
 */
export function createAgent(instance: Instance, subsystems: readonly Subsystem[] = []): JobAgent {
  return new Agent(instance, subsystems);
}

class Agent implements JobAgent {
  running = false;
  readonly #instance: Instance;
  readonly #store: JobStore;
  readonly #subsystems: ReadonlyMap<string, Subsystem>;
  readonly #active = new Map<string, Running>();
  #stopping = new AbortController();
  /** Fires when schedules may have changed. */
  #changed = new AbortController();
  #scheduler: Promise<void> = Promise.resolve();

  constructor(instance: Instance, subsystems: readonly Subsystem[]) {
    this.#instance = instance;
    this.#store = new JobStore(instance);
    this.#subsystems = new Map([tsql, ...subsystems].map(each => [each.name.toLowerCase(), each]));
  }

  active(): ReadonlyMap<string, { readonly stepId: number; readonly started: number }> {
    return this.#active;
  }

  startJob(jobId: string, source: string, stepId?: number): boolean {
    const id = jobId.toUpperCase();
    if (!this.running || this.#active.has(id)) return false;
    const abort = new AbortController();
    const done = this.#run(id, source, stepId, abort.signal).finally(() => this.#active.delete(id));
    // Whoever waits for the job sees its fault; nobody need wait.
    done.catch(() => undefined);
    this.#active.set(id, { stepId: 0, started: this.#instance.clock.now(), source, abort, done });
    return true;
  }

  async #run(id: string, source: string, stepId: number | undefined, signal: AbortSignal): Promise<void> {
    // The caller's own transaction may have made the job: it is read when the caller has had its turn.
    await Promise.resolve();
    try {
      const job = await this.#store.job(id);
      if (job === undefined) return;
      await this.#store.requested(id, this.#instance.clock.now(), source);
      const outcome = await runJob(
        {
          job,
          source,
          firstStep: stepId ?? job.startStep,
          signal,
          onStep: step => {
            const running = this.#active.get(id);
            if (running) running.stepId = step;
          },
        },
        this.#instance,
        this.#store,
        this.#subsystems,
      );
      if (removes(job.deleteLevel, outcome)) await this.#store.remove(job);
    } catch (error) {
      // A server that closes takes its msdb away from under the agent; anything else is a fault of the double.
      if (!this.#stopping.signal.aborted) throw error;
    }
  }

  async stopJob(jobId: string, _source: string): Promise<boolean> {
    const running = this.#active.get(jobId.toUpperCase());
    if (running === undefined) return false;
    running.abort.abort();
    await running.done;
    return true;
  }

  async idle(jobId: string): Promise<void> {
    await this.#active.get(jobId.toUpperCase())?.done;
  }

  refresh(): void {
    this.#changed.abort();
  }

  async start(): Promise<void> {
    if (this.running) return;
    this.#stopping = new AbortController();
    await this.#store.begin(this.#instance.clock.now());
    this.running = true;
    for (const { jobId, schedule } of await this.#store.schedules())
      if (isContinuous(schedule)) this.startJob(jobId, 'Schedule');
    this.#scheduler = this.#schedule(this.#stopping.signal);
    this.#scheduler.catch(() => undefined);
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    this.#stopping.abort();
    const all = [...this.#active.values()];
    for (const running of all) running.abort.abort();
    await Promise.allSettled(all.map(running => running.done));
    await this.#scheduler;
  }

  /** Starts what is due, then sleeps until the next is or a schedule has changed. */
  async #schedule(stopping: AbortSignal): Promise<void> {
    const { clock } = this.#instance;
    let from = clock.now();
    while (!stopping.aborted) {
      this.#changed = new AbortController();
      const wake = AbortSignal.any([stopping, this.#changed.signal]);
      try {
        const due = (await this.#store.schedules())
          .map(({ jobId, schedule }) => ({ jobId, at: nextRun(schedule, from) }))
          .filter((each): each is { readonly jobId: string; readonly at: number } => each.at !== undefined);
        const next = Math.min(...due.map(each => each.at), clock.now() + LONGEST_SLEEP);
        await clock.sleep(Math.max(0, next - clock.now()), wake);
        for (const { jobId, at } of due) if (at <= next) this.startJob(jobId, 'Schedule');
        from = next;
      } catch (error) {
        if (!wake.aborted) throw error;
        from = Math.max(from, clock.now());
      }
    }
  }
}

/** An hour: timers take no longer spans than 24 days. */
const LONGEST_SLEEP = 3_600_000;

/** delete_level: 1 when it succeeded, 2 when it failed, 3 in any case. */
const removes = (level: number, outcome: Outcome): boolean =>
  level === 3 || (level === 1 && outcome === 1) || (level === 2 && outcome === 0);
