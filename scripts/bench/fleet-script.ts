import { execa } from 'execa';
import type { LabClient } from '../../src/lab/client.ts';
import { commandLine } from '../../src/remote/quote.ts';
import type { Prepared } from './prepared.ts';

/**
 * The copy as an engineer writes it at 2 a.m.: one rsync per file system with the usual flags, over plain OpenSSH with a
 * key of its own, until a round brings no more than what counts as small.
 */

export interface ScriptRun {
  readonly machine: string;
  readonly ms: number;
  readonly literalBytes: number;
}

interface Place {
  readonly machine: string;
  readonly mountpoints: readonly string[];
}

const DIRECTORY = '/run/bench';
const KEY_SCRIPT =
  'umask 077; mkdir -p "$1" && rm -f "$1/key" && ssh-keygen -q -t ed25519 -N "" -f "$1/key" && cat "$1/key.pub"';
const LET_IN_SCRIPT = 'mkdir -p "$HOME/.ssh" && printf "%s\\n" "$1" >> "$HOME/.ssh/authorized_keys"';
const RSH_SCRIPT = 'umask 077; printf "%s\\n" "$2" > "$1/known_hosts"';
const NOT_COPIED = [
  '/proc/*',
  '/sys/*',
  '/dev/*',
  '/run/*',
  '/tmp/*',
  '/mnt/*',
  'lost+found/',
  '.rsync-partial/',
];

/** Lets each source into its receiver, without a forced command, and tells what there is to copy. */
export async function openDoors(prepared: Prepared): Promise<Place[]> {
  const { plan, state } = prepared.view;
  return Promise.all(
    Object.keys(plan.machines).map(async (machine): Promise<Place> => {
      const known = state.machines[machine];
      const source = await prepared.host(machine);
      const receiver = await prepared.host(`${machine}.receiver`);
      const { stdout } = await source.exec(['sh', '-c', KEY_SCRIPT, 'sh', DIRECTORY]);
      await receiver.exec(['sh', '-c', LET_IN_SCRIPT, 'sh', stdout.toString().trim()]);
      await source.exec([
        'sh',
        '-c',
        RSH_SCRIPT,
        'sh',
        DIRECTORY,
        `standby ${known?.receiver?.hostKey ?? ''}`,
      ]);
      return {
        machine,
        mountpoints: (known?.receiver?.prepared?.mounts ?? []).map(mount => mount.mountpoint),
      };
    }),
  );
}

/** One machine, one round. */
export async function copyOnce(lab: LabClient, prepared: Prepared, place: Place): Promise<ScriptRun> {
  const target = prepared.view.plan.machines[place.machine]?.target;
  const began = performance.now();
  let literalBytes = 0;
  for (const mountpoint of place.mountpoints) {
    const to = mountpoint === '/' ? '/mnt/t/' : `/mnt/t${mountpoint}/`;
    const rsh = [
      ...['ssh', '-F', 'none', '-i', `${DIRECTORY}/key`, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'],
      ...['-o', `UserKnownHostsFile=${DIRECTORY}/known_hosts`, '-o', 'HostKeyAlias=standby'],
      ...['-o', `HostName=${target?.address ?? ''}`, '-o', `Port=${target?.port ?? 22}`, '-l', 'root'],
    ];
    const argv = [
      ...['env', 'LC_ALL=C', 'rsync', '-aHAX', '-x', '--delete', '--numeric-ids', '--stats', '--no-h'],
      ...NOT_COPIED.map(pattern => `--exclude=${pattern}`),
      ...['-e', rsh.join(' '), mountpoint === '/' ? '/' : `${mountpoint}/`, `standby:${to}`],
    ];
    const { stdout, exitCode, stderr } = await execa(
      'ssh',
      ['-F', lab.paths.sshConfig, place.machine, commandLine(argv).toString()],
      { reject: false, stdin: 'ignore' },
    );
    if (exitCode !== 0 && exitCode !== 24)
      throw new Error(
        `rsync of ${place.machine}:${mountpoint} ended with ${exitCode}: ${stderr.slice(-300)}`,
      );
    literalBytes += Number(/^Literal data: (\d+) bytes$/m.exec(stdout)?.[1] ?? Number.NaN);
  }
  return { machine: place.machine, ms: performance.now() - began, literalBytes };
}

export interface Rounds {
  /** From the start until every machine had its first copy, ms. */
  readonly firstMs: number;
  readonly convergedMs: number | undefined;
  readonly rounds: number;
  readonly firstBytes: number;
}

/** Rounds over all machines, `atOnce` of them side by side, until one round brings at most `small` bytes of each. */
export async function untilNothingChanges(
  lab: LabClient,
  prepared: Prepared,
  places: readonly Place[],
  options: { readonly atOnce: number; readonly small: number; readonly atMost: number },
): Promise<Rounds> {
  const began = performance.now();
  let firstMs = 0;
  let firstBytes = 0;
  for (let round = 1; round <= options.atMost; round += 1) {
    const runs = await pooled(places, options.atOnce, place => copyOnce(lab, prepared, place));
    if (round === 1) {
      firstMs = performance.now() - began;
      firstBytes = runs.reduce((sum, run) => sum + run.literalBytes, 0);
      continue;
    }
    if (runs.every(run => run.literalBytes <= options.small))
      return { firstMs, firstBytes, convergedMs: performance.now() - began, rounds: round };
  }
  return { firstMs, firstBytes, convergedMs: undefined, rounds: options.atMost };
}

/** As `xargs -P`: in order, so many at a time. */
export async function pooled<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const waiting = [...items];
  const results: R[] = [];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift())
      results.push(await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
