import { dropModule, dropSchema, dropSequence, dropSynonym, dropTable, dropType } from '../catalog/edit.ts';
import { findSchema, findType } from '../catalog/find.ts';
import type { Catalog, StoredModule, Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Database } from '../server/instance.ts';
import type { DefinitionStatement } from '../syntax/definitions.ts';
import type { Name } from '../syntax/names.ts';
import { fault, nothingToDrop } from './faults.ts';
import { referencing } from './foreign-keys.ts';
import { defining, type FoundObject, objectNamed, written } from './place.ts';
import { requireUnbound } from './schema-binding.ts';

type Drop = Extract<DefinitionStatement, { readonly statement: 'drop' }>;
type Kind = Drop['kind'];

/** @throws SqlError 3701, 3705, 3724, 3726, 3729, 3732, 15151 */
export function drop(statement: Drop, execution: Execution): void {
  if (statement.ifExists && execution.scope.instance.product.release < 2016)
    throw new SqlError(156, "Incorrect syntax near the keyword 'IF'.", {
      severity: 15,
      line: statement.line,
      endsBatch: true,
    });
  for (const name of statement.names) {
    if (statement.kind === 'schema') dropOneSchema(name, statement, execution);
    else if (statement.kind === 'type') dropOneType(name, statement, execution);
    else dropObject(name, statement, execution);
  }
}

function dropObject(name: Name, statement: Drop, execution: Execution): void {
  const { kind, line } = statement;
  const first = objectNamed(name, execution.scope, line);
  if (first) defining(first.database, execution);
  const found = first && objectNamed(name, execution.scope, line);
  const own = found && kindOf(found);
  if (!found || !own) {
    if (statement.ifExists) return;
    throw nothingToDrop(kind, written(name), line);
  }
  if (own !== kind) {
    const other = own.toUpperCase();
    throw fault(
      3705,
      `Cannot use DROP ${kind.toUpperCase()} with '${written(name)}' because '${written(name)}' is a ${own}. Use DROP ${other}.`,
      line,
    );
  }
  remove(found, name, execution, line);
}

function kindOf(found: FoundObject): Kind | undefined {
  if (found.table) return 'table';
  if (found.synonym !== undefined) return 'synonym';
  if (found.sequence !== undefined) return 'sequence';
  return found.module && moduleKind(found.module);
}

function moduleKind(module: StoredModule): Kind {
  switch (module.type) {
    case 'P':
      return 'procedure';
    case 'V':
      return 'view';
    case 'TR':
      return 'trigger';
    case 'FN':
    case 'IF':
    case 'TF':
      return 'function';
  }
}

function remove(found: FoundObject, name: Name, execution: Execution, line: number): void {
  const { database, table, module, sequence } = found;
  const transaction = execution.transaction(database);
  const bound = table ?? module;
  const what = `DROP ${kindOf(found)?.toUpperCase()}`;
  if (bound) requireUnbound(transaction.catalog, bound.id, what, written(name), line);
  if (table) {
    requireDroppable(database, table, name, execution, line);
    transaction.define(catalog => dropTable(catalog, table.id));
  } else if (module) transaction.define(catalog => dropModule(catalog, module.id));
  else if (sequence !== undefined) {
    requireNoDefault(transaction.catalog, sequence, name, line);
    transaction.define(catalog => dropSequence(catalog, sequence));
  } else transaction.define(catalog => dropSynonym(catalog, synonymId(catalog, name, execution)));
}

function synonymId(catalog: Catalog, name: Name, execution: Execution): number {
  const schema = name.at(-2) || execution.scope.defaultSchema;
  const own = (name.at(-1) ?? '').toLowerCase();
  const inSchema = (wanted: string) =>
    [...catalog.synonyms.values()].find(
      synonym => synonym.name.toLowerCase() === own && synonym.schemaId === findSchema(catalog, wanted)?.id,
    );
  return (inSchema(schema) ?? inSchema('dbo'))?.id ?? -1;
}

function requireDroppable(
  database: Database,
  table: Table,
  name: Name,
  execution: Execution,
  line: number,
): void {
  const shown = written(name);
  if (table.published)
    throw fault(3724, `Cannot drop the table '${shown}' because it is being used for replication.`, line, 2);
  const { catalog } = execution.transaction(database);
  if (referencing(catalog, table).some(reference => reference.table.id !== table.id))
    throw fault(
      3726,
      `Could not drop object '${shown}' because it is referenced by a FOREIGN KEY constraint.`,
      line,
    );
}

/** A sequence that a default takes its values from stays. */
function requireNoDefault(catalog: Catalog, sequence: number, name: Name, line: number): void {
  const own = catalog.sequences.get(sequence)?.name.toLowerCase() ?? '';
  for (const table of catalog.tables.values())
    for (const column of table.columns) {
      const text = column.default?.text.toLowerCase() ?? '';
      if (!/next\s+value\s+for/.test(text) || !text.includes(own)) continue;
      throw fault(
        3729,
        `Cannot DROP SEQUENCE '${written(name)}' because it is being referenced by object '${column.default?.name ?? ''}'.`,
        line,
      );
    }
}

function dropOneSchema(name: Name, statement: Drop, execution: Execution): void {
  const { line } = statement;
  const own = name.at(-1) ?? '';
  const transaction = defining(execution.scope.database, execution);
  const { catalog } = transaction;
  const schema = findSchema(catalog, own);
  if (!schema) {
    if (statement.ifExists) return;
    throw fault(
      15151,
      `Cannot drop the schema '${own}', because it does not exist or you do not have permission.`,
      line,
    );
  }
  if (schema.id < 5) throw fault(15150, `Cannot drop the schema '${own}'.`, line);
  const named = [
    ...catalog.tables.values(),
    ...catalog.modules.values(),
    ...catalog.sequences.values(),
    ...catalog.synonyms.values(),
    ...catalog.types.values(),
  ].find(object => object.schemaId === schema.id);
  if (named)
    throw fault(
      3729,
      `Cannot drop schema '${own}' because it is being referenced by object '${named.name}'.`,
      line,
    );
  transaction.define(now => dropSchema(now, schema.id));
}

function dropOneType(name: Name, statement: Drop, execution: Execution): void {
  const { line } = statement;
  const { scope } = execution;
  const transaction = defining(scope.database, execution);
  const { catalog } = transaction;
  const own = name.at(-1) ?? '';
  const schema = name.at(-2) ?? '';
  const type =
    schema === ''
      ? (findType(catalog, scope.defaultSchema, own) ?? findType(catalog, 'dbo', own))
      : findType(catalog, schema, own);
  if (!type) {
    if (statement.ifExists) return;
    throw nothingToDrop('type', written(name), line);
  }
  const user = userOf(catalog, type.id, type.name);
  if (user !== undefined)
    throw fault(
      3732,
      `Cannot drop type '${written(name)}' because it is being referenced by object '${user}'. There may be other objects that reference this type.`,
      line,
    );
  transaction.define(now => dropType(now, type.id));
}

/** A table with a column of the type, or a module with a parameter of it. */
function userOf(catalog: Catalog, type: number, typeName: string): string | undefined {
  for (const table of catalog.tables.values())
    if (table.columns.some(column => column.userType === type)) return table.name;
  for (const module of catalog.modules.values()) {
    const { definition } = module.module;
    if (!('parameters' in definition)) continue;
    const used = definition.parameters.some(
      parameter => parameter.type.name.at(-1)?.toLowerCase() === typeName.toLowerCase(),
    );
    if (used) return module.name;
  }
  return undefined;
}
