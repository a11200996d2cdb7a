import { type Answer, refusal, type SimHost } from '../world/world.ts';

/** What the verbs of virsh have in common. */

export interface VirshCall {
  readonly host: SimHost;
  readonly args: readonly string[];
  /** What came on its standard input; absent where there is none. */
  readonly stdin?: string;
  /** Called by a script, whose words are paths of the lab. */
  readonly isScript?: boolean;
}
export type Verb = (call: VirshCall) => Answer | Promise<Answer>;

export const virshError = (...lines: string[]): Answer =>
  refusal(lines.map(line => `error: ${line}\n`).join(''));

export const noDomain = (name: string): Answer =>
  virshError(`failed to get domain '${name}'`, `Domain not found: no domain with matching name '${name}'`);

export const noVolume = (name: string): Answer =>
  virshError(
    `failed to get vol '${name}'`,
    `Storage volume not found: no storage vol with matching name '${name}'`,
  );

export const noPool = (name: string): Answer =>
  virshError(
    `failed to get pool '${name}'`,
    `Storage pool not found: no storage pool with matching name '${name}'`,
  );

export const noNetwork = (name: string): Answer =>
  virshError(`failed to get network '${name}'`, `Network not found: no network with matching name '${name}'`);

export const unsupported = (verb: string, word: string): Answer =>
  virshError(`command '${verb}' doesn't support option ${word}`);
