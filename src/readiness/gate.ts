import { namePlanFile } from './plan-file.ts';

/** One readiness check with its verdict, its evidence and what to do about it. Pure data. */

export type GateScope = 'evacuation' | 'machine' | 'database';
export type GateSeverity = 'critical' | 'warning';

/**
 * `fail`: evidence speaks against it. `unproven`: there is no evidence, or it is too old to count.
 * `not-covered`: this version of landfall cannot check it at all.
 */
export type GateVerdict = 'pass' | 'fail' | 'unproven' | 'not-covered';

export interface Gate {
  /** `machine/web1/verified`: scope, subject, check. Stable across runs and versions. */
  readonly id: string;
  readonly scope: GateScope;
  /** The name of the evacuation, the machine or the database. */
  readonly subject: string;
  readonly check: string;
  /** What holds where the gate passes, as a statement. */
  readonly title: string;
  readonly severity: GateSeverity;
  readonly verdict: GateVerdict;
  /** What the verdict rests on, one sentence a line; never empty. May hold text from hosts: sinks make it harmless. */
  readonly evidence: readonly string[];
  /** When the evidence was taken, epoch ms. */
  readonly evidenceAt?: number;
  /** A command with which an engineer can look for themselves, without landfall. */
  readonly checkByHand?: string;
  /** All of the remedy in one line. */
  readonly remedy: string;
  /** The same, one thing to do an entry, in order; never empty. */
  readonly remedySteps: readonly string[];
  readonly costOfIgnoring: string;
  /** What an engineer said to it; absent where nobody did. */
  readonly waiver?: GateWaiver;
}

/**
 * A recorded waiver and whether it counts: `in-force`; `expired`; `overtaken` by something newer that it does not cover;
 * `refused`, because this gate cannot be waived; `not-needed` while the gate is met. Only the first opens the gate.
 */
export interface GateWaiver {
  readonly by: string;
  readonly at: number;
  readonly reason: string;
  /** Epoch ms; from then on the gate speaks again. */
  readonly until: number;
  readonly standing: 'in-force' | 'expired' | 'overtaken' | 'refused' | 'not-needed';
  /** Why it does not count, where that is more than its date. */
  readonly why?: string;
}

/** What a check decides; scope, subject and id are added by `gate`. */
export interface GateFacts {
  readonly check: string;
  readonly title: string;
  readonly severity: GateSeverity;
  readonly verdict: GateVerdict;
  readonly evidence: readonly string[];
  readonly evidenceAt?: number | undefined;
  readonly checkByHand?: string | undefined;
  /** Several entries where there are several things to do. */
  readonly remedy: string | readonly string[];
  readonly costOfIgnoring: string;
}

export function gate(scope: GateScope, subject: string, facts: GateFacts): Gate {
  const { evidenceAt, checkByHand, remedy, ...rest } = facts;
  const remedySteps = (typeof remedy === 'string' ? [remedy] : remedy).map(namePlanFile);
  return {
    id: `${scope}/${subject}/${facts.check}`,
    scope,
    subject,
    ...rest,
    remedy: remedySteps.join('; '),
    remedySteps,
    ...(evidenceAt === undefined ? {} : { evidenceAt }),
    ...(checkByHand === undefined ? {} : { checkByHand }),
  };
}

/** A gate that is not met and that somebody has accepted, with a name and a reason. */
export const isWaived = (each: Gate): boolean =>
  each.verdict !== 'pass' && each.waiver?.standing === 'in-force';

/**
 * A gate as one light. `green`: met. `red`: evidence speaks against something that must hold, and nobody has accepted it.
 * `amber`: not met, and it does not stand in the way: it is a warning, or an engineer has accepted it. `unknown`: there is
 * no evidence, or it is too old, or this version cannot look; it is never a lighter red.
 */
export type Light = 'red' | 'amber' | 'green' | 'unknown';

export function lightOf(each: Pick<Gate, 'verdict' | 'severity' | 'waiver'>): Light {
  if (each.verdict === 'pass') return 'green';
  if (each.waiver?.standing === 'in-force') return 'amber';
  if (each.verdict !== 'fail') return 'unknown';
  return each.severity === 'critical' ? 'red' : 'amber';
}

/** A gate that stands in the way of `ready`. */
export const blocks = (each: Gate): boolean =>
  each.severity === 'critical' && each.verdict !== 'pass' && !isWaived(each);

/** A gate that does not stand in the way but must be read. */
export const warns = (each: Gate): boolean =>
  each.severity === 'warning' && (each.verdict === 'fail' || each.verdict === 'unproven') && !isWaived(each);
