import type { Clock } from '../foundation/clock.ts';
import { asLandfallError, cancelled, type LandfallError, recordOf } from '../foundation/errors.ts';
import type { EventBody } from '../journal/events.ts';
import type { State } from '../journal/state.ts';
import { inRehearsal } from '../readiness/plan-file.ts';
import type { Step, StepContext } from '../step/step.ts';
import { isHeld } from './held.ts';

/** The journal as the conductor needs it: the folded state, and durable appends. */
export interface Score {
  state(): State;
  append(event: EventBody): Promise<void>;
}

/**
 * `held`: it was held back after all, before it was started. `halted`: nothing was run; what an earlier process had
 * left going is stopped. `unhalted`: it was stopped here and may go on on its hosts.
 */
export type Ending = 'done' | 'already' | 'failed' | 'cancelled' | 'held' | 'halted' | 'unhalted';

export interface AttemptParts {
  readonly journal: Score;
  readonly contextOf: (step: Step) => StepContext;
  readonly clock: Clock;
  /** Ends the step: an engineer pauses it, or landfall itself ends. */
  readonly signal: AbortSignal;
  /** True where the step was stopped by an engineer's pause rather than by the end of landfall. */
  readonly isInterrupted: () => boolean;
  /** Fires when landfall itself ends. */
  readonly ending: AbortSignal;
  /** A signal that cuts the next wait between two attempts short. */
  readonly hurry: (kind: 'retry' | 'halt') => AbortSignal;
}

/** Runs one step to its end; rejects only where the journal itself cannot be written. */
export async function settle(step: Step, parts: AttemptParts): Promise<Ending> {
  const { journal, signal } = parts;
  const attempts = step.retry?.attempts ?? 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const how = await attemptOnce(step, attempt, parts);
      return how === 'held' && attempt > 1 ? await cancel(step, parts, true) : how;
    } catch (thrown) {
      const error = signal.aborted ? cancelled() : asLandfallError(thrown);
      // A journal that cannot be written ends the run: going on would do things nobody could know of.
      if (isUnwritable(thrown)) throw thrown;
      if (signal.aborted) return cancel(step, parts, parts.isInterrupted());
      if (attempt < attempts && step.retry?.transient(error) === true) {
        await pause(step, attempt, error, parts);
        if (!signal.aborted && isHeld(step, journal.state())) return cancel(step, parts, true);
        continue;
      }
      await fail(step, attempt, error, journal);
      return 'failed';
    }
  }
}

/**
 * Stops what the step has left going on hosts, as stubbornly as the step itself would be tried. Gives up where the
 * step is no longer held: it begins again then, and takes over what it finds.
 */
export async function halt(step: Step, parts: AttemptParts): Promise<'halted' | 'unhalted' | 'failed'> {
  const { journal, clock, ending } = parts;
  // Nobody is there whom one could ask to stop, and whoever tries waits for a source that is gone.
  if (journal.state().evacuation?.mode?.mode === 'dark') return 'unhalted';
  const attempts = step.retry?.attempts ?? 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await step.halt?.(parts.contextOf(step));
      return 'halted';
    } catch (thrown) {
      if (isUnwritable(thrown)) throw thrown;
      const error = asLandfallError(thrown);
      if (ending.aborted || !isHeld(step, journal.state())) return 'unhalted';
      if (attempt >= attempts || step.retry?.transient(error) !== true) {
        await fail(step, attempt, error, journal);
        return 'failed';
      }
      const inMs = step.retry.pauseMs(attempt + 1);
      await sleep(clock, inMs, AbortSignal.any([ending, parts.hurry('halt')]));
    }
  }
}

/** A step that an engineer holds back is stopped on its hosts, too. */
async function cancel(step: Step, parts: AttemptParts, isHeldBack: boolean): Promise<Ending> {
  const how = isHeldBack ? await halt(step, parts) : 'unhalted';
  if (how === 'failed') return how;
  await parts.journal.append({ type: 'step.cancelled', step: step.id, phase: step.phase });
  return how === 'halted' ? 'cancelled' : how;
}

/** The journal takes nothing any more: it cannot be written, or the lock went to somebody else. */
export const isUnwritable = (thrown: unknown): boolean => {
  const { code } = asLandfallError(thrown);
  return code === 'state.unwritable' || code === 'state.locked';
};

async function attemptOnce(
  step: Step,
  attempt: number,
  parts: AttemptParts,
): Promise<'done' | 'already' | 'held'> {
  const { journal, clock, signal } = parts;
  const context = parts.contextOf(step);
  const begun = clock.monotonic();
  const ended = (already: boolean): EventBody => ({
    type: 'step.done',
    step: step.id,
    phase: step.phase,
    ms: Math.round(clock.monotonic() - begun),
    already,
  });
  signal.throwIfAborted();
  if (await step.done(context, signal)) {
    if (journal.state().steps[step.id]?.status !== 'done') await journal.append(ended(true));
    return 'already';
  }
  signal.throwIfAborted();
  // The order may have come while the world was asked, and not have reached the conductor yet.
  if (isHeld(step, journal.state())) return 'held';
  await journal.append({ type: 'step.started', step: step.id, phase: step.phase, attempt });
  await step.run(context, signal);
  await journal.append(ended(false));
  return 'done';
}

async function pause(step: Step, attempt: number, error: LandfallError, parts: AttemptParts): Promise<void> {
  const inMs = step.retry?.pauseMs(attempt + 1) ?? 0;
  await parts.journal.append({
    type: 'step.retrying',
    step: step.id,
    phase: step.phase,
    attempt,
    inMs,
    error: errorEntry(error, parts.journal),
  });
  // A cancelled wait falls through to the next attempt, which sees the signal at once.
  await sleep(parts.clock, inMs, AbortSignal.any([parts.signal, parts.hurry('retry')]));
}

/** Waits, or less where the signal fires. */
async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch((thrown: unknown) => {
    if (!signal.aborted) throw thrown;
  });
}

async function fail(step: Step, attempts: number, error: LandfallError, journal: Score): Promise<void> {
  await journal.append({
    type: 'step.failed',
    step: step.id,
    phase: step.phase,
    attempts,
    error: errorEntry(error, journal),
  });
}

/** The error as an event carries it: plain data, without undefined members. */
function errorEntry(
  error: LandfallError,
  journal: Score,
): Extract<EventBody, { type: 'step.failed' }>['error'] {
  const record = recordOf(error);
  const { lab = false, name = '' } = journal.state().evacuation ?? {};
  const where = Object.fromEntries(
    Object.entries(record.where ?? {}).filter(([, value]) => value !== undefined),
  );
  return {
    code: record.code,
    family: record.family,
    what: record.what,
    next: lab ? inRehearsal(name, record.next) : [...record.next],
    ...(record.why === undefined ? {} : { why: record.why }),
    ...(record.where === undefined ? {} : { where }),
    ...(record.evidence === undefined ? {} : { evidence: [...record.evidence] }),
  };
}
