import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { tailLines } from '../../foundation/text.ts';
import type { Argv, Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import { askVirsh, unreadable, virshError } from '../../tools/virsh.ts';

/**
 * The QEMU guest agent through `virsh qemu-agent-command`: the way into a receiver that trusts nothing on first use,
 * because it goes through the hypervisor, whose host key is known.
 */
export interface Agent {
  readonly host: Host;
  readonly domain: string;
  readonly write: (...verb: string[]) => Argv;
}

/** The JSON of an agent command, keys in the order given: the preview and the call must be the same bytes. */
export function agentJson(execute: string, args?: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(args === undefined ? { execute } : { execute, arguments: args });
}

export const agentArgv = (write: Agent['write'], domain: string, json: string): Argv =>
  write('qemu-agent-command', domain, json, '--timeout', '10');

/** Why the agent did not answer, or undefined when it did. */
export async function pingFailure(agent: Agent, signal: AbortSignal): Promise<readonly string[] | undefined> {
  const argv = agentArgv(agent.write, agent.domain, agentJson('guest-ping'));
  const answer = await askVirsh(agent.host, argv, { signal });
  if (answer.ok) return undefined;
  if (answer.refusal === 'domain-absent' || answer.refusal === 'no-connection') {
    throw virshError(agent.host.id, argv, answer.result);
  }
  return tailLines(answer.result.stderr.toString('utf8'), 2);
}

/** Asks and reads the answer; a refusal of libvirt is thrown. */
export async function askAgent<T>(
  agent: Agent,
  json: string,
  shape: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  const argv = agentArgv(agent.write, agent.domain, json);
  const answer = await askVirsh(agent.host, argv, { signal });
  if (!answer.ok) throw virshError(agent.host.id, argv, answer.result);
  return readReturn(agent.host.id, argv, answer.text, shape);
}

/** What stands under `return` in the agent's answer. */
export function readReturn<T>(host: string, argv: readonly string[], text: string, shape: z.ZodType<T>): T {
  const parsed = z.object({ return: shape }).safeParse(parseJson(text));
  if (!parsed.success) throw unreadable(host, formatArgv(argv), text, parsed.error);
  return parsed.data.return;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const chunk = z.object({ count: z.number(), 'buf-b64': z.base64(), eof: z.boolean() });
const CHUNK = 65_536;

/** A small file of the guest, at most 64 KiB; the agent's handle is closed whatever happens. */
export async function readGuestFile(agent: Agent, path: string, signal: AbortSignal): Promise<string> {
  const handle = await askAgent(agent, agentJson('guest-file-open', { path, mode: 'r' }), z.number(), signal);
  try {
    const part = await askAgent(agent, agentJson('guest-file-read', { handle, count: CHUNK }), chunk, signal);
    return Buffer.from(part['buf-b64'], 'base64').toString('utf8');
  } finally {
    await askAgent(agent, agentJson('guest-file-close', { handle }), z.unknown(), signal);
  }
}

const interfaces = z.array(
  z.object({
    name: z.string(),
    'ip-addresses': z.array(z.object({ 'ip-address': z.string() })).optional(),
  }),
);

/** Every address of the guest; the loopback interface and link-local addresses are left out. */
export async function guestAddresses(agent: Agent, signal: AbortSignal): Promise<string[]> {
  const links = await askAgent(agent, agentJson('guest-network-get-interfaces'), interfaces, signal);
  return links
    .filter(link => link.name !== 'lo')
    .flatMap(link => (link['ip-addresses'] ?? []).map(address => address['ip-address']))
    .filter(address => !/^fe80:/i.test(address));
}

/** `build.agent-silent`, with what virsh said last. */
export function agentSilent(
  agent: Agent,
  machine: string,
  waitedSeconds: number,
  evidence: readonly string[],
  console: readonly string[],
): LandfallError {
  return new LandfallError('build.agent-silent', {
    what: `the guest agent of the receiver of ${machine} did not answer within ${waitedSeconds} s`,
    why: 'through it landfall learns the host key of the receiver and is let in',
    where: { host: agent.host.id, machine, command: 'guest-ping' },
    evidence: [
      ...evidence,
      ...(console.length === 0
        ? ['its console: empty (the image writes none to ttyS0, or it did not begin to boot)']
        : console.map(line => `its console: ${line}`)),
    ],
    next: [
      `see whether it boots: virsh console ${agent.domain}`,
      'the golden image needs the package qemu-guest-agent, enabled at boot',
      'an image with cloud-init does without: images.IMAGE.seed: nocloud',
      'run the same command again: it waits once more',
    ],
  });
}
