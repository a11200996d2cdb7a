import { LandfallError } from '../../../foundation/errors.ts';
import { tailLines } from '../../../foundation/text.ts';
import { formatBytes } from '../../../foundation/units.ts';
import { APPLY_EXIT } from './scripts/apply.ts';
import { BACKUP_EXIT } from './scripts/backup.ts';
import { PULL_EXIT } from './scripts/pull.ts';

/** What stops a pass by blocks, in words, each with its own next action. */

export interface Place {
  readonly machine: string;
  readonly host: string;
  readonly domain: string;
}

export const filesInstead = (machine: string): string =>
  `or let it travel by its files: landfall mover PLAN ${machine} files`;

export const impossible = ({ machine, host }: Place, refusals: readonly string[]): LandfallError =>
  new LandfallError('blocks.impossible', {
    what: `the blocks mover cannot move ${machine} as it is now`,
    why: 'nothing was changed, and what is in the replica stays as it was',
    where: { host, machine },
    evidence: refusals,
    next: ['change what stands above, and run the same command again', filesInstead(machine)],
  });

export const foreign = ({ machine, host, domain }: Place, job: string): LandfallError =>
  new LandfallError('blocks.foreign-job', {
    what: `somebody else's job runs on ${domain}: ${job}`,
    why: 'libvirt runs one job of a domain at a time, and landfall ends no job but its own',
    where: { host, machine, command: `virsh domjobinfo ${domain}` },
    next: [
      'nothing for a while: landfall asks again',
      `if it should not be there, look at it on ${host}: virsh domjobinfo ${domain}; virsh backup-dumpxml ${domain}`,
      filesInstead(machine),
    ],
  });

export const scratchFull = (
  { machine, host }: Place,
  directory: string,
  need: number | undefined,
  free: number | undefined,
  evidence: readonly string[] = [],
): LandfallError =>
  new LandfallError('blocks.scratch-full', {
    what: `there is no room for the pieces of ${machine} on ${host}`,
    why: 'the backup was not begun or was ended, its pieces are removed, and what was written since stays tracked',
    where: { host, machine, file: directory },
    evidence: [
      ...evidence,
      ...(need === undefined
        ? []
        : [`needed: ${formatBytes(need)}, with what care.space of the plan leaves free`]),
      ...(free === undefined ? [] : [`free:   ${formatBytes(free)}`]),
    ],
    next: [
      `make room there, or name another place in the plan: hypervisors.${host}.scratch`,
      filesInstead(machine),
    ],
  });

export const newDisk = ({ machine, host, domain }: Place, disks: readonly string[]): LandfallError =>
  new LandfallError('blocks.impossible', {
    what: `${domain} has other disks than the inventory saw: ${disks.join(', ')}`,
    why: 'a disk without a replica would not be in the copy',
    where: { host, machine },
    next: ['take a new inventory: landfall inventory PLAN; then the replica gets its volumes'],
  });

/** libvirt's words for a bitmap that cannot be used: the checkpoint is worth nothing then. */
export const isBroken = (text: string): boolean =>
  /checkpoint inconsistent|missing or broken bitmap|bitmap '[^']*' not found|Bitmap .* (?:is|not) (?:inconsistent|found)/i.test(
    text,
  );

const GONE =
  /failed to connect|disconnected from|end of file while reading|cannot (?:recv|write) data|connection (?:reset|refused)|broken pipe|client socket is closed/i;

/** A backup that did not come to its end, by its exit code and what libvirt said. */
export function backupFailure(place: Place, directory: string, code: number, text: string): LandfallError {
  const { machine, host, domain } = place;
  const evidence = tailLines(text, 5);
  const where = { host, machine, command: `virsh backup-begin ${domain}` };
  if (/no space left/i.test(text) || code === BACKUP_EXIT.sums || code === BACKUP_EXIT.space)
    return scratchFull(place, directory, undefined, undefined);
  if (code === PULL_EXIT.space)
    return scratchFull(place, directory, undefined, undefined, [
      'what the guest overwrites while its disks are read, and the chunks on their way, have taken it',
    ]);
  if (/not running|inactive domain/i.test(text))
    return impossible(place, [`the domain ${domain} is not running: only a running one can be tracked`]);
  if (/state change lock|another (?:job|backup)|already active|job is already/i.test(text))
    return foreign(place, evidence.at(-1) ?? 'libvirt does not say which');
  // libvirt went away amid the question, and comes back: whether it has begun, the next attempt asks.
  if (code === BACKUP_EXIT.refused && !GONE.test(text))
    return new LandfallError('blocks.refused', {
      what: `libvirt on ${host} does not begin a backup of ${domain}`,
      where,
      evidence,
      next: [
        `look there for its reason, with AppArmor and SELinux in mind: journalctl -u libvirtd -u virtqemud; QEMU has to write to ${directory}`,
        filesInstead(machine),
      ],
    });
  return new LandfallError('blocks.broken-off', {
    what: `the backup of ${domain} ended before it was whole (code ${code})`,
    why: 'its pieces are removed; what was written since the last pass stays tracked',
    where,
    evidence,
    next: [
      'nothing: landfall begins it again',
      `if it stays: look on ${host}: journalctl -u libvirtd -u virtqemud`,
    ],
  });
}

/** Pieces that did not come into the replica. */
export function applyFailure(machine: string, host: string, code: number, text: string): LandfallError {
  const evidence = tailLines(text, 5);
  const where = { host, machine };
  if (/no space left/i.test(text))
    return new LandfallError('sync.target-full', {
      what: `there is no room for the replica of ${machine} on ${host}`,
      why: 'the replica that is there stays usable: what was merged is merged, the rest waits in its piece',
      where,
      evidence,
      next: ['make room in the pool, or move other volumes out of it, and run the same command again'],
    });
  if (code === APPLY_EXIT.sum || code === APPLY_EXIT.check)
    return new LandfallError('blocks.damaged-piece', {
      what: `a piece of ${machine} did not arrive whole on ${host}`,
      why: 'its sum differs from the one taken at the source; nothing of it was merged',
      where,
      evidence,
      next: ['nothing: landfall sends it again', `if it stays: look at the disks of ${host}`],
    });
  if (/lock/i.test(text))
    return new LandfallError('job.conflict', {
      what: `the replica of ${machine} is in use on ${host}: nothing can be merged into it`,
      where,
      evidence,
      next: [
        `see which domain has it open on ${host}: virsh list; virsh domblklist`,
        'then run the same command again',
      ],
    });
  if (code === APPLY_EXIT.replica)
    return new LandfallError('build.foreign-object', {
      what: `a volume of the replica of ${machine} is not where it was made on ${host}`,
      where,
      evidence,
      next: ['run the same command again: the build looks for it and says what became of it'],
    });
  return new LandfallError('remote.command-failed', {
    what: `the pieces of ${machine} could not be brought into the replica on ${host} (code ${code})`,
    where,
    evidence,
    next: [
      'look at the last lines above, and run the same command again: a piece merged twice is the same as once',
    ],
  });
}
