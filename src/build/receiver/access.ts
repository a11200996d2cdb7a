import { LandfallError } from '../../foundation/errors.ts';
import { tailLines } from '../../foundation/text.ts';
import type { Plan } from '../../plan/schema.ts';
import type { ExecResult } from '../../remote/host.ts';
import { type Action, fact, join, type Word } from '../../step/action.ts';
import { isLinkFault, LINK_RETRY } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { lookAtProductUuid, PRODUCT_UUID_FILE } from '../../tools/look.ts';
import { VIRSH_CODES } from '../../tools/virsh.ts';
import { evacuationOf, receiverDomain, receiverHost, stepId } from '../names.ts';
import { type Target, targetHypervisor, targetOf } from '../site.ts';
import { type Agent, agentArgv, agentJson, agentSilent, pingFailure, readGuestFile } from './agent.ts';
import { consoleArgv, consoleTail, consoleText } from './console.ts';
import { openDoor, refuseOtherKey } from './door.ts';
import { addressActions, requireAddress } from './give-address.ts';
import { hostKeyOnConsole } from './nocloud.ts';

const HOST_KEY_FILE = '/etc/ssh/ssh_host_ed25519_key.pub';

/** How long a receiver may take to boot; an emulated guest needs half a minute, a busy one several. */
export const AGENT_PATIENCE_MS = 300_000;
/** An agent that comes is better than the console: it tells addresses, too. */
const AGENT_GRACE_MS = 60_000;
/** Short at first, because a small image boots fast; then patient. */
const pauseMs = (attempt: number): number => Math.min(2_000, 250 * 2 ** attempt);

type ExecAction = Action & { kind: 'exec' };

/**
 * Gets landfall into the receiver without trusting the network: host key and addresses are read through the
 * hypervisor, and the control machine's public keys go in the same way.
 */
export function accessStep(plan: Plan, machine: string): Step {
  const site = targetOf(plan, machine);
  return {
    id: stepId(machine, 'access'),
    phase: 'build',
    subject: machine,
    title: `reach the receiver of ${machine} and pin its host key`,
    needs: [stepId(machine, 'receiver')],
    // Waiting for a boot costs the hypervisor nothing that would have to be rationed.
    resources: [],
    retry: LINK_RETRY,
    preview: view => preview(view, site),
    done: (context, signal) => answers(context, machine, signal),
    run: (context, signal) => run(context, site, signal),
  };
}

/** The world's own answer: does a login with the pinned host key and our keys reach the receiver's domain? */
async function answers(context: StepContext, machine: string, signal: AbortSignal): Promise<boolean> {
  const receiver = context.state.machines[machine]?.receiver;
  if (receiver?.hostKey === undefined) return false;
  try {
    const host = await context.host(receiverHost(machine));
    return (await lookAtProductUuid(host, signal)) === receiver.uuid;
  } catch (error) {
    // Whatever keeps us out of the receiver is what `run` sets right, through the hypervisor.
    const isDoor = error instanceof LandfallError && (isLinkFault(error) || error.code.startsWith('ssh.'));
    if (isDoor) return false;
    throw error;
  }
}

async function run(context: StepContext, site: Target, signal: AbortSignal): Promise<void> {
  const { machine } = site;
  const domain = receiverDomain(evacuationOf(context), machine);
  const agent: Agent = { host: await targetHypervisor(context, site, signal), domain, write: site.write };
  const told = await waitForGuest(context, site, agent, signal);
  const hostKey = told ?? (await hostKeyOf(context, agent, machine, signal));
  refuseOtherKey(context, site, context.state.machines[machine], hostKey);
  // Without an agent the seed disk has given it both, address and keys.
  const addresses = told === undefined ? await letIn(context, site, agent, signal) : [site.target.address];
  await context.emit({ type: 'receiver.reachable', machine, hostKey, addresses });
  await openDoor(context, site, addresses, signal);
}

async function letIn(
  context: StepContext,
  site: Target,
  agent: Agent,
  signal: AbortSignal,
): Promise<string[]> {
  const addresses = await requireAddress(context, site, agent, signal);
  const result = await context.perform(keyAction(context, site), { codes: VIRSH_CODES, signal });
  if (result.code !== 0 && site.image.seed === 'none') throw keysRefused(site, result);
  return addresses;
}

/**
 * Until the guest agent answers. An image with a seed disk may have none: then what cloud-init prints on the console
 * counts, which comes through the hypervisor like the agent. Gives back the host key that the console told, if it did.
 */
async function waitForGuest(
  context: StepContext,
  site: Target,
  agent: Agent,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { clock } = context;
  const { machine } = site;
  const started = clock.monotonic();
  for (let attempt = 0; ; attempt += 1) {
    const failure = await pingFailure(agent, signal);
    if (failure === undefined) return undefined;
    const waited = clock.monotonic() - started;
    if (site.image.seed === 'nocloud' && waited >= AGENT_GRACE_MS) {
      const key = hostKeyOnConsole(await consoleText(context, machine, agent.host, signal));
      if (key !== undefined) return key;
    }
    const seconds = Math.round(waited / 1000);
    if (waited >= AGENT_PATIENCE_MS) {
      const console = consoleTail(await consoleText(context, machine, agent.host, signal), 6);
      throw agentSilent(agent, machine, seconds, failure, console);
    }
    context.sample({ text: `waiting for the receiver of ${machine} to boot, ${seconds} s so far` });
    await clock.sleep(pauseMs(attempt), signal);
  }
}

/** sshd makes its host keys at the first boot, perhaps after the agent is up: an absent file is waited for. */
async function hostKeyOf(
  context: StepContext,
  agent: Agent,
  machine: string,
  signal: AbortSignal,
): Promise<string> {
  const started = context.clock.monotonic();
  for (let attempt = 0; ; attempt += 1) {
    try {
      const text = await readGuestFile(agent, HOST_KEY_FILE, signal);
      const [type, key] = text.trim().split(/\s+/);
      if (type === 'ssh-ed25519' && key !== undefined && /^[A-Za-z0-9+/]+=*$/.test(key))
        return `${type} ${key}`;
      throw new LandfallError('remote.answer-unreadable', {
        what: `the receiver of ${machine} has no usable host key in ${HOST_KEY_FILE}`,
        where: { machine, file: HOST_KEY_FILE },
        next: ['see in the golden image that sshd makes an ed25519 host key: ssh-keygen -A'],
      });
    } catch (error) {
      const isPending = error instanceof LandfallError && error.code === 'remote.command-failed';
      if (!isPending || context.clock.monotonic() - started >= PATIENCE_FOR_KEY_MS) throw error;
      context.sample({ text: `waiting for the host key of the receiver of ${machine}` });
      await context.clock.sleep(pauseMs(attempt), signal);
    }
  }
}

const PATIENCE_FOR_KEY_MS = 120_000;

function keyAction(view: View, site: Target): ExecAction {
  const keys = view.state.evacuation?.controlKeys;
  const username = site.target.user;
  const domain = receiverDomain(evacuationOf(view), site.machine);
  const json: Word =
    keys !== undefined && keys.length > 0
      ? agentJson('guest-ssh-add-authorized-keys', { username, keys })
      : join(
          `{"execute":"guest-ssh-add-authorized-keys","arguments":{"username":${JSON.stringify(username)},"keys":`,
          fact(undefined, 'public keys of this control machine', 'the start of the evacuation'),
          '}}',
        );
  const argv = agentArgv(site.write, domain, 'JSON').map((word): Word => (word === 'JSON' ? json : word));
  return { kind: 'exec', host: site.hypervisor, argv };
}

function preview(view: View, site: Target): Action[] {
  const domain = receiverDomain(evacuationOf(view), site.machine);
  const handle = fact(undefined, 'the handle that guest-file-open returns', stepId(site.machine, 'access'));
  const ask = (json: Word, note?: string): Action => ({
    kind: 'exec',
    host: site.hypervisor,
    argv: agentArgv(site.write, domain, 'JSON').map((word): Word => (word === 'JSON' ? json : word)),
    reads: true,
    ...(note === undefined ? {} : { note }),
  });
  return [
    { kind: 'exec', host: site.hypervisor, argv: ['cat', '/etc/machine-id'], reads: true },
    ask(agentJson('guest-ping'), `until it answers, at most ${AGENT_PATIENCE_MS / 60_000} min`),
    {
      kind: 'exec',
      host: site.hypervisor,
      argv: consoleArgv(view, site.machine),
      reads: true,
      note: 'only where the agent is silent',
    },
    ask(agentJson('guest-file-open', { path: HOST_KEY_FILE, mode: 'r' })),
    ask(join('{"execute":"guest-file-read","arguments":{"handle":', handle, ',"count":65536}}')),
    ask(join('{"execute":"guest-file-close","arguments":{"handle":', handle, '}}')),
    ask(agentJson('guest-network-get-interfaces')),
    ...addressActions(view, site),
    keyAction(view, site),
    {
      kind: 'exec',
      host: receiverHost(site.machine),
      argv: ['cat', PRODUCT_UUID_FILE],
      reads: true,
      note: 'the first login, with the host key that the hypervisor told',
    },
  ];
}

function keysRefused(site: Target, result: ExecResult): LandfallError {
  return new LandfallError('remote.command-failed', {
    what: `the guest agent of the receiver of ${site.machine} did not take the public keys of this control machine`,
    why: 'without them landfall cannot log in there',
    where: { host: site.hypervisor, machine: site.machine, command: 'guest-ssh-add-authorized-keys' },
    evidence: tailLines(result.stderr.toString('utf8'), 3),
    next: [
      `the image needs qemu-guest-agent 5.2 or newer, and the user ${site.target.user}`,
      `or cloud-init, and in the plan: images.IMAGE.seed: nocloud`,
      'or put the public keys into the image',
    ],
  });
}
