import { LandfallError } from '../../foundation/errors.ts';
import { tailLines } from '../../foundation/text.ts';
import { formatBytes } from '../../foundation/units.ts';
import type { MachineState } from '../../journal/state.ts';
import { type Action, fact, type Word } from '../../step/action.ts';
import type { StepContext, View } from '../../step/step.ts';
import { REPLICA_ROOT, receiverHost } from '../names.ts';

/**
 * The first bytes of a replica come from the receiver's own root, the clone at the target: they need not travel. The
 * first pass makes them equal to the source, so a seed only has to be near.
 */

const JOB = 'seed';

/** What is never taken from the clone: virtual trees, and what makes the receiver this receiver. */
const EXCLUDED: readonly string[] = [
  '/mnt/*',
  '/media/*',
  '/proc/*',
  '/sys/*',
  '/dev/*',
  '/run/*',
  '/tmp/*',
  'lost+found',
  '/etc/machine-id',
  '/etc/ssh/ssh_host_*',
  '/root/.ssh/*',
];

type JobAction = Action & { kind: 'job' };

/** Nested mount points hold file systems of their own, which stay unseeded. */
export function seedAction({ state }: View, machine: string): JobAction {
  const fileSystems = state.machines[machine]?.observed?.guest.fileSystems;
  const nested: readonly Word[] = fileSystems
    ?.map(fs => fs.mountpoint)
    .filter(mountpoint => mountpoint !== '/')
    .map(mountpoint => `--exclude=${escapePattern(mountpoint)}/*`) ?? [
    fact(undefined, '--exclude of each nested mount point', `inventory/${machine}`),
  ];
  return {
    kind: 'job',
    host: receiverHost(machine),
    job: JOB,
    argv: [
      'rsync',
      '-aHAXx',
      '--numeric-ids',
      '--no-h',
      '--stats',
      ...EXCLUDED.map(pattern => `--exclude=${pattern}`),
      ...nested,
      '/',
      `${REPLICA_ROOT}/`,
    ],
    note: 'what the clone already has need not travel',
  };
}

/** A path as an rsync pattern; a backslash escapes only where a pattern has wildcards, and ours always end in one. */
const escapePattern = (path: string): string => path.replace(/[*?[\\]/g, '\\$&');

/** Never over a replica that has seen a pass: its files are newer than the clone's. */
export function mayBeSeeded(machine: MachineState | undefined): boolean {
  return machine === undefined || (machine.passes.length === 0 && machine.olderPasses === undefined);
}

/** 23 and 24 (some files not copied, some vanished) leave gaps that the first pass fills. */
const GOOD_ENOUGH: readonly number[] = [0, 23, 24];

/** Runs the seed, or takes up one that is running or has ended; bytes as rsync counted them. */
export async function seed(context: StepContext, machine: string, signal: AbortSignal): Promise<number> {
  const action = seedAction(context, machine);
  const earlier = (await context.host(action.host)).job(JOB);
  const status = await earlier.status();
  const failedBefore = status.state === 'ended' && !GOOD_ENOUGH.includes(status.code);
  if (status.state === 'lost' || failedBefore) await earlier.remove();

  context.sample({ text: `seeding the replica of ${machine} from the clone` });
  const job = await context.perform(action);
  const end = await job.follow({
    signal,
    onLink: (state, detail) => context.sample({ text: `connection ${state}: ${detail}` }),
  });
  const out = await job.output('out', 65_536);
  const err = await job.output('err', 65_536);
  await context.keepLog(`seed-${machine}.log`, Buffer.concat([out, err]));
  if (!GOOD_ENOUGH.includes(end.code)) throw seedFailed(machine, end.code, err.toString('utf8'));
  const bytes = seededBytes(out.toString('utf8'));
  context.sample({ text: `seeded ${formatBytes(bytes)} from the clone`, bytes });
  return bytes;
}

/**
 * `Total file size` of rsync's statistics: what the replica has of the clone, whether it came now or in an earlier
 * attempt; 0 where it is not there.
 */
export function seededBytes(stats: string): number {
  const digits = /^Total file size:\s*([\d,.]+)/m.exec(stats)?.[1];
  return digits === undefined ? 0 : Number(digits.replace(/[,.]/g, ''));
}

function seedFailed(machine: string, code: number, stderr: string): LandfallError {
  const isFull = /No space left on device/i.test(stderr);
  const host = receiverHost(machine);
  return new LandfallError(isFull ? 'build.space' : 'remote.command-failed', {
    what: isFull
      ? `the clone does not fit on the replica of ${machine}`
      : `the replica of ${machine} could not be seeded from the clone (rsync ended with ${code})`,
    where: { host, machine, command: 'rsync / /mnt/t/' },
    evidence: tailLines(stderr, 5),
    next: isFull
      ? [
          'see how full pool and replica are: df -h /mnt/t in the receiver, virsh pool-info at the hypervisor',
          `name a smaller image for it: machines.${machine}.target.image`,
        ]
      : [`log in to ${host} and look at its disk and its kernel log`, 'run the same command again'],
  });
}
