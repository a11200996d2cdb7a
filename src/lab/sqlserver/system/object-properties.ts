import { constraintById, referencesTo, triggersOf } from '../catalog/find.ts';
import type { Catalog, StoredModule, Table } from '../catalog/schema.ts';
import type { FunctionContext } from '../functions/function.ts';
import { catalogOf, type ObjectFacts } from './catalog-facts.ts';
import { factsById } from './resolve.ts';
import { isLob, rowCount } from './sizes.ts';

interface Subject {
  readonly facts: ObjectFacts;
  readonly catalog: Catalog;
}

/** OBJECTPROPERTY: 1 or 0, NULL for an unknown object, an unknown property, or one that is not for this kind of object. */
export function objectProperty(context: FunctionContext, id: number, property: string): number | null {
  const catalog = catalogOf(context, context.database);
  const facts = factsById(context, context.database, id);
  if (facts === undefined) return null;
  const name = property.toLowerCase();
  const subject = { facts, catalog };
  const answer =
    GENERAL[name]?.(subject) ??
    forTable(subject, name) ??
    forModule(catalog.modules.get(id), name) ??
    forConstraint(subject, name);
  return answer === undefined ? null : Number(answer);
}

/** OBJECTPROPERTYEX adds what is no number. */
export function objectPropertyEx(
  context: FunctionContext,
  id: number,
  property: string,
): string | number | bigint | null {
  const facts = factsById(context, context.database, id);
  const name = property.toLowerCase();
  if (facts !== undefined && name === 'basetype') return facts.type;
  if (facts !== undefined && name === 'cardinality') {
    const table = catalogOf(context, context.database).tables.get(id);
    return table === undefined ? null : BigInt(rowCount(context.database, table));
  }
  return objectProperty(context, id, property);
}

const is =
  (...types: readonly string[]) =>
  ({ facts }: Subject): boolean =>
    types.includes(facts.type);

const GENERAL: Readonly<Record<string, (subject: Subject) => boolean | number>> = {
  istable: is('U', 'TT'),
  isusertable: is('U'),
  issystemtable: is('S'),
  isview: is('V'),
  isprocedure: is('P'),
  isextendedproc: is('X'),
  isreplproc: () => false,
  istrigger: is('TR'),
  isscalarfunction: is('FN'),
  istablefunction: is('TF', 'IF'),
  isinlinefunction: is('IF'),
  isexecuted: is('P', 'V', 'TR', 'FN', 'TF', 'IF'),
  isconstraint: is('PK', 'UQ', 'F', 'C', 'D'),
  isprimarykey: is('PK'),
  isuniquecnst: is('UQ'),
  isforeignkey: is('F'),
  ischeckcnst: is('C'),
  isdefaultcnst: is('D'),
  isdefault: is('D'),
  isrule: () => false,
  isqueue: () => false,
  ismsshipped: ({ facts }) => facts.shipped,
  ownerid: ({ facts, catalog }) => catalog.schemas.get(facts.schemaId)?.owner ?? 1,
  schemaid: ({ facts }) => facts.schemaId,
  isencrypted: ({ facts, catalog }) => catalog.modules.get(facts.id)?.encrypted ?? false,
};

function forTable({ facts, catalog }: Subject, name: string): boolean | number | undefined {
  const table = catalog.tables.get(facts.id);
  return table === undefined ? undefined : TABLE[name]?.(table, catalog);
}

const fires = (catalog: Catalog, table: Table, event: string): number =>
  triggersOf(catalog, table.id).filter(
    each =>
      each.module.definition.kind === 'trigger' && each.module.definition.events.some(on => on === event),
  ).length;

const TABLE: Readonly<Record<string, (table: Table, catalog: Catalog) => boolean | number>> = {
  tablehasprimarykey: table => table.keys.some(key => key.primary),
  tablehasuniquecnst: table => table.keys.some(key => !key.primary),
  tablehasidentity: table => table.columns.some(column => column.identity !== undefined),
  tablehasrowguidcol: table => table.columns.some(column => column.rowguid),
  tablehastimestamp: table => table.columns.some(column => column.type.kind === 'rowversion'),
  tablehastextimage: table => table.columns.some(column => isLob(column.type)),
  tablehascheckcnst: table => table.checks.length > 0,
  tablehasdefaultcnst: table => table.columns.some(column => column.default !== undefined),
  tablehasclustindex: table => table.indexes.some(index => index.clustered),
  tablehasnonclustindex: table => table.indexes.some(index => !index.clustered),
  tablehasindex: table => table.indexes.length > 0,
  isindexed: table => table.indexes.length > 0,
  isindexable: () => true,
  tablehasforeignkey: table => table.foreignKeys.length > 0,
  tablehasforeignref: (table, catalog) => referencesTo(catalog, table.id).length > 0,
  tablehasinserttrigger: (table, catalog) => fires(catalog, table, 'insert') > 0,
  tablehasupdatetrigger: (table, catalog) => fires(catalog, table, 'update') > 0,
  tablehasdeletetrigger: (table, catalog) => fires(catalog, table, 'delete') > 0,
  tableinserttriggercount: (table, catalog) => fires(catalog, table, 'insert'),
  tableupdatetriggercount: (table, catalog) => fires(catalog, table, 'update'),
  tabledeletetriggercount: (table, catalog) => fires(catalog, table, 'delete'),
  tablehasactivefulltextindex: () => false,
  tablefulltextkeycolumn: () => 0,
  tablefulltextcatalogid: () => 0,
  tableisfake: () => false,
  tableispinned: () => false,
  tableislockedonbulkload: () => false,
  tabletextinrowlimit: () => 0,
  tablehaschangetracking: table => table.changeTracking !== undefined,
  tablehasvardecimalstorageformat: () => false,
  tableismemoryoptimized: table => Number(table.features['is_memory_optimized'] ?? 0),
  tabletemporaltype: table => Number(table.features['temporal_type'] ?? 0),
  hasaftertrigger: (table, catalog) => instead(catalog, table, false),
  hasinsteadoftrigger: (table, catalog) => instead(catalog, table, true),
  isansinullson: () => true,
  isquotedidenton: () => true,
};

const instead = (catalog: Catalog, table: Table, wanted: boolean): boolean =>
  triggersOf(catalog, table.id).some(
    each => each.module.definition.kind === 'trigger' && each.module.definition.insteadOf === wanted,
  );

function forModule(module: StoredModule | undefined, name: string): boolean | number | undefined {
  if (module === undefined) return undefined;
  const { definition } = module.module;
  const trigger = definition.kind === 'trigger' ? definition : undefined;
  const on = (event: 'insert' | 'update' | 'delete') => trigger?.events.includes(event);
  switch (name) {
    case 'execisstartup':
      return module.type === 'P' ? false : undefined;
    case 'execisquotedidenton':
    case 'isquotedidenton':
      return module.quotedIdentifier;
    case 'execisansinullson':
    case 'isansinullson':
      return module.ansiNulls;
    case 'isschemabound':
      return definition.options.includes('SCHEMABINDING');
    case 'isindexed':
    case 'isindexable':
      return module.type === 'V' ? false : undefined;
    case 'execistriggerdisabled':
      return trigger && module.disabled;
    case 'execistriggernotforrepl':
      return trigger?.notForReplication;
    case 'execisinsteadoftrigger':
      return trigger?.insteadOf;
    case 'execisaftertrigger':
      return trigger && !trigger.insteadOf;
    case 'execisinserttrigger':
      return on('insert');
    case 'execisupdatetrigger':
      return on('update');
    case 'execisdeletetrigger':
      return on('delete');
    case 'execisfirstinserttrigger':
    case 'execisfirstupdatetrigger':
    case 'execisfirstdeletetrigger':
    case 'execislastinserttrigger':
    case 'execislastupdatetrigger':
    case 'execislastdeletetrigger':
      return trigger && false;
    default:
      return undefined;
  }
}

function forConstraint({ facts, catalog }: Subject, name: string): boolean | undefined {
  const found = constraintById(catalog, facts.id);
  const own =
    found?.kind === 'foreign-key' ? found.foreignKey : found?.kind === 'check' ? found.check : undefined;
  switch (name) {
    case 'cnstisdisabled':
      return own?.disabled;
    case 'cnstisnotrepl':
      return own?.notForReplication;
    case 'cnstisnottrusted':
      return own && !own.trusted;
    case 'cnstisclustkey':
      return found?.kind === 'key' ? found.index.clustered : undefined;
    case 'cnstisnonclustkey':
      return found?.kind === 'key' ? !found.index.clustered : undefined;
    case 'cnstiscolumn':
      return found?.kind === 'check' ? found.check.column !== 0 : undefined;
    case 'cnstisdeletecascade':
      return found?.kind === 'foreign-key' ? found.foreignKey.onDelete === 'cascade' : undefined;
    case 'cnstisupdatecascade':
      return found?.kind === 'foreign-key' ? found.foreignKey.onUpdate === 'cascade' : undefined;
    default:
      return undefined;
  }
}
