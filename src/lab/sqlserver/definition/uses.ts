import { sameName } from '../catalog/find.ts';
import type { Column } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import { parseCondition, parseExpression } from '../syntax/parse.ts';
import type { Altered } from './altered.ts';
import { fault } from './faults.ts';
import { referencesIn } from './references.ts';
import { boundTo, namesColumn } from './schema-binding.ts';

/** What of a table hangs on one of its columns. */
export interface Use {
  readonly kind: 'object' | 'index' | 'column';
  readonly name: string;
  readonly what: 'key' | 'index' | 'check' | 'foreign-key' | 'default' | 'computed' | 'module';
}

export function usesOf(target: Altered, column: Column): readonly Use[] {
  const { draft, transaction } = target;
  const uses: Use[] = [];
  for (const index of draft.indexes) {
    if (!index.columns.some(part => part.column === column.id) && !namedIn(index.filter, column)) continue;
    const key = draft.keys.find(candidate => candidate.indexId === index.id);
    uses.push(
      key
        ? { kind: 'object', name: key.name, what: 'key' }
        : { kind: 'index', name: index.name, what: 'index' },
    );
  }
  for (const check of draft.checks)
    if (namedIn(check.text, column)) uses.push({ kind: 'object', name: check.name, what: 'check' });
  for (const key of draft.foreignKeys)
    if (key.columns.includes(column.id)) uses.push({ kind: 'object', name: key.name, what: 'foreign-key' });
  for (const other of transaction.catalog.tables.values())
    for (const key of other.foreignKeys)
      if (
        other.id !== draft.id &&
        key.referencedTable === draft.id &&
        key.referencedColumns.includes(column.id)
      )
        uses.push({ kind: 'object', name: key.name, what: 'foreign-key' });
  for (const other of draft.columns)
    if (other.computed && mentions(parseExpression(other.computed.text), column))
      uses.push({ kind: 'column', name: other.name, what: 'computed' });
  if (column.default) uses.push({ kind: 'object', name: column.default.name, what: 'default' });
  for (const module of boundTo(transaction.catalog, draft.id))
    if (namesColumn(module, column)) uses.push({ kind: 'object', name: module.name, what: 'module' });
  return uses;
}

const namedIn = (text: string | undefined, column: Column): boolean =>
  text !== undefined && mentions(parseCondition(text), column);

const mentions = (tree: object, column: Column): boolean =>
  [...referencesIn(tree).columns].some(name => sameName(name, column.name));

/** 5074 for each use, 4922 behind them. @param what `ALTER TABLE DROP COLUMN` or `ALTER TABLE ALTER COLUMN` */
export function columnInUse(what: string, column: Column, uses: readonly Use[], line: number): SqlError {
  return new SqlError(4922, `${what} ${column.name} failed because one or more objects access this column.`, {
    line,
    state: 9,
    preceding: uses.map(use =>
      fault(5074, `The ${use.kind} '${use.name}' is dependent on column '${column.name}'.`, line),
    ),
  });
}
