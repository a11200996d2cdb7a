import type { Check, ForeignKey, Index, Table } from '../catalog/schema.ts';
import { conflict, keyText, onlyColumn } from '../dml/faults.ts';
import { namesOf } from '../dml/names.ts';
import { keyAt, relationOf } from '../dml/referential.ts';
import { completed, type Rules, rulesOf } from '../dml/rules.ts';
import type { Execution } from '../flow/execution.ts';
import type { Database } from '../server/instance.ts';
import type { Snapshot } from '../storage/store.ts';
import { comparisonKey } from '../values/index.ts';
import type { Value } from '../values/types.ts';
import { constraintFailed, fault } from './faults.ts';

/** How many rows are looked at before others have their turn. */
const TURN = 250;

/** How many keys of a parent are remembered, so that they are not looked up again. */
const MOST_KNOWN = 100_000;

/** The rows of a table that a definition is about, as its transaction sees them. */
export class TableRows {
  readonly #database: Database;
  readonly #table: Table;
  readonly #execution: Execution;
  readonly rules: Rules;

  constructor(database: Database, table: Table, execution: Execution) {
    this.#database = database;
    this.#table = table;
    this.#execution = execution;
    this.rules = rulesOf(table, database, namesOf(table, database, execution.scope), execution.scope);
  }

  /** Calls back for every row, computed columns included. */
  async each(visit: (row: readonly Value[], rid: number, view: Snapshot) => void): Promise<void> {
    const { evaluation } = this.#execution;
    const view = this.#execution.transaction(this.#database).view();
    try {
      let turn = 0;
      for (const { rid, values } of view.scan(this.#table)) {
        visit(completed(this.rules, values, evaluation), rid, view);
        turn += 1;
        if (turn % TURN === 0) await this.#execution.breathe();
      }
    } finally {
      view.close();
    }
  }

  async any(): Promise<boolean> {
    const view = this.#execution.transaction(this.#database).view();
    try {
      for (const _row of view.scan(this.#table)) return true;
      return false;
    } finally {
      view.close();
    }
  }

  /** @throws SqlError 1505, behind 1750 where a constraint stands on the index */
  async requireUnique(index: Index, line: number): Promise<void> {
    const unique = this.rules.uniques.find(each => each.index.id === index.id);
    if (!unique) return;
    const table = this.#table;
    const parts = unique.columns.map(column => comparisonKey(column.type));
    const seen = new Set<string>();
    await this.each(row => {
      if (unique.filter && unique.filter.test(row, this.#execution.evaluation) !== true) return;
      const key = unique.places.map(place => row[place] ?? null);
      const name = key
        .map((value, at) => {
          const part = value === null ? '' : String(parts[at]?.(value) ?? '');
          return `${value === null ? 'n' : part.length}:${part}`;
        })
        .join('');
      if (seen.has(name)) {
        const failed = fault(
          1505,
          `The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '${this.rules.names.qualified}' and the index name '${index.name}'. The duplicate key value is ${keyText(unique.columns, key)}.`,
          line,
        );
        throw table.keys.some(constraint => constraint.indexId === index.id)
          ? constraintFailed(failed)
          : failed;
      }
      seen.add(name);
    });
  }

  /** One pass over the rows for all constraints that are to hold. @throws SqlError 547 */
  async requireConstraints(checks: readonly Check[], foreignKeys: readonly ForeignKey[]): Promise<void> {
    const tests = [
      ...checks.map(check => this.#checkTest(check)),
      ...foreignKeys.map(foreignKey => this.#foreignKeyTest(foreignKey)),
    ];
    if (tests.length === 0) return;
    await this.each((row, _rid, view) => {
      for (const test of tests) test(row, view);
    });
  }

  #checkTest(check: Check): (row: readonly Value[]) => void {
    const bound = this.rules.checks.find(each => each.check.objectId === check.objectId);
    const column = this.#table.columns.find(each => each.id === check.column)?.name;
    return row => {
      if (bound?.test(row, this.#execution.evaluation) === false)
        throw conflict('ALTER TABLE', 'CHECK', check.name, this.rules.names, column);
    };
  }

  #foreignKeyTest(foreignKey: ForeignKey): (row: readonly Value[], view: Snapshot) => void {
    const { scope } = this.#execution;
    const own = this.#table;
    const self = foreignKey.referencedTable === own.id;
    const parent = self ? own : scope.catalogOf(this.#database).tables.get(foreignKey.referencedTable);
    if (!parent) return () => {};
    const relation = relationOf(this.#database, foreignKey, own, parent);
    const transaction = this.#execution.transaction(this.#database);
    this.#database.store?.locks.take(transaction, parent, undefined, 'S');
    const known = new Set<string>();
    return (row, view) => {
      const key = keyAt(row, relation.childPlaces);
      if (!key) return;
      const name = relation.nameOf(key);
      if (known.has(name)) return;
      if (view.seek(parent, relation.parentIndex.id, key)[Symbol.iterator]().next().done)
        throw conflict(
          'ALTER TABLE',
          self ? 'FOREIGN KEY SAME TABLE' : 'FOREIGN KEY',
          foreignKey.name,
          namesOf(parent, this.#database, scope),
          onlyColumn(parent, foreignKey.referencedColumns),
        );
      if (known.size >= MOST_KNOWN) known.clear();
      known.add(name);
    };
  }
}
