import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { mapPath } from '../hosts/mounts.ts';
import { sourceVolume } from '../hypervisor/domain-xml.ts';
import { POOL_PATH } from '../world/layout.ts';
import type { SimHost, World } from '../world/world.ts';
import { withDirectories } from './apply.ts';
import type { WantedBackup } from './backup-xml.ts';
import { changeBetween, dirtyBytes } from './change.ts';
import { type Base, hypervisorOf, type Tracked } from './checkpoints.ts';
import { type ClusterView, clusterView, differing } from './clusters.ts';
import { diskReader } from './disk-reader.ts';
import { writeImage } from './image-file.ts';

/**
 * Backup jobs of the source domains. What a job reads is taken in the moment in which it begins; a push then writes it
 * into its file little by little, as the real one does, a pull offers it until somebody ends the job.
 */

export interface JobDisk {
  readonly name: string;
  /** Of a pull: the name under which it is offered. */
  readonly exportName: string;
  readonly exportBitmap: string | undefined;
  readonly capacity: number;
  readonly target: string | undefined;
  /** Of a pull: the disk as bytes, and the clusters that were written since the checkpoint. */
  readonly view?: ClusterView;
  readonly dirty?: readonly number[];
}

export interface BackupJob {
  readonly machine: string;
  readonly mode: 'push' | 'pull';
  readonly incremental: string | undefined;
  readonly socket: string | undefined;
  readonly disks: readonly JobDisk[];
  readonly begun: number;
  readonly total: number;
  processed: number;
  readonly stop: AbortController;
  settled: Promise<unknown>;
}

export interface EndedJob {
  readonly type: 'Completed' | 'Failed' | 'Cancelled';
  readonly mode: 'push' | 'pull';
  readonly ms: number;
  readonly total: number;
  readonly processed: number;
  readonly error: string | undefined;
}

export interface Backups {
  running(machine: string): BackupJob | undefined;
  ended(machine: string): EndedJob | undefined;
  /** The statistics of a job that ended are told once, unless somebody asks to keep them. */
  forget(machine: string): void;
  /** `bases`: where the job is incremental, what each disk held at the checkpoint. */
  begin(
    machine: string,
    wanted: WantedBackup,
    tracked: readonly Tracked[],
    bases: ReadonlyMap<string, Base>,
  ): void;
  /** False where none runs. */
  abort(machine: string): Promise<boolean>;
  /** The job that offers this socket on that hypervisor. */
  onSocket(host: SimHost, file: string): BackupJob | undefined;
  /** A job of somebody else, who backs this machine up. */
  readonly foreign: Set<string>;
  end(): Promise<void>;
}

/** So much is written at once. */
const CHUNK = 256 * 1024;

export function createBackups(world: World): Backups {
  const jobs = new Map<string, BackupJob>();
  const done = new Map<string, EndedJob>();
  const stages = path.join(world.directory, 'instants', 'stages');

  const finish = (job: BackupJob, type: EndedJob['type'], error?: string): void => {
    if (jobs.get(job.machine) !== job) return;
    jobs.delete(job.machine);
    const ms = Math.max(1, Math.round(world.clock.monotonic() - job.begun));
    done.set(job.machine, { type, mode: job.mode, ms, total: job.total, processed: job.processed, error });
    const host = hypervisorOf(world, job.machine);
    if (job.socket !== undefined && host !== undefined)
      rmSync(mapPath(world.directory, host.mounts, job.socket), { force: true });
  };

  /** Writes what was staged into the file that was asked for. */
  const write = async (job: BackupJob, host: SimHost, staged: string, target: string, share: number) => {
    const { size } = statSync(staged);
    const file = await open(mapPath(world.directory, host.mounts, target), 'w', 0o600);
    let written = 0;
    const before = job.processed;
    try {
      for await (const chunk of createReadStream(staged, { highWaterMark: CHUNK, signal: job.stop.signal })) {
        written += chunk.length;
        const left = world.scratchRoom.get(host.id);
        if (left !== undefined && written > left) throw new NoSpace();
        await file.write(chunk);
        job.processed = before + Math.floor((share * written) / size);
        job.stop.signal.throwIfAborted();
      }
      job.processed = before + share;
    } finally {
      await file.close();
    }
  };

  return {
    foreign: new Set(),
    running: machine => jobs.get(machine),
    ended: machine => done.get(machine),
    forget: machine => void done.delete(machine),
    begin(machine, wanted, tracked, bases) {
      const host = hypervisorOf(world, machine);
      if (host === undefined) throw new RangeError(`${machine} has no hypervisor`);
      mkdirSync(stages, { recursive: true });
      const staged = new Map<string, { readonly file: string; readonly share: number }>();
      const disks = tracked.map((one): JobDisk => {
        const asked = wanted.disks?.find(({ name }) => name === one.disk);
        const base = bases.get(one.disk);
        const change = changeBetween(base?.manifest, one.manifest);
        const common = {
          ...{ name: one.disk, exportName: asked?.exportName ?? one.disk, exportBitmap: asked?.exportBitmap },
          ...{ capacity: one.layout.bytes, target: asked?.target },
        };
        if (wanted.mode === 'pull') {
          const view = clusterView(one.manifest, one.layout, one.layout.bytes);
          const dirty =
            base === undefined
              ? []
              : differing(clusterView(base.manifest, one.layout, one.layout.bytes), view);
          return { ...common, view, dirty };
        }
        const file = path.join(stages, randomUUID());
        const source = `${POOL_PATH}/${sourceVolume(machine, one.disk, one.storage)}`;
        writeImage(
          file,
          {
            id: randomUUID(),
            bytes: one.layout.bytes,
            backing: base === undefined ? null : { file: source, format: 'qcow2' },
          },
          {
            ...{ machine, disk: one.disk, instant: one.instant, base: base?.instant ?? null },
            layout: withDirectories(one.layout, () => undefined),
          },
          change,
          diskReader(one.layout).cluster,
        );
        staged.set(one.disk, {
          file,
          share: base === undefined ? one.layout.bytes : dirtyBytes(change),
        });
        return common;
      });
      const total = [...staged.values()].reduce((sum, { share }) => sum + share, 0);
      const job: BackupJob = {
        ...{ machine, mode: wanted.mode, incremental: wanted.incremental, socket: wanted.socket, disks },
        ...{ begun: world.clock.monotonic(), total, processed: 0, stop: new AbortController() },
        settled: Promise.resolve(),
      };
      done.delete(machine);
      jobs.set(machine, job);
      if (job.mode === 'pull') {
        if (job.socket !== undefined)
          writeFileSync(mapPath(world.directory, host.mounts, job.socket), '', { mode: 0o600 });
        return;
      }
      // The files are there at once, with what a reader of the moment would find in them.
      for (const { target } of disks)
        writeFileSync(mapPath(world.directory, host.mounts, target ?? ''), '', { mode: 0o600 });
      const work = async (): Promise<void> => {
        for (const { name, target = '' } of disks) {
          const from = staged.get(name);
          if (from !== undefined) await write(job, host, from.file, target, from.share);
        }
      };
      job.settled = work()
        .then(() => finish(job, 'Completed'))
        .catch((error: unknown) => {
          const isFull = error instanceof NoSpace;
          const isStopped = job.stop.signal.aborted;
          if (!isFull && !isStopped) world.log(`${machine}: backup: ${String(error)}`);
          if (isStopped) finish(job, 'Cancelled', 'Operation canceled');
          else finish(job, 'Failed', isFull ? 'No space left on device' : 'Input/output error');
        })
        .finally(() => {
          for (const { file } of staged.values()) rmSync(file, { force: true });
        });
    },
    async abort(machine) {
      const job = jobs.get(machine);
      if (job === undefined) return false;
      job.stop.abort();
      await job.settled;
      // libvirt 9.0 calls a pull that was ended complete, and names its end beside that.
      if (job.mode === 'pull') finish(job, 'Completed', 'Operation canceled');
      return true;
    },
    onSocket(host, file) {
      return [...jobs.values()].find(
        job =>
          job.socket === file &&
          hypervisorOf(world, job.machine) === host &&
          existsSync(mapPath(world.directory, host.mounts, file)),
      );
    },
    async end() {
      for (const job of jobs.values()) job.stop.abort();
      await Promise.all([...jobs.values()].map(({ settled }) => settled));
    },
  };
}

class NoSpace extends Error {}
