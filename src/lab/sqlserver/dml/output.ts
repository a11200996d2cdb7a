import type { Column, Table } from '../catalog/schema.ts';
import { SqlError, unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { Sources } from '../query/index.ts';
import { bindItems, rowSources } from '../query/index.ts';
import type { Output } from '../syntax/statements.ts';
import { nvarchar, type Value } from '../values/types.ts';
import { type ChangeSet, eventOf } from './changes.ts';
import { compileFault } from './faults.ts';
import { insertRows, namedPlaces } from './insert-rows.ts';
import { namedTarget, writtenTarget } from './target.ts';
import { hasTriggers } from './triggers.ts';

/** OUTPUT of a statement, bound. */
export interface BoundOutput {
  /** To be called when all is written: INTO writes its rows, without INTO they go to the client. */
  finish(set: Pick<ChangeSet, 'changes'>, count: number): Promise<StatementResult>;
}

export interface OutputOf {
  readonly table: Table;
  readonly database: ChangeSet['target']['database'];
  readonly variable: string | undefined;
  readonly statement: 'insert' | 'update' | 'delete' | 'merge';
  /** Rows of FROM or USING behind those of the target. */
  readonly sources?: Sources;
}

const NO_OUTPUT: BoundOutput = { finish: async (_set, count) => ({ count }) };

/** A source of one row with the word for what MERGE did. */
const actionTable = (like: Table): Table => {
  const column: Column = {
    id: 1,
    name: '$action',
    type: nvarchar(10),
    nullable: false,
    rowguid: false,
    sparse: false,
    features: {},
  };
  return { ...like, columns: [column], keys: [], indexes: [], foreignKeys: [], checks: [] };
};

/** @throws SqlError 334, 331, 332, 333, and whatever is wrong with the items */
export function bindOutput(
  output: Output | undefined,
  of: OutputOf,
  execution: Execution,
  line: number,
): BoundOutput {
  if (!output) return NO_OUTPUT;
  const { scope, evaluation } = execution;
  const { table, database, statement } = of;
  if (!output.into && of.variable === undefined && hasTriggers(database, table, execution))
    throw compileFault(
      334,
      `The target table '${table.name}' of the DML statement cannot have any enabled triggers if the statement contains an OUTPUT clause without INTO clause.`,
      line,
    );
  const inserted = statement !== 'delete';
  const deleted = statement !== 'insert';
  const shapes = [
    ...(inserted ? [{ alias: 'inserted', table, database }] : []),
    ...(deleted ? [{ alias: 'deleted', table, database }] : []),
    ...(statement === 'merge' ? [{ alias: '$merge', table: actionTable(table), database }] : []),
  ];
  const behind = rowSources(shapes, scope, of.sources);
  const items = bindItems(output.items, scope, behind);
  const nothing: Value[] = table.columns.map(() => null);
  const rowsOf = (set: Pick<ChangeSet, 'changes'>): Value[][] =>
    set.changes.map(change =>
      items.evaluate(
        [
          ...(inserted ? (change.after ?? nothing) : []),
          ...(deleted ? (change.before ?? nothing) : []),
          ...(statement === 'merge' ? [eventOf(change).toUpperCase()] : []),
          ...(of.sources ? change.source : []),
        ],
        evaluation,
      ),
    );
  const { into } = output;
  if (!into) return { finish: async (set, count) => ({ columns: items.columns, rows: rowsOf(set), count }) };
  const named = namedTarget(into.target, execution, line);
  if (named.kind === 'view') throw unsupported('OUTPUT INTO a view', line);
  const target = writtenTarget(named, execution);
  requirePlain(target.table, of, execution, named.kind === 'table', line);
  const places = namedPlaces(target, into.columns, items.columns.length, execution, line);
  return {
    finish: async (set, count) => {
      const rows = rowsOf(set);
      const types = items.columns.map(column => column.type);
      await insertRows(target, places, types, rows, execution, { fire: false });
      return { count };
    },
  };
}

/** What OUTPUT INTO writes to has no triggers, no foreign keys on either side and no checks. */
function requirePlain(
  table: Table,
  of: OutputOf,
  execution: Execution,
  isStored: boolean,
  line: number,
): void {
  if (!isStored) return;
  const catalog = execution.scope.catalogOf(of.database);
  const begin = `The target table '${table.name}' of the OUTPUT INTO clause cannot`;
  if (hasTriggers(of.database, table, execution))
    throw compileFault(331, `${begin} have any enabled triggers.`, line);
  const referring = [...catalog.tables.values()].flatMap(other =>
    other.foreignKeys.filter(key => other.id === table.id || key.referencedTable === table.id),
  );
  const [first] = referring;
  if (first)
    throw compileFault(
      332,
      `${begin} be on either side of a (primary key, foreign key) relationship. Found reference constraint '${first.name}'.`,
      line,
    );
  const check = table.checks.find(candidate => !candidate.disabled);
  if (check)
    throw new SqlError(
      333,
      `${begin} have any enabled check constraints or any enabled rules. Found check constraint or rule '${check.name}'.`,
      { line, endsBatch: true },
    );
}
