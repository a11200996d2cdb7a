import { findColumn } from '../catalog/find.ts';
import type { Column } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Row } from '../query/bound.ts';
import { assigner } from '../values/index.ts';
import type { SqlType, Value } from '../values/types.ts';
import type { Change, ChangeSet, Written } from './changes.ts';
import { compileFault, type StatementWord } from './faults.ts';
import { identityNumber, identityValue, reseedBy } from './identity.ts';
import { writeVariable } from './memory.ts';
import { compute } from './rules.ts';
import { fireAfter, triggersFor } from './triggers.ts';
import { writeChanges } from './write.ts';

/** A cell that takes the default of its column. */
export const DEFAULT: unique symbol = Symbol('default');
export type Cell = Value | typeof DEFAULT;

/** Places of the target's columns in the order in which the values come. */
export type Places = readonly number[];

/**
 * Which columns an INSERT fills.
 *
 * @param count of the values in a row
 * @throws SqlError 207, 264, 213, 271, 273, 544, 545, 8101
 */
export function namedPlaces(
  target: Written,
  names: readonly string[],
  count: number | undefined,
  execution: Execution,
  line: number,
): Places {
  const { table, rules } = target;
  const explicit = mayGiveIdentity(target, execution);
  const places = names.length > 0 ? listed(target, names, line) : unlisted(target, explicit, count, line);
  const identity = rules.identity?.place ?? -1;
  if (names.length > 0 && places.includes(identity) && !explicit)
    throw new SqlError(
      544,
      `Cannot insert explicit value for identity column in table '${target.names.name}' when IDENTITY_INSERT is set to OFF.`,
      { line },
    );
  if (identity >= 0 && !places.includes(identity) && mustGiveIdentity(target, execution))
    throw new SqlError(
      545,
      `Explicit value must be specified for identity column in table '${target.names.name}' either when IDENTITY_INSERT is set to ON or when a replication user is inserting into a NOT FOR REPLICATION identity column.`,
      { line },
    );
  for (const place of places) {
    const column = table.columns[place];
    if (column?.computed) throw computedRefused(column, line);
  }
  return places;
}

export const computedRefused = (column: Column, line: number): SqlError =>
  compileFault(
    271,
    `The column "${column.name}" cannot be modified because it is either a computed column or is the result of a UNION operator.`,
    line,
  );

export const timestampRefused = (line: number): SqlError =>
  compileFault(
    273,
    'Cannot insert an explicit value into a timestamp column. Use INSERT with a column list to exclude the timestamp column, or insert a DEFAULT into the timestamp column.',
    line,
  );

function mayGiveIdentity({ table, rules, variable }: Written, execution: Execution): boolean {
  if (!rules.identity || variable !== undefined) return false;
  if (execution.identityInsert === table.id) return true;
  return forReplication(rules.identity.column, execution);
}

function mustGiveIdentity({ table, rules, variable }: Written, execution: Execution): boolean {
  if (!rules.identity || variable !== undefined) return false;
  return execution.identityInsert === table.id || forReplication(rules.identity.column, execution);
}

const forReplication = (column: Column, execution: Execution): boolean =>
  column.identity?.notForReplication === true && execution.evaluation.session.replication;

function listed({ table }: Written, names: readonly string[], line: number): Places {
  const places: number[] = [];
  for (const name of names) {
    const column = findColumn(table, name);
    if (!column) throw compileFault(207, `Invalid column name '${name}'.`, line);
    const place = table.columns.indexOf(column);
    if (places.includes(place))
      throw compileFault(
        264,
        `The column name '${name}' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once. If this statement updates or inserts columns into a view, column aliasing can conceal the duplication in your code.`,
        line,
      );
    places.push(place);
  }
  return places;
}

/** All columns but the identity column and computed ones; the identity column may only be given with a list of columns. */
function unlisted(
  { table, rules, names }: Written,
  explicit: boolean,
  count: number | undefined,
  line: number,
): Places {
  const places: number[] = [];
  table.columns.forEach((column, place) => {
    if (!column.computed && place !== rules.identity?.place) places.push(place);
  });
  if (count === undefined || (count === places.length && !explicit)) return places;
  if (rules.identity && (count === places.length + 1 || explicit))
    throw compileFault(
      8101,
      `An explicit value for the identity column in table '${names.full}' can only be specified when a column list is used and IDENTITY_INSERT is ON.`,
      line,
    );
  if (count === places.length) return places;
  throw compileFault(213, 'Column name or number of supplied values does not match table definition.', line);
}

export interface InsertOptions {
  /** Of the statement itself; not for the rows of OUTPUT INTO. */
  readonly fire: boolean;
  readonly statement?: StatementWord;
}

/** Closures that make a value of a row into one of the target's column. */
export function assigners(
  target: Written,
  places: Places,
  types: readonly (SqlType | undefined)[],
  execution: Execution,
): readonly ((value: Value) => Value)[] {
  const { release } = execution.instance.product;
  return places.map((place, at) => {
    const column = target.table.columns[place];
    if (!column) return value => value;
    return assigner(types[at], column.type, { table: target.names.full, column: column.name, release });
  });
}

/** Makes whole rows of what was given: conversions, defaults, identity, rowversion and computed columns. */
export function rowMaker(
  target: Written,
  places: Places,
  types: readonly (SqlType | undefined)[],
  execution: Execution,
  line = 1,
): (cells: readonly Cell[]) => Row {
  const { table, rules, database, variable } = target;
  const { evaluation } = execution;
  const assign = assigners(target, places, types, execution);
  const at = new Int32Array(rules.width).fill(-1);
  places.forEach((place, index) => {
    at[place] = index;
  });
  const { identity } = rules;
  const explicit = identity !== undefined && places.includes(identity.place);
  const store = database.store;
  const nextOwn = variable === undefined ? undefined : variableCounter(target, execution);
  const agent = evaluation.session.replication;
  return cells => {
    const row: Value[] = new Array<Value>(rules.width);
    for (let place = 0; place < rules.width; place += 1) {
      const index = at[place] ?? -1;
      const cell = index < 0 ? DEFAULT : (cells[index] ?? null);
      if (cell === DEFAULT) row[place] = rules.defaults[place]?.(evaluation) ?? null;
      else if (place === rules.rowVersion) throw timestampRefused(line);
      else row[place] = assign[index]?.(cell) ?? null;
    }
    if (identity) {
      const { place, column } = identity;
      if (explicit) {
        const given = identityNumber(row[place] ?? null);
        if (given === undefined || cells[at[place] ?? 0] === DEFAULT)
          throw compileFault(339, 'DEFAULT or NULL are not allowed as explicit identity values.', line);
        if (store) reseedBy(store, table, column, row[place] ?? null, agent);
        execution.setIdentity(given);
      } else {
        const next = nextOwn ? nextOwn() : (store?.nextIdentity(table) ?? 0n);
        row[place] = identityValue(next, column.type);
        execution.setIdentity(next);
      }
    }
    if (rules.rowVersion >= 0) row[rules.rowVersion] = store?.nextRowVersion() ?? null;
    compute(rules, row, evaluation);
    return row;
  };
}

/** A table variable counts on from its greatest value. */
function variableCounter({ rules, variable }: Written, execution: Execution): () => bigint {
  const identity = rules.identity?.column.identity;
  const place = rules.identity?.place ?? 0;
  if (!identity || variable === undefined) return () => 0n;
  let last: bigint | undefined;
  for (const row of execution.rowSets.rows(variable)) {
    const value = identityNumber(row[place] ?? null);
    if (value === undefined) continue;
    const beyond = last === undefined || (identity.increment > 0n ? value > last : value < last);
    if (beyond) last = value;
  }
  return () => {
    last = last === undefined ? identity.seed : last + identity.increment;
    return last;
  };
}

/**
 * Inserts rows into a table or a table variable, with all that belongs to it.
 *
 * @param types of the values as they come; undefined for the literal NULL
 */
export async function insertRows(
  target: Written,
  places: Places,
  types: readonly (SqlType | undefined)[],
  rows: readonly (readonly Cell[])[],
  execution: Execution,
  options: InsertOptions,
  line = 1,
): Promise<ChangeSet> {
  const make = rowMaker(target, places, types, execution, line);
  const changes = rows.map(
    (cells): Change => ({ before: undefined, after: make(cells), rid: -1, source: [] }),
  );
  const set: ChangeSet = { target, statement: options.statement ?? 'INSERT', changes };
  await applyInsert(set, execution, options.fire);
  return set;
}

async function applyInsert(set: ChangeSet, execution: Execution, fire: boolean): Promise<void> {
  const { target } = set;
  if (target.variable !== undefined) {
    writeVariable(set, execution);
    return;
  }
  const { database, table } = target;
  const instead = fire ? triggersFor(database, table.id, 'insert', true, execution) : [];
  const all = new Set(table.columns.map(column => column.id));
  if (instead.length > 0) {
    const inserted = set.changes.flatMap(({ after }) => (after ? [after] : []));
    for (const trigger of instead)
      await execution.fire({
        database,
        table,
        trigger,
        event: 'insert',
        inserted,
        deleted: [],
        updatedColumns: all,
      });
    return;
  }
  const sets = await writeChanges(set, execution);
  if (fire) await fireAfter(sets, ['insert'], all, execution);
}
