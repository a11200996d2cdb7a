import type { View } from '../../../step/step.ts';
import { runtimeDirectory } from '../../names.ts';

/** The names that the blocks mover gives to things on both hypervisors, in one place. */

/** Checkpoints of one evacuation begin like this; what goes on with a number is ours, all else is somebody else's. */
export const checkpointPrefix = (evacuation: string): string => `landfall-${evacuation}-p`;

export const checkpointName = (evacuation: string, pass: number): string =>
  `${checkpointPrefix(evacuation)}${pass}`;

export const isOwnCheckpoint = (evacuation: string, name: string): boolean =>
  name.startsWith(checkpointPrefix(evacuation)) &&
  /^\d+$/.test(name.slice(checkpointPrefix(evacuation).length));

const scratchOf = ({ plan }: View, hypervisor: string | undefined): string =>
  plan.hypervisors[hypervisor ?? '']?.scratch ?? '/var/lib/libvirt/landfall';

export const sourceHypervisor = ({ plan }: View, machine: string): string =>
  plan.machines[machine]?.source.hypervisor ?? '';

export const targetHypervisor = ({ plan }: View, machine: string): string =>
  plan.machines[machine]?.target.hypervisor ?? '';

export const domainOf = ({ plan }: View, machine: string): string =>
  plan.machines[machine]?.source.domain ?? machine;

/** On the source's hypervisor: where QEMU writes the pieces of a pass. */
export const piecesDirectory = (view: View, machine: string): string =>
  `${scratchOf(view, sourceHypervisor(view, machine))}/${view.plan.name}`;

/** On the target's hypervisor: where pieces arrive; the path's key can write here and nowhere else. */
export const stagingDirectory = (view: View, machine: string): string =>
  `${scratchOf(view, targetHypervisor(view, machine))}/${view.plan.name}/${machine}`;

/** One disk in one pass; the same name on both sides. */
export const pieceName = (machine: string, pass: number, disk: string): string =>
  `${machine}-p${pass}-${disk}.qcow2`;

/** One chunk of a disk, where there is no room for the whole of it; the same name on both sides. */
export const chunkName = (machine: string, pass: number, disk: string, index: number): string =>
  `${machine}-p${pass}-${disk}-c${index}.qcow2`;

/** On the source's hypervisor: the socket of the export, and what the guest overwrites meanwhile. */
export const pullDirectory = (view: View, machine: string, pass: number): string =>
  `${piecesDirectory(view, machine)}/${pullName(machine, pass)}`;

export const pullName = (machine: string, pass: number): string => `${machine}-p${pass}-pull`;

/** The replica of one disk on the target's hypervisor; undefined before its volume was made. */
export const replicaDiskPath = ({ state }: View, machine: string, disk: string): string | undefined =>
  state.machines[machine]?.replica?.volumes.find(volume => volume.disk === disk)?.path;

/** A full copy lies here until every disk is whole. */
export const incomingPath = (replica: string): string => `${replica}.incoming`;

export const backupXmlPath = (evacuation: string, machine: string, pass: number, kind: string): string =>
  `${runtimeDirectory(evacuation)}/${machine}-p${pass}-${kind}.xml`;

export const checkpointXmlPath = (evacuation: string, machine: string, pass: number): string =>
  `${runtimeDirectory(evacuation)}/${machine}-p${pass}-checkpoint.xml`;

/** While it exists, the watchdog thaws the guest when its time has come. */
export const frozenMark = (evacuation: string, machine: string): string =>
  `${runtimeDirectory(evacuation)}/${machine}.frozen`;

export const backupJob = (machine: string, pass: number): string => `${machine}-p${pass}-backup`;
export const shipJob = (machine: string, pass: number, disk: string): string =>
  `${machine}-p${pass}-ship-${disk}`;
export const applyJob = (machine: string, pass: number): string => `${machine}-p${pass}-apply`;
export const sealJob = (machine: string, pass: number): string => `${machine}-p${pass}-seal`;

/** `what` is `cut`, `ship` or `place`. */
export const chunkJob = (machine: string, pass: number, what: string, disk: string, index: number): string =>
  `${machine}-p${pass}-${what}-${disk}-c${index}`;
