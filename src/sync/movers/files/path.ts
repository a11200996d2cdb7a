import type { MachinePlan } from '../../../plan/schema.ts';
import { type Action, fact, type Word } from '../../../step/action.ts';
import type { Step, StepContext, View } from '../../../step/step.ts';
import { keyComment, pathDirectory, receiverOf, recvScriptPath, stepId } from '../../names.ts';
import { RECEIVER_KEYS } from '../../path/keys.ts';
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
import { knownHostsLine, rshScript } from '../../path/rsh.ts';
import { isRelayed, RELAY_ADDRESSES, relayPort } from '../../relay.ts';
import { RECV_SCRIPT } from './scripts/recv.ts';

/**
 * The data path of one machine: a key made on the source, which opens one command on one receiver and expires. Bytes
 * go from source to target with it, and through the control machine only where the plan says so (relay.ts).
 */

const wayOf = (machine: string): Way => ({
  actions: view => pathActions(view, machine),
  door: () => receiverOf(machine),
  keys: RECEIVER_KEYS,
});

/** `sync/<m>/key`: the ephemeral key on the source. */
export function keyStep(view: View, machine: string): Step {
  const action = keyAction(view, machine, machine);
  return {
    id: stepId(machine, 'key'),
    phase: 'sync',
    subject: machine,
    title: `make the key of ${machine}'s data path on the source`,
    needs: [`inventory/${machine}`, `build/${machine}/prepare`],
    resources: [],
    preview: () => [action],
    async done(context, signal) {
      if (context.state.machines[machine]?.path === undefined) return false;
      if (isExpiring(context, machine, context.clock.now())) return false;
      return hasKey(context, machine, machine, signal);
    },
    run: (context, signal) => keyed(context, machine, signal),
  };
}

async function keyed(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  const publicKey = await makeKey(context, machine, machine, signal);
  await context.emit({ type: 'path.keyed', machine, publicKey, expiresAt: expiryFrom(context) });
}

/** `sync/<m>/path`: the forced command and the key on the receiver, the way there on the source. */
export function pathStep(machine: string): Step {
  const way = wayOf(machine);
  return {
    id: stepId(machine, 'path'),
    phase: 'sync',
    subject: machine,
    title: `open the data path from ${machine} to its receiver`,
    needs: [stepId(machine, 'key')],
    resources: [],
    preview: now => pathActions(now, machine),
    done: (context, signal) => isPathOpen(context, machine, way, signal),
    run: (context, signal) => openPath(context, machine, way, signal),
  };
}

/** `sync/<m>/renew-<n>`: the same key for longer, before pass n. */
export const renewStep = (machine: string, pass: number): Step =>
  renewalStep(machine, `renew-${pass}`, [stepId(machine, 'path')], wayOf(machine));

/**
 * What a further attempt may have to do before it begins: a source or a receiver that was restarted meanwhile has lost
 * its part of the path with its /run.
 */
export const reopenActions = (view: View, machine: string): Action[] => [
  keyAction(view, machine, machine),
  ...pathActions(view, machine),
];

/** Opens the path again where it is no longer whole. */
export async function reopen(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  const way = wayOf(machine);
  if (context.state.machines[machine]?.path?.opened !== true) return;
  if (await isPathOpen(context, machine, way, signal)) return;
  context.sample({ text: 'one of its hosts was restarted: the data path is opened again' });
  await keyed(context, machine, signal);
  await openPath(context, machine, way, signal);
}

function pathActions(view: View, machine: string): Action[] {
  const { plan, state } = view;
  const known = state.machines[machine];
  const target = plan.machines[machine]?.target;
  const receiver = receiverOf(machine);
  const directory = pathDirectory(plan.name, machine);
  const recv = recvScriptPath(plan.name);
  const fromKey = stepId(machine, 'key');
  const expiry = known?.path === undefined ? undefined : Math.floor(known.path.expiresAt / 1000);
  return [
    { kind: 'write', host: receiver, path: recv, mode: 0o700, content: RECV_SCRIPT },
    {
      kind: 'exec',
      host: receiver,
      argv: [
        'sh',
        '-c',
        RECEIVER_KEYS.authorize,
        'sh',
        keyComment(plan.name, machine),
        fact(expiry, 'expiry of the key', fromKey),
        addresses(view, machine),
        fact(known?.path?.publicKey, 'public key of the path', fromKey),
        recv,
      ],
      note: 'one line in authorized_keys: this key, from the source only, for one command, until it expires',
    },
    {
      kind: 'write',
      host: machine,
      path: `${directory}/known_hosts`,
      mode: 0o600,
      content: knownHostsLine(
        receiver,
        fact(known?.receiver?.hostKey, 'host key of the receiver', `build/${machine}/prepare`),
      ),
    },
    {
      kind: 'write',
      host: machine,
      path: `${directory}/rsh`,
      mode: 0o700,
      content: rsh(view, machine, target),
    },
  ];
}

function rsh(view: View, machine: string, target: MachinePlan['target'] | undefined): string {
  const alias = receiverOf(machine);
  const direct = { address: target?.address ?? alias, port: target?.port ?? 22 };
  const relay = { address: '127.0.0.1', port: relayPort(view.plan.name, machine) };
  return rshScript({ alias, ...(isRelayed(view) ? relay : direct), user: target?.user ?? 'root' });
}

/** The addresses from which the source may come: all that are not loopback, or all where there is nothing else. */
function addresses(view: View, machine: string): Word {
  if (isRelayed(view)) return RELAY_ADDRESSES;
  const { state } = view;
  const guest = state.machines[machine]?.observed?.guest;
  const plain = (guest?.addresses ?? [])
    .map(address => address.replace(/[/%].*$/, ''))
    .filter(address => /^[0-9A-Fa-f.:]+$/.test(address));
  const outside = plain.filter(address => !/^127\.|^::1$/.test(address));
  const list = [...new Set(outside.length > 0 ? outside : plain)].join(',');
  return guest === undefined || list === ''
    ? { unknown: `addresses of ${machine}`, from: `inventory/${machine}` }
    : list;
}
