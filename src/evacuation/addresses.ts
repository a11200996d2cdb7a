import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { movedAddress } from '../build/index.ts';
import { LandfallError } from '../foundation/errors.ts';
import type { State } from '../journal/state.ts';
import type { LoadedPlan } from '../plan/read.ts';
import type { MachinePlan, Plan } from '../plan/schema.ts';
import type { HostAddress } from '../remote/hosts.ts';

/**
 * Where a host of the plan is reached: hypervisors, source machines by name, receivers as `<machine>.receiver`, standbys
 * that run as `<machine>.standby`.
 */
export function addressOf(plan: Plan, state: State, hostId: string): HostAddress {
  const hypervisor = plan.hypervisors[hostId];
  if (hypervisor !== undefined) return reach(hypervisor);

  if (hostId.endsWith('.receiver')) {
    const name = hostId.slice(0, -'.receiver'.length);
    const machine = plan.machines[name];
    const pinned = state.machines[name]?.receiver?.hostKey;
    if (machine !== undefined && pinned !== undefined) {
      const { address, port, user } = machine.target;
      return { address, port, user, sudo: false, pinned };
    }
    if (machine !== undefined) {
      throw new LandfallError('bug', {
        what: `the receiver of ${name} was asked for before its host key was read through the hypervisor`,
        next: ['report this with the journal of the evacuation'],
      });
    }
  }
  if (hostId.endsWith(STANDBY)) {
    const name = hostId.slice(0, -STANDBY.length);
    if (plan.machines[name] !== undefined) return reachStandby(plan, state, name, plan.machines[name]);
  }
  const machine = plan.machines[hostId];
  if (machine !== undefined) return reach(machine.source);
  throw new LandfallError('bug', {
    what: `no host is called ${hostId} in this plan`,
    next: ['report this with the plan and the journal of the evacuation'],
  });
}

const STANDBY = '.standby';

/**
 * The address of the plan, otherwise the one at which it was found, otherwise the source's as it is in the target's
 * network. It has the source's host key, or it is not the standby; with several, the one that SSH prefers.
 */
function reachStandby(plan: Plan, state: State, name: string, machine: MachinePlan): HostAddress {
  const { source, address_after } = machine;
  const guest = state.machines[name]?.observed?.guest;
  // Its name in ssh_config does not move, its addresses do.
  const [moved] = [source.address, ...(guest?.addresses ?? [])].flatMap(
    each => movedAddress(plan, each.split('/')[0] ?? '') ?? [],
  );
  const address = address_after ?? state.cutover?.machines[name]?.started?.address ?? moved ?? source.address;
  const keys = guest?.hostKeys ?? [];
  const pinned = HOST_KEYS.flatMap(type => keys.find(key => key.startsWith(type)) ?? [])[0];
  return { ...reach({ ...source, address }), ...(pinned === undefined ? {} : { pinned }) };
}

const HOST_KEYS = ['ssh-ed25519 ', 'ecdsa-sha2-', 'ssh-rsa ', 'rsa-sha2-'];

/** The ssh_config that a plan names: relative to the plan's own folder, so that a plan can travel with it. */
export function sshConfigOf({ plan, file }: LoadedPlan): string | undefined {
  const { config } = plan.ssh;
  return config === undefined ? undefined : sshConfigPath(config, file);
}

/** The same for a plan that may still have faults: what it says, and the absolute path of its file. */
export function sshConfigPath(config: string, file: string): string {
  return config.startsWith('~/') ? join(homedir(), config.slice(2)) : resolve(dirname(file), config);
}

function reach(host: {
  readonly address: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly sudo: boolean;
}): HostAddress {
  return {
    address: host.address,
    ...(host.port === undefined ? {} : { port: host.port }),
    ...(host.user === undefined ? {} : { user: host.user }),
    sudo: host.sudo,
  };
}
