import type { ResultColumn } from '../server/replies.ts';
import {
  BIGINT,
  BIT,
  DATETIME,
  FLOAT,
  INT,
  nvarchar,
  SMALLINT,
  type SqlType,
  SYSNAME,
  TINYINT,
  type Value,
  varbinary,
} from '../values/types.ts';

/** Columns of result sets, by the short name of their type. */
const TYPES = {
  int: INT,
  bigint: BIGINT,
  smallint: SMALLINT,
  tinyint: TINYINT,
  bit: BIT,
  float: FLOAT,
  datetime: DATETIME,
  sysname: SYSNAME,
  lsn: varbinary(16),
  command: varbinary(1024),
  text: nvarchar('max'),
} as const satisfies Record<string, SqlType>;

export const columns = (
  ...list: readonly (readonly [name: string, type: keyof typeof TYPES])[]
): readonly ResultColumn[] =>
  list.map(([name, type]) => ({ name, type: TYPES[type], nullable: true, identity: false }));

export type Listed = readonly (readonly [name: string, type: keyof typeof TYPES])[];

/**
 * A result set from rows by column name: of this server's engine, or of the driver, which has booleans, dates and numbers of its
 * own.
 */
export function answer(
  context: { result(columns: readonly ResultColumn[], rows: Iterable<readonly Value[]>): void },
  list: Listed,
  rows: readonly Readonly<Record<string, unknown>>[],
): void {
  context.result(
    columns(...list),
    rows.map(row => list.map(([name, type]) => engineValue(row[name], type))),
  );
}

const TICKS_TO_1970 = 2_208_988_800_000;

function engineValue(value: unknown, type: keyof typeof TYPES): Value {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'bigint':
      return BigInt(String(value));
    case 'bit':
      return value === true || Number(value) === 1 ? 1 : 0;
    case 'datetime':
      return value instanceof Date ? Math.round(((value.getTime() + TICKS_TO_1970) * 3) / 10) : Number(value);
    case 'lsn':
    case 'command':
      return value instanceof Uint8Array ? value : null;
    case 'sysname':
    case 'text':
      return String(value);
    default:
      return Number(value);
  }
}
