import { SqlError } from '../errors.ts';
import type { Source } from '../syntax/queries.ts';
import { merged } from './cases.ts';
import { bindValue } from './expressions.ts';
import type { From, NewLeaf } from './from.ts';
import { type LeafColumn, type Names, namesOf } from './names.ts';
import { renamed } from './origins.ts';
import type { Typed } from './typed.ts';

/** `(VALUES (…), (…)) AS v(a, b)`. */
export function bindValuesSource(
  source: Extract<Source, { source: 'values' }>,
  from: From,
  lateral: Names | undefined,
): NewLeaf {
  const names = namesOf([], { parent: lateral, caseSensitive: from.caseSensitive });
  const binding = { ...from.binding, names, grouping: undefined, windows: undefined };
  const rows = source.rows.map(row => row.map(value => bindValue(value, binding)));
  const width = rows[0]?.length ?? 0;
  if (rows.some(row => row.length !== width))
    throw new SqlError(
      10709,
      'The number of columns for each row in a table value constructor must be the same.',
      { line: source.line, endsBatch: true },
    );
  const columns: LeafColumn[] = [];
  const converted: Typed[][] = rows.map(() => []);
  for (let at = 0; at < width; at += 1) {
    const own = merged(
      rows.flatMap(row => row[at] ?? []),
      binding,
      source.line,
    );
    columns.push({
      name: '',
      type: own.type,
      nullable: own.converted.some(value => value.nullable),
      identity: false,
    });
    for (const [place, value] of own.converted.entries()) converted[place]?.push(value);
  }
  from.reaches(lateral, names.reach.depth);
  return {
    alias: source.alias,
    path: undefined,
    columns: renamed(columns, source.columns, source.alias, source.line),
    origin: {
      kind: 'rows',
      correlated: names.reach.depth > 0,
      estimate: rows.length,
      *rows(context) {
        for (const row of converted) yield row.map(value => value.evaluate([], context));
      },
    },
  };
}
