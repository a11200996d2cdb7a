import { LandfallError } from '../../foundation/errors.ts';
import type { Scene } from '../stage.ts';

/** Where backups lie, as the publisher's service sees them, and where the subscriber finds the same files. */

const isWindows = (folder: string): boolean => /\\|^[A-Za-z]:/.test(folder);

export function inFolder(folder: string, file: string): string {
  const separator = isWindows(folder) ? '\\' : '/';
  return `${folder.replace(/[\\/]+$/, '')}${separator}${file}`;
}

/** The last part of a path of either kind. */
export const fileName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

export interface Folders {
  readonly written: string;
  readonly read: string;
  /** True where the subscriber reads the very folder that the publisher writes. */
  readonly shared: boolean;
}

/** @throws LandfallError plan.invalid where the plan names no folder */
export function foldersOf({ plan, name }: Pick<Scene, 'plan' | 'name'>): Folders {
  const { backup } = plan;
  if (backup === undefined)
    throw new LandfallError('plan.invalid', {
      what: `the plan of ${name} names no folder for backups`,
      next: [
        'backup: { folder: PATH, reads_as: PATH } in the plan: as the publisher and as the subscriber sees it',
      ],
    });
  return {
    written: backup.folder,
    read: backup.reads_as ?? backup.folder,
    shared: backup.reads_as !== undefined,
  };
}

/** A file of landfall's: no two evacuations and no two databases have the same. */
export const ownFile = ({ ref }: Pick<Scene, 'ref'>, what: string): string => `${ownPrefix({ ref })}${what}`;

export const ownPrefix = ({ ref }: Pick<Scene, 'ref'>): string =>
  `landfall_${ref.mark}_${ref.source.replaceAll(/[^A-Za-z0-9_-]/g, '_')}_`;

/** A path of the publisher as the subscriber reads it; undefined where it lies outside the folder of the plan. */
export function asRead({ written, read }: Folders, path: string): string | undefined {
  const base = written.replace(/[\\/]+$/, '');
  const isBelow = path.toLowerCase().startsWith(base.toLowerCase()) && /^[\\/]/.test(path.slice(base.length));
  if (!isBelow) return undefined;
  const rest = path.slice(base.length).replace(/^[\\/]+/, '');
  return inFolder(read, isWindows(read) ? rest : rest.replaceAll('\\', '/'));
}

/** What has to be carried by hand before the subscriber can go on. */
export const carryError = (scene: Scene, from: string, to: string, cause?: unknown): LandfallError =>
  new LandfallError('database.blocked', {
    what: `${scene.ref.subscriber} cannot read ${to}`,
    why: 'without this backup the copy cannot go on',
    where: { host: scene.ref.subscriber, file: to },
    next: [
      `carry ${from} of ${scene.ref.publisher} to ${to} of ${scene.ref.subscriber}, readable for its service`,
      'or name in the plan where the subscriber sees the same folder: backup.reads_as',
      'then run the same command again',
    ],
    ...(cause === undefined ? {} : { cause }),
  });
