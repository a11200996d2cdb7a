import { createHash } from 'node:crypto';

/** The names that sync gives to things on hosts, in one place. */

/** Where the replica is mounted on the receiver. */
export const REPLICA_ROOT = '/mnt/t';

/** What rsync calls the receiver; the rsh script turns it into an address. */
export const STANDBY = 'standby';

export const receiverOf = (machine: string): string => `${machine}.receiver`;

export const runtimeDirectory = (evacuation: string): string => `/run/landfall/${evacuation}`;

/** On the source: key, known_hosts, rsh and the exclude lists of one machine. */
export const pathDirectory = (evacuation: string, machine: string): string =>
  `${runtimeDirectory(evacuation)}/path-${machine}`;

/**
 * The name tells what a run covers: its file system and the patterns of its exclude list. A job that was started under
 * another plan or inventory names another file in its argv, and so is never taken for this one.
 */
export const excludeFile = (
  evacuation: string,
  machine: string,
  mountpoint: string,
  content: string | undefined,
): string => {
  const digest = createHash('sha256')
    .update(JSON.stringify([mountpoint, content ?? null]))
    .digest('hex');
  return `${pathDirectory(evacuation, machine)}/exclude-${digest.slice(0, 16)}`;
};

export const passJob = (machine: string, pass: number, index: number): string =>
  `${machine}-p${pass}-${index}`;

/** One of several streams of a file system: the first bears the name of the whole. */
export const streamJob = (job: string, stream: number): string => (stream === 0 ? job : `${job}s${stream}`);

/** A stream that was started again at another rate: its first part bears the name of the whole. */
export const partJob = (job: string, part: number): string => (part === 1 ? job : `${job}.${part}`);

export const verifyJob = (machine: string, pass: number, index: number): string =>
  `${machine}-v${pass}-${index}`;

export const measureJob = (machine: string, index: number): string => `${machine}-m-${index}`;

/** The item log of a delta pass lies in the directory of its job and goes with it. */
export const itemLog = (evacuation: string, job: string): string =>
  `${runtimeDirectory(evacuation)}/${job}/items`;

export const recvScriptPath = (evacuation: string): string => `${runtimeDirectory(evacuation)}/recv`;

/** The mark of landfall's own line in authorized_keys, and the comment of its key. */
export const keyComment = (evacuation: string, machine: string): string =>
  `landfall:${evacuation}:${machine}`;

/** Where a file system of the source lands on the receiver, with the trailing slash that rsync needs. */
export const destinationOf = (mountpoint: string): string =>
  mountpoint === '/' ? `${REPLICA_ROOT}/` : `${REPLICA_ROOT}${mountpoint}/`;

/** The last thing that landfall does for a machine. */
export const cleanStepId = (machine: string): string => `cutover/${machine}/clean`;

export const stepId = (machine: string, name: string): string => `sync/${machine}/${name}`;
