import { LandfallError } from '../../../foundation/errors.ts';
import { harmless } from '../../../foundation/text.ts';
import type { EventOf } from '../../../journal/events.ts';
import { type Action, fact, join, type Word } from '../../../step/action.ts';
import type { StepContext, View } from '../../../step/step.ts';
import { isRelayed } from '../../relay.ts';
import { sourceHypervisor, targetHypervisor } from './names.ts';
import { ADDRESSES_SCRIPT, DOOR_SCRIPT } from './scripts/path.ts';

/** What two hypervisors have to know of each other before the one can send to the other. */

export type Between = NonNullable<EventOf<'path.keyed'>['between']>;
type ExecAction = Action & { readonly kind: 'exec' };

export const looks = (view: View, machine: string): ExecAction[] => [
  {
    kind: 'exec',
    host: sourceHypervisor(view, machine),
    argv: ['sh', '-c', ADDRESSES_SCRIPT, 'sh', addressOf(view, targetHypervisor(view, machine))],
    reads: true,
    note: 'from which addresses it comes, and whether it knows the target by that name',
  },
  {
    kind: 'exec',
    host: targetHypervisor(view, machine),
    argv: ['sh', '-c', DOOR_SCRIPT],
    reads: true,
    note: 'who logs in there, and its public host keys',
  },
];

export async function lookBetween(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<Between> {
  const [source, target] = looks(context, machine);
  if (source === undefined || target === undefined) throw new RangeError(`nothing to ask for ${machine}`);
  const answers = lines((await context.perform(source, { signal })).stdout);
  const addresses = answers.filter(line => /^[0-9A-Fa-f.:]+$/.test(line));
  const door = lines((await context.perform(target, { signal })).stdout);
  const login = door.flatMap(line => /^login ([A-Za-z0-9._-]+)$/.exec(line)?.[1] ?? [])[0] ?? 'root';
  // An sshd may show other keys than those in the usual place: the one that landfall itself has verified counts.
  const verified = (await context.host(targetHypervisor(context, machine))).hostKey?.();
  const files = door.flatMap(line => /^key ((?:ssh|ecdsa)-\S+ [A-Za-z0-9+/=]+)/.exec(line)?.[1] ?? []);
  const hostKeys = verified === undefined ? files : [verified];
  if (hostKeys.length === 0 || addresses.length === 0) {
    const host = targetHypervisor(context, machine);
    throw new LandfallError('remote.answer-unreadable', {
      what:
        hostKeys.length === 0
          ? `the public host keys of ${host} cannot be read`
          : `the addresses of ${sourceHypervisor(context, machine)} cannot be read`,
      why: 'the hypervisors send disks to each other only with a pinned host key, from a known address',
      where: { host, machine, file: '/etc/ssh/ssh_host_ed25519_key.pub' },
      evidence: door.slice(0, 4).map(harmless),
      next: [
        `look on ${host}: ls -l /etc/ssh/ssh_host_*_key.pub`,
        `or let the machine travel by its files: landfall mover PLAN ${machine} files`,
      ],
    });
  }
  // Relayed, they need not know of each other.
  const isKnown = isRelayed(context) || !answers.some(line => line.startsWith('unknown '));
  return { from: [...new Set(addresses)], login, hostKeys, reach: reachOf(context, machine, door, isKnown) };
}

export const addressOf = ({ plan }: View, hypervisor: string): string => {
  const known = plan.hypervisors[hypervisor];
  return known?.data_address ?? known?.address ?? hypervisor;
};

/**
 * Where the source's hypervisor finds the target's. A name that only landfall's ssh_config knows is nothing to it: then
 * it is the address at which landfall's own connection came in.
 */
function reachOf(
  view: View,
  machine: string,
  door: readonly string[],
  isKnown: boolean,
): { address: string; port: number } {
  const target = targetHypervisor(view, machine);
  const planned = { address: addressOf(view, target), port: view.plan.hypervisors[target]?.port ?? 22 };
  if (isKnown) return planned;
  const [, address, port] =
    door.map(line => /^server ([0-9A-Fa-f.:]+) (\d+)$/.exec(line)).find(Boolean) ?? [];
  if (address !== undefined) return { address, port: Number(port) };
  const source = sourceHypervisor(view, machine);
  throw new LandfallError('ssh.unreachable', {
    what: `${source} does not know ${target} by the name ${planned.address}`,
    why: 'the disks go from hypervisor to hypervisor, never through this machine',
    where: { host: source, machine, command: `getent hosts ${planned.address}` },
    next: [
      `name it as ${source} reaches it: hypervisors.${target}.data_address in the plan`,
      `or let the machine travel by its files: landfall mover PLAN ${machine} files`,
    ],
  });
}

/** `PLAN.between`, as lines of known_hosts; the alias is the name of the hypervisor, whatever its address. */
export function knownHosts(alias: string, keys: readonly string[] | undefined, from: string): Word {
  if (keys === undefined) return join(`${alias} `, fact(undefined, `host key of ${alias}`, from), '\n');
  return keys.map(key => `${alias} ${key}\n`).join('');
}

const lines = (stdout: Buffer): string[] =>
  stdout
    .toString('latin1')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
