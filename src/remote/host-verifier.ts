import { hostKeyError } from './host-key-errors.ts';
import { type HostKeyVerdict, judgeHostKey, type KnownHost, typeOfBlob } from './host-keys.ts';
import { isRevoked } from './known-hosts.ts';
import type { LocalEnv } from './local.ts';
import type { SshTarget } from './ssh-config.ts';

export interface HostVerifier {
  /** Asked by ssh2 before any login; never rejects. */
  verify(blob: Buffer): Promise<boolean>;
  /** Why the key was refused: outranks whatever the protocol says when it hangs up because of it. */
  refusal(): unknown;
  /** The key that was accepted last, as a line of known_hosts has it. */
  accepted(): string | undefined;
}

export function createHostVerifier(
  id: string,
  target: SshTarget,
  known: KnownHost,
  env: LocalEnv | undefined,
): HostVerifier {
  let refusal: unknown;
  let accepted: string | undefined;
  const judge = async (blob: Buffer): Promise<unknown> => {
    const presented = { type: typeOfBlob(blob) ?? 'unknown', blob };
    const list = target.revokedHostKeys;
    const verdict: HostKeyVerdict =
      list !== undefined && (await isRevoked(presented, list, env))
        ? { verdict: 'revoked', file: list }
        : judgeHostKey(presented, known);
    return hostKeyError(id, target, presented, known, verdict);
  };
  return {
    async verify(blob) {
      refusal = await judge(blob).catch((error: unknown) => error);
      const type = typeOfBlob(blob);
      if (refusal === undefined && type !== undefined) accepted = `${type} ${blob.toString('base64')}`;
      return refusal === undefined;
    },
    refusal: () => refusal,
    accepted: () => accepted,
  };
}
