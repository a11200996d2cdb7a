import { SqlError } from '../../errors.ts';
import type { SystemProcedure } from '../../system/procedure.ts';
import { answer } from '../columns.ts';
import { needsSysadmin } from '../faults.ts';
import { bytes, procedure, sysname } from '../parameters.ts';
import { hex, quoted } from '../places.ts';

/** What is called at a subscriber. */

/** Passes over whole transactions up to an LSN; the agent must not run. */
const setSeqno = procedure(
  'sp_setsubscriptionxactseqno',
  [sysname('@publisher'), sysname('@publisher_db'), sysname('@publication'), bytes(16)('@xact_seqno')],
  async (context, values) => {
    needsSysadmin(context);
    const { database } = context;
    const wanted = values.get('@xact_seqno');
    const where = `publisher = ${quoted(values.text('@publisher') ?? '')} AND publisher_db = ${quoted(values.text('@publisher_db') ?? '')} AND publication = ${quoted(values.text('@publication') ?? '')}`;
    const [there] = await context.query(
      database.name,
      "SELECT OBJECT_ID(N'dbo.MSreplication_subscriptions') AS id",
    );
    const [row] =
      there?.['id'] === null
        ? []
        : await context.query(
            database.name,
            `SELECT transaction_timestamp FROM dbo.MSreplication_subscriptions WHERE ${where}`,
          );
    if (row === undefined) throw new SqlError(20017, 'The subscription on the Subscriber does not exist.');
    if (!(wanted instanceof Uint8Array) || wanted.length < 10)
      throw new SqlError(21344, 'Invalid value specified for @xact_seqno parameter.');
    await context.query(
      database.name,
      `UPDATE dbo.MSreplication_subscriptions SET transaction_timestamp = ${hex(wanted)} WHERE ${where}`,
    );
    answer(
      context,
      [
        ['ORIGINAL XACT_SEQNO', 'lsn'],
        ['UPDATED XACT_SEQNO', 'lsn'],
        ['SUBSCRIPTION STREAM COUNT', 'int'],
      ],
      [
        {
          'ORIGINAL XACT_SEQNO': row['transaction_timestamp'],
          'UPDATED XACT_SEQNO': wanted,
          'SUBSCRIPTION STREAM COUNT': 1,
        },
      ],
    );
    return 0;
  },
);

export const SUBSCRIBER_PROCEDURES: readonly SystemProcedure[] = [setSeqno];
