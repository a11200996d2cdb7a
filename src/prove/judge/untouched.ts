import { counted } from '../../foundation/units.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import { type Expected, found, type Seen } from './subject.ts';

/** That the replica is what it was before: its volumes were looked at before and after. */
export function untouched(_: Expected, { touched, compared }: Seen): ProofCheck[] {
  if (touched === undefined || compared.length === 0)
    return [
      found('untouched', 'unproven', 'the volumes of the replica could not be looked at again', compared),
    ];
  if (touched.length > 0) return [found('untouched', 'fail', touched[0] ?? 'a volume has changed', touched)];
  return [
    found(
      'untouched',
      'pass',
      `the replica is unchanged: ${counted(compared.length, 'volume')} compared`,
      compared,
    ),
  ];
}
