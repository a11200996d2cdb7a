/** Names of everything that a proof makes at the target: all of it is gone when the proof is over. */

const prefix = (evacuation: string, machine: string): string => `landfall-${evacuation}-${machine}`;

/** The domain that boots; the build ends one that an interrupted proof has left. */
export { proofDomainName } from '../build/index.ts';

/** The throw-away layer over one replica disk; `disk` is the source's target name: vda. */
export const overlayVolume = (evacuation: string, machine: string, disk: string): string =>
  `${prefix(evacuation, machine)}-${disk}-proof.qcow2`;

/** The network without a way out, one for each machine: two copies that boot together do not see each other either. */
export const islandName = (evacuation: string, machine: string): string =>
  `${prefix(evacuation, machine)}-island`;

/** On the target hypervisor, in memory: console and evidence of the proof that runs. */
export const proofDirectory = (evacuation: string, machine: string): string =>
  `/run/landfall/${evacuation}/proof/${machine}`;

export const consoleFile = (evacuation: string, machine: string): string =>
  `${proofDirectory(evacuation, machine)}/console.log`;

export const evidenceFile = (evacuation: string, machine: string): string =>
  `${proofDirectory(evacuation, machine)}/evidence.log`;

/** The kept console log, by its name among the evacuation's logs. */
export const consoleLog = (machine: string, proof: number): string => `${machine}-proof-${proof}-console.log`;

export const evidenceLog = (machine: string, proof: number): string =>
  `${machine}-proof-${proof}-evidence.log`;

export const proofStepId = (machine: string, proof: number): string => `prove/${machine}/proof-${proof}`;
