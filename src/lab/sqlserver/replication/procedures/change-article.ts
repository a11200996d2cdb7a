import { SqlError, unsupported } from '../../errors.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { commandForm } from '../article.ts';
import type { StoredArticle } from '../articles.ts';
import { answer } from '../columns.ts';
import { foreignPublisher, outsideTransactions } from '../faults.ts';
import { bit, procedure, sysname, text } from '../parameters.ts';
import { linkDistributor, quoted } from '../places.ts';
import { publicationOf } from '../publications.ts';
import { invalidateSnapshot } from '../snapshot-state.ts';
import { articleOf } from './article-info.ts';

/** sp_changearticle: one property at a time. */

const PRE_CREATION: Readonly<Record<string, number>> = { none: 0, drop: 1, delete: 2, truncate: 3 };

/** Those that a subscription which is there must be made anew for. */
const OF_SUBSCRIPTIONS: ReadonlySet<string> = new Set([
  ...['del_cmd', 'ins_cmd', 'upd_cmd', 'dest_table', 'dest_object', 'destination_owner', 'status'],
]);

const PROPERTIES = [
  ...[
    'del_cmd',
    'description',
    'dest_object',
    'dest_table',
    'destination_owner',
    'fire_triggers_on_snapshot',
  ],
  ...['ins_cmd', 'pre_creation_cmd', 'schema_option', 'status', 'upd_cmd'],
];

const UNKNOWN: ReadonlySet<string> = new Set([
  ...['creation_script', 'filter', 'filter_clause', 'sync_object', 'type', 'identity_range', 'threshold'],
  ...['identityrangemanagementoption', 'pub_identity_range', 'auto_identity_support'],
]);

const changeArticle = procedure(
  'sp_changearticle',
  [
    ...[sysname('@publication', null), sysname('@article', null), text(100)('@property', null)],
    ...[text(255)('@value', null), bit('@force_invalidate_snapshot', 0)],
    ...[bit('@force_reinit_subscription', 0), sysname('@publisher', null)],
  ],
  async (context, values) => {
    outsideTransactions(context, 'sp_changearticle');
    const publisher = values.text('@publisher');
    if (publisher !== null) throw foreignPublisher(publisher);
    const property = values.text('@property')?.toLowerCase();
    if (property === undefined) {
      answer(
        context,
        [['properties', 'sysname']],
        PROPERTIES.map(name => ({ properties: name })),
      );
      return 0;
    }
    const publication = await publicationOf(context, values.text('@publication'));
    const article = await articleOf(context, publication, values.text('@article'));
    if (UNKNOWN.has(property)) throw unsupported(`the property '${property}' of sp_changearticle`);
    if (!PROPERTIES.includes(property))
      throw new SqlError(
        14022,
        "The @property parameter value must be either 'description', 'sync_object', 'type', 'ins_cmd', 'del_cmd', 'upd_cmd', 'filter', 'dest_table', 'dest_object', 'creation_script', 'pre_creation_cmd', 'status', 'schema_option', or 'destination_owner'.",
      );
    const set = assignment(property, values.text('@value'));
    if (property !== 'description')
      await invalidateSnapshot(context, publication.id, values.integer('@force_invalidate_snapshot') === 1);
    if (OF_SUBSCRIPTIONS.has(property))
      await unsubscribed(context, article, values.integer('@force_reinit_subscription') === 1);
    await context.query(
      context.database.name,
      `UPDATE dbo.sysarticles SET ${set} WHERE artid = ${article.id}`,
    );
    await tellDistributor(context, article, property, values.text('@value'));
    context.message('Article update successful.', { number: 14025, severity: 10 });
    return 0;
  },
);

/** @throws SqlError 14061, 14097, 14156, 20014, 21344 */
function assignment(property: string, value: string | null): string {
  switch (property) {
    case 'ins_cmd':
    case 'upd_cmd':
    case 'del_cmd':
      if (commandForm(value) === undefined)
        throw new SqlError(
          14156,
          `The custom stored procedure calling the format for the ${property} command specified in the article definition does not match the ${value} format.`,
        );
      return `${property} = ${quoted(value ?? 'SQL')}`;
    case 'pre_creation_cmd': {
      const command = PRE_CREATION[value?.toLowerCase() ?? ''];
      if (command === undefined)
        throw new SqlError(
          14061,
          "The @pre_creation_cmd parameter value must be 'none', 'drop', 'delete', or 'truncate'.",
        );
      return `pre_creation_cmd = ${command}`;
    }
    case 'schema_option':
      if (value === null || !/^0x[0-9a-f]{1,16}$/i.test(value))
        throw new SqlError(20014, 'Invalid @schema_option value.');
      return `schema_option = 0x${value.slice(2).padStart(16, '0')}`;
    case 'status':
      return status(value);
    case 'description':
      return `description = ${value === null ? 'NULL' : quoted(value)}`;
    case 'fire_triggers_on_snapshot':
      if (value?.toLowerCase() === 'true') throw unsupported('fire_triggers_on_snapshot');
      return 'fire_triggers_on_snapshot = 0';
    default:
      if ((value ?? '') === '')
        throw new SqlError(21263, `Parameter '@value' cannot be NULL or an empty string.`);
      return `${property === 'destination_owner' ? 'dest_owner' : 'dest_table'} = ${quoted(value ?? '')}`;
  }
}

const STATUSES: Readonly<Record<string, string>> = {
  'no column names': 'status = status & ~8',
  'include column names': 'status = status | 8',
  'string literals': 'status = status & ~16',
  parameters: 'status = status | 16',
};

function status(value: string | null): string {
  const set = STATUSES[value?.toLowerCase() ?? ''];
  if (set !== undefined) return set;
  throw new SqlError(
    14097,
    "The 'status' value must be 'no column names', 'include column names', 'string literals', 'parameters', 'DTS horizontal partitions' or 'no DTS horizontal partitions'.",
  );
}

/** @throws SqlError 20608 */
async function unsubscribed(
  context: ProcedureContext,
  article: StoredArticle,
  forced: boolean,
): Promise<void> {
  const rows = await context.query(
    context.database.name,
    `SELECT TOP (1) artid FROM dbo.syssubscriptions WHERE artid = ${article.id} AND status > 0`,
  );
  if (rows.length === 0) return;
  if (forced) throw unsupported('reinitialization of subscriptions');
  throw new SqlError(
    20608,
    'Cannot make the change because there are active subscriptions. Set @force_reinit_subscription to 1 to force the change and reinitialize the active subscriptions.',
  );
}

async function tellDistributor(
  context: ProcedureContext,
  article: StoredArticle,
  property: string,
  value: string | null,
): Promise<void> {
  const column = { dest_table: 'destination_object', dest_object: 'destination_object' }[property];
  const set = property === 'destination_owner' ? 'destination_owner' : column;
  if (set === undefined) return;
  const link = await linkDistributor(context);
  try {
    await link.query(`UPDATE dbo.MSarticles SET ${set} = ${quoted(value ?? '')} WHERE article_id = ${article.id} AND publisher_db = ${quoted(context.database.name)}
  AND publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(context.instance.name)})`);
  } finally {
    await link.close();
  }
}

export const CHANGE_ARTICLE_PROCEDURES: readonly SystemProcedure[] = [changeArticle];
