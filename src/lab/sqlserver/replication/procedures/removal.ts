import { SqlError } from '../../errors.ts';
import { dropLinkedServer } from '../../system/linked-servers.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { articlesHere } from '../articles.ts';
import { needsSysadmin, noArticle, noSubscription, notADistributor, outsideTransactions } from '../faults.ts';
import { cleanupJobs, dropJob, upkeepJobs } from '../jobs.ts';
import { bit, sysname, text } from '../parameters.ts';
import {
  bracketed,
  DISTRIBUTOR_LINK,
  type DistributorLink,
  linkDistributor,
  quoted,
  same,
} from '../places.ts';
import { publicationOf } from '../publications.ts';
import { published, publishStore, redefineTable } from '../publishing.ts';
import { distributorName } from './distributor.ts';

/** Taking replication down, in the reverse order of its set-up (facts: mssql 1.8). */

/** Runs with the distributor, or without it where the caller says that it is gone. */
async function withDistributor(
  context: ProcedureContext,
  ignore: boolean,
  work: (link: DistributorLink) => Promise<void>,
): Promise<void> {
  if (ignore) return;
  const link = await linkDistributor(context);
  try {
    await work(link);
  } finally {
    await link.close();
  }
}

const dropSubscription: SystemProcedure = {
  name: 'sp_dropsubscription',
  home: { kind: 'sys' },
  parameters: [
    sysname('@publication', null),
    sysname('@article', null),
    sysname('@subscriber'),
    sysname('@destination_db', null),
    bit('@ignore_distributor', 0),
    sysname('@reserved', null),
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_dropsubscription');
    const publication = await publicationOf(context, values.text('@publication'));
    const { database, instance } = context;
    const [subscriber, target, article] = [
      values.text('@subscriber') ?? '',
      values.text('@destination_db'),
      values.text('@article') ?? 'all',
    ];
    if (!same(article, 'all'))
      throw new SqlError(
        14122,
        "The @article parameter value must be 'all' for immediate_sync publications.",
      );
    const where = `artid IN (SELECT artid FROM dbo.sysarticles WHERE pubid = ${publication.id})${same(subscriber, 'all') ? '' : ` AND srvname = ${quoted(subscriber)}`}${target === null || same(target, 'all') ? '' : ` AND dest_db = ${quoted(target)}`}`;
    const rows = await context.query(
      database.name,
      `SELECT DISTINCT srvname, dest_db FROM dbo.syssubscriptions WHERE ${where}`,
    );
    if (rows.length === 0) {
      if (same(subscriber, 'all')) return 0;
      throw noSubscription();
    }
    await context.query(database.name, `DELETE dbo.syssubscriptions WHERE ${where}`);
    await withDistributor(context, values.integer('@ignore_distributor') === 1, async link => {
      for (const row of rows) {
        const agents =
          await link.query(`SELECT id, name FROM dbo.MSdistribution_agents WHERE publisher_db = ${quoted(database.name)} AND publication = ${quoted(publication.name)}
  AND subscriber_name = ${quoted(String(row['srvname']))} AND subscriber_db = ${quoted(String(row['dest_db']))}
  AND publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance.name)})`);
        for (const agent of agents) {
          await link.query(`${dropJob(String(agent['name']))}
DELETE dbo.MSsubscriptions WHERE agent_id = ${Number(agent['id'])}; DELETE dbo.MSdistribution_agents WHERE id = ${Number(agent['id'])};`);
        }
      }
    });
    return 0;
  },
};

const dropArticle: SystemProcedure = {
  name: 'sp_droparticle',
  home: { kind: 'sys' },
  parameters: [
    sysname('@publication'),
    sysname('@article'),
    bit('@ignore_distributor', 0),
    bit('@force_invalidate_snapshot', 0),
    sysname('@publisher', null),
    bit('@from_drop_publication', 0),
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_droparticle');
    const publication = await publicationOf(context, values.text('@publication'));
    const name = values.text('@article') ?? '';
    const all = await articlesHere(context);
    const dropped = all.filter(
      each => each.publicationId === publication.id && (same(name, 'all') || same(each.name, name)),
    );
    if (dropped.length === 0 && !same(name, 'all')) throw noArticle(name);
    for (const article of dropped) {
      const used = await context.query(
        context.database.name,
        `SELECT TOP (1) artid FROM dbo.syssubscriptions WHERE artid = ${article.id}`,
      );
      if (used.length > 0) throw new SqlError(14046, `Could not drop article. A subscription exists on it.`);
      await context.query(
        context.database.name,
        `DELETE dbo.sysarticlecolumns WHERE artid = ${article.id}; DELETE dbo.sysarticles WHERE artid = ${article.id}`,
      );
      if (!all.some(each => each.tableId === article.tableId && each.id !== article.id))
        await redefineTable(context, context.database, article.tableId, published(false));
      await withDistributor(context, values.integer('@ignore_distributor') === 1, async link => {
        await link.query(`DELETE dbo.MSsubscriptions WHERE publisher_db = ${quoted(context.database.name)} AND article_id = ${article.id};
DELETE dbo.MSarticles WHERE publisher_db = ${quoted(context.database.name)} AND article_id = ${article.id};`);
      });
    }
    return 0;
  },
};

const dropPublication: SystemProcedure = {
  name: 'sp_droppublication',
  home: { kind: 'sys' },
  parameters: [
    sysname('@publication'),
    bit('@ignore_distributor', 0),
    sysname('@publisher', null),
    bit('@from_backup', 0),
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_droppublication');
    const { database, instance } = context;
    const wanted = values.text('@publication') ?? '';
    const ignore = values.integer('@ignore_distributor') === 1;
    const names = same(wanted, 'all')
      ? (await context.query(database.name, 'SELECT name FROM dbo.syspublications')).map(row =>
          String(row['name']),
        )
      : [(await publicationOf(context, wanted)).name];
    for (const name of names) {
      const { id } = await publicationOf(context, name);
      const used = await context.query(
        database.name,
        `SELECT TOP (1) s.artid FROM dbo.syssubscriptions AS s JOIN dbo.sysarticles AS a ON a.artid = s.artid WHERE a.pubid = ${id}`,
      );
      if (used.length > 0)
        throw new SqlError(
          14005,
          `Cannot drop the publication because at least one subscription exists for this publication. Drop all subscriptions to the publication before attempting to drop the publication. If the problem persists, replication metadata might be incorrect; consult Books Online for troubleshooting information.`,
        );
      await context.query(
        database.name,
        `EXEC ${bracketed(database.name)}.sys.sp_droparticle @publication = ${quoted(name)}, @article = N'all', @ignore_distributor = ${ignore ? 1 : 0}, @force_invalidate_snapshot = 1`,
      );
      await context.query(
        database.name,
        `DELETE dbo.MSpub_access WHERE pubid = ${id}; DELETE dbo.syspublications WHERE pubid = ${id}`,
      );
      await withDistributor(context, ignore, async link => {
        const where = `publisher_db = ${quoted(database.name)} AND publication = ${quoted(name)} AND publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance.name)})`;
        const agents = await link.query(`SELECT name FROM dbo.MSsnapshot_agents WHERE ${where}`);
        for (const agent of agents) await link.query(dropJob(String(agent['name'])));
        await link.query(
          `DELETE dbo.MSsnapshot_agents WHERE ${where}; DELETE dbo.MSpublications WHERE ${where};`,
        );
      });
    }
    return 0;
  },
};

const dropDistPublisher: SystemProcedure = {
  name: 'sp_dropdistpublisher',
  home: { kind: 'sys' },
  parameters: [sysname('@publisher'), bit('@no_checks', 0), bit('@ignore_distributor', 0)],
  async run(context, values) {
    outsideTransactions(context, 'sp_dropdistpublisher');
    needsSysadmin(context);
    const publisher = values.text('@publisher') ?? '';
    const [known] = await context.query(
      'msdb',
      `SELECT distribution_db FROM dbo.MSdistpublishers WHERE name = ${quoted(publisher)}`,
    );
    if (known === undefined)
      throw new SqlError(
        14080,
        `The remote server "${publisher}" does not exist, or has not been designated as a valid Publisher, or you may not have permission to see available Publishers.`,
      );
    const database = String(known['distribution_db']);
    const databases = await context.query(
      database,
      `SELECT publisher_db FROM dbo.MSpublications WHERE publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(publisher)})`,
    );
    if (databases.length > 0 && values.integer('@no_checks') !== 1) {
      throw new SqlError(
        21033,
        `Cannot drop server '${publisher}' as Distribution Publisher because there are databases enabled for replication on that server.`,
      );
    }
    const agents = await context.query(
      database,
      `SELECT name FROM dbo.MSlogreader_agents WHERE publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(publisher)})`,
    );
    for (const agent of agents) await context.query('msdb', dropJob(String(agent['name'])));
    await context.query(
      database,
      `DELETE dbo.MSlogreader_agents WHERE publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(publisher)});
DELETE dbo.MSpublisher_databases WHERE publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(publisher)})`,
    );
    await context.query('msdb', `DELETE dbo.MSdistpublishers WHERE name = ${quoted(publisher)}`);
    return 0;
  },
};

const dropDistributionDb: SystemProcedure = {
  name: 'sp_dropdistributiondb',
  home: { kind: 'sys' },
  parameters: [sysname('@database'), bit('@former_ag_secondary', 0)],
  async run(context, values) {
    outsideTransactions(context, 'sp_dropdistributiondb');
    needsSysadmin(context);
    const database = values.text('@database') ?? '';
    const known = await context.query(
      'msdb',
      `SELECT name FROM dbo.MSdistributiondbs WHERE name = ${quoted(database)}`,
    );
    if (known.length === 0)
      throw new SqlError(14117, `'${database}' is not configured as a distribution database.`);
    const used = await context.query(
      'msdb',
      `SELECT name FROM dbo.MSdistpublishers WHERE distribution_db = ${quoted(database)}`,
    );
    if (used.length > 0)
      throw new SqlError(
        14120,
        `Could not drop the distribution database '${database}'. This distributor database is associated with a Publisher.`,
      );
    await context.query('msdb', `DELETE dbo.MSdistributiondbs WHERE name = ${quoted(database)}`);
    for (const job of cleanupJobs(database, 0, 0, 0)) await context.query('msdb', dropJob(job.name));
    context.instance.dropDatabase(database);
    return 0;
  },
};

const dropDistributor: SystemProcedure = {
  name: 'sp_dropdistributor',
  home: { kind: 'sys' },
  parameters: [bit('@no_checks', 0), bit('@ignore_distributor', 0)],
  async run(context, values) {
    outsideTransactions(context, 'sp_dropdistributor');
    needsSysadmin(context);
    const { instance } = context;
    if ((await distributorName(context)) === undefined) throw notADistributor(instance.name);
    const checks = values.integer('@no_checks') !== 1;
    const publishing = [...instance.databases.values()].filter(({ options }) => options.published);
    if (checks && publishing.length > 0)
      throw new SqlError(
        14121,
        `Could not drop the Distributor '${instance.name}'. This Distributor has associated distribution databases.`,
      );
    const databases = await context.query('msdb', 'SELECT name FROM dbo.MSdistributiondbs');
    if (databases.length > 0)
      throw new SqlError(
        14121,
        `Could not drop the Distributor '${instance.name}'. This Distributor has associated distribution databases.`,
      );
    await context.query('msdb', 'DELETE dbo.MSdistributor');
    dropLinkedServer(instance, DISTRIBUTOR_LINK);
    for (const { name } of upkeepJobs(0)) await context.query('msdb', dropJob(name));
    return 0;
  },
};

const removeReplication: SystemProcedure = {
  name: 'sp_removedbreplication',
  home: { kind: 'sys' },
  parameters: [sysname('@dbname', null), text(5)('@type', 'both')],
  async run(context, values) {
    needsSysadmin(context);
    const { instance } = context;
    const name = values.text('@dbname') ?? context.database.name;
    const database = instance.databases.get(name.toLowerCase());
    if (database === undefined)
      throw new SqlError(
        15010,
        `The database '${name}' does not exist. Supply a valid database name. To see available databases, use sys.databases.`,
      );
    if (database.options.readOnly)
      throw new SqlError(3906, `Failed to update database "${name}" because the database is read-only.`);
    if (database.options.published) {
      for (const table of database.catalog.tables.values())
        if (table.published) await redefineTable(context, database, table.id, published(false));
      publishStore(instance, name, false);
    }
    for (const table of OWN_TABLES)
      await instance.run(name, `IF OBJECT_ID(N'dbo.${table}') IS NOT NULL DROP TABLE dbo.${table}`);
    database.options.subscribed = false;
    return 0;
  },
};

const OWN_TABLES = [
  ...['MSpub_access', 'syssubscriptions', 'sysarticlecolumns', 'sysarticles', 'syspublications'],
  ...[
    'MSreplication_subscriptions',
    'MSsubscription_agents',
    'MSreplication_objects',
    'MSsnapshotdeliveryprogress',
  ],
] as const;

const cleanSubscription: SystemProcedure = {
  name: 'sp_subscription_cleanup',
  home: { kind: 'sys' },
  parameters: [
    sysname('@publisher'),
    sysname('@publisher_db'),
    sysname('@publication', null),
    sysname('@reserved', null),
    bit('@from_backup', 0),
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_subscription_cleanup');
    const { database } = context;
    const tables = await context.query(
      database.name,
      "SELECT name FROM sys.tables WHERE name = N'MSreplication_subscriptions'",
    );
    if (tables.length === 0) return 0;
    const where = `publisher = ${quoted(values.text('@publisher') ?? '')} AND publisher_db = ${quoted(values.text('@publisher_db') ?? '')}${values.text('@publication') === null ? '' : ` AND publication = ${quoted(values.text('@publication') ?? '')}`}`;
    const made = await context.query(
      database.name,
      `SELECT object_name FROM dbo.MSreplication_objects WHERE ${where}`,
    );
    for (const row of made) {
      const procedure = String(row['object_name']);
      await context.query(
        database.name,
        `IF OBJECT_ID(N'dbo.${bracketed(procedure).replaceAll("'", "''")}') IS NOT NULL DROP PROCEDURE dbo.${bracketed(procedure)}`,
      );
    }
    await context.query(
      database.name,
      `DELETE dbo.MSreplication_objects WHERE ${where}; DELETE dbo.MSreplication_subscriptions WHERE ${where}`,
    );
    const left = await context.query(
      database.name,
      'SELECT TOP (1) publisher FROM dbo.MSreplication_subscriptions',
    );
    if (left.length === 0) database.options.subscribed = false;
    return 0;
  },
};

export const REMOVAL_PROCEDURES: readonly SystemProcedure[] = [
  ...[dropSubscription, dropArticle, dropPublication, dropDistPublisher],
  ...[dropDistributionDb, dropDistributor, removeReplication, cleanSubscription],
];
