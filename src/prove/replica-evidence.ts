import { formatBytes } from '../foundation/units.ts';
import type { Host } from '../remote/host.ts';
import type { Action } from '../step/action.ts';
import type { View } from '../step/step.ts';

/**
 * That a proof has not touched the replica: size, allocated blocks and time of change of every volume before and after,
 * and a checksum where reading all of it is a matter of seconds. The time of change of the inode does not count: libvirt
 * gives files to the user of a domain and takes them back.
 */
export interface Fingerprint {
  readonly disk: string;
  readonly path: string;
  readonly size: number;
  readonly blocks: number;
  readonly changed: string;
  /** Absent where the volume is too large to be read for this. */
  readonly sha256?: string;
}

/** Allocated bytes; a few seconds at the speed of a slow disk. */
const CHECKSUM_AT_MOST = 1024 ** 3;
const CHECKSUM_TIMEOUT_MS = 300_000;

const statArgv = (path: string): [string, ...string[]] => ['stat', '-c', '%s %b %y', path];

/** The volumes as they were recorded when they were made. */
const volumesOf = ({ state }: View, machine: string) => state.machines[machine]?.replica?.volumes ?? [];

export function fingerprintActions(view: View, machine: string, hypervisor: string): Action[] {
  const look = (argv: readonly string[], note?: string): Action => ({
    kind: 'exec',
    host: hypervisor,
    argv,
    reads: true,
    ...(note === undefined ? {} : { note }),
  });
  return volumesOf(view, machine).flatMap(({ path }) => [
    look(statArgv(path), 'before and after: the replica must not change'),
    look(['sha256sum', path], `where no more than ${formatBytes(CHECKSUM_AT_MOST)} are allocated`),
  ]);
}

export async function fingerprints(
  host: Host,
  view: View,
  machine: string,
  signal: AbortSignal,
): Promise<Fingerprint[]> {
  const taken: Fingerprint[] = [];
  for (const { disk, path } of volumesOf(view, machine)) {
    const { stdout } = await host.exec(statArgv(path), { signal });
    const [, size, blocks, changed = ''] = /^(\d+) (\d+) (.+)$/.exec(stdout.toString('utf8').trim()) ?? [];
    const known = { disk, path, size: Number(size), blocks: Number(blocks), changed };
    const isSmall = known.blocks * 512 <= CHECKSUM_AT_MOST;
    taken.push(isSmall ? { ...known, sha256: await checksum(host, path, signal) } : known);
  }
  return taken;
}

async function checksum(host: Host, path: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await host.exec(['sha256sum', path], { timeoutMs: CHECKSUM_TIMEOUT_MS, signal });
  return stdout.toString('utf8').trim().split(/\s+/)[0] ?? '';
}

/** What differs, one line each; empty where nothing does. */
export function differences(before: readonly Fingerprint[], after: readonly Fingerprint[]): string[] {
  return before.flatMap(was => {
    const is = after.find(({ path }) => path === was.path);
    if (is === undefined) return [`${was.disk}: ${was.path} is gone`];
    return [
      ...(is.size === was.size ? [] : [`${was.disk}: ${was.size} bytes before, ${is.size} after`]),
      ...(is.blocks === was.blocks ? [] : [`${was.disk}: ${was.blocks} blocks before, ${is.blocks} after`]),
      ...(is.changed === was.changed
        ? []
        : [`${was.disk}: changed ${was.changed} before, ${is.changed} after`]),
      ...(is.sha256 === was.sha256 ? [] : [`${was.disk}: its checksum is another than before`]),
    ];
  });
}

/** What was compared, one line a volume. */
export const comparedLines = (all: readonly Fingerprint[]): string[] =>
  all.map(
    ({ disk, changed, sha256, blocks }) =>
      `${disk}: ${formatBytes(blocks * 512)} allocated, last changed ${changed.replace(/\.\d+/, '')}, ${sha256 === undefined ? 'too large for a checksum' : `SHA-256 ${sha256.slice(0, 16)}…`}`,
  );
