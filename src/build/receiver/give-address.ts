import { isIP } from 'node:net';
import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { tailLines } from '../../foundation/text.ts';
import { type Action, fact, join, type Word } from '../../step/action.ts';
import type { StepContext, View } from '../../step/step.ts';
import { VIRSH_CODES } from '../../tools/virsh.ts';
import { evacuationOf, receiverDomain, receiverMac, stepId } from '../names.ts';
import type { Target } from '../site.ts';
import { staticAddress } from './address.ts';
import { type Agent, agentArgv, agentJson, askAgent, guestAddresses, readReturn } from './agent.ts';

/** The receiver must listen where the plan says. Where DHCP gave it another address or none, the agent sets it. */

type ExecAction = Action & { kind: 'exec' };

const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/** By MAC address, because nobody knows yet what the guest calls its interface. */
const SET_ADDRESS = [
  'PATH=$PATH:/usr/sbin:/sbin',
  'for i in /sys/class/net/*; do',
  '  read -r m < "$i/address" || continue',
  '  [ "$m" = "$1" ] || continue',
  '  d=${i##*/}',
  '  ip link set dev "$d" up && ip addr replace "$2" dev "$d" || exit',
  '  [ -z "$3" ] || ip route replace default via "$3" dev "$d" || exit',
  '  exit 0',
  'done',
  'echo "no interface has the address $1" >&2',
  'exit 1',
].join('\n');

/** The command that sets the plan's address; undefined where the plan does not say enough (`staticAddress`). */
function setAction(view: View, site: Target): ExecAction | undefined {
  const wanted = staticAddress(view.plan, site.machine);
  if (wanted === undefined) return undefined;
  const evacuation = evacuationOf(view);
  const json = agentJson('guest-exec', {
    path: '/bin/sh',
    arg: [
      '-c',
      SET_ADDRESS,
      'sh',
      receiverMac(evacuation, site.machine),
      `${wanted.address}/${wanted.prefix}`,
      wanted.gateway ?? '',
    ],
    'capture-output': true,
  });
  return {
    kind: 'exec',
    host: site.hypervisor,
    argv: agentArgv(site.write, receiverDomain(evacuation, site.machine), json),
    note: `only where the receiver does not have the address ${wanted.address} by itself`,
  };
}

/** Everything that `requireAddress` may do, for a preview. */
export function addressActions(view: View, site: Target): Action[] {
  const action = setAction(view, site);
  if (action === undefined) return [];
  const pid = fact(undefined, 'the process that guest-exec started', stepId(site.machine, 'access'));
  const json = join('{"execute":"guest-exec-status","arguments":{"pid":', pid, '}}');
  const words = agentArgv(site.write, receiverDomain(evacuationOf(view), site.machine), 'JSON');
  const status: Action = {
    kind: 'exec',
    host: site.hypervisor,
    argv: words.map((word): Word => (word === 'JSON' ? json : word)),
    reads: true,
  };
  return [action, status];
}

/**
 * The addresses of the receiver, with the plan's among them: where the plan names a literal one that the receiver
 * lacks, it is given it. A name may be an alias or stand for a port forward, and is not compared.
 */
export async function requireAddress(
  context: StepContext,
  site: Target,
  agent: Agent,
  signal: AbortSignal,
): Promise<string[]> {
  const addresses = await guestAddresses(agent, signal);
  const { address, port } = site.target;
  if (isIP(address) === 0 || port !== 22 || addresses.includes(address)) return addresses;
  const action = setAction(context, site);
  if (action === undefined) throw otherAddress(context, site, addresses);
  context.sample({ text: `giving the receiver of ${site.machine} the address ${address}` });
  await setThroughAgent(context, site, agent, action, signal);
  const now = await guestAddresses(agent, signal);
  if (now.includes(address)) return now;
  throw otherAddress(context, site, now);
}

const started = z.object({ pid: z.number() });
const status = z.object({
  exited: z.boolean(),
  exitcode: z.number().optional(),
  'err-data': z.base64().optional(),
});

async function setThroughAgent(
  context: StepContext,
  site: Target,
  agent: Agent,
  action: ExecAction,
  signal: AbortSignal,
): Promise<void> {
  const result = await context.perform(action, { codes: VIRSH_CODES, signal });
  if (result.code !== 0) throw execBlocked(context, site, tailLines(result.stderr.toString('utf8'), 2));
  const { pid } = readReturn(agent.host.id, action.argv.map(String), result.stdout.toString('utf8'), started);
  const begun = context.clock.monotonic();
  for (;;) {
    const end = await askAgent(agent, agentJson('guest-exec-status', { pid }), status, signal);
    if (end.exited && end.exitcode === 0) return;
    if (end.exited || context.clock.monotonic() - begun >= PATIENCE_MS) {
      const stderr = Buffer.from(end['err-data'] ?? '', 'base64').toString('utf8');
      throw notSet(context, site, end.exited ? tailLines(stderr, 3) : ['it did not end within a minute']);
    }
    await context.clock.sleep(PAUSE_MS, signal);
  }
}

/** Other ways to the address, the best first. */
function otherWays(view: View, site: Target): string[] {
  const { machine } = site;
  const mac = receiverMac(evacuationOf(view), machine);
  const { address } = site.target;
  return [
    `reserve it with DHCP; the receiver's MAC address is ${mac}: virsh net-update ${site.network} add ip-dhcp-host "<host mac='${mac}' ip='${address}'/>" --live --config; then restart the receiver`,
    `or, where the image has cloud-init, say so in the plan: images.${view.plan.machines[machine]?.target.image ?? 'IMAGE'}.seed: nocloud`,
    `or correct machines.${machine}.target.address`,
  ];
}

function otherAddress(view: View, site: Target, addresses: readonly string[]): LandfallError {
  const { machine } = site;
  const network = view.plan.machines[machine]?.target.network ?? 'NETWORK';
  return new LandfallError('identity.mismatch', {
    what: `the receiver of ${machine} does not have the address ${site.target.address} that the plan names`,
    why: 'the source would look for it there and find nothing, or something else',
    where: { host: site.hypervisor, machine },
    evidence: [
      `the plan: ${site.target.address}`,
      `the receiver: ${addresses.join(', ') || 'no address at all'}`,
    ],
    next: [
      `let landfall set it: networks.${network}.cidr must contain it (and name the gateway)`,
      ...otherWays(view, site),
    ],
  });
}

function execBlocked(view: View, site: Target, evidence: readonly string[]): LandfallError {
  return new LandfallError('build.network', {
    what: `the receiver of ${site.machine} does not have the address ${site.target.address}, and its guest agent does not let landfall set it`,
    why: 'the source would look for it there and find nothing',
    where: { host: site.hypervisor, machine: site.machine, command: 'guest-exec' },
    evidence,
    next: [
      ...otherWays(view, site),
      'or allow guest-exec in the image (BLACKLIST_RPC or FILTER_RPC_ARGS in /etc/sysconfig/qemu-ga)',
    ],
  });
}

function notSet(view: View, site: Target, evidence: readonly string[]): LandfallError {
  return new LandfallError('build.network', {
    what: `the address ${site.target.address} could not be set in the receiver of ${site.machine}`,
    where: { host: site.hypervisor, machine: site.machine, command: 'ip addr replace' },
    evidence,
    next: ['see that the image has iproute2', ...otherWays(view, site)],
  });
}
