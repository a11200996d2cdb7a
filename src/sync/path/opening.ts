import { LandfallError } from '../../foundation/errors.ts';
import type { Argv } from '../../remote/host.ts';
import type { Action } from '../../step/action.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { keyComment, pathDirectory, stepId } from '../names.ts';
import { KEY_SCRIPT, type KeyScripts } from './keys.ts';

/** What the paths of both movers have in common: a key that expires, and a door that it opens. */

/** The key outlives the expected loss of the source: the storm may be late, and a pass may be under way. */
const MARGIN_MS = 36 * 3600e3;

/** Renewed when less than this is left: sshd asks for the expiry only at login, once for every run. */
const RENEWAL_MS = 6 * 3600e3;

/** True where the path's key is about to expire at `now` (epoch ms). */
export function isExpiring(view: View, machine: string, now: number): boolean {
  const path = view.state.machines[machine]?.path;
  return path !== undefined && path.expiresAt - now < RENEWAL_MS;
}

/** Epoch ms, whole seconds: some time after the expected loss of the source, or after now where that is past. */
export function expiryFrom(context: StepContext): number {
  const expected = context.state.evacuation?.deadline.expected ?? 0;
  return Math.ceil((Math.max(expected, context.clock.now()) + MARGIN_MS) / 1000) * 1000;
}

/** Type and data of the public key in what `KEY_SCRIPT` or a key file says, without its comment. */
export const publicPart = (text: string): string | undefined =>
  /^ssh-ed25519 [A-Za-z0-9+/=]+/m.exec(text)?.[0];

export function keyAction({ plan }: View, machine: string, host: string): Action & { kind: 'exec' } {
  const words = [pathDirectory(plan.name, machine), keyComment(plan.name, machine)];
  return {
    kind: 'exec',
    host,
    argv: ['sh', '-c', KEY_SCRIPT, 'sh', ...words],
    note: 'the private half never leaves this host',
  };
}

/** Makes the key on `host`, or finds it there, and gives its public half. Throws where none is made. */
export async function makeKey(
  context: StepContext,
  machine: string,
  host: string,
  signal: AbortSignal,
): Promise<string> {
  const { stdout } = await context.perform(keyAction(context, machine, host), { signal });
  const publicKey = publicPart(stdout.toString());
  if (publicKey !== undefined) return publicKey;
  throw new LandfallError('remote.answer-unreadable', {
    what: `ssh-keygen on ${host} made no readable key`,
    where: { host, machine },
    next: [`check that /run of ${host} has free space and that ssh-keygen works there`],
  });
}

/** Whether the key on record is the one that lies on `host`. */
export async function hasKey(
  context: StepContext,
  machine: string,
  host: string,
  signal: AbortSignal,
): Promise<boolean> {
  const file = `${pathDirectory(context.plan.name, machine)}/key.pub`;
  const { code, stdout } = await (await context.host(host)).exec(['cat', file], { codes: [0, 1], signal });
  return code === 0 && publicPart(stdout.toString()) === context.state.machines[machine]?.path?.publicKey;
}

/** One of the two movers' paths: what opens it, and where its door is. */
export interface Way {
  readonly actions: (view: View) => readonly Action[];
  /** Host into whose authorized_keys the key goes. */
  readonly door: (view: View) => string;
  readonly keys: KeyScripts;
}

export async function openPath(
  context: StepContext,
  machine: string,
  way: Way,
  signal: AbortSignal,
): Promise<void> {
  for (const action of way.actions(context)) {
    if (action.kind === 'write') await context.perform(action);
    if (action.kind === 'exec') await context.perform(action, { signal });
  }
  const expiresAt = context.state.machines[machine]?.path?.expiresAt ?? expiryFrom(context);
  await context.emit({ type: 'path.opened', machine, expiresAt });
}

/** Whether everything that `openPath` makes is in place: after a restart of either host it is not. */
export async function isPathOpen(
  context: StepContext,
  machine: string,
  way: Way,
  signal: AbortSignal,
): Promise<boolean> {
  const path = context.state.machines[machine]?.path;
  if (path?.opened !== true) return false;
  const same = await Promise.all(
    way.actions(context).map(async action => {
      if (action.kind !== 'write' || typeof action.content !== 'string') return true;
      const host = await context.host(action.host);
      const { code, stdout } = await host.exec(['cat', action.path], { codes: [0, 1], signal });
      return code === 0 && stdout.toString() === action.content;
    }),
  );
  if (!same.every(Boolean)) return false;
  const door = await context.host(way.door(context));
  const words = lineWords(way, context);
  if (words === undefined) return false;
  const check: Argv = ['sh', '-c', way.keys.authorized, 'sh', ...words];
  return (await door.exec(check, { codes: [0, 1, 2], signal })).code === 0;
}

/** What the line in authorized_keys is made of; undefined where something of it is not known yet. */
function lineWords(way: Way, view: View): string[] | undefined {
  for (const action of way.actions(view)) {
    if (action.kind !== 'exec' || action.argv[2] !== way.keys.authorize) continue;
    const words = action.argv.slice(4);
    return words.every(word => typeof word === 'string') ? words : undefined;
  }
  return undefined;
}

/** `sync/<m>/<name>`, before a pass: the same key for longer, in a run that has lasted for days. */
export function renewalStep(machine: string, name: string, needs: readonly string[], way: Way): Step {
  return {
    id: stepId(machine, name),
    phase: 'sync',
    subject: machine,
    title: `let the key of ${machine}'s data path live longer`,
    needs,
    resources: [],
    preview: now => [...way.actions(now)],
    async done(context) {
      return !isExpiring(context, machine, context.clock.now());
    },
    async run(context, signal) {
      const path = context.state.machines[machine]?.path;
      // Without a key there is nothing to renew: the path step has failed and says so itself.
      if (path === undefined) return;
      const { publicKey, between } = path;
      const same = { publicKey, ...(between === undefined ? {} : { between }) };
      await context.emit({ type: 'path.keyed', machine, ...same, expiresAt: expiryFrom(context) });
      await openPath(context, machine, way, signal);
    },
  };
}
