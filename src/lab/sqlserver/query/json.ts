import { SqlError } from '../errors.ts';
import type { Expression } from '../syntax/expressions.ts';
import type { ForClause } from '../syntax/queries.ts';
import { nvarchar, type SqlType, type Value } from '../values/index.ts';
import type { Binding } from './binding.ts';
import { type Evaluation, PAUSE, type Row } from './bound.ts';
import { HeldRows } from './memory.ts';
import type { InnerQuery } from './query.ts';
import { chunks, innerType, rendered } from './rendering.ts';

type Clause = Extract<ForClause, { kind: 'json' }>;

/** Name of the column, as documented. */
const NAME = 'JSON_F52E2B61-18A1-11d1-B105-00805F49916B';

/** FOR JSON: one text of all rows; a statement of its own sends it in pieces, a query inside gives it whole (NULL without rows). */
export function forJson(
  inner: InnerQuery,
  clause: Clause,
  binding: Binding,
  line: number,
  outermost: boolean,
): InnerQuery {
  if (binding.scope.instance.product.release < 2016)
    throw new SqlError(102, "Incorrect syntax near 'JSON'.", { severity: 15, line, endsBatch: true });
  if (clause.root !== undefined && clause.withoutWrapper)
    throw fault(
      13620,
      'ROOT option and WITHOUT_ARRAY_WRAPPER option cannot be used together in FOR JSON. Remove one of these options.',
      line,
    );
  const raws = inner.columns.map((_column, at) => isJson(inner.items?.[at]?.expression));
  const write =
    clause.mode === 'path' ? pathWriter(inner, clause, raws, line) : autoWriter(inner, clause, raws, line);
  const wrap = (text: string): string => {
    const list = clause.withoutWrapper ? text : `[${text}]`;
    return clause.root === undefined ? list : `{${quoted(clause.root)}:${list}}`;
  };
  return {
    columns: [
      {
        name: NAME,
        type: nvarchar('max', binding.scope.database.collation),
        nullable: true,
        identity: false,
      },
    ],
    assigns: false,
    get reach() {
      return inner.reach;
    },
    *rows(context) {
      const held = new HeldRows(context);
      for (const row of inner.rows(context)) {
        if (row === PAUSE) yield PAUSE;
        else held.push(row);
      }
      const text = held.rows.length === 0 ? undefined : wrap(write(held.rows, context));
      held.free();
      if (text === undefined) {
        if (!outermost) yield [null];
        return;
      }
      if (outermost) yield* chunks(text);
      else yield [text];
    },
  };
}

const fault = (number: number, text: string, line: number): SqlError =>
  new SqlError(number, text, { line, endsBatch: true });

/** A nested FOR JSON or JSON_QUERY is JSON already and is not quoted; without its brackets it is text like any other. */
function isJson(expression: Expression | undefined): boolean {
  if (expression === undefined) return false;
  if (expression.node === 'call')
    return expression.name.length === 1 && expression.name[0]?.toLowerCase() === 'json_query';
  if (expression.node !== 'scalar') return false;
  const { forClause } = expression.query;
  return forClause?.kind === 'json' && !forClause.withoutWrapper;
}

type Writer = (rows: readonly Row[], context: Evaluation) => string;

interface Property {
  readonly name: string;
  readonly at: number | undefined;
  readonly inside: Property[];
}

/** Names with dots make objects inside. */
function pathWriter(inner: InnerQuery, clause: Clause, raws: readonly boolean[], line: number): Writer {
  const top: Property[] = [];
  for (const [at, column] of inner.columns.entries()) {
    if (column.name === '') throw nameless(line);
    const parts = column.name.split('.');
    let level = top;
    for (const [depth, name] of parts.entries()) {
      const known = level.at(-1);
      const last = depth === parts.length - 1;
      if (!last && known?.name === name && known.at === undefined) {
        level = known.inside;
        continue;
      }
      if (level.some(other => other.name === name))
        throw fault(
          13601,
          `Property '${column.name}' cannot be generated in JSON output due to a conflict with another column name or alias. Use different names and aliases for each column in SELECT list.`,
          line,
        );
      const property: Property = { name, at: last ? at : undefined, inside: [] };
      level.push(property);
      level = property.inside;
    }
  }
  const types = inner.columns.map(column => column.type);
  const object = (properties: readonly Property[], row: Row): string => {
    const parts: string[] = [];
    for (const { name, at, inside } of properties) {
      if (at === undefined) {
        const text = object(inside, row);
        if (text !== '{}' || clause.includeNulls) parts.push(`${quoted(name)}:${text}`);
        continue;
      }
      const value = row[at] ?? null;
      if (value === null && !clause.includeNulls) continue;
      parts.push(`${quoted(name)}:${jsonText(value, types[at] ?? { kind: 'int' }, raws[at] ?? false)}`);
    }
    return `{${parts.join(',')}}`;
  };
  return rows => rows.map(row => object(top, row)).join(',');
}

const nameless = (line: number): SqlError =>
  fault(
    13605,
    'Column expressions and data sources without names or aliases cannot be formatted as JSON text using FOR JSON clause. Add alias to the unnamed column or table.',
    line,
  );

interface Level {
  readonly name: string;
  readonly columns: number[];
}

/** Each further table of the select list is an array inside the one before; rows of one parent come one after the other. */
function autoWriter(inner: InnerQuery, clause: Clause, raws: readonly boolean[], line: number): Writer {
  const { items, from } = inner;
  if (items === undefined || from === undefined || from.leaves.length === 0)
    throw fault(
      13600,
      'FOR JSON AUTO requires at least one table for generating JSON objects. Use FOR JSON PATH or add a FROM clause with a table name.',
      line,
    );
  const levels: Level[] = [];
  for (const [at, item] of items.entries()) {
    if (item.name === '') throw nameless(line);
    const slot = item.value.slot;
    const leaf =
      slot === undefined
        ? undefined
        : from.leaves.find(
            source => slot >= source.leaf.first && slot < source.leaf.first + source.leaf.width,
          );
    const name = leaf?.leaf.alias ?? levels.at(-1)?.name ?? from.leaves[0]?.leaf.alias ?? '';
    let level = levels.find(own => own.name === name);
    if (level === undefined) {
      level = { name, columns: [] };
      levels.push(level);
    }
    level.columns.push(at);
  }
  const types = inner.columns.map(column => column.type);
  const properties = (level: Level, row: Row): string[] =>
    level.columns.flatMap(at => {
      const value = row[at] ?? null;
      if (value === null && !clause.includeNulls) return [];
      return [
        `${quoted(items[at]?.name ?? '')}:${jsonText(value, types[at] ?? { kind: 'int' }, raws[at] ?? false)}`,
      ];
    });
  const write = (rows: readonly Row[], depth: number): string => {
    const level = levels[depth];
    if (level === undefined) return '';
    const next = levels[depth + 1];
    if (next === undefined) return rows.map(row => `{${properties(level, row).join(',')}}`).join(',');
    const parts: string[] = [];
    let group: Row[] = [];
    let before: string | undefined;
    const flush = (): void => {
      const [first] = group;
      if (first === undefined) return;
      parts.push(
        `{${[...properties(level, first), `${quoted(next.name)}:[${write(group, depth + 1)}]`].join(',')}}`,
      );
      group = [];
    };
    for (const row of rows) {
      const key = properties(level, row).join(',');
      if (key !== before) flush();
      before = key;
      group.push(row);
    }
    flush();
    return parts.join(',');
  };
  return rows => write(rows, 0);
}

const NUMBERS = new Set([
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'decimal',
  'numeric',
  'money',
  'smallmoney',
  'float',
  'real',
]);

function jsonText(value: Value, type: SqlType, raw: boolean): string {
  if (value === null) return 'null';
  const own = innerType(value, type);
  const held = typeof value === 'object' && 'type' in value ? value.value : value;
  if (raw && typeof held === 'string') return held;
  if (own.kind === 'bit') return held === 1 ? 'true' : 'false';
  const text = rendered(value, type);
  return NUMBERS.has(own.kind) ? text : quoted(text);
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quoted(text: string): string {
  const escaped = text.replace(
    /["\\/\u0000-\u001f]/g,
    unit => SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}
