import { LandfallError } from '../../../foundation/errors.ts';
import type { MachinePlan } from '../../../plan/schema.ts';
import type { Argv } from '../../../remote/host.ts';
import { type Action, fact, type Word } from '../../../step/action.ts';
import type { Step, StepContext, View } from '../../../step/step.ts';
import { keyComment, pathDirectory, receiverOf, recvScriptPath, stepId } from '../../names.ts';
import { isRelayed, RELAY_ADDRESSES, relayPort } from '../../relay.ts';
import { AUTHORIZE_SCRIPT, AUTHORIZED_SCRIPT, KEY_SCRIPT } from './scripts/keys.ts';
import { RECV_SCRIPT } from './scripts/recv.ts';
import { knownHostsLine, rshScript } from './scripts/rsh.ts';

/**
 * The data path of one machine: a key made on the source, which opens one command on one receiver and expires. Bytes
 * go from source to target with it, and through the control machine only where the plan says so (relay.ts).
 */

/** The key outlives the expected loss of the source: the storm may be late, and a pass may be under way. */
export const PATH_MARGIN_MS = 36 * 3600e3;

/** Renewed when less than this is left: sshd asks for the expiry only at login, once for every file system. */
export const PATH_RENEWAL_MS = 6 * 3600e3;

/** True where the path's key is about to expire at `now` (epoch ms). */
export function isExpiring(view: View, machine: string, now: number): boolean {
  const path = view.state.machines[machine]?.path;
  return path !== undefined && path.expiresAt - now < PATH_RENEWAL_MS;
}

/** `sync/<m>/key`: the ephemeral key on the source. */
export function keyStep(view: View, machine: string): Step {
  const action = keyAction(view, machine);
  return {
    id: stepId(machine, 'key'),
    phase: 'sync',
    subject: machine,
    title: `make the key of ${machine}'s data path on the source`,
    needs: [`inventory/${machine}`, `build/${machine}/prepare`],
    resources: [],
    preview: () => [action],
    async done(context, signal) {
      const path = context.state.machines[machine]?.path;
      if (path === undefined || isExpiring(context, machine, context.clock.now())) return false;
      const host = await context.host(machine);
      const file = `${pathDirectory(context.plan.name, machine)}/key.pub`;
      const { code, stdout } = await host.exec(['cat', file], { codes: [0, 1], signal });
      return code === 0 && publicPart(stdout.toString()) === path.publicKey;
    },
    run: (context, signal) => makeKey(context, machine, signal),
  };
}

async function makeKey(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  const { stdout } = await context.perform(keyAction(context, machine), { signal });
  const publicKey = publicPart(stdout.toString());
  if (publicKey === undefined) {
    throw new LandfallError('remote.answer-unreadable', {
      what: `ssh-keygen on ${machine} made no readable key`,
      where: { host: machine, machine },
      next: ['check that /run of the source has free space and that ssh-keygen works there'],
    });
  }
  await context.emit({ type: 'path.keyed', machine, publicKey, expiresAt: expiryFrom(context) });
}

/** `sync/<m>/path`: the forced command and the key on the receiver, the way there on the source. */
export function pathStep(machine: string): Step {
  return {
    id: stepId(machine, 'path'),
    phase: 'sync',
    subject: machine,
    title: `open the data path from ${machine} to its receiver`,
    needs: [stepId(machine, 'key')],
    resources: [],
    preview: now => pathActions(now, machine),
    async done(context, signal) {
      return context.state.machines[machine]?.path?.opened === true && isOpen(context, machine, signal);
    },
    run: (context, signal) => open(context, machine, signal),
  };
}

/** `sync/<m>/renew-<n>`: the same key for longer, before pass n, in a run that has lasted for days. */
export function renewStep(machine: string, pass: number): Step {
  return {
    id: stepId(machine, `renew-${pass}`),
    phase: 'sync',
    subject: machine,
    title: `let the key of ${machine}'s data path live longer`,
    needs: [stepId(machine, 'path')],
    resources: [],
    preview: now => pathActions(now, machine),
    async done(context) {
      return !isExpiring(context, machine, context.clock.now());
    },
    async run(context, signal) {
      const publicKey = context.state.machines[machine]?.path?.publicKey;
      // Without a key there is nothing to renew: the path step has failed and says so itself.
      if (publicKey === undefined) return;
      await context.emit({ type: 'path.keyed', machine, publicKey, expiresAt: expiryFrom(context) });
      await open(context, machine, signal);
    },
  };
}

/**
 * What a further attempt may have to do before it begins: a source or a receiver that was restarted meanwhile has lost
 * its part of the path with its /run.
 */
export const reopenActions = (view: View, machine: string): Action[] => [
  keyAction(view, machine),
  ...pathActions(view, machine),
];

/** Opens the path again where it is no longer whole. */
export async function reopen(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  if (context.state.machines[machine]?.path?.opened !== true) return;
  if (await isOpen(context, machine, signal)) return;
  context.sample({ text: 'one of its hosts was restarted: the data path is opened again' });
  await makeKey(context, machine, signal);
  await open(context, machine, signal);
}

async function open(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  for (const action of pathActions(context, machine)) {
    if (action.kind === 'write') await context.perform(action);
    if (action.kind === 'exec') await context.perform(action, { signal });
  }
  const expiresAt = context.state.machines[machine]?.path?.expiresAt ?? expiryFrom(context);
  await context.emit({ type: 'path.opened', machine, expiresAt });
}

/** Whether everything that `open` makes is in place: after a restart of either host it is not. */
async function isOpen(context: StepContext, machine: string, signal: AbortSignal): Promise<boolean> {
  for (const action of pathActions(context, machine)) {
    if (action.kind !== 'write' || typeof action.content !== 'string') continue;
    const host = await context.host(action.host);
    const { code, stdout } = await host.exec(['cat', action.path], { codes: [0, 1], signal });
    if (code !== 0 || stdout.toString() !== action.content) return false;
  }
  const key = context.state.machines[machine]?.path?.publicKey;
  if (key === undefined) return false;
  const receiver = await context.host(receiverOf(machine));
  const check: Argv = ['sh', '-c', AUTHORIZED_SCRIPT, 'sh', keyComment(context.plan.name, machine), key];
  const { code } = await receiver.exec(check, { codes: [0, 1, 2], signal });
  return code === 0;
}

function keyAction({ plan }: View, machine: string): Action & { kind: 'exec' } {
  const argv = [
    'sh',
    '-c',
    KEY_SCRIPT,
    'sh',
    pathDirectory(plan.name, machine),
    keyComment(plan.name, machine),
  ];
  return { kind: 'exec', host: machine, argv, note: 'the private half never leaves the source' };
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
        AUTHORIZE_SCRIPT,
        'sh',
        keyComment(plan.name, machine),
        fact(expiry, 'expiry of the key', fromKey),
        addresses(view, machine),
        recv,
        fact(known?.path?.publicKey, 'public key of the path', fromKey),
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

/** Epoch ms, whole seconds: some time after the expected loss of the source, or after now where that is past. */
function expiryFrom(context: StepContext): number {
  const expected = context.state.evacuation?.deadline.expected ?? 0;
  return Math.ceil((Math.max(expected, context.clock.now()) + PATH_MARGIN_MS) / 1000) * 1000;
}

/** Type and data of a public key line, without its comment. */
function publicPart(line: string): string | undefined {
  return /^ssh-ed25519 [A-Za-z0-9+/=]+/.exec(line.trim())?.[0];
}
