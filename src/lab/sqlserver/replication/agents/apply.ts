import { SqlError } from '../../errors.ts';
import { executable } from '../commands.ts';
import type { Peer } from '../peer.ts';
import { hex, quoted } from '../places.ts';
import type { QueuedTransaction } from './queue.ts';

/** Delivering transactions to a subscriber: exactly once, because the mark moves in the transaction that delivers. */

export interface Mark {
  readonly publisher: string;
  readonly publisherDb: string;
  readonly publication: string;
}

const whereMark = ({ publisher, publisherDb, publication }: Mark): string =>
  `publisher = ${quoted(publisher)} AND publisher_db = ${quoted(publisherDb)} AND publication = ${quoted(publication)} AND subscription_type = 0`;

export async function readMark(peer: Peer, mark: Mark): Promise<Uint8Array | undefined> {
  const [row] = await peer.query(
    `SELECT transaction_timestamp FROM dbo.MSreplication_subscriptions WHERE ${whereMark(mark)}`,
  );
  return row?.['transaction_timestamp'] instanceof Uint8Array ? row['transaction_timestamp'] : undefined;
}

export const createMark = (peer: Peer, mark: Mark, seqno: Uint8Array): Promise<unknown> =>
  peer.query(`INSERT dbo.MSreplication_subscriptions (publisher, publisher_db, publication, independent_agent, subscription_type, time, transaction_timestamp, update_mode)
VALUES (${quoted(mark.publisher)}, ${quoted(mark.publisherDb)}, ${quoted(mark.publication)}, 1, 0, GETDATE(), ${hex(seqno)}, 0)`);

const moveMark = (mark: Mark, seqno: Uint8Array): string =>
  `UPDATE dbo.MSreplication_subscriptions SET transaction_timestamp = ${hex(seqno)}, time = GETDATE() WHERE ${whereMark(mark)};`;

/** Passes over transactions that have nothing for the subscription. */
export async function advanceMark(peer: Peer, mark: Mark, seqno: Uint8Array): Promise<Uint8Array> {
  await peer.query(moveMark(mark, seqno));
  return seqno;
}

export interface Delivery {
  readonly commands: number;
  /** Commands passed over under -SkipErrors, with what the subscriber said. */
  readonly skipped: readonly {
    readonly seqno: Uint8Array;
    readonly command: number;
    readonly error: SqlError;
  }[];
}

/** The command of a delivery that failed. */
export class DeliveryFault extends Error {
  override readonly name = 'DeliveryFault';
  readonly fault: SqlError;
  readonly seqno: Uint8Array;
  readonly command: number;

  constructor(fault: SqlError, seqno: Uint8Array, command: number) {
    super(fault.message);
    this.fault = fault;
    this.seqno = seqno;
    this.command = command;
  }
}

/**
 * Delivers the transactions in one transaction of the subscriber. Where a command fails, all is undone and done again one
 * command at a time, so that the failing one is known; one that may be skipped is undone alone (KB 327817: the rest of its
 * transaction commits).
 *
 * @throws DeliveryFault
 */
export async function deliver(
  peer: Peer,
  mark: Mark,
  transactions: readonly QueuedTransaction[],
  skip: ReadonlySet<number>,
): Promise<Delivery> {
  const last = transactions.at(-1);
  if (last === undefined) return { commands: 0, skipped: [] };
  const texts = transactions.flatMap(({ commands }) =>
    commands.flatMap(each => (each.kind === 'command' ? [executable(each.text)] : [])),
  );
  try {
    await peer.query(
      [
        'SET XACT_ABORT ON; SET NOCOUNT ON; BEGIN TRANSACTION;',
        ...texts.map(text => `${text};`),
        moveMark(mark, last.seqno),
        'COMMIT TRANSACTION;',
      ].join('\n'),
    );
    return { commands: texts.length, skipped: [] };
  } catch (error) {
    if (!(error instanceof SqlError) || error.severity >= 20) throw error;
    return oneByOne(peer, mark, transactions, skip);
  }
}

async function oneByOne(
  peer: Peer,
  mark: Mark,
  transactions: readonly QueuedTransaction[],
  skip: ReadonlySet<number>,
): Promise<Delivery> {
  let commands = 0;
  const skipped: Delivery['skipped'][number][] = [];
  for (const transaction of transactions) {
    const texts = transaction.commands.flatMap(each =>
      each.kind === 'command' ? [{ id: each.id, text: executable(each.text) }] : [],
    );
    for (;;) {
      const failed = await tryTransaction(peer, mark, transaction, texts);
      if (failed === undefined) break;
      if (!skip.has(failed.error.number)) throw new DeliveryFault(failed.error, transaction.seqno, failed.id);
      skipped.push({ seqno: transaction.seqno, command: failed.id, error: failed.error });
      texts.splice(
        texts.findIndex(({ id }) => id === failed.id),
        1,
      );
    }
    commands += texts.length;
  }
  return { commands, skipped };
}

/** One publisher's transaction; gives the first command that failed, after everything was undone. */
async function tryTransaction(
  peer: Peer,
  mark: Mark,
  { seqno }: QueuedTransaction,
  texts: readonly { readonly id: number; readonly text: string }[],
): Promise<{ readonly id: number; readonly error: SqlError } | undefined> {
  const body = texts.map(({ id, text }) => `SET @at = ${id};\n${text};`).join('\n');
  const [row] = await peer.query(`SET XACT_ABORT OFF; SET NOCOUNT ON;
DECLARE @at int = 0, @number int = 0, @severity int = 0, @message nvarchar(4000);
BEGIN TRY
  BEGIN TRANSACTION;
  ${body}
  ${moveMark(mark, seqno)}
  COMMIT TRANSACTION;
END TRY
BEGIN CATCH
  SELECT @number = ERROR_NUMBER(), @severity = ERROR_SEVERITY(), @message = ERROR_MESSAGE();
  IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;
END CATCH;
SELECT @at AS at, @number AS number, @severity AS severity, @message AS message`);
  const number = Number(row?.['number'] ?? 0);
  if (number === 0) return undefined;
  return {
    id: Number(row?.['at']),
    error: new SqlError(number, String(row?.['message']), { severity: Number(row?.['severity']) }),
  };
}
