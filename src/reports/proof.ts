import type { PROOF_CHECKS, ProofCheck } from '../journal/proof-facts.ts';
import { own } from '../readiness/copy.ts';
import { newestEndedProof } from '../readiness/proofs.ts';
import type { View } from '../step/step.ts';
import { fixupReport } from './fixups.ts';
import { heldUnitsOf } from './held-units.ts';
import { proofRow } from './proof-row.ts';
import type { MachineReport, ProofReport } from './shape.ts';

/** What each piece of evidence is about, for people. */
export const CHECK_TITLES: Readonly<Record<(typeof PROOF_CHECKS)[number], string>> = {
  kernel: 'kernel',
  userspace: 'userspace',
  nonce: 'this very boot',
  isolation: 'isolated',
  agent: 'guest agent',
  'host-key': 'SSH host key',
  identity: 'identity',
  root: 'root device',
  mounts: 'mounts',
  units: 'services',
  sockets: 'sockets',
  checks: 'own checks',
  untouched: 'replica untouched',
};

/** What stands at the target, what a boot of it proved, and what is held there until cutover. */
export function proofParts(
  view: View,
  name: string,
  now: number,
): Pick<MachineReport, 'standby' | 'proof' | 'fixups' | 'heldUnits'> {
  const machine = own(view.state.machines, name);
  const held = heldUnitsOf(view, name);
  const { standby, fixups } = machine ?? {};
  return {
    ...(standby === undefined
      ? {}
      : {
          standby: {
            hypervisor: standby.hypervisor,
            domain: standby.domain,
            uuid: standby.uuid,
            at: standby.at,
            changes: standby.changes,
          },
        }),
    proof: proofReport(view, name, now),
    ...(fixups === undefined
      ? {}
      : {
          fixups: { purpose: fixups.purpose, at: fixups.at, list: fixups.fixups.map(fixupReport) },
        }),
    ...(held === undefined ? {} : { heldUnits: held }),
  };
}

function proofReport(view: View, name: string, now: number): ProofReport {
  const row = proofRow(view, name, now);
  const newest = newestEndedProof(own(view.state.machines, name));
  if (newest === undefined) return row;
  const { checks, reason, console } = newest.ended;
  return {
    ...row,
    startedAt: newest.startedAt,
    ...(row.standing === 'proven' ? { goodUntil: newest.ended.at + view.plan.proof.max_age } : {}),
    checks: checks.map(each => ({ ...each, title: titleOf(each) })),
    ...(reason === undefined
      ? {}
      : { reason: { ...reason, remedy: withAgain(reason.remedy, againCommand(view, name)) } }),
    console,
  };
}

const againCommand = ({ plan, state }: View, name: string): string =>
  `landfall prove ${state.evacuation?.name ?? plan.name} ${name}`;

/** A remedy ends in another proof: nothing else shows that it helped. */
const withAgain = (remedy: readonly string[], command: string): string[] =>
  remedy.some(each => each.includes('landfall prove'))
    ? [...remedy]
    : [...remedy, `prove it again: ${command}`];

export const titleOf = ({ check }: Pick<ProofCheck, 'check'>): string => CHECK_TITLES[check];

/** Where the kept console log of a proof lies, in the directory of the evacuation. */
export const consoleFile = (console: string): string => `logs/${console}`;
