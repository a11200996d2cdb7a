import { LandfallError } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import type { Host } from '../remote/host.ts';
import type { Action } from '../step/action.ts';
import { MOUNTED, type MountRow, parseFindmnt, parseProcMounts } from '../tools/mounts.ts';
import { unreadable } from '../tools/virsh.ts';
import type { RunPlan } from './pass-actions.ts';

/**
 * Before a pass or a comparison reads a file system, it must be the one that the inventory saw. Where it was unmounted
 * since, rsync would see the empty directory below, delete the only copy at the target, and the comparison of two
 * empty directories would call that good.
 */

export const mountsAction = (machine: string): Action => ({
  kind: 'exec',
  host: machine,
  argv: MOUNTED,
  reads: true,
  note: 'the file system must still be mounted before it is read',
});

/** Throws `sync.source-suspicious` where something else, or nothing, is mounted there. */
export async function requireMounted(host: Host, run: RunPlan, signal: AbortSignal): Promise<void> {
  const { mountpoint, device, uuid } = run.fileSystem;
  const rows = await mountsOf(host, signal);
  // The last one mounted there is the one that is seen.
  const row = rows.findLast(({ target }) => target === mountpoint);
  if (row !== undefined && isSame(row, device, uuid)) return;
  throw new LandfallError('sync.source-suspicious', {
    what:
      row === undefined
        ? `${mountpoint} is no longer mounted on ${host.id}`
        : `another file system than before is mounted at ${mountpoint} of ${host.id}`,
    why: 'a pass would delete the copy of what is missing; nothing was read or deleted',
    where: { host: host.id, machine: run.job.host, command: MOUNTED.join(' ') },
    evidence: [
      `recorded: ${device} ${uuid}`,
      `mounted:  ${row === undefined ? 'nothing' : harmless(`${row.source} ${row.uuid ?? ''}`)}`,
    ],
    next: [
      `look at ${mountpoint} on ${host.id}: findmnt ${mountpoint}; if it should be there, mount it and run the same command again`,
      'if the machine was changed on purpose, take a new inventory: landfall inventory PLAN',
    ],
  });
}

function isSame(row: MountRow, device: string, uuid: string): boolean {
  if (row.uuid !== undefined && uuid !== '') return row.uuid.toLowerCase() === uuid.toLowerCase();
  // Old kernels name the root after no device that lsblk knows.
  return row.source === device || row.source === '/dev/root' || row.source.startsWith('/dev/disk/');
}

/** As the inventory asks: findmnt, or the kernel's own table on hosts without it. */
async function mountsOf(host: Host, signal: AbortSignal): Promise<MountRow[]> {
  const answer = await host.exec(MOUNTED, { codes: [0, 1, 127], signal });
  if (answer.code === 127) {
    const { stdout } = await host.exec(['cat', '/proc/mounts'], { signal });
    return parseProcMounts(stdout.toString('utf8'));
  }
  const text = answer.stdout.toString('utf8');
  if (answer.code === 1 && text.trim() === '') return [];
  const rows = parseFindmnt(text);
  if (rows === undefined) throw unreadable(host.id, MOUNTED.join(' '), text);
  return rows;
}
