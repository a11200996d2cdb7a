import { SqlError } from '../errors.ts';
import { AGENT_ACCOUNT } from '../server/first-principals.ts';
import type { ProcedureContext } from '../system/procedure.ts';
import { connectPeer, type Peer } from './peer.ts';
import { same } from './places.ts';
import type { Publication } from './publications.ts';

/** Major versions that a Subscriber may be before or behind its Publisher (facts: mssql 2.2). */
const DISTANCE = 2;

/**
 * The release of a Subscriber, where it lets the account of SQL Server Agent in and so can be asked; SQL Server finds out when
 * the Distribution Agent starts.
 *
 * @throws SqlError 20084
 */
export async function requireNearVersion(
  { instance }: ProcedureContext,
  { name }: Publication,
  { subscriber, database }: { readonly subscriber: string; readonly database: string },
): Promise<void> {
  const address = instance.servers.find(subscriber);
  if (address === undefined || same(subscriber, instance.name)) return;
  let peer: Peer;
  try {
    peer = await connectPeer(address, {
      ...{ user: AGENT_ACCOUNT, password: instance.trust, database: 'master' },
      application: `Replication set-up of ${instance.name}`,
    });
  } catch (error) {
    if (error instanceof SqlError) return;
    throw error;
  }
  try {
    const [row] = await peer.query(
      "SELECT CONVERT(int, PARSENAME(CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')), 4)) AS major",
    );
    if (Math.abs(Number(row?.['major']) - instance.product.major) > DISTANCE)
      throw new SqlError(
        20084,
        `Publication '${name}' cannot be subscribed to by Subscriber database '${database}'.`,
      );
  } finally {
    await peer.close();
  }
}
