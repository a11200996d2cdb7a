import PQueue from 'p-queue';
import type { Host } from './host.ts';
import { connectHost, type HostAddress, type SshSurroundings } from './ssh-host.ts';

export type { HostAddress } from './ssh-host.ts';

/** All hosts of one landfall process, connected when first asked for. */
export interface Hosts {
  /** Rejects with the `ssh.*` errors; a failed attempt is not remembered, the next call tries again. */
  get(id: string): Promise<Host>;
  closeAll(): Promise<void>;
}

export interface HostsOptions extends SshSurroundings {
  /** Where the host of this name is now; throws where there is none. */
  readonly resolve: (id: string) => HostAddress | Promise<HostAddress>;
}

/** sshd starts to drop connections when ten are logging in at once (MaxStartups); many hosts share a jump host. */
const MAX_LOGINS = 6;

interface Entry {
  readonly address: string;
  readonly host: Promise<Host>;
}

export function createHosts(options: HostsOptions): Hosts {
  const { resolve, ...surroundings } = options;
  const entries = new Map<string, Entry>();
  const logins = new PQueue({ concurrency: MAX_LOGINS });

  const closeEntry = async (entry: Entry): Promise<void> => {
    // An attempt that failed was told to whoever made it, and has nothing to close.
    const host = await entry.host.catch(() => undefined);
    await host?.close();
  };

  return {
    async get(id) {
      const target = await resolve(id);
      const address = JSON.stringify(target);
      const cached = entries.get(id);
      if (cached?.address === address) return cached.host;
      // A machine that was built anew under the same name has another key or address.
      if (cached) void closeEntry(cached);
      const host = logins.add(() => connectHost({ ...surroundings, id, target }));
      const entry: Entry = { address, host };
      entries.set(id, entry);
      try {
        return await host;
      } catch (error) {
        if (entries.get(id) === entry) entries.delete(id);
        throw error;
      }
    },

    async closeAll() {
      const open = [...entries.values()];
      entries.clear();
      await Promise.all(open.map(closeEntry));
    },
  };
}
