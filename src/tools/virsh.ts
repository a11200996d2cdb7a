import { LandfallError } from '../foundation/errors.ts';
import { tailLines } from '../foundation/text.ts';
import type { Argv, ExecOptions, ExecResult, Host } from '../remote/host.ts';
import { formatArgv } from '../remote/quote.ts';

/** virsh as landfall calls it, and what its refusals mean. */

/** Reads go through the read-only socket, so that they cannot change anything whatever the verb. */
export const virshRead = (uri: string, ...verb: string[]): Argv => ['virsh', '-r', '-c', uri, ...verb];
export const virshWrite = (uri: string, ...verb: string[]): Argv => ['virsh', '-c', uri, ...verb];

export type VirshRefusal =
  | 'domain-absent'
  | 'pool-absent'
  | 'volume-absent'
  | 'network-absent'
  | 'already-active'
  | 'not-running'
  | 'agent-silent'
  | 'no-connection'
  | 'other';

const REFUSALS: ReadonlyArray<readonly [RegExp, VirshRefusal]> = [
  [/failed to connect to the hypervisor|Failed to connect socket/i, 'no-connection'],
  [/Domain not found|no domain with matching/i, 'domain-absent'],
  // libvirt 9 says no more than this, where older ones give the reason in a second line.
  [/^\s*error: failed to get domain '[^\n]*'\s*$/i, 'domain-absent'],
  [/Storage pool not found|no storage pool with matching/i, 'pool-absent'],
  [/Storage volume not found|no storage vol with matching/i, 'volume-absent'],
  [/Network not found|no network with matching/i, 'network-absent'],
  [/Domain is already active|domain is already running/i, 'already-active'],
  [/domain is not running/i, 'not-running'],
  [/guest agent is not (?:responding|connected|available|configured)|QEMU guest agent/i, 'agent-silent'],
];

/** Which of the known refusals virsh's standard error tells of. */
export function refusalOf(stderr: string): VirshRefusal {
  return REFUSALS.find(([pattern]) => pattern.test(stderr))?.[1] ?? 'other';
}

export type VirshAnswer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly refusal: VirshRefusal; readonly result: ExecResult };

/** virsh ends with 1 when libvirt refused: an answer, not a failure of the command. */
export const VIRSH_CODES: readonly number[] = [0, 1];

export function virshAnswer(result: ExecResult): VirshAnswer {
  if (result.code === 0) return { ok: true, text: result.stdout.toString('utf8') };
  return { ok: false, refusal: refusalOf(result.stderr.toString('utf8')), result };
}

/** Asks, and hands over refusals as values. */
export async function askVirsh(host: Host, argv: Argv, options: ExecOptions = {}): Promise<VirshAnswer> {
  return virshAnswer(await host.exec(argv, { ...options, codes: VIRSH_CODES }));
}

/** Asks for something that must be there; throws what `virshError` makes of a refusal. */
export async function needVirsh(host: Host, argv: Argv, options: ExecOptions = {}): Promise<string> {
  const answer = await askVirsh(host, argv, options);
  if (answer.ok) return answer.text;
  throw virshError(host.id, argv, answer.result);
}

/** A refusal that no caller had a better word for: `remote.command-failed`. */
export function virshError(host: string, argv: readonly string[], result: ExecResult): LandfallError {
  const stderr = result.stderr.toString('utf8');
  const connection = refusalOf(stderr) === 'no-connection';
  return new LandfallError('remote.command-failed', {
    what: connection ? `libvirt on ${host} does not answer` : `libvirt on ${host} refused "${verbOf(argv)}"`,
    where: { host, command: formatArgv(argv) },
    evidence: tailLines(stderr, 4),
    next: connection
      ? [
          `see whether libvirtd runs on ${host}: systemctl status libvirtd virtqemud`,
          'the SSH user must be root or a member of the group "libvirt", or the plan must say sudo: true',
        ]
      : [`run it by hand on ${host}: ${formatArgv(argv)}`],
  });
}

function verbOf(argv: readonly string[]): string {
  const rest = argv.slice(argv.indexOf('-c') + 2);
  return rest.slice(0, 2).join(' ');
}

/** Names, one a line, as `list --name`, `pool-list --name` and `net-list --name` print them. */
export function nameLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '');
}

/** The first column of a table with a header and a rule, as `vol-list` prints it. */
export function firstColumn(table: string): string[] {
  const lines = table.split(/\r?\n/);
  const rule = lines.findIndex(line => /^\s*-{3,}/.test(line));
  return lines
    .slice(rule + 1)
    .map(line => line.trim().split(/\s{2,}/)[0] ?? '')
    .filter(name => name !== '');
}

/** `virsh version` as one line: `libvirt 9.0.0, QEMU 7.2.22`. */
export function versionLine(text: string): string | undefined {
  const library = /^Using library:\s*(.+)$/m.exec(text)?.[1]?.trim();
  const running = /^Running hypervisor:\s*(.+)$/m.exec(text)?.[1]?.trim();
  const parts = [library, running].filter(part => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** `virsh nodeinfo`: processors and bytes of memory. */
export function nodeFacts(text: string): { cpus: number; memory: number } | undefined {
  const cpus = /^CPU\(s\):\s*(\d+)/m.exec(text)?.[1];
  const memory = /^Memory size:\s*(\d+)\s*KiB/m.exec(text)?.[1];
  if (cpus === undefined || memory === undefined) return undefined;
  return { cpus: Number(cpus), memory: Number(memory) * 1024 };
}

/** `virsh domblkinfo --all`: bytes by target; a drive without a medium shows dashes and is left out. */
export function blockInfo(text: string): Map<string, { capacity: number; allocation: number }> {
  const out = new Map<string, { capacity: number; allocation: number }>();
  for (const line of text.split(/\r?\n/)) {
    const [, target, capacity, allocation] = /^\s*(\S+)\s+(\d+)\s+(\d+)\s+(?:\d+|-)\s*$/.exec(line) ?? [];
    if (target !== undefined) out.set(target, { capacity: Number(capacity), allocation: Number(allocation) });
  }
  return out;
}

/** A host answered, but not in the words it should: `remote.answer-unreadable`. */
export function unreadable(host: string, command: string, text: string, cause?: unknown): LandfallError {
  return new LandfallError('remote.answer-unreadable', {
    what: `the answer of "${command}" on ${host} cannot be read`,
    where: { host, command },
    evidence: tailLines(text, 4),
    next: [`run it by hand on ${host} and compare: ${command}`],
    cause,
  });
}
