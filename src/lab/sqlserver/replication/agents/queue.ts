import type { Instance } from '../../server/instance.ts';
import { joined } from '../commands.ts';
import { type Note, readNote } from '../notes.ts';
import { hex } from '../places.ts';
import { COMMAND } from '../procedures/log.ts';

/** What waits in the distribution database for one subscription. */

export interface Subscription {
  readonly agentId: number;
  readonly publisherDatabaseId: number;
  readonly publication: string;
  readonly database: string;
}

export interface QueuedTransaction {
  readonly seqno: Uint8Array;
  /** Milliseconds since the epoch at which the log reader wrote it. */
  readonly entered: number;
  readonly commands: readonly QueuedCommand[];
}

export type QueuedCommand =
  | { readonly id: number; readonly kind: 'command'; readonly text: string }
  | { readonly id: number; readonly kind: 'note'; readonly note: Note };

export interface Queue {
  /** Those with something for this subscription, oldest first. */
  readonly transactions: readonly QueuedTransaction[];
  /** The last one that was looked at, though it may be of other articles; undefined where there is none. */
  readonly upTo: Uint8Array | undefined;
}

/** Whole transactions after `after`, at most `limit`, with the commands of articles that this subscription has from its start on. */
export async function queued(
  instance: Instance,
  subscription: Subscription,
  after: Uint8Array,
  limit: number,
): Promise<Queue> {
  const { agentId, publisherDatabaseId, database, publication } = subscription;
  const [window] = await instance.run(
    database,
    `SELECT MAX(x.xact_seqno) FROM (SELECT TOP (${limit}) xact_seqno FROM dbo.MSrepl_transactions
WHERE publisher_database_id = ${publisherDatabaseId} AND xact_seqno > ${hex(after)} ORDER BY xact_seqno) AS x`,
  );
  const upTo = window?.[0];
  if (!(upTo instanceof Uint8Array)) return { transactions: [], upTo: undefined };
  const rows = await instance.run(
    database,
    `SELECT c.xact_seqno, c.command_id, c.type, c.partial_command, c.command, CONVERT(varchar(23), t.entry_time, 121)
FROM dbo.MSrepl_commands AS c
JOIN dbo.MSrepl_transactions AS t ON t.publisher_database_id = c.publisher_database_id AND t.xact_seqno = c.xact_seqno
LEFT JOIN dbo.MSsubscriptions AS s ON s.agent_id = ${agentId} AND s.publisher_database_id = c.publisher_database_id AND s.article_id = c.article_id
WHERE c.publisher_database_id = ${publisherDatabaseId} AND c.xact_seqno > ${hex(after)} AND c.xact_seqno <= ${hex(upTo)}
  AND (c.article_id = 0 OR (s.status = 2 AND c.xact_seqno > s.subscription_seqno))
ORDER BY c.xact_seqno, c.command_id`,
  );
  return { transactions: transactionsOf(rows, publication), upTo };
}

function transactionsOf(
  rows: readonly (readonly unknown[])[],
  publication: string,
): readonly QueuedTransaction[] {
  const found: { seqno: Uint8Array; entered: number; commands: QueuedCommand[] }[] = [];
  let pieces: Uint8Array[] = [];
  for (const [seqno, id, type, partial, bytes, at] of rows) {
    if (!(seqno instanceof Uint8Array) || !(bytes instanceof Uint8Array)) continue;
    pieces.push(bytes);
    if (partial === 1 || partial === true) continue;
    const text = joined(pieces);
    pieces = [];
    let current = found.at(-1);
    if (current === undefined || Buffer.compare(current.seqno, seqno) !== 0) {
      current = { seqno, entered: Date.parse(`${String(at).replace(' ', 'T')}Z`), commands: [] };
      found.push(current);
    }
    const command = commandFrom(Number(id), Number(type), text, publication);
    if (command !== undefined) current.commands.push(command);
  }
  return found;
}

/** Notes of other publications of the same database pass by. */
function commandFrom(id: number, type: number, text: string, publication: string): QueuedCommand | undefined {
  if (type === COMMAND) return { id, kind: 'command', text };
  const note = readNote(text);
  return note.publication === publication ? { id, kind: 'note', note } : undefined;
}
