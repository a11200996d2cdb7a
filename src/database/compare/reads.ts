import { z } from 'zod';
import type { DatabaseTable, TableColumn } from '../../journal/database-facts.ts';
import { literal, qualified } from '../../remote/sql/quote.ts';
import type { Parameter, Role, Statement } from '../../remote/sql/statement.ts';
import { canonical, ofTable, restored } from './canonical.ts';
import {
  bucket,
  type Condition,
  inRange,
  type KeyColumn,
  keyCells,
  keyTexts,
  nearKey,
  orderBy,
} from './keys.ts';
import { type HashInput, rowHash } from './row-hash.ts';
import type { KeyRange } from './types.ts';

/** The questions that are asked of one side, as statements. */
export interface Asked {
  readonly role: Role;
  readonly database: string;
  readonly table: DatabaseTable;
  /** Carried columns, as this side has them, in the left one's order. */
  readonly columns: readonly TableColumn[];
  readonly key: readonly KeyColumn[];
  readonly input: HashInput;
  readonly maxdop?: number;
}

/** Hashing a range of large values takes its time, and a whole table as long as it takes: the caller's signal ends it. */
const TIMEOUT_MS = 600_000;
const WHOLE_TIMEOUT_MS = 0;

const read = (
  asked: Pick<Asked, 'role' | 'database' | 'table'>,
  what: string,
  text: string,
  parameters: Readonly<Record<string, Parameter>> = {},
): Statement => ({
  on: asked.role,
  database: asked.database,
  title: `${what} ${asked.table.schema}.${asked.table.name}`,
  text,
  effect: 'reads',
  timeoutMs: TIMEOUT_MS,
  ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
});

const hint = ({ maxdop }: Asked): string => (maxdop === undefined ? '' : `\nOPTION (MAXDOP ${maxdop})`);

const hashed = (asked: Asked, condition: Condition, more = ''): string =>
  `(SELECT ${more}${rowHash(asked.columns, asked.input)} AS h
  FROM ${qualified(asked.table.schema, asked.table.name)} AS t
  WHERE ${condition.sql}) AS r`;

/** Number of rows and, of `slices` times four bytes of their hashes, the sums: order does not matter, doubles count. */
export function sumsOf(asked: Asked, range: KeyRange, slices: number): Statement {
  const condition = inRange(asked.key, range);
  const sums = Array.from(
    { length: slices },
    (_, at) => `SUM(CONVERT(bigint, SUBSTRING(r.h, ${4 * at + 1}, 4))) AS s${at}`,
  );
  const statement = read(
    asked,
    'hash rows of',
    `SELECT COUNT_BIG(*) AS n, ${sums.join(',\n  ')}
FROM ${hashed(asked, condition)}${hint(asked)}`,
    condition.parameters,
  );
  const isWhole = range.from === undefined && range.to === undefined;
  return isWhole ? { ...statement, timeoutMs: WHOLE_TIMEOUT_MS } : statement;
}

export const sumsRow = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

/** The same a bucket, with one sum of six bytes: which parts of a range differ. */
export function bucketsOf(asked: Asked, range: KeyRange, count: number): Statement {
  const condition = inRange(asked.key, range);
  return read(
    asked,
    'hash buckets of rows of',
    `SELECT r.b, COUNT(*) AS n, SUM(CONVERT(bigint, SUBSTRING(r.h, 1, 6))) AS s
FROM ${hashed(asked, condition, `${bucket(asked.key, '@buckets')} AS b,\n  `)}
GROUP BY r.b${hint(asked)}`,
    { ...condition.parameters, buckets: { type: 'int', value: count } },
  );
}

/** Buckets as a map of bits, the number of a bucket shifted so that none is negative. */
export interface Chosen {
  readonly count: number;
  readonly map: Uint8Array;
}

export function chosen(count: number, buckets: Iterable<number>): Chosen {
  const map = new Uint8Array(Math.ceil((2 * count) / 8));
  for (const each of buckets) {
    const at = each + count;
    map[at >> 3] = (map[at >> 3] ?? 0) | (1 << (at & 7));
  }
  return { count, map };
}

/**
 * Key and a hash of four bytes of every row of a range, or of its chosen buckets; never more than `most` rows. `wide`
 * takes eight other bytes: for a range that differs though the short hashes do not.
 */
export function listOf(
  asked: Asked,
  range: KeyRange,
  most: number,
  { only, wide = false }: { readonly only?: Chosen; readonly wide?: boolean } = {},
): Statement {
  const condition = inRange(asked.key, range);
  const at = `(${bucket(asked.key, '@buckets')} + @buckets)`;
  const picked =
    only === undefined
      ? ''
      : `\n  AND CONVERT(int, CONVERT(binary(1), SUBSTRING(@map, ${at} / 8 + 1, 1))) & POWER(2, ${at} % 8) <> 0`;
  const hash = rowHash(asked.columns, asked.input);
  const [first] = asked.key;
  const cells =
    first === undefined || nearKey(asked.key, range) === undefined
      ? keyCells(asked.key)
      : `CONVERT(int, ${ofTable(first.column)} - ${restored(first.bound, '@f0')}) AS k0`;
  return read(
    asked,
    'list keys and hashes of',
    `SELECT ${most < 2 ** 31 ? `TOP (${most}) ` : ''}${cells},
  ${wide ? `CONVERT(bigint, SUBSTRING(${hash}, 9, 8))` : `CONVERT(int, SUBSTRING(${hash}, 1, 4))`} AS h
FROM ${qualified(asked.table.schema, asked.table.name)} AS t
WHERE ${condition.sql}${picked}${hint(asked)}`,
    {
      ...condition.parameters,
      ...(only === undefined
        ? {}
        : {
            buckets: { type: 'int', value: only.count } as const,
            map: { type: 'varbinary', value: only.map } as const,
          }),
    },
  );
}

/** The key `rows` rows further on in the range; no row where it has fewer. */
export function boundaryOf(asked: Asked, range: KeyRange, rows: number): Statement {
  const condition = inRange(asked.key, range);
  return read(
    asked,
    'find the next range of',
    `SELECT ${keyTexts(asked.key)}
FROM ${qualified(asked.table.schema, asked.table.name)} AS t
WHERE ${condition.sql}
ORDER BY ${orderBy(asked.key)}
OFFSET ${rows - 1} ROWS FETCH NEXT 1 ROWS ONLY${hint(asked)}`,
    condition.parameters,
  );
}

/** Least and greatest key, of a key of one column; no row where the table has none. */
export function extremesOf(asked: Asked): Statement {
  const [key] = asked.key;
  const from = `FROM ${qualified(asked.table.schema, asked.table.name)} AS t`;
  const end = (way: string): string =>
    `(SELECT TOP (1) ${key === undefined ? 'NULL' : canonical(key.column, ofTable(key.column))} ${from} ORDER BY ${key?.compared ?? '1'}${way})`;
  return read(asked, 'find the ends of', `SELECT ${end('')} AS least, ${end(' DESC')} AS most`);
}

export const extremesRow = z.object({ least: z.string().nullable(), most: z.string().nullable() });

export const keyRow = z.record(z.string(), z.string());

/** Which columns of the primary key run downwards. */
export const directions = (asked: Pick<Asked, 'role' | 'database' | 'table'>): Statement =>
  read(
    asked,
    'ask how the key runs of',
    `SELECT c.name AS name, CONVERT(bit, ic.is_descending_key) AS descending
FROM sys.indexes AS i
JOIN sys.index_columns AS ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
JOIN sys.columns AS c ON c.object_id = ic.object_id AND c.column_id = ic.column_id
WHERE i.is_primary_key = 1 AND i.object_id = OBJECT_ID(${literal(qualified(asked.table.schema, asked.table.name))})
ORDER BY ic.key_ordinal`,
  );

export const directionRow = z.object({ name: z.string(), descending: z.boolean() });

/** Major version of the server: what HASHBYTES takes depends on it. */
export const version = (asked: Pick<Asked, 'role' | 'database' | 'table'>): Statement =>
  read(
    asked,
    'ask the version before hashing',
    `SELECT CONVERT(int, PARSENAME(CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')), 4)) AS major`,
  );

export const versionRow = z.object({ major: z.number().int() });

export const lockTimeout = (asked: Pick<Asked, 'role' | 'database' | 'table'>, ms: number): Statement =>
  read(asked, 'bound the waits for locks of', `SET LOCK_TIMEOUT ${Math.round(ms)}`);
