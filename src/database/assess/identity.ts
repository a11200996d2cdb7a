import { z } from 'zod';
import type { SqlServer } from '../../remote/sql/server.ts';
import type { Role, Statement } from '../../remote/sql/statement.ts';

/** Which server and which database this is: what every write is checked against before it. */
export interface Identity {
  readonly serverId: string;
  /** Absent where no such database is there. */
  readonly databaseId?: string;
}

/**
 * Survives restarts, upgrades and changes of address. A restore gives the database another recovery fork, and so
 * another identity: what was known of its rows does not hold any more.
 */
export const identityStatement = (on: Role, database: string): Statement => ({
  on,
  database: 'master',
  title: `which server is this, and which ${database}`,
  effect: 'reads',
  text: `SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')) AS server_name,
  (SELECT CONVERT(nvarchar(36), k.key_guid) FROM sys.symmetric_keys AS k WHERE k.name = N'##MS_ServiceMasterKey##') AS service_key,
  (SELECT CONVERT(nvarchar(36), m.family_guid) FROM sys.database_recovery_status AS m WHERE m.database_id = 1) AS master_family,
  (SELECT CONVERT(nvarchar(36), d.service_broker_guid) FROM sys.databases AS d WHERE d.name = @name) AS broker,
  (SELECT CONVERT(nvarchar(36), r.family_guid) FROM sys.database_recovery_status AS r WHERE r.database_id = DB_ID(@name)) AS family,
  (SELECT CONVERT(nvarchar(36), r.recovery_fork_guid) FROM sys.database_recovery_status AS r WHERE r.database_id = DB_ID(@name)) AS fork;`,
  parameters: { name: { type: 'nvarchar', value: database } },
});

const row = z.object({
  server_name: z.string(),
  service_key: z.string().nullable(),
  master_family: z.string().nullable(),
  broker: z.string().nullable(),
  family: z.string().nullable(),
  fork: z.string().nullable(),
});

/** @throws LandfallError what the server refuses */
export async function readIdentity(
  server: Pick<SqlServer, 'ask' | 'role'>,
  database: string,
  signal?: AbortSignal,
): Promise<Identity> {
  const [found] = await server.ask(
    identityStatement(server.role, database),
    row,
    signal === undefined ? {} : { signal },
  );
  if (found === undefined) return { serverId: '' };
  const { server_name, service_key, master_family, broker, family, fork } = found;
  const serverId = [server_name, service_key ?? '-', master_family ?? '-'].join('/');
  return broker === null ? { serverId } : { serverId, databaseId: [family ?? broker, fork ?? '-'].join('/') };
}

/** Copies of one database share this part: a clone that was restored from a backup has it from production. */
export const familyOf = (databaseId: string | undefined): string | undefined =>
  databaseId === undefined ? undefined : databaseId.split('/')[0];
