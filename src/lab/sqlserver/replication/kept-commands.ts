import { SqlError } from '../errors.ts';
import { lsnFromBytes } from '../storage/lsn.ts';
import type { ProcedureContext } from '../system/procedure.ts';
import { type DistributorLink, quoted } from './places.ts';
import type { Publication } from './publications.ts';

const UNAVAILABLE: Readonly<Record<number, string>> = {
  21397:
    'The transactions required for synchronizing the nosync subscription created from the specified backup are unavailable at the Distributor. Retry the operation again with a more up-to-date log, differential, or full database backup.',
  21399:
    'The transactions required for synchronizing the subscription with the specified log sequence number (LSN) are unavailable at the Distributor. Specify a higher LSN.',
};

/**
 * 21397 and 21399: an LSN from before the publication kept commands, or whose commands the clean-up has taken. 21398 while the
 * clean-up runs.
 */
export async function mustBeKept(
  link: DistributorLink,
  context: ProcedureContext,
  publication: Publication,
  lsn: Uint8Array,
  number: 21397 | 21399,
): Promise<void> {
  const [known] =
    await link.query(`DECLARE @publisher smallint = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(context.instance.name)});
SELECT (SELECT min_autonosync_lsn FROM dbo.MSpublications WHERE publisher_id = @publisher AND publisher_db = ${quoted(context.database.name)}
    AND publication = ${quoted(publication.name)}) AS first_lsn,
  (SELECT COUNT(*) FROM msdb.dbo.sysjobactivity AS a JOIN msdb.dbo.sysjobs AS j ON j.job_id = a.job_id
   WHERE j.name = ${quoted(`Distribution clean up: ${link.database}`)} AND a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL) AS cleaning`);
  if (Number(known?.['cleaning']) > 0) {
    throw new SqlError(
      21398,
      'Could not complete setting up the no-sync subscription at the Distributor while the distribution cleanup agent is running. The operation has a greater chance of success if the distribution cleanup agent is temporarily disabled.',
    );
  }
  const first = known?.['first_lsn'];
  const wanted = lsnFromBytes(lsn.subarray(0, 10));
  if (first instanceof Uint8Array && wanted < lsnFromBytes(first.subarray(0, 10)))
    throw new SqlError(number, UNAVAILABLE[number] ?? '');
}
