import type { ProofCheck } from '../../journal/proof-facts.ts';
import { boot } from './boot.ts';
import { checks } from './checks.ts';
import { identity } from './identity.ts';
import { isolation } from './isolation.ts';
import { outside } from './outside.ts';
import { sockets } from './sockets.ts';
import { storage } from './storage.ts';
import type { Expected, Judge, Seen } from './subject.ts';
import { units } from './units.ts';
import { untouched } from './untouched.ts';

/** In the order in which a boot gives the evidence. */
const JUDGES: readonly Judge[] = [boot, isolation, identity, storage, units, sockets, checks, untouched];

export const judge = (expected: Expected, seen: Seen): ProofCheck[] =>
  expected.unfitted === undefined ? JUDGES.flatMap(each => each(expected, seen)) : outside(expected, seen);

/** Without these nothing is proven, whatever else was seen. */
const REQUIRED: ReadonlyArray<ProofCheck['check']> = [
  'userspace',
  'nonce',
  'isolation',
  'identity',
  'root',
  'mounts',
  'untouched',
];

/** The same where a copy is only seen from outside: that it came up, alone, and cost the replica nothing. */
const REQUIRED_OUTSIDE: ReadonlyArray<ProofCheck['check']> = ['userspace', 'isolation', 'untouched'];

type Sight = Pick<Expected, 'unfitted'>;

const requiredOf = ({ unfitted }: Sight): ReadonlyArray<ProofCheck['check']> =>
  unfitted === undefined ? REQUIRED : REQUIRED_OUTSIDE;

/** The plan's own checks are there because somebody wants to know: one that could not be tried is no answer. */
const isNeeded = (check: ProofCheck['check'], sight: Sight): boolean =>
  check === 'checks' || requiredOf(sight).includes(check);

/** Proven: nothing failed, what a proof cannot do without passed, and so did every check of the plan. */
export function verdictOf(all: readonly ProofCheck[], sight: Sight = {}): 'proven' | 'failed' {
  const isRequiredMet = requiredOf(sight).every(check =>
    all.some(each => each.check === check && each.verdict === 'pass'),
  );
  return isRequiredMet && standsInTheWay(all, sight).length === 0 ? 'proven' : 'failed';
}

/** What stands in the way of `proven`, the unproven among it: the first is the one to explain. */
export const standsInTheWay = (all: readonly ProofCheck[], sight: Sight = {}): ProofCheck[] =>
  all.filter(
    ({ check, verdict }) => verdict === 'fail' || (verdict === 'unproven' && isNeeded(check, sight)),
  );
