import type { MachineState } from '../journal/state.ts';
import type { MachinePlan, Plan } from '../plan/schema.ts';
import { formatArgv } from '../remote/quote.ts';
import { own } from './copy.ts';

/**
 * Commands with which an engineer can look for themselves, from the control machine and without landfall.
 * They are shown, never run.
 */

interface Endpoint {
  readonly address: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly sudo?: boolean | undefined;
  readonly options?: readonly string[];
}

/** `ssh [-F file] [-o option] [-p port] [user@]address 'command'`, quoted for both shells. */
function ssh(plan: Plan, to: Endpoint, argv: readonly string[]): string {
  const words = [
    'ssh',
    ...(plan.ssh.config === undefined ? [] : ['-F', plan.ssh.config]),
    ...(to.options ?? []).flatMap(option => ['-o', option]),
    ...(to.port === undefined ? [] : ['-p', String(to.port)]),
    to.user === undefined ? to.address : `${to.user}@${to.address}`,
    formatArgv(to.sudo === true ? ['sudo', '-n', '--', ...argv] : argv),
  ];
  return formatArgv(words);
}

export function onSource(plan: Plan, machine: MachinePlan, argv: readonly string[]): string {
  return ssh(plan, machine.source, argv);
}

/**
 * A command on the receiver. Its host key is in no known_hosts file: landfall learned it through the hypervisor and
 * keeps it in the journal, so the line brings it along (ssh_config(5), KnownHostsCommand, OpenSSH 8.5; `%H` is the
 * name that ssh looks up, with the port where it is not 22). Undefined before the key is known: nobody could log in.
 */
export function onReceiver(
  plan: Plan,
  machine: MachinePlan,
  state: MachineState | undefined,
  argv: readonly string[],
): string | undefined {
  const key = /^[\w@.-]+ [\w+/=]+/.exec(state?.receiver?.hostKey ?? '')?.[0];
  if (key === undefined) return undefined;
  const { address, port, user } = machine.target;
  const options = [`KnownHostsCommand=/bin/echo %H ${key}`, 'StrictHostKeyChecking=yes'];
  return ssh(plan, { address, user, options, port: port === 22 ? undefined : port }, argv);
}

/** A command on a hypervisor of the plan; undefined where the plan names none. */
export function onHypervisor(plan: Plan, hypervisor: string, argv: readonly string[]): string | undefined {
  const host = own(plan.hypervisors, hypervisor);
  return host === undefined ? undefined : ssh(plan, host, argv);
}

/** A reading virsh command on a hypervisor of the plan; undefined where the plan names none. */
export function virsh(plan: Plan, hypervisor: string, argv: readonly string[]): string | undefined {
  const host = own(plan.hypervisors, hypervisor);
  return host === undefined ? undefined : ssh(plan, host, ['virsh', '-r', '-c', host.uri, ...argv]);
}

/** Compares the checksums of /etc on both sides: a spot check in seconds, by other tools than landfall's. */
export function compareEtc(
  plan: Plan,
  machine: MachinePlan,
  state: MachineState | undefined,
): string | undefined {
  const sums = (root: string): string[] => [
    'sh',
    '-c',
    'cd "$1" && find etc -xdev -type f -exec sha256sum {} + | sort',
    'sh',
    root,
  ];
  const copied = onReceiver(plan, machine, state, sums('/mnt/t'));
  return copied === undefined ? undefined : `diff <(${onSource(plan, machine, sums('/'))}) <(${copied})`;
}

/** Lists the files that changed on the source since an instant (epoch ms): what would be lost now. */
export function writtenSince(plan: Plan, machine: MachinePlan, since: number): string {
  return onSource(plan, machine, [
    'find',
    '/',
    '-xdev',
    '-type',
    'f',
    '-newermt',
    `@${Math.floor(since / 1000)}`,
  ]);
}
