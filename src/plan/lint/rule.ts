import type { Draft } from '../draft.ts';
import type { Finding } from '../finding.ts';

export interface LintContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** The evacuation runs already: a deadline that went by is told, and does not lock the engineer out. */
  readonly running: boolean;
}

/** A check of the plan as far as it can be understood. Pure. */
export type Rule = (draft: Draft, context: LintContext) => Finding[];
