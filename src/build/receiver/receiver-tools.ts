import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import type { GuestFacts } from '../../journal/facts.ts';
import { get } from '../../journal/maps.ts';
import type { Host } from '../../remote/host.ts';
import type { Action } from '../../step/action.ts';
import type { StepContext, View } from '../../step/step.ts';
import { jsonOrUndefined } from '../../tools/block-devices.ts';
import { unreadable } from '../../tools/virsh.ts';
import { receiverHost } from '../names.ts';

/** What the golden image must bring along to prepare a replica, asked before anything of the replica is written. */

/** Program and the package that has it, as Debian and Red Hat call it. */
const PACKAGES: Readonly<Record<string, string>> = {
  rsync: 'rsync',
  sfdisk: 'fdisk (Debian), util-linux (Red Hat)',
  flock: 'util-linux',
  'mkfs.ext2': 'e2fsprogs',
  'mkfs.ext3': 'e2fsprogs',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.xfs': 'xfsprogs',
  'mkfs.vfat': 'dosfstools',
  mkswap: 'util-linux',
  pvcreate: 'lvm2',
  vgcfgrestore: 'lvm2',
  vgchange: 'lvm2',
  pvs: 'lvm2',
};

/** The programs that this source's layout needs in the receiver. */
export function neededPrograms(guest: GuestFacts): string[] {
  const makers = guest.fileSystems.map(({ type }) => `mkfs.${type}`).filter(name => name in PACKAGES);
  const hasSwap = guest.blocks.some(({ fstype }) => fstype === 'swap');
  const hasGroups = (guest.volumeGroups ?? []).length > 0;
  const hasTable = Object.keys(guest.partitionTables).length > 0;
  return [
    ...new Set([
      'rsync',
      'flock',
      ...(hasTable ? ['sfdisk'] : []),
      ...makers,
      ...(hasSwap ? ['mkswap'] : []),
      ...(hasGroups ? ['pvcreate', 'vgcfgrestore', 'vgchange', 'pvs'] : []),
    ]),
  ];
}

/** Prints each of its arguments that is no program here; administrators' directories count even where PATH lacks them. */
const MISSING_SCRIPT =
  'PATH=$PATH:/usr/sbin:/sbin; for name; do command -v "$name" >/dev/null 2>&1 || echo "$name"; done';

const PVS = ['pvs', '--reportformat', 'json', '-o', 'pv_name,pv_uuid,vg_name'] as const;

export interface PhysicalVolume {
  readonly device: string;
  readonly uuid: string;
  /** Empty where it belongs to none yet. */
  readonly group: string;
}

const report = z.object({
  report: z.array(
    z.object({
      pv: z.array(z.object({ pv_name: z.string(), pv_uuid: z.string(), vg_name: z.string() })).default([]),
    }),
  ),
});

/** Undefined where the text is no JSON report of pvs. */
export function parsePvs(text: string): PhysicalVolume[] | undefined {
  const parsed = report.safeParse(jsonOrUndefined(text));
  if (!parsed.success) return undefined;
  return parsed.data.report.flatMap(({ pv }) =>
    pv.map(row => ({ device: row.pv_name, uuid: row.pv_uuid, group: row.vg_name })),
  );
}

/** The physical volumes that the receiver sees. */
export async function lookAtPhysicalVolumes(receiver: Host, signal: AbortSignal): Promise<PhysicalVolume[]> {
  const { stdout } = await receiver.exec(PVS, { signal });
  const text = stdout.toString('utf8');
  const rows = parsePvs(text);
  if (rows === undefined) throw unreadable(receiver.id, PVS.join(' '), text);
  return rows;
}

/**
 * Volume groups and physical volumes that the receiver's own disks share with the source, in words: LVM cannot tell
 * twins apart. `replica` are the disks that bear our serials, which do not count.
 */
export function lvmTwins(
  guest: GuestFacts,
  rows: readonly PhysicalVolume[],
  replica: readonly string[],
): string[] {
  const own = rows.filter(({ device }) => !replica.some(disk => device.startsWith(disk)));
  return (guest.volumeGroups ?? []).flatMap(group => [
    ...(own.some(row => row.group === group.name) ? [`volume group ${group.name}`] : []),
    ...group.physical
      .filter(({ uuid }) => own.some(row => row.uuid === uuid))
      .map(p => `physical volume ${p.uuid}`),
  ]);
}

/** What `refuseUnfitReceiver` asks, for a preview. */
export function toolsLooks(view: View, machine: string): Action[] {
  const guest = view.state.machines[machine]?.observed?.guest;
  const host = receiverHost(machine);
  if (guest === undefined) return [];
  const look = (argv: readonly string[], note: string): Action => ({
    kind: 'exec',
    host,
    argv,
    reads: true,
    note,
  });
  return [look(missingArgv(guest), 'programs that are missing in the image'), ...twinsLooks(view, machine)];
}

const missingArgv = (guest: GuestFacts): [string, ...string[]] => [
  'sh',
  '-c',
  MISSING_SCRIPT,
  'sh',
  ...neededPrograms(guest),
];

/** Throws `build.unfit` where the image lacks a program, or has volume groups that LVM would confuse with the source's. */
export async function refuseUnfitReceiver(
  context: StepContext,
  machine: string,
  receiver: Host,
  signal: AbortSignal,
): Promise<void> {
  const known = context.state.machines[machine];
  const guest = known?.observed?.guest;
  if (guest === undefined) return;
  const { stdout } = await receiver.exec(missingArgv(guest), { signal });
  const missing = stdout
    .toString('utf8')
    .split('\n')
    .filter(line => line !== '');
  if (missing.length > 0) throw lacksPrograms(context, machine, receiver.id, missing);
  await refuseTwins(context, machine, signal);
}

/** What `refuseTwins` asks, for a preview. */
export function twinsLooks({ state }: View, machine: string): Action[] {
  const groups = get(state.machines, machine)?.observed?.guest.volumeGroups ?? [];
  if (groups.length === 0) return [];
  const note = 'volume groups of the image itself';
  return [{ kind: 'exec', host: receiverHost(machine), argv: PVS, reads: true, note }];
}

/** Throws `build.unfit` where the image has volume groups that LVM would confuse with the source's. */
export async function refuseTwins(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  const known = get(context.state.machines, machine);
  const guest = known?.observed?.guest;
  if (guest === undefined || (guest.volumeGroups ?? []).length === 0) return;
  const receiver = await context.host(receiverHost(machine));
  const rows = await lookAtPhysicalVolumes(receiver, signal);
  const twins = lvmTwins(guest, rows, Object.values(known?.receiver?.devices ?? {}));
  if (twins.length > 0) throw hasTwins(context, machine, receiver.id, twins);
}

function lacksPrograms(view: View, machine: string, host: string, missing: readonly string[]): LandfallError {
  const image = view.plan.machines[machine]?.target.image ?? 'the image';
  const packages = [...new Set(missing.map(name => PACKAGES[name] ?? name))];
  return new LandfallError('build.unfit', {
    what: `the image ${image} lacks ${missing.join(', ')}, without which the disks of ${machine} cannot be prepared`,
    why: 'the receiver makes partitions, volume groups and file systems like those of the source; nothing was written yet',
    where: { host, machine },
    next: [
      `put into the image: ${packages.join('; ')}`,
      `or name another image: machines.${machine}.target.image`,
      'then remove the receiver and its own volume, and run the same command again',
    ],
  });
}

function hasTwins(view: View, machine: string, host: string, twins: readonly string[]): LandfallError {
  const image = view.plan.machines[machine]?.target.image ?? 'the image';
  return new LandfallError('build.unfit', {
    what: `the image ${image} has LVM names that ${machine} has, too: LVM in the receiver could not tell them apart`,
    why: 'a command meant for the replica could meet the disk of the receiver itself; nothing was written yet',
    where: { host, machine, command: 'pvs' },
    evidence: twins,
    next: [
      `take an image without these: machines.${machine}.target.image`,
      'or rename them in the image: vgrename, vgchange --uuid, pvchange --uuid',
    ],
  });
}
