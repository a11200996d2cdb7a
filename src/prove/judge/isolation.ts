import { counted } from '../../foundation/units.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import type { EgressTry } from '../evidence.ts';
import { type Expected, found, notTold, type Seen } from './subject.ts';

/**
 * That nothing outside was within its reach, by its own tries. A refusal is an answer, too: somebody has sent it.
 * Without a single try it is not proven: that a network has no way out by its definition is only half of it.
 */
export function isolation({ island }: Expected, { evidence }: Seen): ProofCheck[] {
  if (evidence === undefined) return [notTold('isolation')];
  const own = new Set(evidence.guest?.addresses.map(address => address.split('/')[0] ?? ''));
  const tries = evidence.egress.filter(({ rc }) => rc !== 127);
  const answered = tries.filter(each => isAnswer(each, own));
  const addresses = new Set(tries.map(({ address }) => address));
  if (answered.length > 0)
    return [
      found(
        'isolation',
        'fail',
        `${counted(new Set(answered.map(({ address }) => address)).size, 'address', 'addresses')} outside answered`,
        answered.map(
          ({ how, address, rc }) => `${how} ${address}: ${rc === 0 ? 'connected' : 'refused by it'}`,
        ),
      ),
    ];
  if (tries.length === 0)
    return [
      found('isolation', 'unproven', 'no way out could be tried from inside', [
        evidence.egress.length === 0
          ? 'neither the plan nor its own configuration names an address to try'
          : 'it has neither ping nor a program that connects',
      ]),
    ];
  return [
    found(
      'isolation',
      'pass',
      `no way out: ${counted(tries.length, 'try', 'tries')} at ${counted(addresses.size, 'address', 'addresses')}, no answer`,
      [`on the network ${island}, without a way out and without an address of the host`, ...addresses],
    ),
  ];
}

function isAnswer({ rc, text }: EgressTry, own: ReadonlySet<string>): boolean {
  if (rc === 0 || /refused|reset by peer/i.test(text)) return true;
  // A router that says "unreachable" is there; one's own kernel says it, too, in one's own name.
  const [, from] =
    /^From ([0-9A-Fa-f.:]+?):? .*(?:[Uu]nreachable|[Pp]rohibited|[Ff]iltered)/m.exec(text) ?? [];
  return from !== undefined && !own.has(from);
}
