import type { ProcedureParameter, SystemProcedure } from '../system/procedure.ts';
import {
  BIT,
  binary,
  INT,
  nvarchar,
  SMALLINT,
  type SqlType,
  SYSNAME,
  TINYINT,
  type Value,
  varbinary,
} from '../values/types.ts';

/** Short forms for the parameter lists of the replication procedures, which are long and must be exact. */

const of =
  (type: SqlType) =>
  (name: string, fallback?: Value): ProcedureParameter =>
    fallback === undefined ? { name, type } : { name, type, default: fallback };

/** A parameter without a default is required (201). */
export const sysname = of(SYSNAME);
export const int = of(INT);
export const smallint = of(SMALLINT);
export const tinyint = of(TINYINT);
export const bit = of(BIT);
export const text = (length: number) => of(nvarchar(length));
export const longText = of(nvarchar('max'));
export const bytes = (length: number) => of(varbinary(length));
export const fixedBytes = (length: number) => of(binary(length));

export const output = (parameter: ProcedureParameter): ProcedureParameter => ({ ...parameter, output: true });

/** A procedure that every database has. */
export const procedure = (
  name: string,
  parameters: readonly ProcedureParameter[],
  run: SystemProcedure['run'],
): SystemProcedure => ({ name, home: { kind: 'sys' }, parameters, run });
