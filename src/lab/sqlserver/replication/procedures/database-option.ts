import { SqlError } from '../../errors.ts';
import type { Database } from '../../server/instance.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { needsSysadmin, noDistributor, outsideTransactions } from '../faults.ts';
import { dropJob } from '../jobs.ts';
import { bit, sysname } from '../parameters.ts';
import { bracketed, type DistributorLink, linkDistributor, quoted } from '../places.ts';
import { truth } from '../publications.ts';
import { publishStore } from '../publishing.ts';
import { marked } from '../tables/marked.ts';
import { PUBLISHER_TABLES } from '../tables/publisher.ts';

/** Turning a database into a publication database and back, and `sync with backup`. */

const replicationDbOption: SystemProcedure = {
  name: 'sp_replicationdboption',
  home: { kind: 'sys' },
  parameters: [
    sysname('@dbname'),
    sysname('@optname'),
    sysname('@value'),
    bit('@ignore_distributor', 0),
    bit('@from_scripting', 0),
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_replicationdboption');
    needsSysadmin(context);
    const { instance } = context;
    const database = instance.databases.get((values.text('@dbname') ?? '').toLowerCase());
    if (database === undefined)
      throw new SqlError(
        15010,
        `The database '${values.text('@dbname')}' does not exist. Supply a valid database name. To see available databases, use sys.databases.`,
      );
    const option = (values.text('@optname') ?? '').toLowerCase();
    if (!['publish', 'merge publish', 'subscribe', 'sync with backup'].includes(option)) {
      throw new SqlError(14138, `Invalid option name '${values.text('@optname')}'.`);
    }
    const on = truth(values.text('@value'));
    if (on === undefined)
      throw new SqlError(14137, "The @value parameter value must be either 'true' or 'false'.");
    if (option === 'merge publish')
      throw new SqlError(40517, 'The SQL Server double does not know merge replication.');
    if (option === 'subscribe') database.options.subscribed = on;
    if (option === 'sync with backup') syncWithBackup(database, on);
    if (option !== 'publish' || database.options.published === on) return 0;
    if (on) await enable(context, database.name);
    else await disable(context, database.name, values.integer('@ignore_distributor') === 1);
    return 0;
  },
};

/** @throws SqlError 20019, 20622 */
function syncWithBackup({ options }: Database, on: boolean): void {
  if (!options.published && !options.distributor)
    throw new SqlError(
      20019,
      "Replication database option 'sync with backup' cannot be set unless the database is a publishing database or a distribution database.",
    );
  if (on && options.published && options.recovery === 'SIMPLE')
    throw new SqlError(
      20622,
      "Replication database option 'sync with backup' cannot be set on the publishing database because the database is in Simple Recovery mode.",
      { severity: 11 },
    );
  options.syncWithBackup = on;
}

async function enable(context: ProcedureContext, database: string): Promise<void> {
  const { instance } = context;
  if (!instance.product.publishes) {
    throw new SqlError(21106, 'This edition of SQL Server does not support publications.');
  }
  const link = await distributorFor(context, database);
  try {
    await link.query(
      `DECLARE @publisher smallint = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance.name)});
IF NOT EXISTS (SELECT 1 FROM dbo.MSpublisher_databases WHERE publisher_id = @publisher AND publisher_db = ${quoted(database)})
INSERT dbo.MSpublisher_databases (publisher_id, publisher_db, publisher_engine_edition) VALUES (@publisher, ${quoted(database)}, ${instance.product.engineEdition})`,
    );
  } finally {
    await link.close();
  }
  for (const batch of PUBLISHER_TABLES) await instance.run(database, `${batch}\n${marked(batch)}`);
  publishStore(instance, database, true);
}

/** 20028, and behind it that the option is as it was. */
async function distributorFor(context: ProcedureContext, database: string): Promise<DistributorLink> {
  try {
    return await linkDistributor(context);
  } catch (error) {
    if (!(error instanceof SqlError) || error.number !== 14071) throw error;
    const { number, message } = noDistributor();
    context.error(number, message);
    throw new SqlError(
      14037,
      `The replication option 'publish' of database '${database}' has been set to false.`,
    );
  }
}

async function disable(
  context: ProcedureContext,
  database: string,
  ignoreDistributor: boolean,
): Promise<void> {
  const { instance } = context;
  const [left] = await context.query(database, 'SELECT COUNT(*) AS n FROM dbo.syspublications');
  if (Number(left?.['n']) > 0) await dropAll(context, database, ignoreDistributor);
  if (!ignoreDistributor) await leave(context, database);
  for (const table of [
    'MSpub_access',
    'syssubscriptions',
    'sysarticlecolumns',
    'sysarticles',
    'syspublications',
  ]) {
    await instance.run(database, `IF OBJECT_ID(N'dbo.${table}') IS NOT NULL DROP TABLE dbo.${table}`);
  }
  publishStore(instance, database, false);
}

/** The distributor forgets the database: its log reader, its commands, and the id that they are kept under. */
async function leave(context: ProcedureContext, database: string): Promise<void> {
  const link = await linkDistributor(context);
  const where = `publisher_db = ${quoted(database)} AND publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(context.instance.name)})`;
  try {
    const agents = await link.query(`SELECT name FROM dbo.MSlogreader_agents WHERE ${where}`);
    for (const agent of agents) await link.query(dropJob(String(agent['name'])));
    await link.query(`DECLARE @id int = (SELECT id FROM dbo.MSpublisher_databases WHERE ${where});
DELETE dbo.MSlogreader_agents WHERE ${where};
DELETE dbo.MSrepl_commands WHERE publisher_database_id = @id; DELETE dbo.MSrepl_transactions WHERE publisher_database_id = @id;
DELETE dbo.MSrepl_originators WHERE publisher_database_id = @id; DELETE dbo.MSpublisher_databases WHERE ${where};`);
  } finally {
    await link.close();
  }
}

/** Turning `publish` off takes every publication of the database with it. */
async function dropAll(
  context: ProcedureContext,
  database: string,
  ignoreDistributor: boolean,
): Promise<void> {
  await context.query(
    database,
    `EXEC ${bracketed(database)}.sys.sp_droppublication @publication = N'all', @ignore_distributor = ${ignoreDistributor ? 1 : 0}`,
  );
}

export const DATABASE_OPTION_PROCEDURES: readonly SystemProcedure[] = [replicationDbOption];
