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
  varbinary,
} from '../values/types.ts';

/** Columns of result sets, by the short name of their type. */
const TYPES = {
  int: INT,
  bigint: BIGINT,
  smallint: SMALLINT,
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
