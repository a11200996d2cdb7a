import type { Instance } from '../server/instance.ts';
import type { ProcedureContext } from '../system/procedure.ts';
import { SYSNAME, type Value } from '../values/types.ts';
import { distributorNotFound } from './faults.ts';
import { connectPeer, type Peer } from './peer.ts';

/** Where the distribution database of a publisher is, and how it is spoken to. */
export interface Distributor {
  readonly server: string;
  readonly database: string;
  /** The same server: no connection in between. */
  readonly local: boolean;
}

export interface DistributorLink extends Distributor {
  query(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

/** The login that a remote publisher comes with (sp_adddistributor's @password). */
export const DISTRIBUTOR_ADMIN = 'distributor_admin';

/** The name under which sys.servers has a server's distributor, itself or another. */
export const DISTRIBUTOR_LINK = 'repl_distributor';

/** N'…' of a name or a text inside T-SQL that is put together here. */
export const quoted = (text: string): string => `N'${text.replaceAll("'", "''")}'`;

export const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex').toUpperCase()}`;

/**
 * The distributor of this server.
 *
 * @throws SqlError 14071 where there is none, or it does not know this publisher
 */
export async function linkDistributor(context: ProcedureContext): Promise<DistributorLink> {
  const { instance } = context;
  const [known] = await context.query('msdb', 'SELECT name, password FROM dbo.MSdistributor');
  const server = String(known?.['name'] ?? '');
  if (known === undefined) throw distributorNotFound();
  const local = same(server, instance.name);
  const peer = local ? undefined : await remote(instance, server, text(known['password']));
  const ask = (batch: string) => (peer === undefined ? context.query('msdb', batch) : peer.query(batch));
  const [publisher] = await ask(
    `SELECT distribution_db FROM msdb.dbo.MSdistpublishers WHERE name = ${quoted(instance.name)} AND active = 1`,
  );
  if (publisher === undefined) {
    await peer?.close();
    throw distributorNotFound();
  }
  const database = String(publisher['distribution_db']);
  return {
    ...{ server, database, local },
    query: batch =>
      peer === undefined
        ? context.query(database, batch)
        : peer.query(`USE ${bracketed(database)};\n${batch}`),
    close: async () => peer?.close(),
  };
}

export const bracketed = (name: string): string => `[${name.replaceAll(']', ']]')}]`;

async function remote(instance: Instance, server: string, password: string): Promise<Peer> {
  const address = instance.servers.find(server);
  if (address === undefined) throw distributorNotFound();
  return connectPeer(address, {
    user: DISTRIBUTOR_ADMIN,
    password,
    database: 'msdb',
    application: `Replication set-up of ${instance.name}`,
  });
}

export const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export const text = (value: Value | unknown): string => (typeof value === 'string' ? value : '');

/** A sysname parameter for `ProcedureContext.query`. */
export const named = (value: string | null) => ({ type: SYSNAME, value });
