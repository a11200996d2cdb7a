import { LandfallError } from '../foundation/errors.ts';
import type { State } from '../journal/state.ts';
import type { Host } from '../remote/host.ts';

/** What a host must answer before landfall writes to it. */
export interface ExpectedIdentity {
  readonly path: string;
  readonly value: string;
  /** In words: `the libvirt domain web1`. */
  readonly means: string;
}

/**
 * The identity that was recorded for a host, or undefined before it was ever observed. Guests are known by their
 * SMBIOS UUID, which is the libvirt domain's own; hypervisors by their machine-id.
 */
export function expectedIdentity(state: State, hostId: string): ExpectedIdentity | undefined {
  const productUuid = '/sys/class/dmi/id/product_uuid';
  const hypervisor = state.hypervisors[hostId];
  if (hypervisor !== undefined) {
    return { path: '/etc/machine-id', value: hypervisor.hostId, means: `hypervisor ${hostId}` };
  }
  const isReceiver = hostId.endsWith('.receiver');
  const isStandby = hostId.endsWith('.standby') && state.machines[hostId] === undefined;
  const name = isReceiver || isStandby ? hostId.slice(0, hostId.lastIndexOf('.')) : hostId;
  const machine = state.machines[name];
  if (isReceiver) {
    const uuid = machine?.receiver?.uuid;
    return uuid === undefined
      ? undefined
      : { path: productUuid, value: uuid, means: `the receiver domain ${machine?.receiver?.domain}` };
  }
  const guest = machine?.observed?.guest;
  if (guest === undefined) return undefined;
  // A standby is its source, by UUID and machine-id; which of the two answers, its boot tells (cutover's check).
  const means = `${isStandby ? 'the standby of' : 'the source machine'} ${name}`;
  return guest.productUuid !== undefined
    ? { path: productUuid, value: guest.productUuid, means }
    : { path: '/etc/machine-id', value: guest.machineId, means };
}

/** Asks the host who it is; refuses with `identity.mismatch` where it is not who the journal says. */
export async function checkIdentity(host: Host, expected: ExpectedIdentity): Promise<void> {
  const { stdout } = await host.exec(['cat', expected.path]);
  const answered = stdout.toString('utf8').trim();
  if (answered.toLowerCase() === expected.value.toLowerCase()) return;
  throw new LandfallError('identity.mismatch', {
    what: `${host.id} is not the machine it was: it does not answer as ${expected.means}`,
    why: 'landfall writes only to hosts whose identity it has checked; source and target must never be confused',
    where: { host: host.id, command: `cat ${expected.path}` },
    evidence: [`recorded: ${expected.value}`, `answered: ${answered}`],
    next: [
      `look at the address of ${host.id} in the plan: does it reach the machine that you mean?`,
      'if the machine was replaced on purpose, take a new inventory: landfall inventory PLAN',
    ],
  });
}
