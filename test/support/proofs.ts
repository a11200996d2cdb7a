import type { Fixup, ProofCheck, ProofReason } from '../../src/journal/proof-facts.ts';
import type { Story } from './state.ts';

/** Boot proofs in a story: asked for, under way, ended well and badly. */

export const CHECKS: readonly ProofCheck[] = [
  { check: 'kernel', verdict: 'pass', found: 'Linux 6.1.0-18-amd64 started', detail: [], afterMs: 2_000 },
  { check: 'userspace', verdict: 'pass', found: 'systemd reached its target', detail: [], afterMs: 9_000 },
  { check: 'nonce', verdict: 'pass', found: 'the word of this boot came back', detail: [], afterMs: 9_000 },
  { check: 'isolation', verdict: 'pass', found: 'none of 4 ways out was open', detail: [], afterMs: 14_000 },
  { check: 'agent', verdict: 'unproven', found: 'the source runs no guest agent', detail: [] },
  { check: 'host-key', verdict: 'pass', found: 'the key of the source', detail: [], afterMs: 15_000 },
  { check: 'identity', verdict: 'pass', found: 'hostname and machine-id of the source', detail: [] },
  { check: 'root', verdict: 'pass', found: 'the root file system of the source', detail: [] },
  { check: 'mounts', verdict: 'pass', found: '2 of 2 file systems', detail: [] },
  { check: 'units', verdict: 'pass', found: '31 of 31 services run', detail: [], afterMs: 20_000 },
  { check: 'sockets', verdict: 'pass', found: '14 of 14 sockets listen', detail: [], afterMs: 20_000 },
  { check: 'untouched', verdict: 'pass', found: 'the replica is what it was before', detail: [] },
];

export const NO_NETWORK: ProofReason = {
  kind: 'no-network',
  words: 'The copy came up without its network: the interface ens3 of its configuration does not exist here.',
  evidence: ['ifup[412]: Cannot find device "ens3"', 'Failed to start networking.service.'],
  remedy: ['name the interface in the network map of the plan', 'see the fix-up network below'],
};

export const FIXUPS: readonly Fixup[] = [
  {
    id: 'network',
    title: 'Network of the target',
    why: 'The copy gets the address that the plan gives it.',
    edits: [
      {
        path: '/etc/network/interfaces',
        mode: 0o644,
        before: 'auto ens3\niface ens3 inet static\n  address 10.20.0.11/24\n',
        after: 'auto ens3\niface ens3 inet static\n  address 10.30.0.11/24\n',
      },
      { path: '/etc/udev/rules.d/70-landfall.rules', mode: 0o644, after: 'NAME="ens3"\n' },
      { path: '/etc/udev/rules.d/70-old.rules', mode: 0o644, before: 'x\n', after: null },
    ],
    commands: [{ argv: ['update-initramfs', '-u', '-k', 'all'], why: 'the rules belong into the initramfs' }],
    warnings: ['/etc/network/secrets holds a secret and was not touched'],
  },
];

export interface ProofOptions {
  readonly pass?: number;
  readonly ms?: number;
  readonly reason?: ProofReason;
  readonly checks?: readonly ProofCheck[];
  readonly fixups?: readonly Fixup[];
}

export function askForProof(story: Story, machine: string): Story {
  return story.tell({ type: 'proof.requested', machine, reason: 'dana asked' });
}

/** The step runs and the domain boots; nothing has ended. */
export function beginProof(story: Story, machine: string, proof: number, options: ProofOptions = {}): Story {
  return story.tell(
    { type: 'step.started', step: `prove/${machine}/proof-${proof}`, phase: 'prove', attempt: 1 },
    {
      type: 'proof.started',
      machine,
      proof,
      pass: options.pass ?? 2,
      domain: `landfall-e-${machine}-proof`,
      nonce: 'n0nce',
    },
    ...(options.fixups === undefined
      ? []
      : [
          {
            type: 'fixups.planned' as const,
            machine,
            purpose: 'proof' as const,
            fixups: [...options.fixups],
          },
        ]),
  );
}

/** A whole proof: proven without a reason, failed with one. */
export function proveMachine(
  story: Story,
  machine: string,
  proof: number,
  options: ProofOptions = {},
): Story {
  const { ms = 70_000, reason } = options;
  beginProof(story, machine, proof, options);
  const startedAt = story.now;
  const checks = options.checks ?? CHECKS;
  return story.wait(ms).tell(
    {
      type: 'proof.ended',
      machine,
      proof,
      pass: options.pass ?? 2,
      verdict: reason === undefined ? 'proven' : 'failed',
      startedAt,
      ms,
      checks: checks.map(each =>
        reason !== undefined && each.check === 'units'
          ? {
              ...each,
              verdict: 'fail' as const,
              found: '29 of 31 services run',
              detail: ['networking.service failed'],
            }
          : each,
      ),
      ...(reason === undefined ? {} : { reason }),
      console: `proof-${machine}-${proof}.console.log`,
    },
    { type: 'step.done', step: `prove/${machine}/proof-${proof}`, phase: 'prove', ms, already: false },
  );
}
