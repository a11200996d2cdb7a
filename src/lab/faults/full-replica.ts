import { spawnSync } from 'node:child_process';
import { type Readable, Transform } from 'node:stream';
import { labProcesses } from '../hosts/processes.ts';
import { locate } from '../hosts/real-tools.ts';
import { receiverId } from '../hosts/receivers.ts';
import { diskUsage } from '../tools/disk-usage.ts';
import { fileSystemsOn } from '../world/block-devices.ts';
import type { World } from '../world/world.ts';

/**
 * A full volume without a real file system of that size. A directory cannot be full, but a process can be kept from
 * writing: the lab watches what the replica uses, and once it is over the quota it sets the file size limit of the
 * receiver's rsync processes to zero (prlimit). The signal that goes with it is ignored by the rsync shim of receivers,
 * so the next write really fails, and rsync itself reports it and ends with its own code 11,
 * as with ENOSPC. Only the name of the error differs ("File too large (27)"), and `enospcWording` puts that right on
 * its way to the sender.
 */

export interface Quota {
  end(): void;
}

const WATCH_MS = 50;

export function fullReplica(world: World, machine: string, bytes: number): Quota {
  const prlimit = locate('prlimit');
  if (prlimit === undefined) throw new Error('the lab needs prlimit of util-linux for a full target');
  const limit = (size: string): void => {
    const writers = labProcesses(world.labId, receiverId(machine)).filter(
      ({ program }) => program === 'rsync',
    );
    for (const { pid } of writers) spawnSync(prlimit, ['--pid', String(pid), `--fsize=${size}:`]);
  };
  const used = (): number =>
    world.state.volumes
      .filter(({ replicaOf }) => replicaOf?.machine === machine)
      .flatMap(({ disk }) => fileSystemsOn(disk))
      .reduce((sum, { fs }) => sum + (fs.directory === null ? 0 : diskUsage(fs.directory).bytes), 0);
  const watch = (): void => {
    if (used() > bytes) limit('0');
  };
  // At once: a copy without a limit of rate may be over before the first tick.
  watch();
  const timer = setInterval(watch, WATCH_MS);
  return {
    end() {
      clearInterval(timer);
      limit('unlimited');
    },
  };
}

const EFBIG = 'File too large (27)';
const ENOSPC = 'No space left on device (28)';

/** The error by another name, in lines of rsync about something that it could not make or write. */
export const reworded = (text: string, from: string, to: string): string =>
  text
    .split('\n')
    .map(line => (/^rsync: /.test(line) ? line.replace(from, to) : line))
    .join('\n');

export const fullWording = (text: string): string =>
  text.includes('write failed on ') ? reworded(text, EFBIG, ENOSPC) : text;

/**
 * Passes standard error through; names errors after the cause that the lab stands in for. rsync writes such a message in
 * one piece, to its standard error (`--stderr=errors`, its default).
 */
export function wordedAs(stderr: Readable, wording: () => ((text: string) => string) | undefined): Readable {
  return stderr.pipe(
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const worded = wording();
        done(null, worded === undefined ? chunk : Buffer.from(worded(chunk.toString('latin1')), 'latin1'));
      },
    }),
  );
}
