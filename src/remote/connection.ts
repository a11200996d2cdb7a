import type { Client } from 'ssh2';
import { openLink } from './link.ts';
import type { LocalEnv } from './local.ts';
import type { SshTarget } from './ssh-config.ts';

/** One verified, authenticated SSH connection, with its jump hosts behind it. */
export interface Connection {
  readonly client: Client;
  readonly isAlive: () => boolean;
  /** Why it went away; undefined while it is alive or when we closed it. */
  readonly lossCause: () => string | undefined;
  /** The public key with which the host proved itself: `ssh-ed25519 AAAA…`. */
  readonly hostKey: () => string | undefined;
  close(): void;
}

export interface ConnectionOptions {
  readonly id: string;
  readonly target: SshTarget;
  /** A public host key that is trusted instead of known_hosts. */
  readonly pinned?: string | undefined;
  readonly agentSocket?: string | undefined;
  readonly env?: LocalEnv | undefined;
  /** Pause between keepalives; three unanswered ones are a lost connection. Default 10 000 ms. */
  readonly keepaliveMs?: number | undefined;
}

/**
 * Connects hop by hop; every host on the way is verified and logged into in the same way. Rejects with the `ssh.*`
 * errors; nothing is left open then.
 */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const jumps: Connection[] = [];
  const closeJumps = (): void => {
    for (const jump of jumps.toReversed()) jump.close();
  };
  try {
    let viaName: string | undefined;
    for (const target of options.target.jumps) {
      const via = viaName === undefined ? undefined : jumps.at(-1);
      jumps.push(await openLink({ ...options, id: target.address, target, pinned: undefined, via, viaName }));
      viaName = target.address;
    }
    const link = await openLink({ ...options, via: jumps.at(-1), viaName });
    // A dead jump host takes the streams through it along, so the last link tells for all of them.
    link.client.once('close', closeJumps);
    const close = (): void => {
      link.close();
      closeJumps();
    };
    return { ...link, close };
  } catch (error) {
    closeJumps();
    throw error;
  }
}
