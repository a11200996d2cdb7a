import { counted, formatDuration } from '../../foundation/units.ts';
import { newestEnded } from '../copy.ts';
import { ago } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';
import { type EndedProof, openProof, type ProofStanding, proofStanding } from '../proofs.ts';
import type { MachineSubject } from './subject.ts';

/** Whether the copy comes up. */
export function proofGates(subject: MachineSubject): GateFacts[] {
  return [bootProof(subject)];
}

/** `fail`: the newest proof did not boot into a working state. `unproven`: there is none that counts. */
function bootProof({ plan, name, machine, now }: MachineSubject): GateFacts {
  const standing = proofStanding(machine, plan.proof.max_age, now);
  const open = openProof(machine);
  const order = `landfall prove ${plan.name} ${name}`;
  const wait =
    open !== undefined
      ? [`wait: proof ${open.proof} has begun`]
      : machine?.proofRequested !== undefined
        ? ['wait: a proof is asked for and comes next']
        : newestEnded(machine) === undefined
          ? [`let its first pass end, then boot it: ${order}`]
          : [];
  return {
    check: 'boot-proof',
    title: `The copy was proved to boot into a working state in the last ${formatDuration(plan.proof.max_age)}`,
    severity: 'critical',
    verdict: standing.kind === 'proven' ? 'pass' : standing.kind === 'failed' ? 'fail' : 'unproven',
    evidence: evidenceOf(standing, plan.proof.max_age, now),
    evidenceAt: standing.kind === 'none' ? undefined : standing.proof.ended.at,
    remedy:
      standing.kind === 'failed'
        ? [...wait, ...(standing.proof.ended.reason?.remedy ?? []), `then prove it again: ${order}`]
        : [...wait, ...(wait.length > 0 ? [] : [`boot an overlay of it, isolated: ${order}`])],
    costOfIgnoring: 'a boot loader, initramfs or fstab problem shows at cutover for the first time',
  };
}

function evidenceOf(standing: ProofStanding, maxAgeMs: number, now: number): string[] {
  if (standing.kind === 'none') return ['no copy of it has been booted yet'];
  const { proof, passesSince } = standing;
  const { ended } = proof;
  const since =
    passesSince === 0 ? [] : [`${counted(passesSince, 'pass', 'passes')} since then brought newer contents`];
  const passed = ended.checks.filter(({ verdict }) => verdict === 'pass').length;
  const base = `proof ${proof.proof} of pass ${proof.pass} ended ${ago(ended.at, now)} after ${formatDuration(ended.ms)}: ${passed} of ${ended.checks.length} checks passed`;
  const unproven = unprovenLine(proof);
  switch (standing.kind) {
    case 'proven':
      return [base, ...unproven, ...since];
    case 'old':
      return [base, `the plan takes no proof older than ${formatDuration(maxAgeMs)}`, ...since];
    case 'other-replica':
      return [base, 'the replica was made anew since: what was proved is another copy'];
    case 'failed':
      return [
        base,
        ...(ended.reason === undefined ? [] : [ended.reason.words, ...ended.reason.evidence.slice(0, 3)]),
        ...since,
      ];
  }
}

function unprovenLine({ ended }: EndedProof): string[] {
  const open = ended.checks.filter(({ verdict }) => verdict === 'unproven');
  return open.length === 0 ? [] : [`could not be looked at: ${open.map(({ found }) => found).join('; ')}`];
}
