import { SqlError } from '../../errors.ts';
import type { ProcedureContext, ProcedureValues } from '../../system/procedure.ts';
import { SYSNAME, UNIQUEIDENTIFIER, type Value } from '../../values/types.ts';

export const MSDB = { kind: 'database', database: 'msdb', schema: 'dbo' } as const;

export const name = (value: string | null) => ({ type: SYSNAME, value });
export const guid = (value: string | null) => ({ type: UNIQUEIDENTIFIER, value });
export const int = (value: number | null) => ({ type: { kind: 'int' } as const, value });

/** 14262: The specified @job_name ('x') does not exist. */
export const unknown = (parameter: string, value: string): SqlError =>
  new SqlError(14262, `The specified ${parameter} ('${value}') does not exist.`);

/** 14261: The specified @name ('x') already exists. */
export const exists = (parameter: string, value: string): SqlError =>
  new SqlError(14261, `The specified ${parameter} ('${value}') already exists.`);

/** 14234: The specified '@x' is invalid (valid values are returned by sp_y). */
export const invalid = (parameter: string, source: string): SqlError =>
  new SqlError(14234, `The specified '${parameter}' is invalid (valid values are returned by ${source}).`);

/** 14266: The specified '@x' is invalid (valid values are: y). */
export const outside = (parameter: string, values: string): SqlError =>
  new SqlError(14266, `The specified '${parameter}' is invalid (valid values are: ${values}).`);

export interface FoundJob {
  readonly id: string;
  readonly name: string;
}

/**
 * The job that @job_id or @job_name names.
 *
 * @throws SqlError 14294 unless exactly one of them is given, 14262
 */
export async function findJob(context: ProcedureContext, values: ProcedureValues): Promise<FoundJob> {
  const id = values.text('@job_id')?.toUpperCase() ?? null;
  const byName = values.text('@job_name');
  if ((id === null) === (byName === null))
    throw new SqlError(14294, 'Supply either @job_id or @job_name to identify the job.');
  const [row] = await context.query(
    'msdb',
    'SELECT job_id, name FROM dbo.sysjobs WHERE job_id = @id OR name = @name',
    { id: guid(id), name: name(byName) },
  );
  if (row === undefined) throw id === null ? unknown('@job_name', byName ?? '') : unknown('@job_id', id);
  return { id: text(row['job_id']).toUpperCase(), name: text(row['name']) };
}

export const text = (value: Value | undefined): string =>
  value === null || value === undefined ? '' : String(value);

/** The sid of a login; the caller's where none is named. */
export function ownerSid(context: ProcedureContext, login: string | null): Uint8Array {
  const found = context.instance.principals.find(login ?? context.session.login);
  if (found === undefined || found.type === 'R' || found.type === 'G')
    throw invalid('@owner_login_name', 'sp_helplogins [excluding Windows NT groups]');
  return found.sid;
}
