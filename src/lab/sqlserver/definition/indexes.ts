import { findIndex, keyColumns, keyOfIndex, sameName } from '../catalog/find.ts';
import type { Index } from '../catalog/schema.ts';
import { unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { DefinitionStatement } from '../syntax/definitions.ts';
import { type Altered, altered } from './altered.ts';
import { fault, noIndexedTable, nothingToDrop } from './faults.ts';
import { referencing } from './foreign-keys.ts';
import { readIndexOptions } from './index-options.ts';
import { addIndex, removeIndex } from './keys.ts';
import { objectNamed, written } from './place.ts';
import { TableRows } from './rows.ts';

type CreateIndex = Extract<DefinitionStatement, { readonly statement: 'create-index' }>;
type AlterIndex = Extract<DefinitionStatement, { readonly statement: 'alter-index' }>;
type DropIndex = Extract<DefinitionStatement, { readonly statement: 'drop-index' }>;

/** @throws SqlError 1088, 1505, 1902, 1911, 1913, 1919, 7999 */
export async function createIndex(statement: CreateIndex, execution: Execution): Promise<void> {
  const { line, index: shape } = statement;
  const view = objectNamed(statement.table, execution.scope, line)?.module;
  if (view?.type === 'V') throw unsupported('indexed views', line);
  const target = altered(statement.table, execution, line, name => noIndexedTable(name, line));
  const { draft } = target;
  const { dropExisting } = readIndexOptions(shape.options, execution.scope, line);
  if (dropExisting) {
    const old = draft.indexes.find(index => sameName(index.name, shape.name));
    if (!old)
      throw fault(
        7999,
        `Could not find any index named '${shape.name}' for table '${draft.shown}'.`,
        line,
        9,
      );
    const key = keyOfIndex(target.table, old);
    if (key) throw unsupported('DROP_EXISTING of the index of a constraint', line);
    removeIndex(draft, old.id);
  }
  const index = addIndex(draft, shape, target.building);
  const table = target.store();
  if (index.unique) await new TableRows(target.database, table, execution).requireUnique(index, line);
}

/** REBUILD brings a disabled index back; REORGANIZE changes nothing that can be seen. @throws SqlError 1088, 2727, 1505 */
export async function alterIndex(statement: AlterIndex, execution: Execution): Promise<void> {
  const { line, name, action } = statement;
  const target = altered(statement.table, execution, line, missing => noIndexedTable(missing, line));
  const { draft } = target;
  const chosen = draft.indexes.filter(index => name === undefined || sameName(index.name, name));
  if (name !== undefined && chosen.length === 0) throw fault(2727, `Cannot find index '${name}'.`, line, 11);
  if (action === 'reorganize') return;
  const disable = action === 'disable';
  const changed = chosen.filter(index => index.disabled !== disable);
  if (disable && changed.some(index => index.clustered))
    throw unsupported('disabling a clustered index', line);
  if (changed.length === 0) return;
  const ids = new Set(changed.map(index => index.id));
  draft.indexes = draft.indexes.map(index => (ids.has(index.id) ? { ...index, disabled: disable } : index));
  if (disable) requireUnreferenced(target, changed, line);
  const table = target.store();
  const rows = new TableRows(target.database, table, execution);
  for (const index of table.indexes)
    if (ids.has(index.id) && index.unique && !index.disabled) await rows.requireUnique(index, line);
}

function requireUnreferenced(target: Altered, indexes: readonly Index[], line: number): void {
  for (const index of indexes) {
    const columns = keyColumns(index);
    const needed = referencing(target.transaction.catalog, target.table).some(
      ({ foreignKey }) =>
        index.unique &&
        foreignKey.referencedColumns.length === columns.length &&
        foreignKey.referencedColumns.every(column => columns.includes(column)),
    );
    if (needed) throw unsupported('disabling an index that a foreign key refers to', line);
  }
}

/** @throws SqlError 3701, 3723 */
export function dropIndexes(statement: DropIndex, execution: Execution): void {
  const { line } = statement;
  for (const { name, table: tableName } of statement.indexes) {
    const shown = `${written(tableName)}.${name}`;
    const found = objectNamed(tableName, execution.scope, line)?.table;
    if (statement.ifExists && (!found || !findIndex(found, name))) continue;
    const target = altered(tableName, execution, line, () => nothingToDrop('index', shown, line));
    const index = findIndex(target.table, name);
    if (!index) throw nothingToDrop('index', shown, line);
    const key = keyOfIndex(target.table, index);
    if (key) throw needed(shown, key.primary ? 'PRIMARY KEY' : 'UNIQUE KEY', line);
    requireNoReference(target, index, shown, line);
    removeIndex(target.draft, index.id);
    target.store();
  }
}

const needed = (shown: string, constraint: string, line: number) =>
  fault(
    3723,
    `An explicit DROP INDEX is not allowed on index '${shown}'. It is being used for ${constraint} constraint enforcement.`,
    line,
    4,
  );

function requireNoReference(target: Altered, index: Index, shown: string, line: number): void {
  if (!index.unique) return;
  const same = (one: readonly number[], other: readonly number[]) =>
    one.length === other.length && one.every(column => other.includes(column));
  for (const { foreignKey } of referencing(target.transaction.catalog, target.table)) {
    const carriers = target.draft.indexes.filter(
      each =>
        each.unique && each.filter === undefined && same(keyColumns(each), foreignKey.referencedColumns),
    );
    if (carriers.length === 1 && carriers[0]?.id === index.id) throw needed(shown, 'FOREIGN KEY', line);
  }
}
