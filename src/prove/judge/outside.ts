import type { ProofCheck } from '../../journal/proof-facts.ts';
import { boot } from './boot.ts';
import { nameOf } from './checks.ts';
import { type Expected, found, type Seen } from './subject.ts';
import { untouched } from './untouched.ts';

/**
 * A copy into which nothing could be written: it boots as its source is, and nobody asks it from inside. What is seen from
 * outside counts (its agent, its console); everything else is named as not seen.
 */

/** What only the copy itself could have told. */
const INSIDE: ReadonlyArray<ProofCheck['check']> = [
  'nonce',
  'host-key',
  'identity',
  'root',
  'mounts',
  'units',
  'sockets',
];

export function outside(expected: Expected, seen: Seen): ProofCheck[] {
  const [kernel, userspace] = boot(expected, seen);
  return [
    ...(kernel === undefined ? [] : [silentKernel(kernel)]),
    ...(userspace === undefined ? [] : [userspace]),
    isolated(expected),
    agent(seen),
    ...INSIDE.map(check => found(check, 'unproven', `not seen: ${expected.unfitted ?? ''}`)),
    ...expected.checks.map(check =>
      found('checks', 'unproven', `${nameOf(check)}: it could not be tried inside this copy`),
    ),
    ...untouched(expected, seen),
  ];
}

/** A system that writes nothing to a serial console may have started well, or not at all: its silence says neither. */
const silentKernel = (kernel: ProofCheck): ProofCheck =>
  kernel.verdict === 'fail' && kernel.detail.length === 0
    ? found('kernel', 'unproven', 'it says nothing on a serial console')
    : kernel;

/** Its services could not be held back, so its cards are never plugged in. */
const isolated = ({ island }: Expected): ProofCheck =>
  found('isolation', 'pass', 'its network cards stayed unplugged all the time', [
    `they belong to the network ${island}, without a way out and without an address of the host`,
  ]);

function agent({ agentMs, agentWords }: Seen): ProofCheck {
  if (agentMs !== undefined) return found('agent', 'pass', 'its guest agent answers', [], agentMs);
  return found('agent', 'unproven', 'no guest agent answered', agentWords === undefined ? [] : [agentWords]);
}
