/** Names of what a cutover makes at the target, beside those of the build. */

/** The layer over one replica disk on which the standby runs until the commit; `disk` is the source's name: vda. */
export const liveVolume = (evacuation: string, machine: string, disk: string): string =>
  `landfall-${evacuation}-${machine}-live-${disk}.qcow2`;

/** On the target hypervisor: the definition with which the standby is started. */
export const liveDefinition = (evacuation: string, machine: string): string =>
  `/run/landfall/${evacuation}/${machine}-live.xml`;

/** On the target hypervisor: the definition that stays, on the replica itself. */
export const finalDefinition = (evacuation: string, machine: string): string =>
  `/run/landfall/${evacuation}/${machine}-final.xml`;

/** landfall's name for the running standby as a host. */
export const standbyHost = (machine: string): string => `${machine}.standby`;
