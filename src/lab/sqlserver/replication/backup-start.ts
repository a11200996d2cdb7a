import { SqlError } from '../errors.ts';
import { lsnFromDecimal } from '../storage/lsn.ts';
import type { Lsn } from '../storage/store.ts';
import type { ProcedureContext, ProcedureValues } from '../system/procedure.ts';
import { wrongValue } from './faults.ts';
import { quoted } from './places.ts';

/**
 * The LSN up to which the last backup of a set has everything: its LastLSN, read from its header at the publisher.
 *
 * @throws SqlError 20587 where the device has no backup of this database
 */
export async function startLsnOfBackup(context: ProcedureContext, values: ProcedureValues): Promise<Lsn> {
  const device = values.text('@backupdevicename') ?? '';
  const type = (values.text('@backupdevicetype') ?? 'logical').toLowerCase();
  if (type !== 'disk')
    throw new SqlError(
      40517,
      `The SQL Server double does not know backups from @backupdevicetype '${type}'.`,
    );
  const headers = await context.query('master', `RESTORE HEADERONLY FROM DISK = ${quoted(device)}`);
  const position = values.integer('@fileidhint');
  const own = headers.filter(
    header => String(header['DatabaseName']).toLowerCase() === context.database.name.toLowerCase(),
  );
  const header = position === null ? own.at(-1) : own.find(each => Number(each['Position']) === position);
  const last = header?.['LastLSN'];
  if (typeof last !== 'bigint') {
    throw wrongValue('@backupdevicename', 'sp_addsubscription');
  }
  return lsnFromDecimal(last);
}
