import type { Argv } from '../../../remote/host.ts';
import { type Action, fact } from '../../../step/action.ts';
import { stepsBeforeBlocks } from '../../../step/receiver.ts';
import type { Step, StepContext, View } from '../../../step/step.ts';
import { keyComment, pathDirectory, runtimeDirectory, stepId } from '../../names.ts';
import { HYPERVISOR_KEYS } from '../../path/keys.ts';
import {
  expiryFrom,
  hasKey,
  isExpiring,
  isPathOpen,
  keyAction,
  makeKey,
  openPath,
  renewalStep,
  type Way,
} from '../../path/opening.ts';
import { rshScript } from '../../path/rsh.ts';
import { isRelayed, RELAY_ADDRESSES, type RelayEnds, relayPort } from '../../relay.ts';
import { addressOf, knownHosts, lookBetween, looks } from './between.ts';
import { sourceHypervisor, stagingDirectory, targetHypervisor } from './names.ts';
import { RECV_SCRIPT } from './scripts/path.ts';

/**
 * The data path of a machine that moves by blocks: from the source's hypervisor to the target's, with a key made on the
 * one, which opens one command on the other that writes into one directory, and expires. The host key is the one that
 * landfall's own verified connection reads.
 */

const recvBlocksPath = (evacuation: string): string => `${runtimeDirectory(evacuation)}/recv-blocks`;

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

const wayOf = (machine: string): Way => ({
  actions: view => pathActions(view, machine),
  door: view => targetHypervisor(view, machine),
  keys: HYPERVISOR_KEYS,
});

/** `sync/<m>/blocks-key`: the ephemeral key on the source's hypervisor. */
export function blocksKeyStep(view: View, machine: string): Step {
  return {
    id: blocksKeyId(machine),
    phase: 'sync',
    subject: machine,
    title: `make the key of ${machine}'s data path on ${sourceHypervisor(view, machine)}`,
    needs: [`inventory/${machine}`, ...stepsBeforeBlocks(view, machine)],
    resources: [],
    preview: now => [keyAction(now, machine, sourceHypervisor(now, machine)), ...looks(now, machine)],
    async done(context, signal) {
      const path = context.state.machines[machine]?.path;
      if (path?.between === undefined || isExpiring(context, machine, context.clock.now())) return false;
      // A target that was made anew shows another key, which landfall has verified since.
      const verified = (await context.host(targetHypervisor(context, machine))).hostKey?.();
      if (verified !== undefined && !path.between.hostKeys.includes(verified)) return false;
      return hasKey(context, machine, sourceHypervisor(context, machine), signal);
    },
    async run(context, signal) {
      const publicKey = await makeKey(context, machine, sourceHypervisor(context, machine), signal);
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
  const way = wayOf(machine);
  return {
    id: blocksPathId(machine),
    phase: 'sync',
    subject: machine,
    title: `open the data path of ${machine} from ${sourceHypervisor(view, machine)} to ${targetHypervisor(view, machine)}`,
    needs: [blocksKeyId(machine)],
    resources: [],
    preview: now => pathActions(now, machine),
    done: async (context, signal) =>
      (await isPathOpen(context, machine, way, signal)) && hasPlace(context, machine, signal),
    run: (context, signal) => openPath(context, machine, way, signal),
  };
}

/** Whether the directory where pieces arrive is still there. */
async function hasPlace(context: StepContext, machine: string, signal: AbortSignal): Promise<boolean> {
  const target = await context.host(targetHypervisor(context, machine));
  const argv: Argv = ['test', '-d', stagingDirectory(context, machine)];
  return (await target.exec(argv, { codes: [0, 1], signal })).code === 0;
}

/** `sync/<m>/blocks-renew-<n>`: the same key for longer, before pass n. */
export const blocksRenewStep = (machine: string, pass: number): Step =>
  renewalStep(machine, `blocks-renew-${pass}`, [blocksPathId(machine)], wayOf(machine));

function pathActions(view: View, machine: string): Action[] {
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
        HYPERVISOR_KEYS.authorize,
        'sh',
        keyComment(plan.name, machine),
        fact(expiry, 'expiry of the key', from),
        isRelayed(view) ? RELAY_ADDRESSES : fact(between?.from.join(','), `addresses of ${source}`, from),
        fact(between === undefined ? undefined : path?.publicKey, 'public key of the path', from),
        recv,
        stagingDirectory(view, machine),
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
