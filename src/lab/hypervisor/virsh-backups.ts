import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  readBackup,
  readCheckpoint,
  type WantedBackup,
  type WantedCheckpoint,
} from '../blocks/backup-xml.ts';
import type { BackupJob, Backups, EndedJob } from '../blocks/backups.ts';
import type { Base } from '../blocks/checkpoints.ts';
import { mapPath } from '../hosts/mounts.ts';
import { parseOptions } from '../tools/options.ts';
import type { MachineFacts } from '../world/layout.ts';
import { type Answer, answer, type SimHost } from '../world/world.ts';
import { domainsOf } from './domains.ts';
import { type CheckpointParts, chosenDisks, sourceOf, untrackable } from './virsh-checkpoints.ts';
import { hypervisorFile, noFile } from './virsh-devices.ts';
import { noDomain, unsupported, type Verb, virshError } from './virsh-verbs.ts';

/** The verbs of backup jobs on the source hypervisors, in the words of libvirt 9.0. */

export interface BackupParts extends CheckpointParts {
  readonly backups: Backups;
}

/** libvirt waits half a minute before it says so; nobody learns more in that time. */
const LOCKED =
  'Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainBackupBegin)';
const NO_JOB = 'Domain backup job id not found: no domain backup job present';

export function backupReads(parts: BackupParts): Readonly<Record<string, Verb>> {
  const { world, backups, sources } = parts;
  return {
    domjobinfo({ host, args }) {
      const parsed = parseOptions(args, ['--rawstats', '--completed', '--keep-completed', '--anystats'], []);
      if (!parsed.ok) return unsupported('domjobinfo', parsed.unknown);
      const { flags } = parsed;
      const [name = ''] = parsed.operands;
      const machine = sourceOf(world, host, name);
      const isHere = domainsOf(world, host).some(found => found.name === name || found.uuid === name);
      if (machine === undefined && !isHere) return noDomain(name);
      const raw = flags.has('--rawstats');
      if (machine === undefined) return answer(raw ? 'Job type: 0\n\n' : NOTHING);
      if (!sources.isRunning(machine.name) && !flags.has('--completed'))
        return virshError('Requested operation is not valid: domain is not running');
      if (flags.has('--completed')) {
        const ended = backups.ended(machine.name);
        if (!flags.has('--keep-completed')) backups.forget(machine.name);
        return answer(ended === undefined ? (raw ? 'Job type: 0\n\n' : NOTHING) : endedText(ended, raw));
      }
      const job = backups.running(machine.name);
      if (job === undefined && backups.foreign.has(machine.name))
        return answer(raw ? 'Job type: 2\n\noperation: 9\ntime_elapsed: 1823004\n' : FOREIGN);
      if (job === undefined) return answer(raw ? 'Job type: 0\n\n' : NOTHING);
      return answer(runningText(job, Math.round(world.clock.monotonic() - job.begun), raw));
    },
    'backup-dumpxml'({ host, args, isScript }) {
      const parsed = parseOptions(args, [], []);
      if (!parsed.ok) return unsupported('backup-dumpxml', parsed.unknown);
      const [name = ''] = parsed.operands;
      const machine = sourceOf(world, host, name);
      if (machine === undefined) return noDomain(name);
      const job = backups.running(machine.name);
      if (job !== undefined)
        return answer(
          jobXml(job, isScript === true ? file => mapPath(world.directory, host.mounts, file) : undefined),
        );
      return backups.foreign.has(machine.name) ? answer(foreignXml(machine)) : virshError(NO_JOB);
    },
  };
}

export function backupWrites(parts: BackupParts): Readonly<Record<string, Verb>> {
  const { world, backups } = parts;
  return {
    'backup-begin'({ host, args }) {
      const parsed = parseOptions(args, [], []);
      if (!parsed.ok) return unsupported('backup-begin', parsed.unknown);
      const [name = '', file = '', second] = parsed.operands;
      const machine = sourceOf(world, host, name);
      if (machine === undefined) return noDomain(name);
      const xml = hypervisorFile(world, host, file);
      if (xml === undefined) return noFile(file);
      const wanted = readBackup(xml);
      if (!wanted.ok) return virshError(wanted.why);
      const also = second === undefined ? undefined : hypervisorFile(world, host, second);
      if (second !== undefined && also === undefined) return noFile(second);
      const checkpoint = also === undefined ? undefined : readCheckpoint(also);
      if (checkpoint?.ok === false) return virshError(checkpoint.why);
      return begin(parts, host, machine, wanted.value, checkpoint?.value);
    },
    async domjobabort({ host, args }) {
      const parsed = parseOptions(args, [], []);
      if (!parsed.ok) return unsupported('domjobabort', parsed.unknown);
      const [name = ''] = parsed.operands;
      const machine = sourceOf(world, host, name);
      if (machine === undefined) return noDomain(name);
      if (backups.foreign.has(machine.name)) {
        world.violation(host.id, `virsh domjobabort ${name}`, "the job that runs is somebody else's");
        backups.foreign.delete(machine.name);
        return answer('');
      }
      return (await backups.abort(machine.name))
        ? answer('')
        : virshError('Requested operation is not valid: no job is active on the domain');
    },
    blockjob({ host, args }) {
      const parsed = parseOptions(args, ['--info'], []);
      if (!parsed.ok) return unsupported('blockjob', parsed.unknown);
      const [name = '', target = ''] = parsed.operands;
      const machine = sourceOf(world, host, name);
      if (machine === undefined) return noDomain(name);
      if (!parsed.flags.has('--info'))
        return virshError("the lab knows 'blockjob' of a source with --info only");
      const job = backups.running(machine.name);
      const isIn = job?.disks.some(disk => disk.name === target) ?? backups.foreign.has(machine.name);
      return answer(isIn ? 'Backup: [  0 %]\n' : `No current block job for ${target}\n`);
    },
  };
}

function begin(
  { world, checkpoints, backups, sources }: BackupParts,
  host: SimHost,
  machine: MachineFacts,
  wanted: WantedBackup,
  checkpoint: WantedCheckpoint | undefined,
): Answer {
  if (!sources.isRunning(machine.name))
    return virshError('Operation not supported: cannot perform disk backup for inactive domain');
  if (backups.running(machine.name) !== undefined || backups.foreign.has(machine.name))
    return virshError(LOCKED);
  const disks = chosenDisks(
    machine,
    wanted.disks?.map(({ name, isTaken }) => ({ name, isChosen: isTaken })),
  );
  if (typeof disks === 'string') return virshError(disks);
  if (disks.length === 0)
    return virshError('invalid argument: at least one disk must be selected for backup');
  const tracked = chosenDisks(
    machine,
    checkpoint?.disks?.map(({ name, isTracked }) => ({ name, isChosen: isTracked })),
  );
  if (typeof tracked === 'string') return virshError(tracked);
  if (checkpoint !== undefined) {
    if (checkpoints.find(machine.name, checkpoint.name) !== undefined)
      return virshError(`operation failed: domain moment ${checkpoint.name} already exists`);
    const impossible = untrackable(machine, tracked);
    if (impossible !== undefined) return virshError(impossible);
  }
  const bases = new Map<string, Base>();
  if (wanted.incremental !== undefined) {
    const from = checkpoints.find(machine.name, wanted.incremental);
    for (const disk of disks) {
      if (!from?.disks.some(found => found.disk === disk)) {
        return virshError(
          `Domain checkpoint not found: Checkpoint '${wanted.incremental}' for incremental backup of disk '${disk}' not found`,
        );
      }
      const base = checkpoints.base(from, disk);
      if (base === undefined) {
        return virshError(
          `checkpoint inconsistent: missing or broken bitmap '${wanted.incremental}' for disk '${disk}'`,
        );
      }
      bases.set(disk, base);
    }
  }
  const unwritable = cannotWrite(world.directory, host, wanted, disks);
  if (unwritable !== undefined) return virshError(unwritable);
  const all = checkpoints.instant(machine.name, [
    ...new Set([...disks, ...(checkpoint === undefined ? [] : tracked)]),
  ]);
  if (checkpoint !== undefined)
    checkpoints.make(
      machine.name,
      checkpoint.name,
      all.filter(({ disk }) => tracked.includes(disk)),
    );
  backups.begin(
    machine.name,
    wanted,
    all.filter(({ disk }) => disks.includes(disk)),
    bases,
  );
  return answer('Backup started\n');
}

/** Files that the job would make: none may be there, each needs its directory. */
function cannotWrite(
  lab: string,
  host: SimHost,
  { mode, disks: wanted, socket }: WantedBackup,
  disks: readonly string[],
): string | undefined {
  const real = (file: string): string => mapPath(lab, host.mounts, file);
  for (const disk of disks) {
    const asked = wanted?.find(({ name }) => name === disk);
    const file = mode === 'push' ? asked?.target : asked?.scratch;
    if (file === undefined && mode === 'pull') continue;
    if (file === undefined)
      return `unsupported configuration: the lab needs a target file for disk '${disk}'`;
    if (existsSync(real(file)) && statSync(real(file)).size > 0)
      return `invalid argument: store '${file}' for backup of '${disk}' exists`;
    if (!existsSync(path.dirname(real(file))))
      return `failed to create image file '${file}': No such file or directory`;
  }
  if (mode === 'pull' && (socket === undefined || !existsSync(path.dirname(real(socket)))))
    return `internal error: unable to execute QEMU command 'nbd-server-start': Failed to bind socket to ${socket ?? ''}: No such file or directory`;
  return undefined;
}

const NOTHING = 'Job type:         None        \n';
const FOREIGN =
  'Job type:         Unbounded   \nOperation:        Backup      \nTime elapsed:     1823004      ms\n';

const size = (bytes: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${value.toFixed(3)} ${units[unit]}`;
};

function runningText(job: BackupJob, ms: number, raw: boolean): string {
  const isPull = job.mode === 'pull';
  const capacity = job.disks.reduce((sum, disk) => sum + disk.capacity, 0);
  if (raw) {
    const common = `Job type: ${isPull ? 2 : 1}\n\noperation: 9\ntime_elapsed: ${ms}\n`;
    return isPull
      ? `${common}disk_temp_used: 0\ndisk_temp_total: ${capacity}\n`
      : `${common}disk_total: ${job.total}\ndisk_processed: ${job.processed}\ndisk_remaining: ${job.total - job.processed}\n`;
  }
  const common = `Job type:         ${isPull ? 'Unbounded   ' : 'Bounded     '}\nOperation:        Backup      \nTime elapsed:     ${String(ms).padEnd(12)} ms\n`;
  return isPull
    ? `${common}Temporary disk space use: 0.000 B\nTemporary disk space total: ${size(capacity)}\n`
    : `${common}${files(job.processed, job.total)}`;
}

const files = (processed: number, total: number): string =>
  `File processed:   ${size(processed)}\nFile remaining:   ${size(total - processed)}\nFile total:       ${size(total)}\n`;

const TYPES: Readonly<Record<EndedJob['type'], number>> = { Completed: 3, Failed: 4, Cancelled: 5 };

function endedText({ type, mode, ms, total, processed, error }: EndedJob, raw: boolean): string {
  if (raw) {
    const success = type === 'Completed' && error === undefined ? 1 : 0;
    return [
      `Job type: ${TYPES[type]}\n\noperation: 9\ntime_elapsed: ${ms}\n`,
      mode === 'pull'
        ? 'disk_temp_used: 0\ndisk_temp_total: 0\n'
        : `disk_total: ${total}\ndisk_processed: ${processed}\ndisk_remaining: ${total - processed}\n`,
      `success: ${success}\n${error === undefined ? '' : `errmsg: ${error}\n`}`,
    ].join('');
  }
  return [
    `Job type:         ${type.padEnd(12)}\nOperation:        Backup      \nTime elapsed:     ${String(ms).padEnd(12)} ms\n`,
    mode === 'pull'
      ? 'Temporary disk space use: 0.000 B\nTemporary disk space total: 0.000 B\n'
      : files(processed, total),
    error === undefined ? '' : `Error message:    ${error}\n`,
  ].join('');
}

/** A script of the lab looks for paths as it has them itself: they stand in a comment beside those of the host. */
function jobXml(
  { mode, incremental, socket, disks }: BackupJob,
  mapped: ((file: string) => string) | undefined,
): string {
  const paths = [socket, ...disks.map(({ target }) => target)].flatMap(file => file ?? []);
  const twins = mapped === undefined ? '' : paths.map(file => `<!-- '${mapped(file)}' -->\n`).join('');
  const rows = disks.map(({ name, target, exportName, exportBitmap }, at) => {
    const kind = incremental === undefined ? 'full' : 'incremental';
    const base = incremental === undefined ? '' : ` incremental='${incremental}'`;
    const offered =
      mode === 'pull'
        ? ` exportname='${exportName}'${exportBitmap === undefined ? '' : ` exportbitmap='${exportBitmap}'`}`
        : '';
    const place = mode === 'push' ? `      <target file='${target ?? ''}'/>\n` : '';
    return `    <disk name='${name}' backup='yes' type='file' backupmode='${kind}'${base}${offered} index='${at + 7}'>\n      <driver type='qcow2'/>\n${place}    </disk>\n`;
  });
  return `<domainbackup mode='${mode}'>
${incremental === undefined ? '' : `  <incremental>${incremental}</incremental>\n`}${socket === undefined ? '' : `  <server transport='unix' socket='${socket}'/>\n`}  <disks>
${rows.join('')}  </disks>
</domainbackup>
${twins}`;
}

const foreignXml = (machine: MachineFacts): string => `<domainbackup mode='push'>
  <disks>
${machine.disks
  .map(
    ({ target }) =>
      `    <disk name='${target}' backup='yes' type='file' backupmode='full' index='7'>\n      <driver type='qcow2'/>\n      <target file='/backup/nightly/${machine.name}-${target}.qcow2'/>\n    </disk>\n`,
  )
  .join('')}  </disks>
</domainbackup>
`;
