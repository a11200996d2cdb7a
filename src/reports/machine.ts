import type { MachineState, PassState } from '../journal/state.ts';
import type { MachinePlan } from '../plan/schema.ts';
import {
  type EndedPass,
  literalBytes,
  newestEnded,
  openPass,
  own,
  passAfter,
  safeCopy,
  sentBytes,
} from '../readiness/copy.ts';
import { exposureOf } from '../readiness/exposure.ts';
import type { Gate } from '../readiness/gate.ts';
import { makesIt } from '../readiness/makes-it.ts';
import { swapFilesOf } from '../readiness/not-copied.ts';
import { namePlanFile } from '../readiness/plan-file.ts';
import type { SubjectVerdict } from '../readiness/verdict.ts';
import type { View } from '../step/step.ts';
import type {
  IdentityReport,
  LayoutReport,
  MachineReport,
  PassReport,
  Status,
  VerificationReport,
} from './shape.ts';

export interface MachineInput {
  readonly view: View;
  readonly name: string;
  readonly wanted: MachinePlan;
  readonly verdict: SubjectVerdict | undefined;
  readonly gates: readonly Gate[];
  readonly now: number;
}

export function machineReport({ view, name, wanted, verdict, gates, now }: MachineInput): MachineReport {
  const machine = own(view.state.machines, name);
  const verification = verificationOf(machine);
  const failure = machine?.failure;
  return {
    name,
    tier: wanted.tier,
    ...(wanted.owner === undefined ? {} : { owner: wanted.owner }),
    ...(wanted.description === undefined ? {} : { description: wanted.description }),
    verdict: verdict?.verdict ?? 'unproven',
    status: statusOf(machine),
    ...(machine?.observed === undefined ? {} : { identity: identityOf(machine.observed) }),
    layout: layoutOf(machine, wanted),
    passes: (machine?.passes ?? []).map(passOf),
    ...(verification === undefined ? {} : { verification }),
    exposure: exposureOf(view, name, now),
    makesIt: makesIt(view, name, now),
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

/** Where the machine stands on its walk, in two words. It never says `ready`: that is the verdict's word. */
function statusOf(machine: MachineState | undefined): Status {
  if (machine === undefined) return { kind: 'unknown', word: 'not begun' };
  if (machine.failure !== undefined) return { kind: 'bad', word: failureWord(machine.failure.error.code) };
  if ((machine.verified?.mismatches.length ?? 0) > 0 && openPass(machine) === undefined) {
    return { kind: 'bad', word: 'copy differs' };
  }
  if (openPass(machine) !== undefined) return { kind: 'busy', word: 'copying' };
  const newest = newestEnded(machine);
  if (newest === undefined) return beforePasses(machine);
  const judged = newest.judged?.verdict;
  if (judged === 'not-converging') return { kind: 'warn', word: 'not converging' };
  if (judged === 'exhausted') return { kind: 'warn', word: 'passes used up' };
  const copy = safeCopy(machine);
  if (copy.kind === 'verified' && passAfter(machine, copy.pass) === undefined)
    return { kind: 'ok', word: 'verified' };
  return judged === 'converged'
    ? { kind: 'busy', word: 'to be verified' }
    : { kind: 'busy', word: 'converging' };
}

function beforePasses(machine: MachineState): Status {
  if (machine.observed === undefined) return { kind: 'unknown', word: 'no inventory' };
  if (machine.replica === undefined) return { kind: 'unknown', word: 'not built' };
  if (machine.receiver?.prepared === undefined) return { kind: 'busy', word: 'building' };
  return { kind: 'busy', word: 'built' };
}

/** `sync.target-full` reads `target full`. */
function failureWord(code: string): string {
  const last = code.split('.').at(-1) ?? '';
  return last === '' ? 'failed' : last.replaceAll('-', ' ');
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

function passOf(pass: PassState): PassReport {
  const common = {
    pass: pass.pass,
    kind: pass.kind,
    mover: pass.mover,
    reason: pass.reason,
    checksum: pass.checksum,
    startedAt: pass.startedAt,
    ...(pass.predictedMs === undefined ? {} : { predictedMs: pass.predictedMs }),
  };
  if (pass.ended === undefined) return common;
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
  const copy = safeCopy(machine);
  return {
    pass: verified.pass,
    at: verified.at,
    tookMs: verified.ms,
    filesCompared: verified.filesCompared,
    bytesCompared: verified.bytesCompared,
    live: verified.live,
    mismatches: verified.mismatches,
    current:
      copy.kind === 'verified' &&
      passAfter(machine, copy.pass) === undefined &&
      openPass(machine) === undefined,
  };
}
