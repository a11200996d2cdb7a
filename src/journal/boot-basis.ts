import type { MachineState } from './state.ts';

/**
 * What a boot of the copy rests on, as short sentences: two lists that are equal are of the same machine, as far as
 * starting it goes. Names of services and sockets are left out: they come and go without a new proof being needed.
 */
export function bootBasis({ domain, guest }: NonNullable<MachineState['observed']>): string[] {
  return [
    `firmware ${domain.firmware}`,
    ...domain.disks.map(disk => `disk ${disk.target} of ${disk.capacity} bytes`),
    ...domain.interfaces.map(({ mac }) => `NIC ${mac}`),
    ...guest.fileSystems.map(({ mountpoint, type, uuid }) => `${mountpoint} is ${type} ${uuid}`),
    ...(guest.fstab ?? []).map(
      ({ spec, mountpoint, type, options }) => `fstab: ${spec} ${mountpoint} ${type} ${options.join(',')}`,
    ),
    ...(guest.boot === undefined
      ? [`kernel ${guest.kernel}`]
      : [
          `boot loader ${guest.boot.loader}`,
          ...guest.boot.kernels.map(({ version, initramfs }) =>
            initramfs === undefined ? `kernel ${version} without initramfs` : `kernel ${version}`,
          ),
        ]),
  ];
}
