import type { Instance } from '../server/instance.ts';
import { keep, readKept } from './kept.ts';

/** A row of sys.servers; id 0 is the server itself. */
export interface LinkedServer {
  readonly id: number;
  readonly name: string;
  readonly product: string;
  readonly provider: string;
  readonly dataSource: string | null;
  readonly providerString: string | null;
  readonly catalog: string | null;
  readonly rpc: boolean;
  readonly rpcOut: boolean;
  readonly dataAccess: boolean;
  readonly publisher: boolean;
  readonly subscriber: boolean;
  readonly distributor: boolean;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  readonly logins: readonly LinkedLogin[];
}

export interface LinkedLogin {
  /** null: every login without an entry of its own. */
  readonly local: string | null;
  readonly self: boolean;
  readonly remote: string | null;
  readonly password: string | null;
}

const tables = new WeakMap<Instance, Map<string, LinkedServer>>();

const FILE = 'linked-servers';

/**
 * Linked servers by lower-case name, kept over a restart. An address on loopback for one of them is looked up
 * in `instance.servers` by its data source, or its name where it has none.
 */
function table(instance: Instance): Map<string, LinkedServer> {
  let found = tables.get(instance);
  if (found === undefined) {
    const own: LinkedServer = {
      ...NEW,
      id: 0,
      name: instance.name,
      dataSource: instance.name,
      rpc: true,
      rpcOut: true,
      dataAccess: false,
      modified: instance.clock.now(),
    };
    const kept = readKept<LinkedServer>(instance, FILE);
    found = new Map([own, ...kept].map(each => [each.name.toLowerCase(), each]));
    tables.set(instance, found);
  }
  return found;
}

const NEW = {
  product: 'SQL Server',
  provider: 'SQLNCLI',
  dataSource: null,
  providerString: null,
  catalog: null,
  rpc: false,
  rpcOut: false,
  dataAccess: true,
  publisher: false,
  subscriber: false,
  distributor: false,
  logins: [],
} as const;

export const linkedServers = (instance: Instance): readonly LinkedServer[] => [...table(instance).values()];

export const findLinkedServer = (instance: Instance, name: string): LinkedServer | undefined =>
  table(instance).get(name.toLowerCase());

/** Adds one with the next free id, or changes the one of that name. */
export function putLinkedServer(
  instance: Instance,
  name: string,
  change: Partial<Omit<LinkedServer, 'id' | 'name'>>,
): LinkedServer {
  const servers = table(instance);
  const before = servers.get(name.toLowerCase());
  const id = before?.id ?? Math.max(...[...servers.values()].map(each => each.id)) + 1;
  const after: LinkedServer = {
    ...NEW,
    ...before,
    id,
    name: before?.name ?? name,
    modified: instance.clock.now(),
    ...change,
  };
  servers.set(name.toLowerCase(), after);
  keep(instance, FILE, servers.values());
  return after;
}

export function dropLinkedServer(instance: Instance, name: string): boolean {
  const servers = table(instance);
  const dropped = servers.delete(name.toLowerCase());
  keep(instance, FILE, servers.values());
  return dropped;
}
