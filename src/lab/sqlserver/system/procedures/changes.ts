import { putModule, putTable } from '../../catalog/edit.ts';
import { schemaName } from '../../catalog/find.ts';
import type { Catalog, Table } from '../../catalog/schema.ts';
import { SqlError, unsupported } from '../../errors.ts';
import { SQL_VARIANT, type Value } from '../../values/types.ts';
import { catalogOf } from '../catalog-facts.ts';
import { noObject } from '../faults.ts';
import { setUserMessages, userMessages } from '../messages.ts';
import { bracketed } from '../names.ts';
import type { ProcedureContext, SystemProcedure } from '../procedure.ts';
import { resolveText } from '../resolve.ts';
import { changeCatalog, procedure } from './define.ts';
import { rename } from './rename.ts';

export const CHANGE_PROCEDURES: readonly SystemProcedure[] = [
  rename,
  procedure('sp_identitycolumnforreplication', '@object_id int; @value bit', async (context, values) => {
    const table = catalogOf(context, context.database).tables.get(values.integer('@object_id') ?? 0);
    if (table === undefined || !table.columns.some(column => column.identity !== undefined)) return 1;
    await changeCatalog(context, catalog =>
      withNotForReplication(catalog, table, values.integer('@value') === 1),
    );
    return 0;
  }),
  procedure(
    'sp_settriggerorder',
    '@triggername nvarchar(517); @order varchar(10); @stmttype varchar(50); @namespace varchar(10) = null',
    (context, values) => {
      const found = resolveText(context, values.text('@triggername') ?? '');
      if (found?.facts.type !== 'TR')
        throw new SqlError(
          15165,
          `Could not find object '${values.text('@triggername') ?? ''}' or you do not have permission.`,
        );
      // Triggers fire in the order in which they were made: another order would have to be kept.
      if (values.text('@order')?.toLowerCase() !== 'none')
        throw unsupported('sp_settriggerorder First and Last');
      return 0;
    },
  ),
  // What replication makes in a user's database is marked so, and no list of the user's own tables has it.
  procedure(
    'sp_MS_marksystemobject',
    '@objname nvarchar(517); @namespace varchar(10) = null',
    async (context, values) => {
      const name = values.text('@objname') ?? '';
      const table = resolveText(context, name);
      const found = table && catalogOf(context, context.database).tables.get(table.facts.id);
      if (found === undefined) throw noObject(name, context.database.name);
      await changeCatalog(context, catalog => putTable(catalog, { ...found, shipped: true }));
      return 0;
    },
  ),
  procedure('sp_recompile', '@objname nvarchar(776)', (context, values) => {
    const name = values.text('@objname') ?? '';
    if (resolveText(context, name) === undefined) throw noObject(name, context.database.name);
    context.message(`Object '${name}' was successfully marked for recompilation.`, { number: 15069 });
    return 0;
  }),
  procedure('sp_refreshview', '@viewname nvarchar(776)', async (context, values) => {
    const name = values.text('@viewname') ?? '';
    const found = resolveText(context, name);
    const module = found?.catalog.modules.get(found.facts.id);
    if (module?.type !== 'V')
      throw new SqlError(15165, `Could not find object '${name}' or you do not have permission.`);
    await changeCatalog(context, catalog => putModule(catalog, { ...module, modified: context.now }));
    return 0;
  }),
  procedure('sp_updatestats', '@resample char(8) = no', context => {
    const catalog = catalogOf(context, context.database);
    for (const table of catalog.tables.values()) {
      context.message(`Updating ${bracketed(schemaName(catalog, table.schemaId))}.${bracketed(table.name)}`, {
        number: 15650,
      });
      for (const index of table.indexes)
        context.message(`    ${bracketed(index.name)} has been updated...`, { number: 15652 });
      context.message(
        `    ${table.indexes.length} index(es)/statistic(s) have been updated, 0 did not require update.`,
        { number: 15651 },
      );
    }
    context.message('Statistics for all tables have been updated.', { number: 15005 });
    return 0;
  }),
  procedure(
    'sp_addmessage',
    `@msgnum int = null; @severity smallint = null; @msgtext nvarchar(255) = null; @lang sysname = null;
     @with_log varchar(5) = false; @replace varchar(7) = null`,
    (context, values) => {
      const [id, severity, text] = [
        values.integer('@msgnum'),
        values.integer('@severity'),
        values.text('@msgtext'),
      ];
      if (id === null || severity === null || text === null)
        throw new SqlError(
          15071,
          'Usage: sp_addmessage <msgnum>,<severity>,<msgtext> [,<language> [,FALSE | TRUE [,REPLACE]]]',
        );
      if (id <= 50_000)
        throw new SqlError(15040, 'User-defined error messages must have an ID greater than 50000.');
      if (severity < 1 || severity > 25)
        throw new SqlError(15041, 'User-defined error messages must have a severity level between 1 and 25.');
      const messages = userMessages(context.instance);
      if (messages.has(id) && values.text('@replace')?.toLowerCase() !== 'replace')
        throw new SqlError(15043, "You must specify 'REPLACE' to overwrite an existing message.");
      const message = { id, severity, text, logged: values.text('@with_log')?.toLowerCase() === 'true' };
      setUserMessages(context.instance, new Map(messages).set(id, message));
      return 0;
    },
  ),
  procedure('sp_dropmessage', '@msgnum int = null; @lang sysname = null', (context, values) => {
    const id = values.integer('@msgnum') ?? 0;
    if (id <= 50_000)
      throw new SqlError(
        15067,
        `'${id}' is not a valid user-defined message number. A valid one is greater than 50000.`,
      );
    const messages = new Map(userMessages(context.instance));
    if (!messages.delete(id)) throw new SqlError(15179, `The message number ${id} does not exist.`);
    setUserMessages(context.instance, messages);
    return 0;
  }),
  procedure(
    'sp_set_session_context',
    '@key sysname; @value sql_variant; @read_only bit = 0',
    (context, values) => {
      const key = values.text('@key');
      if (key === null || key === '')
        throw new SqlError(
          225,
          'The parameters supplied for the procedure "sp_set_session_context" are not valid.',
        );
      const name = key.toLowerCase();
      if (readOnlyKeys(context).has(name))
        throw new SqlError(
          15664,
          `Cannot set key '${key}' in the session context. The key has been set as read_only for this session.`,
        );
      const value: Value = values.get('@value');
      if (value === null) context.session.contextValues.delete(name);
      else context.session.contextValues.set(name, { type: SQL_VARIANT, value });
      if (values.integer('@read_only') === 1) readOnlyKeys(context).add(name);
      return 0;
    },
    { kind: 'sys' },
    2016,
  ),
];

const sealed = new WeakMap<object, Set<string>>();

/** Keys of this session that were set with @read_only = 1. */
function readOnlyKeys(context: ProcedureContext): Set<string> {
  const owner = context.session.contextValues;
  let keys = sealed.get(owner);
  if (keys === undefined) {
    keys = new Set();
    sealed.set(owner, keys);
  }
  return keys;
}

function withNotForReplication(catalog: Catalog, table: Table, on: boolean): Catalog {
  const current = catalog.tables.get(table.id) ?? table;
  return putTable(catalog, {
    ...current,
    columns: current.columns.map(column =>
      column.identity === undefined
        ? column
        : { ...column, identity: { ...column.identity, notForReplication: on } },
    ),
  });
}
