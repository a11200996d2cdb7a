import type { Clock } from '../../foundation/clock.ts';
import { asLandfallError } from '../../foundation/errors.ts';
import type { EventBody } from '../../journal/events.ts';
import type { State } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Step } from '../../step/step.ts';
import { holdOf } from '../held.ts';
import type { Controls } from '../instructions.ts';
import type { Command, CommandKind, CommandOf, Reply } from './command.ts';
import { approve, note, stop } from './orders/course.ts';
import { cutover } from './orders/cutover.ts';
import { database } from './orders/database.ts';
import { canBeStopped, type Decision, type Decisions, type Desktop, refuse } from './orders/decision.ts';
import { unwaive, waive } from './orders/gates.ts';
import { look } from './orders/look.ts';
import { measure } from './orders/looks.ts';
import { mode } from './orders/mode.ts';
import { mover } from './orders/mover.ts';
import { pause, resume } from './orders/pausing.ts';
import { prove } from './orders/prove.ts';
import { retry, sync, throttle } from './orders/work.ts';
import { takeUp } from './take-up.ts';
import { refused } from './wire.ts';

/** The decision for every kind of order. */
const DECISIONS: Decisions = {
  pause,
  resume,
  sync,
  retry,
  throttle,
  mover,
  prove,
  database,
  waive,
  unwaive,
  note,
  approve,
  mode,
  measure,
  look,
  cutover,
  stop,
};

export interface DeskOptions {
  readonly plan: Plan;
  readonly clock: Clock;
  readonly journal: {
    state(): State;
    append(bodies: readonly EventBody[], by: string): Promise<unknown>;
  };
  /** The steps that there are now. */
  readonly steps: () => readonly Step[];
  readonly controls: Controls;
  /** Ends the engine as SIGTERM would. */
  readonly stop: () => void;
  /** Looks at names, clocks and credentials again; resolves at once. */
  readonly look?: () => void;
}

/**
 * Takes orders: decides each against the plan and the state of that moment, journals what it comes to, and only then
 * tells the conductor. One after the other, whoever gives them: a decision never rests on a state that is changing.
 */
export class Desk {
  readonly #options: DeskOptions;
  #isClosed = false;
  #underWay = 0;
  /** The end was put off until the orders that are under way have been carried out. */
  #isAwaited = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Carries out an order of `by`. Never throws: what cannot be done is a refusal. */
  order(command: Command, by: string): Promise<Reply> {
    this.#underWay += 1;
    const answered = this.#last.then(() => this.#order(command, by)).finally(() => this.#over());
    this.#last = answered;
    return answered;
  }

  /**
   * Closes where no order is under way. Otherwise false, and the conductor is woken after the last of them: an order
   * that is answered with yes must not meet an engine that has just decided to end.
   */
  closeIfQuiet(): boolean {
    if (this.#underWay > 0) this.#isAwaited = true;
    else this.#isClosed = true;
    return this.#isClosed;
  }

  /** Refuses whatever comes from now on: the engine ends. Resolves when the last order is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }

  #over(): void {
    this.#underWay -= 1;
    if (this.#underWay > 0 || !this.#isAwaited) return;
    this.#isAwaited = false;
    this.#options.controls.wake();
  }

  async #order(command: Command, by: string): Promise<Reply> {
    const { plan, clock, journal, steps } = this.#options;
    try {
      if (this.#isClosed)
        throw refuse('the engine is ending and takes no more orders', [
          `start it again: ${takeUp({ name: plan.name, lab: journal.state().evacuation?.lab === true })}`,
        ]);
      const desk: Desktop = { plan, state: journal.state(), now: clock.now(), by, steps: steps() };
      const decision = decide(command.kind, command, desk);
      if (decision.events.length > 0) await journal.append(decision.events, by);
      this.#carryOut(decision);
      return { ok: true, said: decision.said };
    } catch (thrown) {
      return refused(asLandfallError(thrown));
    }
  }

  #carryOut({ events, retry: failed, recheck, interrupt, stop: ends, look: looks }: Decision): void {
    const { controls, journal } = this.#options;
    if (interrupt !== undefined)
      controls.interrupt(step => {
        const state = journal.state();
        const kind = canBeStopped(step) ? holdOf(step, state)?.kind : undefined;
        // Of the modes only the dark stops what runs: the others let it come to its end.
        return kind === 'paused' || (kind === 'mode' && state.evacuation?.mode?.mode === 'dark');
      }, interrupt);
    if (recheck !== undefined && recheck.length > 0) controls.recheck(recheck);
    if (failed !== undefined && failed.length > 0) controls.retry(failed);
    if (events.length > 0) controls.wake();
    if (looks === true) this.#options.look?.();
    if (ends === true) this.#options.stop();
  }
}

/** What an order would come to, or why it would be refused; nothing is journalled or told. */
export const tryOrder = (command: Command, desk: Desktop): Decision => decide(command.kind, command, desk);

function decide<K extends CommandKind>(kind: K, command: CommandOf<K>, desk: Desktop): Decision {
  return DECISIONS[kind](command, desk);
}
