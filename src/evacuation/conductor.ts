import type { Clock } from '../foundation/clock.ts';
import { cancelled } from '../foundation/errors.ts';
import type { EventBody } from '../journal/events.ts';
import type { State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import type { Resource, Sample, Step, StepContext, View } from '../step/step.ts';
import { type AttemptParts, type Ending, halt, type Score, settle } from './attempt.ts';
import { type Budget, Ledger } from './budget.ts';
import { holdOf, isHeld } from './held.ts';
import { Inbox } from './inbox.ts';
import type { ControlDesk, Instruction } from './instructions.ts';
import { behind, neededBy } from './needs.ts';

export type { Score } from './attempt.ts';

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
  /** Called when a step no longer runs, however it ended: its last sample is history. */
  readonly onOver?: (step: string) => void;
  /** Where instructions from outside come in. */
  readonly controls?: ControlDesk;
  /** What to do when nothing runs and nothing can start; without it the conductor ends. */
  readonly nextWhenIdle?: NextWhenIdle;
  /**
   * Asked in the very moment of an end for want of work. False where an instruction is on its way: an order is being
   * written to the journal, and it wakes the conductor.
   */
  readonly mayEnd?: () => boolean;
}

/**
 * Asked when nothing runs and nothing can start. Events are journalled and looked at; `wait` sleeps until an
 * instruction comes. `signal` fires when an instruction comes before the answer, which then no longer counts.
 */
export type NextWhenIdle = (
  outcome: Outcome,
  state: State,
  signal: AbortSignal,
) => Promise<readonly EventBody[] | 'wait' | 'end'>;

export interface Outcome {
  readonly done: readonly string[];
  readonly failed: readonly string[];
  /** Steps that never started because a step they need failed. */
  readonly blocked: readonly string[];
  /** Steps that wait for an engineer (pause, approval), and what needs them. */
  readonly held: readonly string[];
  readonly cancelled: boolean;
  /** Every step was found done; nothing had to be run. */
  readonly idle: boolean;
}

interface Running {
  readonly step: Step;
  readonly abort: AbortController;
  /** Replaced at every wait between two attempts. */
  hurry?: { readonly kind: 'retry' | 'halt'; readonly controller: AbortController };
  isInterrupted: boolean;
}

type Message =
  | Instruction
  | { readonly kind: 'settled'; readonly running: Running; readonly how: Ending }
  | { readonly kind: 'broken'; readonly thrown: unknown }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'idle';
      readonly answer: readonly EventBody[] | 'wait' | 'end';
      readonly asked: unknown;
    };

/** Numbers of a kind of step behind the newest that are known as done, and how many may lie between two of them. */
const REMEMBERED = 40;
const FORGOTTEN_TOGETHER = 12;

/**
 * Orders the steps and runs them. It owns order, budgets, retries, holds and cancellation, and nothing else: what
 * there is to do comes from `stepsOf`, what a step does is the step's own, and whatever happens is an event. The
 * failure of one machine never stops another: only the steps that need a failed step stay behind.
 */
export function conduct(options: ConductorOptions): Promise<Outcome> {
  return new Conductor(options).conduct();
}

class Conductor {
  readonly #options: ConductorOptions;
  readonly #inbox = new Inbox<Message>();
  readonly #ledger: Ledger;
  readonly #running = new Map<string, Running>();
  readonly #done = new Set<string>();
  readonly #failed = new Set<string>();
  /** Held steps of which nothing is left going on hosts. */
  readonly #halted = new Set<string>();
  /** Fires when landfall ends, or cannot write its journal any more. */
  readonly #ending = new AbortController();
  #isIdle = true;
  /** The question of what to do next, while it is open or was answered with `wait`. */
  #asked: AbortController | undefined;
  #broken: { readonly thrown: unknown } | undefined;

  constructor(options: ConductorOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options.budget);
  }

  async conduct(): Promise<Outcome> {
    const { signal, controls } = this.#options;
    const onStop = (): void => this.#inbox.put({ kind: 'stopped' });
    signal.addEventListener('abort', onStop, { once: true });
    controls?.listen(instruction => this.#inbox.put(instruction));
    try {
      for (;;) {
        this.#startWhatCan();
        if (this.#running.size === 0 && this.#inbox.isEmpty && !this.#staysOn()) break;
        const messages = await this.#inbox.take();
        let isOver = false;
        // An instruction that came after the decision to end overrules it.
        for (const message of messages) isOver = await this.#hear(message);
        if (isOver && this.#running.size === 0 && (this.#options.mayEnd?.() ?? true)) break;
      }
    } finally {
      signal.removeEventListener('abort', onStop);
      this.#forgetQuestion();
    }
    if (this.#broken !== undefined) throw this.#broken.thrown;
    return this.#outcome();
  }

  get #isStopped(): boolean {
    return this.#options.signal.aborted || this.#broken !== undefined;
  }

  #open(): Step[] {
    const { plan, journal, stepsOf } = this.#options;
    const state = journal.state();
    return stepsOf({ plan, state }).filter(
      ({ id, repeats }) =>
        (repeats === true || !this.#isDone(id, state)) &&
        !this.#hasFailed(id, state) &&
        !this.#running.has(id),
    );
  }

  /** Done in this process, and nothing on record since has taken that back. */
  #isDone(id: string, state = this.#options.journal.state()): boolean {
    return this.#done.has(id) && state.steps[id]?.status !== 'cancelled';
  }

  /** Failed in this process, and nothing on record since has taken that back. */
  #hasFailed(id: string, state = this.#options.journal.state()): boolean {
    return this.#failed.has(id) && state.steps[id]?.status === 'failed';
  }

  #startWhatCan(): void {
    if (this.#isStopped) return;
    const { journal } = this.#options;
    const open = this.#open();
    const ids = new Set(open.map(step => step.id));
    const kept: Resource[] = [];
    for (const step of open) {
      const hold = holdOf(step, journal.state());
      if (hold !== undefined) {
        if (hold.kind === 'paused' && this.#mayBeGoingOn(step)) this.#launch(step, halt);
        continue;
      }
      if (!step.needs.every(need => this.#isMet(need, ids))) continue;
      // A step that needs several streams would wait for ever behind those that need one: what is free is kept for it.
      if (step.resources.some(({ key }) => kept.some(each => each.key === key))) continue;
      if (!this.#ledger.fits(step.resources)) {
        kept.push(...step.resources.filter(({ key, units }) => key === 'link' && units > 1));
        continue;
      }
      this.#halted.delete(step.id);
      this.#launch(step, settle);
    }
  }

  #isMet(need: string, open: ReadonlySet<string>): boolean {
    if (this.#isDone(need)) return true;
    // A step that the planner no longer lists and the journal knows as done lies behind us.
    const { steps } = this.#options.journal.state();
    return !open.has(need) && !this.#running.has(need) && steps[need]?.status === 'done';
  }

  /** True for a step that an earlier process was stopped in, before it could carry out the pause. */
  #mayBeGoingOn(step: Step): boolean {
    if (step.halt === undefined || this.#halted.has(step.id)) return false;
    return this.#options.journal.state().steps[step.id]?.status === 'cancelled';
  }

  #launch(step: Step, work: (step: Step, parts: AttemptParts) => Promise<Ending>): void {
    const { journal, contextOf, clock } = this.#options;
    const running: Running = { step, abort: new AbortController(), isInterrupted: false };
    this.#running.set(step.id, running);
    this.#ledger.take(step.resources);
    const parts: AttemptParts = {
      journal,
      contextOf,
      clock,
      signal: running.abort.signal,
      isInterrupted: () => running.isInterrupted,
      ending: this.#ending.signal,
      hurry: kind => {
        running.hurry = { kind, controller: new AbortController() };
        return running.hurry.controller.signal;
      },
    };
    work(step, parts).then(
      how => this.#inbox.put({ kind: 'settled', running, how }),
      (thrown: unknown) => {
        this.#leave(running);
        this.#inbox.put({ kind: 'broken', thrown });
      },
    );
  }

  #leave({ step }: Running): void {
    this.#running.delete(step.id);
    this.#ledger.release(step.resources);
    this.#options.onOver?.(step.id);
  }

  /** True where the conductor is to end. */
  async #hear(message: Message): Promise<boolean> {
    if (message.kind !== 'idle') this.#forgetQuestion();
    switch (message.kind) {
      case 'settled':
        this.#settled(message.running, message.how);
        return false;
      case 'broken':
        this.#broken ??= { thrown: message.thrown };
        this.#stopAll();
        return false;
      case 'stopped':
        this.#stopAll();
        return false;
      case 'wake':
        break;
      case 'retry':
        this.#retry(message.steps);
        break;
      case 'recheck':
        this.#recheck(({ subject }) => message.subjects.includes(subject));
        break;
      case 'interrupt':
        this.#interrupt(message.which, message.reason);
        break;
      case 'idle':
        return this.#answered(message.answer, message.asked);
    }
    // A pause that cannot be carried out yet is tried again at once, or given up where it was taken back.
    // A held step that waits for its next attempt does not get one.
    const state = this.#options.journal.state();
    for (const { hurry, step } of this.#running.values())
      if (hurry?.kind === 'halt' || (hurry !== undefined && isHeld(step, state))) hurry.controller.abort();
    return false;
  }

  #settled(running: Running, how: Ending): void {
    this.#leave(running);
    const { id } = running.step;
    if (how === 'done' || how === 'already') this.#finished(id);
    if (how === 'failed') this.#failed.add(id);
    if (how === 'halted' || how === 'cancelled') this.#halted.add(id);
    if (how !== 'done' && how !== 'already' && how !== 'held') this.#doubt(running.step.disturbs ?? []);
    if (how !== 'already' && how !== 'held') this.#isIdle = false;
  }

  #finished(id: string): void {
    this.#done.add(id);
    // Over weeks of passes every few minutes the numbers of old ones would fill the memory of the engine.
    const [, family, number] = /^(.+-)(\d+)$/.exec(id) ?? [];
    for (let back = 0; family !== undefined && back < FORGOTTEN_TOGETHER; back += 1)
      this.#done.delete(`${family}${Number(number) - REMEMBERED - back}`);
  }

  #stopAll(): void {
    this.#ending.abort();
    for (const { abort } of this.#running.values()) abort.abort(cancelled());
  }

  #interrupt(which: (step: Step) => boolean, reason: string): void {
    for (const running of this.#running.values()) {
      if (running.abort.signal.aborted || !which(running.step)) continue;
      running.isInterrupted = true;
      running.abort.abort(cancelled(reason));
    }
  }

  #retry(ids: readonly string[]): void {
    for (const id of ids) {
      this.#failed.delete(id);
      const waiting = this.#running.get(id)?.hurry;
      if (waiting?.kind === 'retry') waiting.controller.abort();
    }
    // The cause may lie in what was done before it: a receiver that was restarted, a disk that was full.
    this.#recheck(({ id }) => ids.includes(id));
  }

  #recheck(isMeant: (step: Step) => boolean): void {
    const { plan, journal, stepsOf } = this.#options;
    const steps = stepsOf({ plan, state: journal.state() });
    for (const id of neededBy(steps, isMeant)) this.#done.delete(id);
  }

  /** Whoever needs one of these steps waits until the world has said once more that they are done. */
  #doubt(ids: readonly string[]): void {
    if (ids.length === 0) return;
    const { plan, journal, stepsOf } = this.#options;
    const steps = stepsOf({ plan, state: journal.state() });
    for (const id of [...ids, ...behind(steps, new Set(ids))]) this.#done.delete(id);
  }

  /** Whether there is a reason to go on although nothing runs; asks what to do next. */
  #staysOn(): boolean {
    const { nextWhenIdle, journal } = this.#options;
    if (this.#isStopped || nextWhenIdle === undefined) return false;
    if (this.#asked !== undefined) return true;
    const asked = new AbortController();
    this.#asked = asked;
    nextWhenIdle(this.#outcome(), journal.state(), asked.signal).then(
      answer => this.#inbox.put({ kind: 'idle', answer, asked }),
      (thrown: unknown) => {
        if (!asked.signal.aborted) this.#inbox.put({ kind: 'broken', thrown });
      },
    );
    return true;
  }

  #forgetQuestion(): void {
    this.#asked?.abort();
    this.#asked = undefined;
  }

  async #answered(answer: readonly EventBody[] | 'wait' | 'end', asked: unknown): Promise<boolean> {
    // An instruction came first: what was answered may no longer be so.
    if (asked !== this.#asked || answer === 'wait') return false;
    if (answer === 'end') return true;
    for (const body of answer) await this.#options.journal.append(body);
    this.#startWhatCan();
    // Asking again where the events have set nothing going would never end; the next instruction does.
    if (this.#running.size > 0) this.#forgetQuestion();
    return false;
  }

  #outcome(): Outcome {
    const isCancelled = this.#options.signal.aborted;
    const open = isCancelled ? [] : this.#open();
    const failed = [...this.#failed].filter(id => this.#hasFailed(id));
    const blocked = behind(open, new Set(failed));
    const state = this.#options.journal.state();
    const holding = open
      .filter(({ id }) => !blocked.has(id))
      .filter(step => holdOf(step, state) !== undefined);
    const held = new Set([
      ...holding.map(({ id }) => id),
      ...behind(open, new Set(holding.map(({ id }) => id))),
    ]);
    for (const id of blocked) held.delete(id);
    return {
      done: [...this.#done].filter(id => this.#isDone(id)),
      failed,
      blocked: open.map(({ id }) => id).filter(id => !held.has(id)),
      held: [...held],
      cancelled: isCancelled,
      idle: this.#isIdle,
    };
  }
}
