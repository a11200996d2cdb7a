import { LandfallError } from '../../../foundation/errors.ts';
import { harmless } from '../../../foundation/text.ts';
import type { EventOf } from '../../../journal/events.ts';
import type { Argv } from '../../../remote/host.ts';
import { type Action, fact, join, type Word } from '../../../step/action.ts';
import { stepsBeforeBlocks } from '../../../step/receiver.ts';
import type { Step, StepContext, View } from '../../../step/step.ts';
import { keyComment, pathDirectory, runtimeDirectory, stepId } from '../../names.ts';
import { isRelayed, RELAY_ADDRESSES, type RelayEnds, relayPort } from '../../relay.ts';
import { isExpiring, PATH_MARGIN_MS } from '../files/path.ts';
import { KEY_SCRIPT } from '../files/scripts/keys.ts';
import { rshScript } from '../files/scripts/rsh.ts';
import { sourceHypervisor, stagingDirectory, targetHypervisor } from './names.ts';
import {
  ADDRESSES_SCRIPT,
  AUTHORIZE_SCRIPT,
  AUTHORIZED_SCRIPT,
  DOOR_SCRIPT,
  RECV_SCRIPT,
} from './scripts/path.ts';

/**
 * The data path of a machine that moves by blocks: from the source's hypervisor to the target's, with a key made on the
 * one, which opens one command on the other that writes into one directory, and expires. The host key is the one that
 * landfall's own verified connection reads.
 */

export type Between = NonNullable<EventOf<'path.keyed'>['between']>;
type ExecAction = Action & { readonly kind: 'exec' };

export const recvBlocksPath = (evacuation: string): string => `${runtimeDirectory(evacuation)}/recv-blocks`;

export const blocksKeyId = (machine: string): string => stepId(machine, 'blocks-key');
export const blocksPathId = (machine: string): string => stepId(machine, 'blocks-path');

/** Where pieces go through the machine that runs landfall: from the loopback of one hypervisor to the sshd of the other. */
export function relayEnds({ plan, state }: Pick<View, 'plan' | 'state'>, machine: string): RelayEnds {
  const to = targetHypervisor({ plan, state }, machine);
  return {
    from: sourceHypervisor({ plan, state }, machine),
    port: relayPort(plan.name, machine),
    to,
    sshPort: plan.hypervisors[to]?.port ?? 22,
  };
}

/** `sync/<m>/blocks-key`: the ephemeral key on the source's hypervisor. */
export function blocksKeyStep(view: View, machine: string): Step {
  return {
    id: blocksKeyId(machine),
    phase: 'sync',
    subject: machine,
    title: `make the key of ${machine}'s data path on ${sourceHypervisor(view, machine)}`,
    needs: [`inventory/${machine}`, ...stepsBeforeBlocks(view, machine)],
    resources: [],
    preview: now => [keyAction(now, machine), ...looks(now, machine)],
    async done(context, signal) {
      const path = context.state.machines[machine]?.path;
      if (path?.between === undefined || isExpiring(context, machine, context.clock.now())) return false;
      // A target that was made anew shows another key, which landfall has verified since.
      const verified = (await context.host(targetHypervisor(context, machine))).hostKey?.();
      if (verified !== undefined && !path.between.hostKeys.includes(verified)) return false;
      const host = await context.host(sourceHypervisor(context, machine));
      const file = `${pathDirectory(context.plan.name, machine)}/key.pub`;
      const { code, stdout } = await host.exec(['cat', file], { codes: [0, 1], signal });
      return code === 0 && publicPart(stdout.toString()) === path.publicKey;
    },
    async run(context, signal) {
      const { stdout } = await context.perform(keyAction(context, machine), { signal });
      const publicKey = publicPart(stdout.toString());
      if (publicKey === undefined) throw noKey(context, machine);
      const between = await lookBetween(context, machine, signal);
      await context.emit({
        type: 'path.keyed',
        machine,
        publicKey,
        expiresAt: expiryFrom(context),
        between,
      });
    },
  };
}

/** `sync/<m>/blocks-path`: the forced command and the key on the target's hypervisor, the way there on the source's. */
export function blocksPathStep(view: View, machine: string): Step {
  return {
    id: blocksPathId(machine),
    phase: 'sync',
    subject: machine,
    title: `open the data path of ${machine} from ${sourceHypervisor(view, machine)} to ${targetHypervisor(view, machine)}`,
    needs: [blocksKeyId(machine)],
    resources: [],
    preview: now => pathActions(now, machine),
    async done(context, signal) {
      return context.state.machines[machine]?.path?.opened === true && isOpen(context, machine, signal);
    },
    run: (context, signal) => open(context, machine, signal),
  };
}

/** `sync/<m>/blocks-renew-<n>`: the same key for longer, before pass n. */
export function blocksRenewStep(machine: string, pass: number): Step {
  return {
    id: stepId(machine, `blocks-renew-${pass}`),
    phase: 'sync',
    subject: machine,
    title: `let the key of ${machine}'s data path live longer`,
    needs: [blocksPathId(machine)],
    resources: [],
    preview: now => pathActions(now, machine),
    async done(context) {
      return !isExpiring(context, machine, context.clock.now());
    },
    async run(context, signal) {
      const path = context.state.machines[machine]?.path;
      if (path?.between === undefined) return;
      const { publicKey, between } = path;
      await context.emit({ type: 'path.keyed', machine, publicKey, between, expiresAt: expiryFrom(context) });
      await open(context, machine, signal);
    },
  };
}

async function open(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  for (const action of pathActions(context, machine)) {
    if (action.kind === 'write') await context.perform(action);
    if (action.kind === 'exec') await context.perform(action, { signal });
  }
  const expiresAt = context.state.machines[machine]?.path?.expiresAt ?? expiryFrom(context);
  await context.emit({ type: 'path.opened', machine, expiresAt });
}

async function isOpen(context: StepContext, machine: string, signal: AbortSignal): Promise<boolean> {
  const same = await Promise.all(
    pathActions(context, machine).map(async action => {
      if (action.kind !== 'write' || typeof action.content !== 'string') return true;
      const host = await context.host(action.host);
      const { code, stdout } = await host.exec(['cat', action.path], { codes: [0, 1], signal });
      return code === 0 && stdout.toString() === action.content;
    }),
  );
  if (!same.every(Boolean)) return false;
  const key = context.state.machines[machine]?.path?.publicKey;
  if (key === undefined) return false;
  const target = await context.host(targetHypervisor(context, machine));
  const there = await target.exec(['test', '-d', stagingDirectory(context, machine)], {
    codes: [0, 1],
    signal,
  });
  if (there.code !== 0) return false;
  const check: Argv = ['sh', '-c', AUTHORIZED_SCRIPT, 'sh', keyComment(context.plan.name, machine), key];
  const { code } = await target.exec(check, { codes: [0, 1, 2], signal });
  return code === 0;
}

function keyAction(view: View, machine: string): ExecAction {
  const { name } = view.plan;
  const words = [pathDirectory(name, machine), keyComment(name, machine)];
  return {
    kind: 'exec',
    host: sourceHypervisor(view, machine),
    argv: ['sh', '-c', KEY_SCRIPT, 'sh', ...words],
    note: 'the private half never leaves this hypervisor',
  };
}

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
  if (source === undefined || target === undefined) throw noKey(context, machine);
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

export function pathActions(view: View, machine: string): Action[] {
  const { plan, state } = view;
  const path = state.machines[machine]?.path;
  const between = path?.between;
  const source = sourceHypervisor(view, machine);
  const target = targetHypervisor(view, machine);
  const directory = pathDirectory(plan.name, machine);
  const recv = recvBlocksPath(plan.name);
  const from = blocksKeyId(machine);
  const known = plan.hypervisors[target];
  const expiry = between === undefined ? undefined : Math.floor((path?.expiresAt ?? 0) / 1000);
  const rsh = (login: string): string =>
    rshScript({
      alias: target,
      ...(isRelayed(view)
        ? { address: '127.0.0.1', port: relayEnds(view, machine).port }
        : {
            address: between?.reach?.address ?? addressOf(view, target),
            port: between?.reach?.port ?? known?.port ?? 22,
          }),
      user: known?.user ?? login,
    });
  return [
    { kind: 'write', host: target, path: recv, mode: 0o755, content: RECV_SCRIPT },
    {
      kind: 'exec',
      host: target,
      argv: [
        'sh',
        '-c',
        AUTHORIZE_SCRIPT,
        'sh',
        keyComment(plan.name, machine),
        fact(expiry, 'expiry of the key', from),
        isRelayed(view) ? RELAY_ADDRESSES : fact(between?.from.join(','), `addresses of ${source}`, from),
        recv,
        stagingDirectory(view, machine),
        fact(between === undefined ? undefined : path?.publicKey, 'public key of the path', from),
      ],
      note: 'one line in authorized_keys: this key, from that hypervisor only, into one directory, until it expires',
    },
    {
      kind: 'write',
      host: source,
      path: `${directory}/known_hosts`,
      mode: 0o600,
      content: knownHosts(target, between?.hostKeys, from),
    },
    {
      kind: 'write',
      host: source,
      path: `${directory}/rsh`,
      mode: 0o700,
      content:
        between === undefined && known?.user === undefined
          ? fact(undefined, `how ${target} is reached, with the user who logs in there`, from)
          : rsh(between?.login ?? 'root'),
    },
  ];
}

/** Epoch ms, whole seconds: some time after the expected loss of the source, or after now where that is past. */
function expiryFrom(context: StepContext): number {
  const expected = context.state.evacuation?.deadline.expected ?? 0;
  return Math.ceil((Math.max(expected, context.clock.now()) + PATH_MARGIN_MS) / 1000) * 1000;
}

const lines = (stdout: Buffer): string[] =>
  stdout
    .toString('latin1')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');

export const publicPart = (text: string): string | undefined =>
  /^ssh-ed25519 [A-Za-z0-9+/=]+/m.exec(text)?.[0];

function noKey(view: View, machine: string): LandfallError {
  const host = sourceHypervisor(view, machine);
  return new LandfallError('remote.answer-unreadable', {
    what: `ssh-keygen on ${host} made no readable key`,
    where: { host, machine },
    next: ['check that /run of that hypervisor has free space and that ssh-keygen works there'],
  });
}
