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
}

/** `ssh [-F file] [-p port] [user@]address 'command'`, quoted for both shells. */
function ssh(plan: Plan, to: Endpoint, argv: readonly string[]): string {
  const words = [
    'ssh',
    ...(plan.ssh.config === undefined ? [] : ['-F', plan.ssh.config]),
    ...(to.port === undefined ? [] : ['-p', String(to.port)]),
    to.user === undefined ? to.address : `${to.user}@${to.address}`,
    formatArgv(to.sudo === true ? ['sudo', '-n', '--', ...argv] : argv),
  ];
  return formatArgv(words);
}

export function onSource(plan: Plan, machine: MachinePlan, argv: readonly string[]): string {
  return ssh(plan, machine.source, argv);
}

export function onReceiver(plan: Plan, machine: MachinePlan, argv: readonly string[]): string {
  const { address, port, user } = machine.target;
  return ssh(plan, { address, user, port: port === 22 ? undefined : port }, argv);
}

/** A reading virsh command on a hypervisor of the plan; undefined where the plan names none. */
export function virsh(plan: Plan, hypervisor: string, argv: readonly string[]): string | undefined {
  const host = own(plan.hypervisors, hypervisor);
  return host === undefined ? undefined : ssh(plan, host, ['virsh', '-r', '-c', host.uri, ...argv]);
}

/** Compares the checksums of /etc on both sides: a spot check in seconds, by other tools than landfall's. */
export function compareEtc(plan: Plan, machine: MachinePlan): string {
  const sums = (root: string): string[] => [
    'sh',
    '-c',
    'cd "$1" && find etc -xdev -type f -exec sha256sum {} + | sort',
    'sh',
    root,
  ];
  return `diff <(${onSource(plan, machine, sums('/'))}) <(${onReceiver(plan, machine, sums('/mnt/t'))})`;
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
