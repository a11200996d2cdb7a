import { spawnSync } from 'node:child_process';
import { type Readable, Transform } from 'node:stream';
import { fileSystemsOn } from './block-devices.ts';
import { labProcesses } from './processes.ts';
import { receiverId } from './receivers.ts';
import { locate } from './shims.ts';
import { diskUsage } from './usage.ts';
import type { World } from './world.ts';

/**
 * A full volume without a real file system of that size. A directory cannot be full, but a process can be kept from
 * writing: the lab watches what the replica uses, and once it is over the quota it sets the file size limit of the
 * receiver's rsync processes to zero (prlimit). The signal that goes with it is ignored by the rsync shim of receivers,
 * so the next write really fails, and rsync itself reports it through its own protocol and ends with its own code 11,
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
  const timer = setInterval(() => {
    if (used() > bytes) limit('0');
  }, WATCH_MS);
  return {
    end() {
      clearInterval(timer);
      limit('unlimited');
    },
  };
}

const FAILED = Buffer.from('rsync: [receiver] write failed on ');
const EFBIG = Buffer.from('File too large (27)');
const ENOSPC = Buffer.from('No space left on device (28)');

/**
 * In rsync's stream a message has a header of four bytes: the length in the lower three, little endian, and a tag.
 * The wording gets longer, so the length is raised by as much.
 */
function reword(chunk: Buffer): Buffer {
  const start = chunk.indexOf(FAILED);
  const error = start < 4 ? -1 : chunk.indexOf(EFBIG, start);
  if (error < 0) return chunk;
  const header = Buffer.from(chunk.subarray(start - 4, start));
  header.writeUIntLE(header.readUIntLE(0, 3) + ENOSPC.length - EFBIG.length, 0, 3);
  return Buffer.concat([
    chunk.subarray(0, start - 4),
    header,
    chunk.subarray(start, error),
    ENOSPC,
    chunk.subarray(error + EFBIG.length),
  ]);
}

/** Passes everything through untouched unless the volume is full. */
export function enospcWording(stdout: Readable, full: () => boolean): Readable {
  return stdout.pipe(
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        done(null, full() ? reword(chunk) : chunk);
      },
    }),
  );
}
