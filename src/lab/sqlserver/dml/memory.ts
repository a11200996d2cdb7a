import type { Execution } from '../flow/execution.ts';
import { comparisonKey } from '../values/index.ts';
import type { Value } from '../values/types.ts';
import type { ChangeSet } from './changes.ts';
import { duplicate, keyText } from './faults.ts';
import { requireValues, type Unique } from './rules.ts';
import { requireChecks } from './write.ts';

/** Writes the changes of a statement into a table variable, all or nothing. `rid` is the place of a row in it. */
export function writeVariable(set: ChangeSet, execution: Execution): void {
  const { target, changes, statement } = set;
  const { rules, variable = '' } = target;
  const rows: (readonly Value[] | undefined)[] = [...execution.rowSets.rows(variable)];
  for (const { after, before, rid } of changes) {
    if (after) requireValues(rules, after, statement);
    if (before) rows[rid] = after;
    else rows.push(after);
  }
  const kept = rows.flatMap(row => (row ? [row] : []));
  for (const unique of rules.uniques) requireUnique(set, unique, kept, execution);
  requireChecks(set, execution);
  execution.rowSets.replace(variable, kept);
}

function requireUnique(
  { target, changes }: ChangeSet,
  unique: Unique,
  rows: readonly (readonly Value[])[],
  execution: Execution,
): void {
  if (!changes.some(change => change.after)) return;
  const names = unique.columns.map(column => comparisonKey(column.type));
  const seen = new Set<string>();
  for (const row of rows) {
    if (unique.filter && unique.filter.test(row, execution.evaluation) !== true) continue;
    const key = unique.places.map(place => row[place] ?? null);
    const name = key
      .map((value, at) => {
        if (value === null) return 'null';
        const part = String(names[at]?.(value) ?? '');
        return `${part.length}:${part}`;
      })
      .join('|');
    if (seen.has(name))
      throw duplicate(target.table, unique.index, target.names, keyText(unique.columns, key));
    seen.add(name);
  }
}
