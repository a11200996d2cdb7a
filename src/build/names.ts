import type { View } from '../step/step.ts';

/** Names of everything that landfall makes at the target: the catalogue that clean-up and people search for. */

/** The evacuation's own name once it has begun, the plan's before. */
export const evacuationOf = ({ plan, state }: View): string => state.evacuation?.name ?? plan.name;

/**
 * When this evacuation began, as its objects bear it. Two control machines with one plan have one name for everything
 * but not one beginning; empty before the evacuation has begun.
 */
export const beginningOf = ({ state }: View): string =>
  state.evacuation === undefined ? '' : new Date(state.evacuation.createdAt).toISOString();

const prefix = (evacuation: string, machine: string): string => `landfall-${evacuation}-${machine}`;

/** One replica disk; `disk` is the source's target name: vda. */
export const replicaVolume = (evacuation: string, machine: string, disk: string): string =>
  `${prefix(evacuation, machine)}-${disk}.qcow2`;

/** The receiver's own disk: an overlay of the golden image. */
export const receiverVolume = (evacuation: string, machine: string): string =>
  `${prefix(evacuation, machine)}-receiver.qcow2`;

export const receiverDomain = (evacuation: string, machine: string): string =>
  `${prefix(evacuation, machine)}-receiver`;

/** landfall's name for the receiver as a host. */
export const receiverHost = (machine: string): string => `${machine}.receiver`;

/** Serial of a replica disk inside the receiver; virtio allows 20 characters. */
export const replicaSerial = (disk: string): string => `lf-${disk}`;

export const runtimeDirectory = (evacuation: string): string => `/run/landfall/${evacuation}`;

/** Where the receiver mounts the replica's root. */
export const REPLICA_ROOT = '/mnt/t';

/** The place of a source mount point inside the receiver. */
export const replicaPath = (mountpoint: string): string =>
  mountpoint === '/' ? REPLICA_ROOT : `${REPLICA_ROOT}${mountpoint}`;

export const stepId = (machine: string, step: 'replica' | 'receiver' | 'access' | 'prepare'): string =>
  `build/${machine}/${step}`;
