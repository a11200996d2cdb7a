import { runtimeDirectory } from '../names.ts';

/** The names of what a pass has on its source while it reads. */

/** Mount points of snapshots, and what the keeper remembers. Lies in memory. */
export const snapshotDirectory = (evacuation: string, machine: string): string =>
  `${runtimeDirectory(evacuation)}/snap-${machine}`;

/** What every snapshot of the evacuation begins with; two numbers with a dash between them follow. */
export const snapshotTag = (evacuation: string): string => `landfall-${evacuation}-p`;

export const snapshotName = (evacuation: string, pass: number, index: number): string =>
  `${snapshotTag(evacuation)}${pass}-${index}`;

export const keeperScript = (evacuation: string, machine: string): string =>
  `${snapshotDirectory(evacuation, machine)}/keep`;

/** The job that holds a pass together; its name is no prefix of the pass's own jobs. */
export const keeperJob = (machine: string, pass: number): string => `${machine}-keep-p${pass}`;

/** What the directories of all jobs of a pass begin with, streams and further parts included. */
export const passJobPrefix = (machine: string, pass: number): string => `${machine}-p${pass}-`;
