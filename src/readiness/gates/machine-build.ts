import { counted } from '../../foundation/units.ts';
import type { FileSystemFacts } from '../../journal/facts.ts';
import type { MachineState } from '../../journal/state.ts';
import { hasLogin } from '../../plan/login.ts';
import { onReceiver, onSource, virsh } from '../by-hand.ts';
import { own } from '../copy.ts';
import { ago, isRecent } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';
import type { MachineSubject } from './subject.ts';

/** Checks of the two first stages: is the source known, and is there something to copy it into. */
export function buildGates(subject: MachineSubject): GateFacts[] {
  return [inventory(subject), identity(subject), built(subject), drift(subject)];
}

function inventory({ plan, wanted, machine, name, now }: MachineSubject): GateFacts {
  const observed = machine?.observed;
  const domain = wanted.source.domain ?? name;
  const recent = observed !== undefined && isRecent(observed.at, now);
  const failure = machine?.failure?.step.startsWith('inventory/') === true ? machine.failure : undefined;
  return {
    check: 'inventory',
    title: 'The inventory of the source is recorded and at most 24 h old',
    severity: 'critical',
    // A look that failed says more than one that is old.
    verdict: failure !== undefined ? 'fail' : recent ? 'pass' : 'unproven',
    evidence:
      failure !== undefined
        ? [`the last look failed ${ago(failure.at, now)}: ${failure.error.what}`]
        : observed === undefined
          ? ['nothing is recorded about this machine']
          : [
              `recorded ${ago(observed.at, now)}`,
              `${observed.guest.os.pretty}, kernel ${observed.guest.kernel}, ${counted(observed.domain.disks.length, 'disk')}, ${counted(observed.guest.fileSystems.length, 'file system')}`,
            ],
    evidenceAt: observed?.at,
    checkByHand: virsh(plan, wanted.source.hypervisor, ['dumpxml', domain]),
    remedy: 'take the inventory: landfall inventory <the plan file>',
    costOfIgnoring: 'a disk or file system that appeared since then does not travel, and nobody notices',
  };
}

function identity({ plan, wanted, machine }: MachineSubject): GateFacts {
  const observed = machine?.observed;
  const guest = observed?.guest.productUuid?.toLowerCase();
  const domain = observed?.domain.uuid.toLowerCase();
  const compared = guest !== undefined && domain !== undefined;
  const mismatch = compared && guest !== domain;
  return {
    check: 'identity',
    title: 'The guest that answers is the domain of the plan',
    // An unreadable UUID is a gap in the evidence; a wrong one means that another machine is copied.
    severity: mismatch ? 'critical' : 'warning',
    verdict: mismatch ? 'fail' : compared ? 'pass' : 'unproven',
    evidence: compared
      ? [`the guest says ${guest}, the domain has ${domain}`]
      : ['the guest does not show its product UUID, so it could not be compared with the domain'],
    evidenceAt: observed?.at,
    checkByHand: onSource(plan, wanted, ['cat', '/sys/class/dmi/id/product_uuid']),
    remedy: mismatch
      ? 'correct source.address or source.domain of this machine in the plan'
      : 'let the SSH user read /sys/class/dmi/id/product_uuid (sudo: true), then take the inventory again',
    costOfIgnoring: 'the wrong server is copied under the right name',
  };
}

function built(subject: MachineSubject): GateFacts {
  return subject.mover === 'blocks' ? builtForBlocks(subject) : builtForFiles(subject);
}

/** Blocks need the volumes alone. A receiver is there for fix-ups, and a proof without it says so. */
function builtForBlocks({ plan, wanted, name, machine, now }: MachineSubject): GateFacts {
  const replica = machine?.replica;
  const receiver = machine?.receiver;
  const isFitted = hasLogin(plan, name);
  const isThere = !isFitted || receiver?.hostKey !== undefined;
  return {
    check: 'built',
    title: `The target is built: replica disks made${isFitted ? ', a receiver in which copies are fitted' : ''}`,
    severity: 'critical',
    verdict: replica !== undefined && isThere ? 'pass' : 'unproven',
    evidence: [
      replica === undefined
        ? 'no replica is recorded'
        : `${counted(replica.volumes.length, 'replica volume')} made ${ago(replica.at, now)}; blocks fill them where they lie`,
      ...(isFitted
        ? [isThere ? 'the receiver was reached; no replica is in it' : 'no receiver has been reached']
        : ['no receiver: nobody logs in to this machine, and its copy starts as it is']),
    ],
    evidenceAt: replica?.at,
    checkByHand: virsh(plan, wanted.target.hypervisor, ['vol-list', wanted.target.pool]),
    remedy: 'build the target: landfall run <the plan file>',
    costOfIgnoring: 'there is nothing at the target that could hold this machine',
  };
}

function builtForFiles({ plan, wanted, machine, now }: MachineSubject): GateFacts {
  const replica = machine?.replica;
  const prepared = machine?.receiver?.prepared;
  const missing = prepared === undefined ? [] : unprepared(machine, wanted.exclude);
  const done = replica !== undefined && prepared !== undefined;
  return {
    check: 'built',
    title: 'The target is built: replica disks made, receiver prepared, every file system mounted',
    severity: 'critical',
    verdict: !done ? 'unproven' : missing.length > 0 ? 'fail' : 'pass',
    evidence: [
      replica === undefined
        ? 'no replica is recorded'
        : `${counted(replica.volumes.length, 'replica volume')} made ${ago(replica.at, now)}`,
      prepared === undefined
        ? 'no receiver has been prepared'
        : `receiver prepared ${ago(prepared.at, now)} with ${counted(prepared.mounts.length, 'file system')}`,
      ...missing.map(each => `no place at the target for ${each.mountpoint} (${each.type}, ${each.device})`),
    ],
    evidenceAt: prepared?.at ?? replica?.at,
    checkByHand: onReceiver(plan, wanted, machine, ['df', '-P', '-k', ...mountedAt(machine)]),
    remedy:
      missing.length > 0
        ? [
            'exclude these paths in the plan where they need not travel',
            'otherwise take the inventory and build again: landfall run <the plan file>',
          ]
        : 'build the target: landfall run <the plan file>',
    costOfIgnoring: 'there is nothing at the target that could hold this machine',
  };
}

/** Where the file systems of the replica are mounted inside the receiver. */
function mountedAt(machine: MachineState | undefined): string[] {
  const points = (machine?.receiver?.prepared?.mounts ?? []).map(({ mountpoint }) => mountpoint);
  return ['/mnt/t', ...points.filter(point => point !== '/').map(point => `/mnt/t${point}`)];
}

/** File systems of the source that have no counterpart in the receiver and are not excluded by the plan. */
function unprepared(machine: MachineState | undefined, exclude: readonly string[]): FileSystemFacts[] {
  const mounts = machine?.receiver?.prepared?.mounts ?? [];
  const uuids = new Set(mounts.map(mount => mount.uuid.toLowerCase()));
  const points = new Set(mounts.map(mount => mount.mountpoint));
  return (machine?.observed?.guest.fileSystems ?? []).filter(
    each =>
      !(each.uuid !== '' && uuids.has(each.uuid.toLowerCase())) &&
      !points.has(each.mountpoint) &&
      !isExcluded(each.mountpoint, exclude),
  );
}

export function isExcluded(path: string, exclude: readonly string[]): boolean {
  return exclude.some(each => {
    const root = each.replace(/\/+$/, '');
    return path === root || path.startsWith(`${root}/`);
  });
}

function drift({ plan, wanted, machine, name, mover }: MachineSubject): GateFacts {
  const observed = machine?.observed;
  const volumes = machine?.replica?.volumes;
  const changes = observed === undefined || volumes === undefined ? undefined : diskChanges(machine);
  return {
    check: 'drift',
    title: 'The disks of the source are still those for which the target was built',
    severity: 'critical',
    verdict: changes === undefined ? 'unproven' : changes.length > 0 ? 'fail' : 'pass',
    evidence:
      changes === undefined
        ? ['there is no inventory and replica that could be compared']
        : changes.length > 0
          ? changes
          : [
              `${counted(volumes?.length ?? 0, 'disk')} compared by name and capacity with the last inventory`,
            ],
    evidenceAt: observed?.at,
    checkByHand: virsh(plan, wanted.source.hypervisor, ['domblkinfo', wanted.source.domain ?? name, '--all']),
    remedy:
      mover === 'blocks'
        ? 'let one more pass run: it copies the disks whole, as they are now: landfall run <the plan file>'
        : 'build the target anew for the disks as they are now: landfall run <the plan file>',
    costOfIgnoring: 'what was written to a new or grown disk is missing at the target',
  };
}

/** Disks that appeared or grew since the replica was made; a medium without capacity (a CD drive) is no disk. */
function diskChanges(machine: MachineState | undefined): string[] {
  const volumes = Object.fromEntries((machine?.replica?.volumes ?? []).map(each => [each.disk, each]));
  return (machine?.observed?.domain.disks ?? []).flatMap(disk => {
    if (disk.capacity <= 0) return [];
    const volume = own(volumes, disk.target);
    if (volume === undefined) return [`disk ${disk.target} of the source has no replica volume`];
    return disk.capacity > volume.capacity
      ? [
          `disk ${disk.target} has ${disk.capacity} bytes at the source, ${volume.capacity} bytes in the replica`,
        ]
      : [];
  });
}
