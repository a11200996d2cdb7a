import type { Instance } from '../../server/instance.ts';
import { joined } from '../commands.ts';
import { type Note, readNote } from '../notes.ts';
import { hex, quoted } from '../places.ts';
import { COMMAND } from '../procedures/log.ts';

/** What waits in the distribution database for one subscription. */

export interface Subscription {
  readonly agentId: number;
  readonly publisherDatabaseId: number;
  readonly publication: string;
  readonly subscriber: string;
  readonly subscriberDb: string;
  readonly database: string;
}

/** A transaction of the publisher, of which this subscription may want nothing. */
export interface WaitingTransaction {
  readonly seqno: Uint8Array;
  /** Milliseconds since the epoch at which the log reader wrote it. */
  readonly entered: number;
  /** Rows of MSrepl_commands. */
  readonly rows: number;
  /** It is of replication's own. */
  readonly noted: boolean;
}

export interface QueuedCommand {
  readonly seqno: Uint8Array;
  readonly id: number;
  readonly text: string;
}

/** The oldest transactions after `after`, at most `limit`. */
export async function waiting(
  instance: Instance,
  { database, publisherDatabaseId }: Subscription,
  after: Uint8Array,
  limit: number,
): Promise<readonly WaitingTransaction[]> {
  const rows = await instance.run(
    database,
    `SELECT t.xact_seqno, CONVERT(varchar(23), t.entry_time, 121), MAX(c.command_id), MAX(c.type)
FROM (SELECT TOP (${limit}) xact_seqno, entry_time FROM dbo.MSrepl_transactions
  WHERE publisher_database_id = ${publisherDatabaseId} AND xact_seqno > ${hex(after)} ORDER BY xact_seqno) AS t
JOIN dbo.MSrepl_commands AS c ON c.publisher_database_id = ${publisherDatabaseId} AND c.xact_seqno = t.xact_seqno
GROUP BY t.xact_seqno, t.entry_time ORDER BY t.xact_seqno`,
  );
  return rows.flatMap(([seqno, at, last, type]) =>
    seqno instanceof Uint8Array
      ? [
          {
            ...{ seqno, entered: Date.parse(`${String(at).replace(' ', 'T')}Z`) },
            ...{ rows: Number(last), noted: Number(type) !== COMMAND },
          },
        ]
      : [],
  );
}

/** Rows of MSrepl_commands that are read at once. */
const PAGE = 2000;

/** Commands of some transactions for this subscription, page by page; transactions of many commands are never held whole. */
export async function* commandPages(
  instance: Instance,
  subscription: Subscription,
  transactions: readonly WaitingTransaction[],
): AsyncGenerator<readonly QueuedCommand[], void, undefined> {
  const [first, last] = [transactions[0], transactions.at(-1)];
  if (first === undefined || last === undefined) return;
  const pieces: Uint8Array[] = [];
  const whole = transactions.reduce((sum, { rows }) => sum + rows, 0) <= PAGE;
  if (whole) {
    yield commandsFrom(
      await commandRows(
        instance,
        subscription,
        `c.xact_seqno >= ${hex(first.seqno)} AND c.xact_seqno <= ${hex(last.seqno)}`,
      ),
      pieces,
    );
    return;
  }
  for (const { seqno, rows } of transactions)
    for (let from = 0; from < rows; from += PAGE)
      yield commandsFrom(
        await commandRows(
          instance,
          subscription,
          `c.xact_seqno = ${hex(seqno)} AND c.command_id > ${from} AND c.command_id <= ${from + PAGE}`,
        ),
        pieces,
      );
}

type Rows = readonly (readonly unknown[])[];

/** Of the articles that the subscription has from its start on, and not what came from the subscriber itself. */
function commandRows(instance: Instance, subscription: Subscription, range: string): Promise<Rows> {
  const { agentId, publisherDatabaseId, database, subscriber, subscriberDb } = subscription;
  return instance.run(
    database,
    `SELECT c.xact_seqno, c.command_id, c.partial_command, c.command
FROM dbo.MSrepl_commands AS c
JOIN dbo.MSsubscriptions AS s ON s.agent_id = ${agentId} AND s.publisher_database_id = c.publisher_database_id AND s.article_id = c.article_id
WHERE c.publisher_database_id = ${publisherDatabaseId} AND ${range} AND c.type = ${COMMAND} AND s.status = 2 AND c.xact_seqno > s.subscription_seqno
  AND (s.loopback_detection = 0 OR c.originator_id = 0 OR c.originator_id NOT IN
    (SELECT o.id FROM dbo.MSrepl_originators AS o WHERE o.srvname = ${quoted(subscriber)} AND o.dbname = ${quoted(subscriberDb)}))
ORDER BY c.xact_seqno, c.command_id`,
  );
}

/** @param pieces of a command whose last row was not yet there; kept from page to page */
function commandsFrom(rows: Rows, pieces: Uint8Array[]): readonly QueuedCommand[] {
  const commands: QueuedCommand[] = [];
  for (const [seqno, id, partial, bytes] of rows) {
    if (!(seqno instanceof Uint8Array) || !(bytes instanceof Uint8Array)) continue;
    pieces.push(bytes);
    if (partial === 1 || partial === true) continue;
    commands.push({ seqno, id: Number(id), text: joined(pieces) });
    pieces.length = 0;
  }
  return commands;
}

/** What replication itself wrote in one transaction; notes of other publications of the database pass by. */
export async function notesIn(
  instance: Instance,
  { database, publisherDatabaseId, publication }: Subscription,
  seqno: Uint8Array,
): Promise<readonly Note[]> {
  const rows = await instance.run(
    database,
    `SELECT partial_command, command FROM dbo.MSrepl_commands
WHERE publisher_database_id = ${publisherDatabaseId} AND xact_seqno = ${hex(seqno)} AND type <> ${COMMAND} ORDER BY command_id`,
  );
  const notes: Note[] = [];
  let pieces: Uint8Array[] = [];
  for (const [partial, bytes] of rows) {
    if (bytes instanceof Uint8Array) pieces.push(bytes);
    if (partial === 1 || partial === true) continue;
    notes.push(readNote(joined(pieces)));
    pieces = [];
  }
  return notes.filter(note => note.publication === publication);
}
