import { createHash } from 'node:crypto';
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

/** The throw-away domain that a proof boots over overlays of the replica. */
export const proofDomainName = (evacuation: string, machine: string): string =>
  `${prefix(evacuation, machine)}-proof`;

/** landfall's name for the receiver as a host. */
export const receiverHost = (machine: string): string => `${machine}.receiver`;

/** What cloud-init in the receiver reads at its first boot, where the image asks for it. */
export const seedVolume = (evacuation: string, machine: string): string =>
  `${prefix(evacuation, machine)}-seed.iso`;

/** Serial of a replica disk inside the receiver; virtio allows 20 characters. */
export const replicaSerial = (disk: string): string => `lf-${disk}`;

/**
 * The receiver's MAC address is known before the receiver is there, so that a DHCP reservation can be made for it:
 * libvirt's prefix and three bytes of SHA-256.
 */
export function receiverMac(evacuation: string, machine: string): string {
  const digest = createHash('sha256').update(`${evacuation}/${machine}`).digest('hex');
  return ['52', '54', '00', ...(digest.slice(0, 6).match(/../g) ?? [])].join(':');
}

export const runtimeDirectory = (evacuation: string): string => `/run/landfall/${evacuation}`;

/** On the target hypervisor: what the receiver says on its serial line. */
export const receiverConsole = (evacuation: string, machine: string): string =>
  `${runtimeDirectory(evacuation)}/${receiverDomain(evacuation, machine)}.console.log`;

/** On the target hypervisor: the XML with which a volume is plugged into the receiver, and unplugged. */
export const pluggedXml = (evacuation: string, volume: string): string =>
  `${runtimeDirectory(evacuation)}/${volume}.xml`;

/** Where the receiver mounts the replica's root. */
export const REPLICA_ROOT = '/mnt/t';

/** The place of a source mount point inside the receiver. */
export const replicaPath = (mountpoint: string): string =>
  mountpoint === '/' ? REPLICA_ROOT : `${REPLICA_ROOT}${mountpoint}`;

export const stepId = (
  machine: string,
  step: 'replica' | 'standby' | 'receiver' | 'access' | 'attach' | 'prepare' | 'detach',
): string => `build/${machine}/${step}`;
