import { harmless } from '../../foundation/text.ts';
import type { GuestFacts } from '../../journal/facts.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import type { CheckPlan } from '../../plan/schema.ts';
import type { Evidence } from '../evidence.ts';

/** What a copy should be: the recorded facts of its source, and what is kept from it on purpose. */
export interface Expected {
  readonly machine: string;
  readonly guest: GuestFacts;
  /** Mount points whose file systems are in the replica. */
  readonly copied: readonly string[];
  /** Units that must not run at both sites: masked in the copy. */
  readonly held: readonly string[];
  readonly checks: readonly CheckPlan[];
  readonly nonce: string;
  /** The network without a way out on which it boots. */
  readonly island: string;
  /** How long it had, ms. */
  readonly limitMs: number;
  /** Why nothing was written into it, so that it is only seen from outside; absent where it answers for itself. */
  readonly unfitted?: string;
}

/** What was seen of it. Times in ms after the start of the domain. */
export interface Seen {
  readonly console: readonly string[];
  readonly kernelMs?: number;
  readonly userspaceMs?: number;
  readonly evidence?: Evidence;
  readonly evidenceMs?: number;
  /** Whether its guest agent answered; undefined where it was not asked. */
  readonly agentMs?: number;
  readonly agentWords?: string;
  /** What differs of the replica's volumes; empty where nothing does; undefined where it could not be looked at. */
  readonly touched: readonly string[] | undefined;
  /** What was compared of them, one line each. */
  readonly compared: readonly string[];
}

export type Judge = (expected: Expected, seen: Seen) => ProofCheck[];

export function found(
  check: ProofCheck['check'],
  verdict: ProofCheck['verdict'],
  words: string,
  detail: readonly string[] = [],
  afterMs?: number,
): ProofCheck {
  return {
    check,
    verdict,
    found: told(words),
    detail: [...detail].slice(0, DETAIL_KEPT).map(told),
    ...(afterMs === undefined ? {} : { afterMs: Math.max(0, Math.round(afterMs)) }),
  };
}

/** Lines that the journal keeps of one check, and characters of a line; all of it is in the kept evidence log. */
const DETAIL_KEPT = 24;
const WIDTH_KEPT = 400;

/** What a copy says of itself is text from outside. */
function told(line: string): string {
  const clean = harmless(line.slice(0, WIDTH_KEPT));
  return line.length > WIDTH_KEPT ? `${clean}…` : clean;
}

/** For everything that only the copy itself could have told. */
export const notTold = (check: ProofCheck['check']): ProofCheck =>
  found(check, 'unproven', 'the copy did not come as far as telling this');
