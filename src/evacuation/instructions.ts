import type { Step } from '../step/step.ts';

/** What reaches the conductor from outside while it works. */
export type Instruction =
  /** Something changed in the journal: look again. */
  | { readonly kind: 'wake' }
  /** These failed steps once more; what they need is asked again whether it is still done. */
  | { readonly kind: 'retry'; readonly steps: readonly string[] }
  /** Steps of these subjects, and what they need, are asked again whether they are still done. */
  | { readonly kind: 'recheck'; readonly subjects: readonly string[] }
  /** The running steps among these stop now and become pending again. */
  | { readonly kind: 'interrupt'; readonly which: (step: Step) => boolean; readonly reason: string };

/** The handles of a conductor; they may be used before it begins and after it has ended. */
export interface Controls {
  wake(): void;
  retry(steps: readonly string[]): void;
  recheck(subjects: readonly string[]): void;
  interrupt(which: (step: Step) => boolean, reason: string): void;
}

/** Hands instructions to the conductor that listens; what came before it listened is kept for it. */
export class ControlDesk implements Controls {
  #waiting: Instruction[] = [];
  #listener: ((instruction: Instruction) => void) | undefined;

  wake(): void {
    this.#give({ kind: 'wake' });
  }

  retry(steps: readonly string[]): void {
    this.#give({ kind: 'retry', steps });
  }

  recheck(subjects: readonly string[]): void {
    this.#give({ kind: 'recheck', subjects });
  }

  interrupt(which: (step: Step) => boolean, reason: string): void {
    this.#give({ kind: 'interrupt', which, reason });
  }

  listen(listener: (instruction: Instruction) => void): void {
    this.#listener = listener;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const instruction of waiting) listener(instruction);
  }

  #give(instruction: Instruction): void {
    if (this.#listener === undefined) this.#waiting.push(instruction);
    else this.#listener(instruction);
  }
}
