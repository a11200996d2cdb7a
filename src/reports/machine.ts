import type { MachineState, PassState } from '../journal/state.ts';
import { cadenceOf } from '../pace/cadence.ts';
import { finalPass } from '../pace/final-pass.ts';
import type { MachinePlan } from '../plan/schema.ts';
import { comparedWords } from '../readiness/compared.ts';
import { type EndedPass, isGivenUp, literalBytes, own, sentBytes, vouches } from '../readiness/copy.ts';
import { exposureOf } from '../readiness/exposure.ts';
import type { Gate } from '../readiness/gate.ts';
import { makesIt } from '../readiness/makes-it.ts';
import { swapFilesOf } from '../readiness/not-copied.ts';
import { namePlanFile } from '../readiness/plan-file.ts';
import type { SubjectVerdict } from '../readiness/verdict.ts';
import type { View } from '../step/step.ts';
import { moverReport } from './mover.ts';
import { proofParts } from './proof.ts';
import type { IdentityReport, LayoutReport, MachineReport, PassReport, VerificationReport } from './shape.ts';
import { statusOf, surroundingsOf } from './status.ts';

export interface MachineInput {
  readonly view: View;
  readonly name: string;
  readonly wanted: MachinePlan;
  readonly verdict: SubjectVerdict | undefined;
  readonly gates: readonly Gate[];
  /** A step of this machine is under way. */
  readonly running: boolean;
  readonly now: number;
}

export function machineReport({
  view,
  name,
  wanted,
  verdict,
  gates,
  running,
  now,
}: MachineInput): MachineReport {
  const machine = own(view.state.machines, name);
  const verification = verificationOf(machine);
  const failure = machine?.failure;
  return {
    name,
    tier: wanted.tier,
    ...(wanted.owner === undefined ? {} : { owner: wanted.owner }),
    ...(wanted.description === undefined ? {} : { description: wanted.description }),
    verdict: verdict?.verdict ?? 'unproven',
    status: statusOf(machine, surroundingsOf(view.state, name, running)),
    ...(machine?.paused === undefined ? {} : { paused: machine.paused }),
    ...(machine?.observed === undefined ? {} : { identity: identityOf(machine.observed) }),
    layout: layoutOf(machine, wanted),
    mover: moverReport(view, name),
    passes: (machine?.passes ?? []).map(pass => passOf(pass, machine)),
    ...(verification === undefined ? {} : { verification }),
    ...proofParts(view, name, now),
    exposure: exposureOf(view, name, now),
    makesIt: makesIt(view, name, now),
    ...paceOf(view, name, now),
    ...(failure === undefined
      ? {}
      : {
          failure: {
            step: failure.step,
            at: failure.at,
            code: failure.error.code,
            what: failure.error.what,
            ...(failure.error.why === undefined ? {} : { why: failure.error.why }),
            next: failure.error.next.map(namePlanFile),
            evidence: failure.error.evidence ?? [],
          },
        }),
    gates,
  };
}

function paceOf(view: View, name: string, now: number): Pick<MachineReport, 'cadence' | 'finalPass'> {
  const cadence = cadenceOf(view, name, now);
  const final = finalPass(view, name, now);
  return {
    ...(cadence.standing === 'before' ? {} : { cadence }),
    ...(final === undefined ? {} : { finalPass: final }),
  };
}

function identityOf(observed: NonNullable<MachineState['observed']>): IdentityReport {
  const { domain, guest } = observed;
  return {
    observedAt: observed.at,
    hostname: guest.hostname,
    os: guest.os.pretty,
    kernel: guest.kernel,
    architecture: guest.architecture,
    boot: guest.bootMode,
    domain: domain.name,
    uuid: domain.uuid,
    memory: domain.memory,
    vcpus: domain.vcpus,
    addresses: guest.addresses,
  };
}

function layoutOf(machine: MachineState | undefined, wanted: MachinePlan): LayoutReport {
  const volumes = machine?.replica?.volumes ?? [];
  const seeded = machine?.receiver?.prepared?.seededBytes;
  return {
    sourceHypervisor: wanted.source.hypervisor,
    targetHypervisor: wanted.target.hypervisor,
    targetAddress: wanted.target.address,
    image: wanted.target.image,
    disks: (machine?.observed?.domain.disks ?? []).map(disk => {
      const volume = volumes.find(each => each.disk === disk.target);
      return {
        disk: disk.target,
        capacity: disk.capacity,
        ...(volume === undefined ? {} : { replica: `${volume.pool}/${volume.volume}` }),
      };
    }),
    fileSystems: (machine?.observed?.guest.fileSystems ?? []).map(({ mountpoint, type, size, used }) => ({
      mountpoint,
      type,
      size,
      used,
    })),
    notCopied: [
      ...swapFilesOf(machine?.observed?.guest ?? { swap: [] }).map(({ path }) => ({
        path,
        why: 'swap file',
      })),
      ...wanted.exclude.map(path => ({ path, why: 'excluded by the plan' })),
    ],
    ...(seeded === undefined ? {} : { seededBytes: seeded }),
  };
}

/** Directories of which no pass copies what lies inside; file systems mounted below them are copied. */
export const NEVER_COPIED = ['/proc', '/sys', '/dev', '/run', '/tmp', '/mnt', '/media'] as const;

function passOf(pass: PassState, machine: MachineState | undefined): PassReport {
  const common = {
    pass: pass.pass,
    kind: pass.kind,
    mover: pass.mover,
    reason: pass.reason,
    checksum: pass.checksum,
    startedAt: pass.startedAt,
    ...(pass.predictedMs === undefined ? {} : { predictedMs: pass.predictedMs }),
    ...(pass.predictedBytes === undefined ? {} : { predictedBytes: pass.predictedBytes }),
  };
  if (pass.ended === undefined) return { ...common, ...(isGivenUp(machine, pass) ? { givenUp: true } : {}) };
  const ended: EndedPass = { ...pass, ended: pass.ended };
  return {
    ...common,
    tookMs: ended.ended.ms,
    literalBytes: literalBytes(ended),
    sentBytes: sentBytes(ended),
    consistency: ended.ended.consistency,
    ...(pass.judged === undefined ? {} : { verdict: pass.judged.verdict, why: pass.judged.why }),
  };
}

function verificationOf(machine: MachineState | undefined): VerificationReport | undefined {
  const verified = machine?.verified;
  if (verified === undefined) return undefined;
  return {
    pass: verified.pass,
    at: verified.at,
    tookMs: verified.ms,
    filesCompared: verified.filesCompared,
    bytesCompared: verified.bytesCompared,
    live: verified.live,
    mismatches: verified.mismatches,
    current: vouches(machine),
    ...(verified.sample === undefined ? {} : { sample: comparedWords(verified) }),
  };
}
