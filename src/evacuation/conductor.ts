import type { Clock } from '../foundation/clock.ts';
import { asLandfallError, cancelled, type LandfallError, recordOf } from '../foundation/errors.ts';
import type { EventBody } from '../journal/events.ts';
import type { State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import type { Sample, Step, StepContext, View } from '../step/step.ts';
import { type Budget, Ledger } from './budget.ts';

/** The journal as the conductor needs it: the folded state, and durable appends. */
export interface Score {
  state(): State;
  append(event: EventBody): Promise<void>;
}

export interface ConductorOptions {
  readonly plan: Plan;
  readonly journal: Score;
  /** Which steps there are now, most urgent first; asked again whenever something changed. */
  readonly stepsOf: (view: View) => readonly Step[];
  readonly contextOf: (step: Step) => StepContext;
  readonly budget: Budget;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onSample?: (sample: Sample) => void;
}

export interface Outcome {
  readonly done: readonly string[];
  readonly failed: readonly string[];
  /** Steps that never started because a step they need failed. */
  readonly blocked: readonly string[];
  readonly cancelled: boolean;
  /** Every step was found done; nothing had to be run. */
  readonly idle: boolean;
}

type Settled = { readonly step: Step; readonly how: 'done' | 'already' | 'failed' | 'cancelled' };

/**
 * Orders the steps and runs them. It owns order, budgets, retries and cancellation, and nothing else: what there is
 * to do comes from `stepsOf`, what a step does is the step's own, and whatever happens is an event. The failure of
 * one machine never stops another: only the steps that need a failed step stay behind.
 */
export async function conduct(options: ConductorOptions): Promise<Outcome> {
  const { plan, journal, stepsOf } = options;
  // Ours besides the caller's: when the journal fails, whatever still runs has to stop.
  const emergency = new AbortController();
  const signal = AbortSignal.any([options.signal, emergency.signal]);
  const ledger = new Ledger(options.budget);
  const running = new Map<string, Promise<Settled>>();
  const done = new Set<string>();
  const failed = new Set<string>();
  let idle = true;

  const pending = (): Step[] => {
    const steps = stepsOf({ plan, state: journal.state() });
    return steps.filter(s => !done.has(s.id) && !failed.has(s.id) && !running.has(s.id));
  };
  const isMet = (need: string, open: ReadonlySet<string>): boolean =>
    // A step that the planner no longer lists and the journal knows as done lies behind us.
    done.has(need) ||
    (!open.has(need) && !running.has(need) && journal.state().steps[need]?.status === 'done');

  for (;;) {
    if (!signal.aborted) {
      const open = pending();
      const openIds = new Set(open.map(s => s.id));
      for (const step of open) {
        if (!step.needs.every(need => isMet(need, openIds))) continue;
        if (!ledger.fits(step.resources)) continue;
        ledger.take(step.resources);
        running.set(step.id, settle(step, { ...options, signal }));
      }
    }
    if (running.size === 0) break;
    const { step, how } = await Promise.race(running.values()).catch(async (thrown: unknown) => {
      emergency.abort();
      await Promise.allSettled(running.values());
      throw thrown;
    });
    running.delete(step.id);
    ledger.release(step.resources);
    if (how === 'done' || how === 'already') done.add(step.id);
    if (how !== 'already') idle = false;
    if (how === 'failed') failed.add(step.id);
  }

  const blocked = signal.aborted ? [] : pending().map(s => s.id);
  return { done: [...done], failed: [...failed], blocked, cancelled: signal.aborted, idle };
}

/** Runs one step to its end; rejects only where the journal itself cannot be written. */
async function settle(step: Step, options: ConductorOptions): Promise<Settled> {
  const { journal, signal } = options;
  const attempts = step.retry?.attempts ?? 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { step, how: await attemptOnce(step, attempt, options) };
    } catch (thrown) {
      const error = signal.aborted ? cancelled() : asLandfallError(thrown);
      // A journal that cannot be written ends the run: going on would do things nobody could know of.
      if (error.code === 'state.unwritable') throw error;
      if (error.family === 'cancelled') {
        await journal.append({ type: 'step.cancelled', step: step.id, phase: step.phase });
        return { step, how: 'cancelled' };
      }
      if (attempt < attempts && step.retry?.transient(error) === true) {
        await pause(step, attempt, error, options);
        continue;
      }
      await journal.append({
        type: 'step.failed',
        step: step.id,
        phase: step.phase,
        attempts: attempt,
        error: errorEntry(error),
      });
      return { step, how: 'failed' };
    }
  }
}

async function attemptOnce(
  step: Step,
  attempt: number,
  options: ConductorOptions,
): Promise<'done' | 'already'> {
  const { journal, clock, signal } = options;
  const context = options.contextOf(step);
  const begun = clock.monotonic();
  const ended = (already: boolean): EventBody => ({
    type: 'step.done',
    step: step.id,
    phase: step.phase,
    ms: Math.round(clock.monotonic() - begun),
    already,
  });
  if (await step.done(context, signal)) {
    if (journal.state().steps[step.id]?.status !== 'done') await journal.append(ended(true));
    return 'already';
  }
  signal.throwIfAborted();
  await journal.append({ type: 'step.started', step: step.id, phase: step.phase, attempt });
  await step.run(context, signal);
  await journal.append(ended(false));
  return 'done';
}

async function pause(
  step: Step,
  attempt: number,
  error: LandfallError,
  options: ConductorOptions,
): Promise<void> {
  const inMs = step.retry?.pauseMs(attempt + 1) ?? 0;
  await options.journal.append({
    type: 'step.retrying',
    step: step.id,
    phase: step.phase,
    attempt,
    inMs,
    error: errorEntry(error),
  });
  // A cancelled wait falls through to the next attempt, which sees the signal at once.
  await options.clock.sleep(inMs, options.signal).catch((thrown: unknown) => {
    if (!options.signal.aborted) throw thrown;
  });
}

/** The error as an event carries it: plain data, without undefined members. */
function errorEntry(error: LandfallError): Extract<EventBody, { type: 'step.failed' }>['error'] {
  const record = recordOf(error);
  const where = Object.fromEntries(
    Object.entries(record.where ?? {}).filter(([, value]) => value !== undefined),
  );
  return {
    code: record.code,
    family: record.family,
    what: record.what,
    next: [...record.next],
    ...(record.why === undefined ? {} : { why: record.why }),
    ...(record.where === undefined ? {} : { where }),
    ...(record.evidence === undefined ? {} : { evidence: [...record.evidence] }),
  };
}
