import { identifier } from '../../remote/sql/quote.ts';
import type { Cell } from '../../remote/sql/server.ts';
import type { Parameter, Statement } from '../../remote/sql/statement.ts';
import { restored, widthOf } from '../compare/canonical.ts';
import type { Difference, Side } from '../compare/index.ts';
import { targetOf } from './names.ts';
import { COMES, GOES, REPLACES, readList, type Staging } from './staging.ts';

/** Rows of production as they are staged: all of a table, or those of some keys. They only read. */

export interface Throttle {
  readonly maxdop: number;
  readonly lockTimeoutMs: number;
}

export interface FetchOptions extends Throttle {
  /** OPENJSON is there from compatibility 130 on: the keys travel as one value instead of one a column and row. */
  readonly json: boolean;
}

/** Rows that are wanted: those that come, and those that come in place of what is there. */
export type Wanted = Pick<Difference, 'kind' | 'key'>;

/** Keys of one read; a server takes no more than 2 100 parameters. */
export const mostKeys = ({ keys }: Staging, { json }: Pick<FetchOptions, 'json'>): number =>
  json ? 4_000 : Math.max(1, Math.floor(1_000 / Math.max(1, keys.length)));

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
  rows: readonly Wanted[],
  options: FetchOptions,
): Statement {
  const wanted = options.json ? jsonKeys(staging, rows) : parameterKeys(staging, rows);
  const on = staging.keys
    .map((column, at) => `t.${identifier(column.name)} = ${restored(column, `w.[k${at}]`)}`)
    .join(' AND ');
  return reading(
    side,
    `read rows of ${staging.table.schema}.${staging.table.name} that differ`,
    around(
      options,
      `SELECT w.[comes], ${readList(staging, 't')}\nFROM ${wanted.from} AS w${wanted.columns}\nJOIN ${targetOf(staging.table)} AS t ON ${on}`,
    ),
    wanted.parameters,
  );
}

interface Source {
  readonly from: string;
  readonly columns: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
}

/** One value of ASCII, a byte a character: a key is a list of its texts, with a 1 behind them where the row comes anew. */
function jsonKeys({ keys: columns }: Staging, rows: readonly Wanted[]): Source {
  const list = columns.map((column, at) => `[k${at}] nvarchar(${widthOf(column)}) '$[${at}]'`);
  const keys = JSON.stringify(rows.map(({ kind, key }) => (kind === 'missing' ? [...key, 1] : key)));
  return {
    from: `OPENJSON(CONVERT(varchar(max), @keys)) WITH (${[...list, `[comes] bit '$[${columns.length}]'`].join(', ')})`,
    columns: '',
    parameters: { keys: { type: 'varbinary', value: Buffer.from(ascii(keys), 'latin1') } },
  };
}

const ascii = (json: string): string =>
  json.replaceAll(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function parameterKeys({ keys: columns }: Staging, wanted: readonly Wanted[]): Source {
  const parameters: Record<string, Parameter> = {};
  const rows = wanted.map(({ kind, key }, row) => {
    const names = columns.map((_, at) => {
      const name = `k${row}_${at}`;
      parameters[name] = { type: 'nvarchar', value: key[at] ?? '' };
      return `@${name}`;
    });
    return `(${names.join(', ')}, ${kind === 'missing' ? '1' : 'NULL'})`;
  });
  return {
    from: `(VALUES ${rows.join(', ')})`,
    columns: ` (${[...columns.map((_, at) => `[k${at}]`), '[comes]'].join(', ')})`,
    parameters,
  };
}

/** A row of production as the staging table takes it. */
export const stagedRow = ({ keys, columns }: Staging, row: readonly Cell[], op: number): Cell[] => [
  op,
  ...keys.map(() => null),
  ...columns.map((_, at) => row[at] ?? null),
];

/** A row that `keysStatement` gave: whether it takes a row's place stands in front. */
export const stagedWanted = (staging: Staging, [comes, ...row]: readonly Cell[]): Cell[] =>
  stagedRow(staging, row, comes === null || comes === undefined ? REPLACES : COMES);

/** The key of a row of the copy that goes. */
export const stagedKey = ({ keys, columns }: Staging, key: Difference['key']): Cell[] => [
  GOES,
  ...keys.map((_, at) => key[at] ?? null),
  ...columns.map(() => null),
];
