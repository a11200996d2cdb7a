import type { ProofCheck } from '../../journal/proof-facts.ts';
import { type Expected, found, notTold, type Seen } from './subject.ts';

/** That it is the copy of this machine and of no other, and that its clients would know it again. */
export function identity(expected: Expected, seen: Seen): ProofCheck[] {
  return [agent(expected, seen), hostKey(expected, seen), who(expected, seen)];
}

const AGENT = /^(?:qemu-guest-agent|qemu-ga)(?:@.*)?\.service$/;

export const hasAgent = ({ services }: { readonly services: readonly string[] }): boolean =>
  services.some(unit => AGENT.test(unit));

function agent({ guest }: Expected, { agentMs, agentWords, evidence }: Seen): ProofCheck {
  if (agentMs !== undefined) return found('agent', 'pass', 'its guest agent answers', [], agentMs);
  if (hasAgent(guest) && evidence === undefined) return notTold('agent');
  return hasAgent(guest)
    ? found(
        'agent',
        'unproven',
        'its guest agent did not answer',
        agentWords === undefined ? [] : [agentWords],
      )
    : found('agent', 'unproven', 'the source has no guest agent that could be asked');
}

function hostKey({ guest }: Expected, { evidence, evidenceMs }: Seen): ProofCheck {
  if (evidence === undefined) return notTold('host-key');
  const wanted = guest.hostKeys ?? [];
  if (wanted.length === 0) return found('host-key', 'unproven', 'no SSH host key of the source is recorded');
  const shown = evidence.keysShown;
  const seen = shown.length > 0 ? shown : evidence.keyFiles;
  if (seen.length === 0) return found('host-key', 'fail', 'it has no SSH host key, and its source has');
  const known = new Set(wanted);
  const foreign = seen.filter(key => !known.has(key));
  if (foreign.length > 0)
    return found('host-key', 'fail', 'it shows an SSH host key that its source does not have', [
      ...foreign.map(key => `copy:   ${key}`),
      ...wanted.map(key => `source: ${key}`),
    ]);
  return found(
    'host-key',
    'pass',
    shown.length > 0
      ? "sshd shows the source's host key"
      : "its files hold the source's host key; sshd was not asked",
    seen,
    evidenceMs,
  );
}

function who({ guest }: Expected, { evidence, evidenceMs }: Seen): ProofCheck {
  if (evidence === undefined) return notTold('identity');
  const copy = evidence.guest;
  const pairs: ReadonlyArray<readonly [string, string, string | undefined]> = [
    ['hostname', guest.hostname, copy?.hostname],
    ['machine-id', guest.machineId, evidence.machineId || copy?.machineId],
    ['architecture', guest.architecture, copy?.architecture],
  ];
  const differs = pairs.filter(
    ([, wanted, has]) => has !== undefined && has !== '' && wanted !== '' && has !== wanted,
  );
  if (differs.length > 0)
    return found(
      'identity',
      'fail',
      `it is not its source: ${differs.map(([what]) => what).join(', ')}`,
      differs.map(([what, wanted, has]) => `${what}: source ${wanted}, copy ${has ?? ''}`),
    );
  const compared = pairs.filter(
    ([what, wanted, has]) => what !== 'architecture' && wanted !== '' && (has ?? '') !== '',
  );
  if (compared.length === 0)
    return found('identity', 'unproven', 'it told neither a hostname nor a machine-id to compare');
  const kernel = evidence.kernel || copy?.kernel;
  return found(
    'identity',
    'pass',
    `it is ${guest.hostname}, by ${compared.map(([what]) => what).join(' and ')}`,
    kernel !== undefined && kernel !== guest.kernel
      ? [`it runs kernel ${kernel}; the source runs ${guest.kernel} since its last restart`]
      : [],
    evidenceMs,
  );
}
