import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { labProcesses, signalAll } from '../hosts/processes.ts';
import { locate } from '../hosts/real-tools.ts';
import { receiverId } from '../hosts/receivers.ts';
import type { World } from '../world/world.ts';
import { type Quota, reworded } from './full-replica.ts';

/**
 * A replica on which nothing new can be made, without a file system that is really in that state. As with a full volume
 * (full-replica.ts), a directory cannot refuse, but a process can be kept from opening another file: then rsync itself
 * fails at each file that it would make, goes on to the next one, and ends with its own code 23, as it does where inodes
 * have run out, where the file system has turned read-only, and where its disk is gone. Only the name of the error
 * differs ("Too many open files (24)"), and that is put right on its way to the sender.
 */

export const REFUSALS = {
  'inodes-full': 'No space left on device (28)',
  'read-only': 'Read-only file system (30)',
  'disk-detached': 'Input/output error (5)',
} as const;
export type Refusal = keyof typeof REFUSALS;

const EMFILE = 'Too many open files (24)';

export const refusalWording = (kind: Refusal, text: string): string => reworded(text, EMFILE, REFUSALS[kind]);

const WATCH_MS = 20;

export function refusingReplica(world: World, machine: string): Quota {
  const prlimit = locate('prlimit');
  if (prlimit === undefined)
    throw new Error('the lab needs prlimit of util-linux for a replica that refuses');
  const id = receiverId(machine);
  const limit = (): void => {
    const running = labProcesses(world.labId, id)
      .filter(({ program }) => program === 'rsync')
      .flatMap(({ pid }) => rsyncOf(pid));
    // Before rsync has its two halves it still opens pipes and libraries: only halves are kept from opening.
    const parents = new Set(running.map(({ parent }) => parent));
    const pids = new Set(running.map(({ pid }) => pid));
    for (const { pid, parent } of running)
      if (parents.has(pid) || pids.has(parent)) spawnSync(prlimit, ['--pid', String(pid), '--nofile=3:']);
  };
  limit();
  const timer = setInterval(limit, WATCH_MS);
  return {
    end() {
      clearInterval(timer);
      // What was refused does not go on as if nothing had been.
      signalAll(
        labProcesses(world.labId, id).filter(({ program }) => program === 'rsync'),
        'SIGKILL',
      );
    },
  };
}

/** A process that is rsync by now, not the script that becomes it. */
function rsyncOf(pid: number): { readonly pid: number; readonly parent: number }[] {
  try {
    if (path.basename(readlinkSync(`/proc/${pid}/exe`)) !== 'rsync') return [];
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return [{ pid, parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
  } catch {
    // It ended while we looked.
    return [];
  }
}
