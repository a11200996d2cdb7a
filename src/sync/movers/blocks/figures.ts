import type { PassRun } from '../../../journal/events.ts';
import type { Backup } from './backup.ts';
import type { Shipped } from './ship.ts';

export interface DiskFigures {
  readonly disk: string;
  readonly job: string;
  readonly piece: string;
  readonly kind: 'full' | 'delta';
  /** Written since the last pass, as libvirt said beforehand; undefined for a full copy. */
  readonly dirty: number | undefined;
  readonly allocation: number;
  readonly startedAt: number;
  /** Backup, journey and merging together, for this disk. */
  readonly ms: number;
  readonly backup: Backup | undefined;
  readonly shipped: Shipped | undefined;
}

/** One disk of a pass, as the journal keeps it: the same words as a file system by rsync, no files counted. */
export function diskRun(figures: DiskFigures): PassRun {
  const { disk, job, piece, kind, backup, shipped } = figures;
  const size = backup?.said.pieces.get(piece) ?? shipped?.stats?.totalBytes ?? 0;
  const read = kind === 'full' ? size : (figures.dirty ?? size);
  return {
    mountpoint: disk,
    disk,
    job,
    code: 0,
    startedAt: figures.startedAt,
    files: 0,
    filesTransferred: 0,
    filesDeleted: 0,
    totalBytes: figures.allocation,
    transferredBytes: read,
    literalBytes: read,
    matchedBytes: 0,
    sentBytes: (shipped?.stats?.sentBytes ?? 0) + (shipped?.earlierBytes ?? 0),
    receivedBytes: shipped?.stats?.receivedBytes ?? 0,
    listSeconds: 0,
    ms: Math.max(0, Math.round(figures.ms)),
    vanished: 0,
    troubles: [],
  };
}
