import { formatDuration } from '../../foundation/units.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import { hasKernelLine } from '../console-text.ts';
import { type Expected, found, type Seen } from './subject.ts';

/** A kernel, a userspace, and that it is this very copy that answers. */
export function boot(expected: Expected, seen: Seen): ProofCheck[] {
  return [kernel(expected, seen), userspace(expected, seen), nonce(expected, seen)];
}

function kernel({ limitMs }: Expected, seen: Seen): ProofCheck {
  const line = seen.console.find(each => each.includes('Linux version'));
  if (hasKernelLine(seen.console))
    return found('kernel', 'pass', 'a kernel starts', line === undefined ? [] : [line], seen.kernelMs);
  if (isUp(seen))
    return found('kernel', 'pass', 'a kernel starts, without a word on the console', [], seen.userspaceMs);
  return found(
    'kernel',
    'fail',
    `no kernel started within ${formatDuration(limitMs)}`,
    seen.console.slice(-4),
  );
}

const isUp = ({ userspaceMs, evidence }: Seen): boolean =>
  userspaceMs !== undefined || evidence !== undefined;

function userspace({ limitMs }: Expected, seen: Seen): ProofCheck {
  if (isUp(seen))
    return found(
      'userspace',
      'pass',
      'it comes up as far as its own services',
      [],
      seen.userspaceMs ?? seen.evidenceMs,
    );
  return found(
    'userspace',
    'fail',
    `it did not come up within ${formatDuration(limitMs)}`,
    seen.console.slice(-6),
  );
}

function nonce(expected: Expected, seen: Seen): ProofCheck {
  const { evidence } = seen;
  if (evidence === undefined)
    return found('nonce', 'fail', 'it did not answer for itself', isUp(seen) ? seen.console.slice(-4) : []);
  if (evidence.nonce !== expected.nonce)
    return found('nonce', 'fail', 'something else answered in its place', [
      `asked: ${expected.nonce}`,
      `said:  ${evidence.nonce || 'nothing'}`,
    ]);
  const source = expected.guest.bootId;
  if (source !== undefined && source === evidence.bootId)
    return found('nonce', 'fail', 'it answers with the boot of its source', [`boot id: ${source}`]);
  return found(
    'nonce',
    'pass',
    'it answers for itself, with the word of this proof',
    [`boot id ${evidence.bootId}, kernel ${evidence.kernel}`],
    seen.evidenceMs,
  );
}
