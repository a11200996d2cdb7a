import type { ProofCheck } from '../../journal/proof-facts.ts';
import { boot } from './boot.ts';
import { checks } from './checks.ts';
import { identity } from './identity.ts';
import { isolation } from './isolation.ts';
import { sockets } from './sockets.ts';
import { storage } from './storage.ts';
import type { Expected, Judge, Seen } from './subject.ts';
import { units } from './units.ts';
import { untouched } from './untouched.ts';

/** In the order in which a boot gives the evidence. */
const JUDGES: readonly Judge[] = [boot, isolation, identity, storage, units, sockets, checks, untouched];

export const judge = (expected: Expected, seen: Seen): ProofCheck[] =>
  JUDGES.flatMap(each => each(expected, seen));

/** Without these nothing is proven, whatever else was seen. */
const REQUIRED: ReadonlyArray<ProofCheck['check']> = ['userspace', 'nonce', 'isolation', 'root', 'untouched'];

/** Proven: nothing failed, and what a proof cannot do without passed. */
export function verdictOf(all: readonly ProofCheck[]): 'proven' | 'failed' {
  const isRequiredMet = REQUIRED.every(check =>
    all.some(each => each.check === check && each.verdict === 'pass'),
  );
  return isRequiredMet && all.every(({ verdict }) => verdict !== 'fail') ? 'proven' : 'failed';
}

/** What stands in the way of `proven`, the unproven among it: the first is the one to explain. */
export const standsInTheWay = (all: readonly ProofCheck[]): ProofCheck[] =>
  all.filter(
    ({ check, verdict }) => verdict === 'fail' || (verdict === 'unproven' && REQUIRED.includes(check)),
  );
