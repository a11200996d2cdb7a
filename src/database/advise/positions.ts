import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import type { DatabaseTable, TableColumn } from '../../journal/database-facts.ts';
import { identifier, qualified } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { canonical, type Key, kindOf } from '../compare/index.ts';

/**
 * Where in a table samples are taken: parts of the order of its key, each with its share of the rows. Clones differ most
 * in the newest rows, and most keys grow, so the end is looked at more closely than the rest.
 */
export interface Part {
  /** Where it begins, as a share of the rows, 0 to 1. */
  readonly from: number;
  readonly share: number;
}

const EDGES = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 0.995, 1] as const;

export const PARTS: readonly Part[] = EDGES.slice(0, -1).map((from, at) => ({
  from,
  share: (EDGES[at + 1] ?? 1) - from,
}));

/** Beyond so many rows the key before a sample is not counted to, only looked up where it can be computed. */
const MOST_COUNTED = 1_000_000;

/** The key after which the sample of a part begins, asked of the publisher; undefined where that would cost too much. */
export function startStatement(
  database: string,
  table: DatabaseTable,
  share: number,
  maxdop: number,
): Statement | undefined {
  const key = table.key.map(name => columnOf(table, name));
  const [first] = key;
  if (first === undefined) throw noKey(table);
  const name = `${table.schema}.${table.name}`;
  const made = (where: string, skip: number): Statement => ({
    on: 'publisher',
    database,
    title: `a key of ${name} to begin a sample after`,
    effect: 'reads',
    text: `SELECT ${key.map((column, at) => `${canonical(column, `t.${identifier(column.name)}`)} AS k${at}`).join(', ')}
FROM ${qualified(table.schema, table.name)} AS t${where}
ORDER BY ${key.map(column => `t.${identifier(column.name)}`).join(', ')}
OFFSET ${skip} ROWS FETCH NEXT 1 ROWS ONLY
OPTION (MAXDOP ${maxdop});`,
  });
  const counted = Math.floor(table.rows * share);
  if (counted <= 1000) return made('', counted);
  const at = `t.${identifier(first.name)}`;
  const own = `${qualified(table.schema, table.name)} AS e`;
  const e = `e.${identifier(first.name)}`;
  if (kindOf(first) === 'integer' && first.type !== 'bit')
    return made(
      `\nWHERE ${at} >= (SELECT CONVERT(decimal(38, 0), MIN(${e})) + (CONVERT(decimal(38, 0), MAX(${e})) - CONVERT(decimal(38, 0), MIN(${e}))) * ${Math.round(share * 1000)} / 1000 FROM ${own})`,
      0,
    );
  if (kindOf(first) === 'guid')
    // SQL Server orders by the last group first.
    return made(
      `\nWHERE ${at} >= CONVERT(uniqueidentifier, '00000000-0000-0000-0000-${Math.floor(share * 0xffff)
        .toString(16)
        .padStart(4, '0')}00000000')`,
      0,
    );
  return counted <= MOST_COUNTED ? made('', counted) : undefined;
}

export const startRow = z.record(z.string(), z.string());

export const startKey = (table: DatabaseTable, row: Readonly<Record<string, string>>): Key =>
  table.key.map((_, at) => row[`k${at}`] ?? '');

function columnOf(table: DatabaseTable, name: string): TableColumn {
  const column = table.columns.find(each => each.name === name);
  if (column === undefined) throw noKey(table);
  return column;
}

const noKey = ({ schema, name }: DatabaseTable): LandfallError =>
  new LandfallError('bug', {
    what: `${schema}.${name} has no key to sample it by`,
    next: ['report this with the journal of the evacuation'],
  });
