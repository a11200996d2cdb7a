import { lsnToBytes } from '../../storage/lsn.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { articlesHere } from '../articles.ts';
import { outsideTransactions } from '../faults.ts';
import { procedure, sysname } from '../parameters.ts';
import { type DistributorLink, linkDistributor } from '../places.ts';
import { type Publication, publicationOf } from '../publications.ts';
import { STATUS, type SyncType } from '../subscriptions.ts';
import { beginAt, NEVER, record, sendProcedures, type Wanted } from './subscription.ts';

/**
 * Gives the subscribers of a publication a subscription to articles that came later: one that began without a snapshot gets
 * its procedures and everything from now on, another waits for the next snapshot.
 */
export async function refreshSubscriptions(
  context: ProcedureContext,
  link: DistributorLink,
  publication: Publication,
): Promise<void> {
  const { database } = context;
  const articles = (await articlesHere(context)).filter(
    ({ publicationId }) => publicationId === publication.id,
  );
  const rows = await context.query(
    database.name,
    `SELECT s.artid, s.srvname, s.dest_db, s.sync_type, s.nosync_type FROM dbo.syssubscriptions AS s JOIN dbo.sysarticles AS a ON a.artid = s.artid
WHERE a.pubid = ${publication.id} AND s.status > 0`,
  );
  const subscribers = Map.groupBy(rows, row => JSON.stringify([row['srvname'], row['dest_db']]));
  for (const own of subscribers.values()) {
    const [first] = own;
    if (first === undefined) continue;
    const there = new Set(own.map(row => Number(row['artid'])));
    const missing = articles.filter(({ id }) => !there.has(id));
    if (missing.length === 0) continue;
    const syncType = syncTypeOf(Number(first['sync_type']), Number(first['nosync_type']));
    const wanted: Wanted = {
      ...{ article: 'all', subscriber: String(first['srvname']), database: String(first['dest_db']) },
      ...{ syncType, frequency: 64 },
      status: syncType === 'automatic' ? STATUS.subscribed : STATUS.active,
    };
    const agent = await record(context, link, publication, missing, wanted, NEVER);
    if (syncType !== 'automatic')
      await beginAt(link, agent, missing, lsnToBytes(database.store?.log.current ?? 0n));
    sendProcedures(context, publication, missing, wanted);
  }
}

const syncTypeOf = (syncType: number, nosyncType: number): SyncType =>
  syncType === 1 ? 'automatic' : nosyncType === 0 ? 'none' : 'replication support only';

const refresh = procedure(
  'sp_refreshsubscriptions',
  [sysname('@publication'), sysname('@publisher', null)],
  async (context, values) => {
    outsideTransactions(context, 'sp_refreshsubscriptions');
    const publication = await publicationOf(context, values.text('@publication'));
    const link = await linkDistributor(context);
    try {
      await refreshSubscriptions(context, link, publication);
    } finally {
      await link.close();
    }
    return 0;
  },
);

export const REFRESH_PROCEDURES: readonly SystemProcedure[] = [refresh];
