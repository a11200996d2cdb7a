import { LandfallError } from '../../foundation/errors.ts';
import { get } from '../../journal/maps.ts';
import type { CutoverMachineState, MachineState } from '../../journal/state.ts';
import type { Argv, Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import type { Action, Word } from '../../step/action.ts';
import type { StepContext, View } from '../../step/step.ts';
import {
  askVirsh,
  unreadable,
  VIRSH_CODES,
  type VirshRefusal,
  virshAnswer,
  virshError,
} from '../../tools/virsh.ts';

/** What the deeds of this room share. */

export type ExecAction = Action & { kind: 'exec' };
export type WriteAction = Action & { kind: 'write' };

export function exec(host: string, argv: readonly Word[], note?: string): ExecAction {
  return { kind: 'exec', host, argv, ...(note === undefined ? {} : { note }) };
}

export const look = (host: string, argv: readonly Word[], note?: string): ExecAction => ({
  ...exec(host, argv, note),
  reads: true,
});

/** Words that are all known, as a host takes them. */
export const wordsOf = (argv: readonly Word[]): [string, ...string[]] => {
  const [program = '', ...words] = argv.map(String);
  return [program, ...words];
};

/** What this cutover has done to the machine so far. */
export const doneTo = ({ state }: Pick<View, 'state'>, machine: string): CutoverMachineState =>
  (state.cutover === undefined ? undefined : get(state.cutover.machines, machine)) ?? {};

export type Observed = NonNullable<MachineState['observed']>;

export function observedOf({ state }: Pick<View, 'state'>, machine: string): Observed {
  const observed = get(state.machines, machine)?.observed;
  if (observed !== undefined) return observed;
  throw new LandfallError('bug', {
    what: `a cutover of ${machine} began before its inventory was recorded`,
    next: ['report this with the journal of the evacuation'],
  });
}

/** virsh takes a name of digits for the number of whatever domain runs, and one with a dash for an option. */
export const handleOf = ({ domain }: Pick<Observed, 'domain'>): string =>
  /^(?:\d+$|-)/.test(domain.name) ? domain.uuid : domain.name;

export type DomainLook =
  | { readonly isThere: true; readonly uuid: string; readonly state: string; readonly autostart: boolean }
  | { readonly isThere: false };

/** A domain as `virsh dominfo` tells of it. */
export async function askDomain(host: Host, argv: Argv, signal: AbortSignal): Promise<DomainLook> {
  const answer = await askVirsh(host, argv, { signal });
  if (!answer.ok && answer.refusal === 'domain-absent') return { isThere: false };
  if (!answer.ok) throw virshError(host.id, argv, answer.result);
  const found = parseDomainInfo(answer.text);
  if (found === undefined) throw unreadable(host.id, formatArgv(argv), answer.text);
  return { isThere: true, ...found };
}

/** `virsh dominfo`; undefined where UUID or state are missing. A transient domain has no word on autostart. */
export function parseDomainInfo(
  text: string,
): { readonly uuid: string; readonly state: string; readonly autostart: boolean } | undefined {
  const word = (name: string): string | undefined =>
    new RegExp(`^${name}:[ \\t]+(\\S.*?)\\s*$`, 'm').exec(text)?.[1];
  const [uuid, state] = [word('UUID'), word('State')];
  if (uuid === undefined || state === undefined) return undefined;
  return { uuid: uuid.toLowerCase(), state, autostart: word('Autostart') === 'enable' };
}

/** libvirt's word for a domain that is defined and has no process. Crashed ones are shown so, too, once they ended. */
export const SHUT_OFF = 'shut off';

/** A change that libvirt may refuse with one of these because it is so already. */
export async function changed(
  context: StepContext,
  action: ExecAction,
  fine: readonly VirshRefusal[],
  signal: AbortSignal,
  timeoutMs?: number,
): Promise<void> {
  const result = await context.perform(action, {
    codes: VIRSH_CODES,
    signal,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const answer = virshAnswer(result);
  if (!answer.ok && !fine.includes(answer.refusal))
    throw virshError(action.host, action.argv.map(String), result);
}
