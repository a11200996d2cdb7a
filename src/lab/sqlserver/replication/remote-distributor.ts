import { SqlError } from '../errors.ts';
import type { ProcedureContext } from '../system/procedure.ts';
import { connectPeer, type Peer } from './peer.ts';
import { DISTRIBUTOR_ADMIN, quoted } from './places.ts';

/**
 * What a remote Distributor must be before a Publisher takes it: it lets distributor_admin in with the password, it knows
 * the Publisher, and it is no older than the Publisher (facts: mssql 2.2).
 *
 * @throws SqlError 21007, behind 18456 where the password is another one; 21041 for an older Distributor
 */
export async function requireRemoteDistributor(
  context: ProcedureContext,
  distributor: string,
  password: string,
): Promise<void> {
  const { instance } = context;
  const address = instance.servers.find(distributor);
  if (address === undefined)
    throw new SqlError(
      18482,
      `Could not connect to server '${distributor}' because '${instance.name}' is not defined as a remote server. Verify that you have specified the correct server name.`,
    );
  const peer = await admitted(context, () =>
    connectPeer(address, {
      ...{ user: DISTRIBUTOR_ADMIN, password, database: 'msdb' },
      application: `Replication set-up of ${instance.name}`,
    }),
  );
  try {
    const [row] =
      await peer.query(`SELECT CONVERT(int, SERVERPROPERTY('ProductMajorVersion')) AS major, PARSENAME(CONVERT(varchar(30), SERVERPROPERTY('ProductVersion')), 4) AS first,
  (SELECT COUNT(*) FROM msdb.dbo.MSdistpublishers WHERE name = ${quoted(instance.name)} AND active = 1) AS known`);
    if (Number(row?.['major'] ?? row?.['first']) < instance.product.major)
      throw new SqlError(21041, 'A remote distribution Publisher is not allowed on this server version.');
    if (Number(row?.['known']) === 0) throw notConfigured();
  } finally {
    await peer.close();
  }
}

async function admitted(context: ProcedureContext, connect: () => Promise<Peer>): Promise<Peer> {
  try {
    return await connect();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    context.error(error.number, error.message, error.severity >= 20 ? 16 : error.severity);
    throw notConfigured();
  }
}

const notConfigured = (): SqlError =>
  new SqlError(
    21007,
    'Cannot add the remote Distributor. Make sure that the local server is configured as a Publisher at the Distributor.',
  );
