import type { Plan } from '../plan/schema.ts';
import type { Resource } from '../step/step.ts';

/**
 * Scarce things and how much of each may be in use at once. A budget counts streams, not machines: a machine with
 * four file systems that sends one at a time takes one stream (the lesson of tools that counted machines and
 * starved the link or the source).
 */
export interface Budget {
  /** Units of a key that may be in use together; keys that nobody limits are free. */
  limit(key: string): number;
}

/** At most this many steps work on one hypervisor at a time, so that production keeps its disks. */
const STEPS_PER_HOST = 3;

/**
 * At most this many machines are looked at together, whichever hypervisor they are on: a look is a few short questions
 * at low priority, and one that waits for a dead host must not take the place of a living one.
 */
const LOOKS_TOGETHER = 64;

export function budgetOf(plan: Plan): Budget {
  return {
    limit: key => {
      if (key === 'link') return plan.link.streams;
      if (key.startsWith('host:')) return STEPS_PER_HOST;
      if (key === 'look') return LOOKS_TOGETHER;
      if (key.startsWith('proof:')) return plan.proof.together;
      // Two at once would clear away each other's jobs, or write into one place.
      if (/^(?:replica|database|cutover):/.test(key)) return 1;
      return Number.POSITIVE_INFINITY;
    },
  };
}

/** What is in use now; `fits` and `take` agree by construction. */
export class Ledger {
  readonly #budget: Budget;
  readonly #used = new Map<string, number>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  fits(resources: readonly Resource[]): boolean {
    return resources.every(({ key, units }) => {
      const used = this.#used.get(key) ?? 0;
      // A step larger than the whole budget runs alone rather than never.
      return used + units <= this.#budget.limit(key) || used === 0;
    });
  }

  take(resources: readonly Resource[]): void {
    for (const { key, units } of resources) this.#used.set(key, (this.#used.get(key) ?? 0) + units);
  }

  release(resources: readonly Resource[]): void {
    for (const { key, units } of resources) this.#used.set(key, (this.#used.get(key) ?? 0) - units);
  }
}
