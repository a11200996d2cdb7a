import { findTable, identityColumn, primaryKey } from '../../catalog/find.ts';
import type { Table } from '../../catalog/schema.ts';
import { SqlError, unsupported } from '../../errors.ts';
import { lsnToBytes } from '../../storage/lsn.ts';
import type { ProcedureContext, ProcedureValues, SystemProcedure } from '../../system/procedure.ts';
import { commandForm } from '../article.ts';
import { noArticle, outsideTransactions } from '../faults.ts';
import { bit, bytes, int, longText, sysname, text, tinyint } from '../parameters.ts';
import { hex, linkDistributor, quoted, same } from '../places.ts';
import { type Publication, publicationOf, truth } from '../publications.ts';
import { identityForReplication, published, redefineTable } from '../publishing.ts';
import { DEFAULT_SCHEMA_OPTION, optionBytes, optionOf } from '../schema-option.ts';
import { invalidateSnapshot } from '../snapshot-state.ts';
import { refreshSubscriptions } from './refresh.ts';

const PRE_CREATION: Readonly<Record<string, number>> = { none: 0, drop: 1, delete: 2, truncate: 3 };
/** Bits of @status that a caller may give: active, column names in INSERT, parameterised, horizontal filter marks are ours. */
const STATUS_BITS = 1 | 8 | 16 | 64;

const addArticle: SystemProcedure = {
  name: 'sp_addarticle',
  home: { kind: 'sys' },
  parameters: [
    ...[
      sysname('@publication'),
      sysname('@article'),
      text(386)('@source_table', null),
      sysname('@destination_table', null),
    ],
    ...[
      text(5)('@vertical_partition', 'false'),
      sysname('@type', null),
      text(386)('@filter', null),
      text(386)('@sync_object', null),
    ],
    ...[
      text(255)('@ins_cmd', null),
      text(255)('@del_cmd', null),
      text(255)('@upd_cmd', null),
      text(255)('@creation_script', null),
    ],
    ...[
      text(255)('@description', null),
      text(10)('@pre_creation_cmd', 'drop'),
      longText('@filter_clause', null),
      bytes(8)('@schema_option', null),
    ],
    ...[
      sysname('@destination_owner', null),
      tinyint('@status', 16),
      sysname('@source_owner', null),
      sysname('@sync_object_owner', null),
    ],
    ...[
      sysname('@filter_owner', null),
      sysname('@source_object', null),
      sysname('@artid', null),
      text(5)('@auto_identity_range', null),
    ],
    ...[
      int('@pub_identity_range', null),
      int('@identity_range', null),
      int('@threshold', null),
      bit('@force_invalidate_snapshot', 0),
    ],
    ...[
      bit('@use_default_datatypes', 1),
      text(10)('@identityrangemanagementoption', null),
      sysname('@publisher', null),
    ],
    ...[text(5)('@fire_triggers_on_snapshot', 'false')],
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_addarticle');
    const publication = await publicationOf(context, values.text('@publication'));
    const name = values.text('@article') ?? '';
    if (same(name, 'all')) throw new SqlError(21401, "Article name cannot be 'all'.");
    refuseUnknown(values);
    const table = source(context, values);
    await mustBeNew(context, publication, name);
    const settings = read(values, table);
    await invalidateSnapshot(context, publication.id, values.integer('@force_invalidate_snapshot') === 1);
    const link = await linkDistributor(context);
    try {
      const article = await record(context, publication, name, table, settings);
      await redefineTable(context, context.database, table.id, definition =>
        settings.manual
          ? identityForReplication(true)(published(true)(definition))
          : published(true)(definition),
      );
      await link.query(registration(context, publication, { article, name, table, settings }));
      if (publication.immediateSync) await refreshSubscriptions(context, link, publication);
    } finally {
      await link.close();
    }
    return 0;
  },
};

function refuseUnknown(values: ProcedureValues): void {
  if (values.text('@source_table') !== null && values.text('@source_object') === null)
    throw unsupported('@source_table, which is deprecated: give @source_owner and @source_object');
  const type = (values.text('@type') ?? 'logbased').toLowerCase();
  if (type !== 'logbased') throw unsupported(`articles of type '${type}'`);
  for (const name of [
    '@filter',
    '@filter_clause',
    '@sync_object',
    '@creation_script',
    '@auto_identity_range',
  ]) {
    if (values.text(name) !== null) throw unsupported(`${name} of sp_addarticle`);
  }
}

function source(context: ProcedureContext, values: ProcedureValues): Table {
  const [owner, name] = [values.text('@source_owner') ?? 'dbo', values.text('@source_object') ?? ''];
  const table = findTable(context.database.catalog, owner, name);
  if (table === undefined)
    throw new SqlError(14027, `[${owner}].[${name}] does not exist in the current database.`, {
      severity: 11,
    });
  if (primaryKey(table) === undefined) {
    throw new SqlError(
      14088,
      `The table '[${owner}].[${name}]' must have a primary key to be published using the transaction-based method.`,
    );
  }
  const far = table.columns.find(({ id }) => id > 255);
  if (far !== undefined) {
    throw new SqlError(
      21395,
      `This column cannot be included in a transactional publication because the column ID is greater than 255.`,
    );
  }
  if (table.features['is_memory_optimized'] === 1)
    throw new SqlError(
      14028,
      "Only user tables, materialized views, and stored procedures can be published as 'logbased' articles.",
    );
  if (Number(table.features['temporal_type'] ?? 0) > 0)
    throw new SqlError(
      13570,
      `The use of replication is not supported with system-versioned temporal table '${name}'`,
    );
  return table;
}

async function mustBeNew(context: ProcedureContext, publication: Publication, name: string): Promise<void> {
  const rows = await context.query(
    context.database.name,
    `SELECT artid FROM dbo.sysarticles WHERE pubid = ${publication.id} AND name = ${quoted(name)}`,
  );
  if (rows.length > 0)
    throw new SqlError(14030, `The article '${name}' exists in publication '${publication.name}'.`);
}

interface Settings {
  readonly owner: string;
  readonly destination: string;
  readonly preCreation: number;
  readonly status: number;
  readonly option: bigint;
  readonly vertical: boolean;
  readonly manual: boolean;
  readonly insert: string;
  readonly update: string;
  readonly delete: string;
}

function read(values: ProcedureValues, table: Table): Settings {
  const preCreation = PRE_CREATION[(values.text('@pre_creation_cmd') ?? 'drop').toLowerCase()];
  if (preCreation === undefined)
    throw new SqlError(
      14061,
      "The @pre_creation_cmd parameter value must be 'none', 'drop', 'delete', or 'truncate'.",
    );
  const status = values.integer('@status') ?? 16;
  if ((status & ~STATUS_BITS) !== 0)
    throw new SqlError(
      21061,
      `Invalid article status ${status} specified when adding article '${values.text('@article')}'.`,
    );
  const given = values.get('@schema_option');
  const option = given instanceof Uint8Array ? optionOf(given) : DEFAULT_SCHEMA_OPTION;
  const owner = values.text('@destination_owner') ?? values.text('@source_owner') ?? 'dbo';
  const destination = values.text('@destination_table') ?? table.name;
  const vertical = truth(values.text('@vertical_partition') ?? 'false');
  if (vertical === undefined)
    throw new SqlError(14029, "The vertical partition switch must be either 'true' or 'false'.");
  const base = `${owner}${destination}`;
  const command = (name: string, fallback: string): string => {
    const given = values.given(name) ? (values.text(name) ?? 'SQL') : fallback;
    if (commandForm(given) === undefined)
      throw new SqlError(
        21101,
        `The custom command name '${given}' specified for parameter ${name} is not valid: CALL, SCALL, MCALL, XCALL, SQL or NONE.`,
      );
    return given;
  };
  const commands = {
    insert: command('@ins_cmd', `CALL [sp_MSins_${base}]`),
    update: command('@upd_cmd', `SCALL [sp_MSupd_${base}]`),
    delete: command('@del_cmd', `CALL [sp_MSdel_${base}]`),
  };
  return {
    owner,
    destination,
    preCreation,
    status,
    option,
    vertical,
    manual: identityOption(values, table),
    ...commands,
  };
}

function identityOption(values: ProcedureValues, table: Table): boolean {
  const option = (values.text('@identityrangemanagementoption') ?? 'none').toLowerCase();
  if (option === 'auto') throw unsupported("@identityrangemanagementoption = 'auto'");
  if (option !== 'manual' && option !== 'none')
    throw new SqlError(
      21767,
      `'${option}' is not valid for @identityrangemanagementoption: 'auto', 'manual' or 'none'.`,
    );
  return option === 'manual' && identityColumn(table) !== undefined;
}

async function record(
  context: ProcedureContext,
  publication: Publication,
  name: string,
  table: Table,
  settings: Settings,
): Promise<number> {
  const { owner, destination, preCreation, status, option } = settings;
  const [row] = await context.query(
    context.database.name,
    `DECLARE @made TABLE (artid int);
INSERT dbo.sysarticles (dest_table, name, objid, pubid, pre_creation_cmd, status, sync_objid, type, schema_option, dest_owner, ins_cmd, upd_cmd, del_cmd)
OUTPUT inserted.artid INTO @made
VALUES (${quoted(destination)}, ${quoted(name)}, ${table.id}, ${publication.id}, ${preCreation}, ${status | 1}, ${table.id}, 1, ${optionBytes(option)}, ${quoted(owner)},
  ${quoted(settings.insert)}, ${quoted(settings.update)}, ${quoted(settings.delete)});
SELECT artid FROM @made`,
  );
  const article = Number(row?.['artid']);
  const key = new Set((primaryKey(table)?.index.columns ?? []).map(({ column }) => column));
  for (const column of table.columns) {
    if (column.computed !== undefined || (settings.vertical && !key.has(column.id))) continue;
    const max = 'length' in column.type && column.type.length === 'max' ? 1 : 0;
    await context.query(
      context.database.name,
      `INSERT dbo.sysarticlecolumns (artid, colid, is_xml, is_max) VALUES (${article}, ${column.id}, ${column.type.kind === 'xml' ? 1 : 0}, ${max})`,
    );
  }
  return article;
}

interface NewArticle {
  readonly article: number;
  readonly name: string;
  readonly table: Table;
  readonly settings: Settings;
}

/** The distributor's rows, and from where on a subscription without a snapshot finds everything; commands are kept from now on where a backup or an immediate_sync may want them ('virtual'). */
function registration(
  context: ProcedureContext,
  publication: Publication,
  { article, name, table, settings }: NewArticle,
): string {
  const { database, instance } = context;
  const schema = database.catalog.schemas.get(table.schemaId)?.name ?? 'dbo';
  const lsn = hex(lsnToBytes(database.store?.log.current ?? 0n));
  const virtual =
    publication.immediateSync || publication.fromBackup
      ? `INSERT dbo.MSsubscriptions (publisher_database_id, publisher_id, publisher_db, publication_id, article_id, subscriber_id, subscriber_db, subscription_type,
  sync_type, status, subscription_seqno, snapshot_seqno_flag, independent_agent, subscription_time, loopback_detection, agent_id, update_mode, publisher_seqno, ss_cplt_seqno, nosync_type)
SELECT @pdb, @publisher, ${quoted(database.name)}, @publication, ${article}, -1, N'virtual', 0, 1, 1, 0x00, 0, 1, GETDATE(), 0, -1, 0, 0x00, 0x00, 0`
      : '';
  return `DECLARE @publisher smallint = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance.name)});
DECLARE @publication int = (SELECT publication_id FROM dbo.MSpublications WHERE publisher_id = @publisher AND publisher_db = ${quoted(database.name)} AND publication = ${quoted(publication.name)});
DECLARE @pdb int = (SELECT id FROM dbo.MSpublisher_databases WHERE publisher_id = @publisher AND publisher_db = ${quoted(database.name)});
INSERT dbo.MSarticles (publisher_id, publisher_db, publication_id, article, article_id, destination_object, source_owner, source_object, destination_owner)
VALUES (@publisher, ${quoted(database.name)}, @publication, ${quoted(name)}, ${article}, ${quoted(settings.destination)}, ${quoted(schema)}, ${quoted(table.name)}, ${quoted(settings.owner)});
${virtual}
UPDATE dbo.MSpublications SET min_autonosync_lsn = ${lsn} WHERE publication_id = @publication AND allow_initialize_from_backup = 1;`;
}

const articleColumn: SystemProcedure = {
  name: 'sp_articlecolumn',
  home: { kind: 'sys' },
  parameters: [
    ...[
      sysname('@publication'),
      sysname('@article'),
      sysname('@column', null),
      text(5)('@operation', 'add'),
      bit('@refresh_synctran_procs', 1),
    ],
    ...[
      bit('@ignore_distributor', 0),
      int('@change_active', 0),
      bit('@force_invalidate_snapshot', 0),
      bit('@force_reinit_subscription', 0),
    ],
    ...[sysname('@publisher', null), bit('@internal', 0)],
  ],
  async run(context, values) {
    const publication = await publicationOf(context, values.text('@publication'));
    const name = values.text('@article') ?? '';
    const [article] = await context.query(
      context.database.name,
      `SELECT artid, objid FROM dbo.sysarticles WHERE pubid = ${publication.id} AND name = ${quoted(name)}`,
    );
    if (article === undefined) throw noArticle(name);
    const table = context.database.catalog.tables.get(Number(article['objid']));
    if (table === undefined) throw noArticle(name);
    const wanted = values.text('@column');
    const columns = table.columns.filter(column => wanted === null || same(column.name, wanted));
    if (columns.length === 0) throw new SqlError(21166, `Column '${wanted}' does not exist.`);
    const adding = (values.text('@operation') ?? 'add').toLowerCase();
    if (adding !== 'add' && adding !== 'drop')
      throw new SqlError(14019, 'The @operation parameter value must be either add, drop, or alter.');
    const key = new Set((primaryKey(table)?.index.columns ?? []).map(({ column }) => column));
    for (const column of columns) {
      if (column.computed !== undefined) continue;
      if (adding === 'drop' && key.has(column.id))
        throw new SqlError(
          21250,
          `Primary key column '${column.name}' cannot be excluded from a vertical partition.`,
        );
      await context.query(
        context.database.name,
        adding === 'add'
          ? `IF NOT EXISTS (SELECT 1 FROM dbo.sysarticlecolumns WHERE artid = ${Number(article['artid'])} AND colid = ${column.id}) INSERT dbo.sysarticlecolumns (artid, colid) VALUES (${Number(article['artid'])}, ${column.id})`
          : `DELETE dbo.sysarticlecolumns WHERE artid = ${Number(article['artid'])} AND colid = ${column.id}`,
      );
    }
    return 0;
  },
};

export const ARTICLE_PROCEDURES: readonly SystemProcedure[] = [addArticle, articleColumn];
