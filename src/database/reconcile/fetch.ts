import { identifier } from '../../remote/sql/quote.ts';
import type { Cell } from '../../remote/sql/server.ts';
import type { Parameter, Statement } from '../../remote/sql/statement.ts';
import { restored, widthOf } from '../compare/canonical.ts';
import type { Key, Side } from '../compare/index.ts';
import { targetOf } from './names.ts';
import { readList, type Staging } from './staging.ts';

/** Rows of production as they are staged: all of a table, or those of some keys. They only read. */

export interface Throttle {
  readonly maxdop: number;
  readonly lockTimeoutMs: number;
}

export interface FetchOptions extends Throttle {
  /** OPENJSON is there from compatibility 130 on: the keys travel as one value instead of one a column and row. */
  readonly json: boolean;
}

/** Keys of one read; a server takes no more than 2 100 parameters. */
export const mostKeys = ({ keys }: Staging, { json }: Pick<FetchOptions, 'json'>): number =>
  json ? 2_000 : Math.max(1, Math.floor(1_000 / Math.max(1, keys.length)));

const around = ({ maxdop, lockTimeoutMs }: Throttle, select: string): string =>
  `SET LOCK_TIMEOUT ${Math.round(lockTimeoutMs)};\n${select}\nOPTION (MAXDOP ${maxdop});`;

const reading = (
  side: Pick<Side, 'role' | 'database'>,
  title: string,
  text: string,
  parameters?: Statement['parameters'],
): Statement => ({
  on: side.role,
  database: side.database,
  title,
  text,
  effect: 'reads',
  timeoutMs: 0,
  ...(parameters === undefined ? {} : { parameters }),
});

export const wholeStatement = (
  side: Pick<Side, 'role' | 'database'>,
  staging: Staging,
  throttle: Throttle,
): Statement =>
  reading(
    side,
    `read all rows of ${staging.table.schema}.${staging.table.name}`,
    around(throttle, `SELECT ${readList(staging, 't')}\nFROM ${targetOf(staging.table)} AS t`),
  );

export function keysStatement(
  side: Pick<Side, 'role' | 'database'>,
  staging: Staging,
  keys: readonly Key[],
  options: FetchOptions,
): Statement {
  const wanted = options.json ? jsonKeys(staging, keys) : parameterKeys(staging, keys);
  const on = staging.keys
    .map((column, at) => `t.${identifier(column.name)} = ${restored(column, `w.[k${at}]`)}`)
    .join(' AND ');
  return reading(
    side,
    `read rows of ${staging.table.schema}.${staging.table.name} that differ`,
    around(
      options,
      `SELECT ${readList(staging, 't')}\nFROM ${wanted.from} AS w${wanted.columns}\nJOIN ${targetOf(staging.table)} AS t ON ${on}`,
    ),
    wanted.parameters,
  );
}

interface Wanted {
  readonly from: string;
  readonly columns: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
}

function jsonKeys({ keys: columns }: Staging, keys: readonly Key[]): Wanted {
  const list = columns.map((column, at) => `[k${at}] nvarchar(${widthOf(column)}) '$[${at}]'`).join(', ');
  return {
    from: `OPENJSON(@keys) WITH (${list})`,
    columns: '',
    parameters: { keys: { type: 'nvarchar', value: JSON.stringify(keys) } },
  };
}

function parameterKeys({ keys: columns }: Staging, keys: readonly Key[]): Wanted {
  const parameters: Record<string, Parameter> = {};
  const rows = keys.map((key, row) => {
    const names = columns.map((_, at) => {
      const name = `k${row}_${at}`;
      parameters[name] = { type: 'nvarchar', value: key[at] ?? '' };
      return `@${name}`;
    });
    return `(${names.join(', ')})`;
  });
  return {
    from: `(VALUES ${rows.join(', ')})`,
    columns: ` (${columns.map((_, at) => `[k${at}]`).join(', ')})`,
    parameters,
  };
}

/** A row of production as the staging table takes it. */
export const stagedRow = ({ keys, columns }: Staging, row: readonly Cell[]): Cell[] => [
  1,
  ...keys.map(() => null),
  ...columns.map(({ carry }, at) => carry.cell(row[at] ?? null)),
];

/** The key of a row of the copy that goes. */
export const stagedKey = ({ keys, columns }: Staging, key: Key): Cell[] => [
  0,
  ...keys.map((_, at) => key[at] ?? null),
  ...columns.map(() => null),
];
