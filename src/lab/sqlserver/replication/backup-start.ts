import { SqlError } from '../errors.ts';
import { lsnFromDecimal } from '../storage/lsn.ts';
import type { Lsn } from '../storage/store.ts';
import type { ProcedureContext, ProcedureValues } from '../system/procedure.ts';
import { quoted } from './places.ts';

/**
 * The LSN up to which the last backup of a set has everything: its LastLSN, read from its header at the publisher.
 *
 * @throws SqlError 21413 where the device has no backup of this database
 */
export async function startLsnOfBackup(context: ProcedureContext, values: ProcedureValues): Promise<Lsn> {
  const device = values.text('@backupdevicename') ?? '';
  const type = (values.text('@backupdevicetype') ?? 'logical').toLowerCase();
  if (type !== 'disk')
    throw new SqlError(
      21413,
      `The double reads backups from disk: @backupdevicetype '${type}' is not known to it.`,
    );
  const headers = await context.query('master', `RESTORE HEADERONLY FROM DISK = ${quoted(device)}`);
  const position = values.integer('@fileidhint');
  const own = headers.filter(
    header => String(header['DatabaseName']).toLowerCase() === context.database.name.toLowerCase(),
  );
  const header = position === null ? own.at(-1) : own.find(each => Number(each['Position']) === position);
  const last = header?.['LastLSN'];
  if (typeof last !== 'bigint') {
    throw new SqlError(
      21413,
      `The backup device '${device}' has no backup of the database '${context.database.name}'.`,
    );
  }
  return lsnFromDecimal(last);
}
