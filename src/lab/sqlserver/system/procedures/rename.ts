import { putModule, putSequence, putSynonym, putTable, putType } from '../../catalog/edit.ts';
import {
  constraintById,
  findColumn,
  findConstraint,
  findIndex,
  findObject,
  schemaName,
} from '../../catalog/find.ts';
import type { Catalog, Table } from '../../catalog/schema.ts';
import { SqlError } from '../../errors.ts';
import { splitName } from '../../syntax/parse.ts';
import { catalogOf } from '../catalog-facts.ts';
import { noObject } from '../faults.ts';
import { bracketed } from '../names.ts';
import type { ProcedureContext } from '../procedure.ts';
import { defaultSchema, resolveText } from '../resolve.ts';
import { changeCatalog, procedure } from './define.ts';

const CAUTION = 'Caution: Changing any part of an object name could break scripts and stored procedures.';

export const rename = procedure(
  'sp_rename',
  '@objname nvarchar(1035); @newname sysname; @objtype varchar(13) = null',
  async (context, values) => {
    const name = values.text('@objname') ?? '';
    const wanted = values.text('@newname') ?? '';
    const kind = values.text('@objtype')?.toUpperCase() ?? null;
    if (wanted === '')
      throw new SqlError(
        15225,
        `No item by the name of '${name}' could be found in the current database '${context.database.name}', given that @itemtype was input as '${kind ?? '(null)'}'.`,
      );
    switch (kind) {
      case null:
      case 'OBJECT':
        await renameObject(context, name, wanted, kind);
        break;
      case 'COLUMN':
        await renameColumn(context, name, wanted);
        break;
      case 'INDEX':
        await renameIndex(context, name, wanted);
        break;
      case 'USERDATATYPE':
        await renameType(context, name, wanted);
        break;
      case 'DATABASE':
        await context.query('master', `ALTER DATABASE ${bracketed(name)} MODIFY NAME = ${bracketed(wanted)}`);
        return 0;
      default:
        throw new SqlError(
          15249,
          `Error: Explicit @objtype '${values.text('@objtype') ?? ''}' is unrecognized.`,
          { severity: 11 },
        );
    }
    context.message(CAUTION, { number: 15477 });
    return 0;
  },
);

/** 15248: the name is ambiguous or wrong. */
const wrong = (kind: string): SqlError =>
  new SqlError(
    15248,
    `Either the parameter @objname is ambiguous or the claimed @objtype (${kind}) is wrong.`,
    { severity: 11 },
  );

const taken = (name: string, kind: string): SqlError =>
  new SqlError(
    15335,
    `Error: The new name '${name}' is already in use as a ${kind} name and would cause a duplicate that is not permitted.`,
    { severity: 11 },
  );

async function renameObject(
  context: ProcedureContext,
  name: string,
  wanted: string,
  kind: string | null,
): Promise<void> {
  const found = resolveText(context, name);
  if (found === undefined || found.database !== context.database || found.facts.id < 0) {
    // Without a type a name of two or three parts may be a column's or an index's.
    if (kind === null && splitName(name).length > 1) {
      if (columnOf(context, name) !== undefined) return renameColumn(context, name, wanted);
      if (indexOf(context, name) !== undefined) return renameIndex(context, name, wanted);
    }
    throw kind === null
      ? new SqlError(
          15225,
          `No item by the name of '${name}' could be found in the current database '${context.database.name}', given that @itemtype was input as '(null)'.`,
          { severity: 11 },
        )
      : wrong('OBJECT');
  }
  const { catalog, facts } = found;
  const schema = schemaName(catalog, facts.schemaId);
  if (findObject(catalog, schema, wanted) ?? findConstraint(catalog, schema, wanted))
    throw taken(wanted, 'object');
  const table = catalog.tables.get(facts.id);
  if (table?.published)
    throw new SqlError(15051, `Cannot rename the table because it is published for replication.`, {
      severity: 11,
    });
  await changeCatalog(context, before => renamedObject(before, facts.id, wanted, context.now));
}

function renamedObject(catalog: Catalog, id: number, name: string, modified: number): Catalog {
  const table = catalog.tables.get(id);
  if (table !== undefined) return putTable(catalog, { ...table, name, modified });
  const module = catalog.modules.get(id);
  if (module !== undefined) return putModule(catalog, { ...module, name, modified });
  const sequence = catalog.sequences.get(id);
  if (sequence !== undefined) return putSequence(catalog, { ...sequence, name, modified });
  const synonym = catalog.synonyms.get(id);
  if (synonym !== undefined) return putSynonym(catalog, { ...synonym, name, modified });
  const constraint = constraintById(catalog, id);
  return constraint === undefined
    ? catalog
    : putTable(catalog, renamedConstraint(constraint.table, id, name));
}

function renamedConstraint(table: Table, id: number, name: string): Table {
  const named = <T extends { readonly objectId: number }>(each: T): T =>
    each.objectId === id ? { ...each, name, systemNamed: false } : each;
  const key = table.keys.find(each => each.objectId === id);
  return {
    ...table,
    keys: table.keys.map(named),
    indexes: table.indexes.map(index => (index.id === key?.indexId ? { ...index, name } : index)),
    foreignKeys: table.foreignKeys.map(named),
    checks: table.checks.map(named),
    columns: table.columns.map(column =>
      column.default === undefined ? column : { ...column, default: named(column.default) },
    ),
  };
}

/** The table that the front parts of `table.part` name. */
function tableOf(context: ProcedureContext, name: string): { table: Table; last: string } | undefined {
  const parts = splitName(name);
  const front = parts.slice(0, -1).map(bracketed).join('.');
  const found = front === '' ? undefined : resolveText(context, front);
  const table =
    found && found.database === context.database ? found.catalog.tables.get(found.facts.id) : undefined;
  return table && { table, last: parts.at(-1) ?? '' };
}

function columnOf(context: ProcedureContext, name: string) {
  const found = tableOf(context, name);
  const column = found && findColumn(found.table, found.last);
  return found && column && { table: found.table, column };
}

function indexOf(context: ProcedureContext, name: string) {
  const found = tableOf(context, name);
  const index = found && findIndex(found.table, found.last);
  return found && index && { table: found.table, index };
}

async function renameColumn(context: ProcedureContext, name: string, wanted: string): Promise<void> {
  const found = columnOf(context, name);
  if (found === undefined) throw wrong('COLUMN');
  const { table, column } = found;
  if (findColumn(table, wanted)) throw taken(wanted, 'COLUMN');
  if (table.published)
    throw new SqlError(4928, `Cannot alter column '${column.name}' because it is 'REPLICATED'.`);
  const uses = [
    ...table.checks.map(check => check.text),
    ...table.columns.flatMap(each => (each.computed === undefined ? [] : [each.computed.text])),
  ];
  const mention = new RegExp(
    `(^|[^\\w@#$])\\[?${column.name.replace(/[^\w]/g, '\\$&')}\\]?($|[^\\w@#$])`,
    'i',
  );
  if (uses.some(text => mention.test(text)))
    throw new SqlError(
      15336,
      `Object '${name}' cannot be renamed because the object participates in enforced dependencies.`,
    );
  await changeCatalog(context, catalog => {
    const current = catalog.tables.get(table.id) ?? table;
    return putTable(catalog, {
      ...current,
      modified: context.now,
      columns: current.columns.map(each => (each.id === column.id ? { ...each, name: wanted } : each)),
    });
  });
}

async function renameIndex(context: ProcedureContext, name: string, wanted: string): Promise<void> {
  const found = indexOf(context, name);
  if (found === undefined) throw wrong('INDEX');
  const { table, index } = found;
  if (findIndex(table, wanted)) throw taken(wanted, 'INDEX');
  const key = table.keys.find(each => each.indexId === index.id);
  await changeCatalog(context, catalog => {
    const current = catalog.tables.get(table.id) ?? table;
    if (key !== undefined) return putTable(catalog, renamedConstraint(current, key.objectId, wanted));
    return putTable(catalog, {
      ...current,
      indexes: current.indexes.map(each => (each.id === index.id ? { ...each, name: wanted } : each)),
    });
  });
}

async function renameType(context: ProcedureContext, name: string, wanted: string): Promise<void> {
  const catalog = catalogOf(context, context.database);
  const parts = splitName(name);
  const schema = parts.at(-2) ?? defaultSchema(context, catalog);
  const type = [...catalog.types.values()].find(
    each =>
      each.name.toLowerCase() === parts.at(-1)?.toLowerCase() &&
      schemaName(catalog, each.schemaId).toLowerCase() === schema.toLowerCase(),
  );
  if (type === undefined) throw noObject(name, context.database.name);
  await changeCatalog(context, before => putType(before, { ...type, name: wanted }));
}
