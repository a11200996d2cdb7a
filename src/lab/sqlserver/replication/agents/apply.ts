import { SqlError } from '../../errors.ts';
import { executable } from '../commands.ts';
import type { Peer, PeerTransaction } from '../peer.ts';
import { hex, quoted } from '../places.ts';
import type { QueuedCommand } from './queue.ts';

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
export async function advanceMark(peer: Peer, mark: Mark, seqno: Uint8Array): Promise<void> {
  await peer.query(moveMark(mark, seqno));
}

/** Transactions that go to the subscriber in one of its own. */
export interface Load {
  /** Of the last one. */
  readonly seqno: Uint8Array;
  /** From the beginning at each call. */
  pages(): AsyncIterable<readonly QueuedCommand[]>;
}

export interface Delivery {
  readonly commands: number;
  /** Commands passed over under -SkipErrors, with what the subscriber said. */
  readonly skipped: readonly { readonly command: QueuedCommand; readonly error: SqlError }[];
}

/** The command of a delivery that failed. */
export class DeliveryFault extends Error {
  override readonly name = 'DeliveryFault';
  readonly fault: SqlError;
  readonly command: QueuedCommand;

  constructor(fault: SqlError, command: QueuedCommand) {
    super(fault.message);
    this.fault = fault;
    this.command = command;
  }
}

/** Commands of one batch. */
const BATCH = 250;
/** How often a delivery that was chosen as the victim of a deadlock is tried again. */
const DEADLOCKS = 5;
const DEADLOCK = 1205;

/**
 * Delivers a load. Where a command fails, all is undone and done again one command at a time, so that the failing one is
 * known; one that may be skipped is undone alone (KB 327817: the rest of its transaction commits).
 *
 * @param retrying told before the commands are tried one by one
 * @throws DeliveryFault
 */
export async function deliver(
  peer: Peer,
  mark: Mark,
  load: Load,
  skip: ReadonlySet<number>,
  retrying: () => Promise<void>,
): Promise<Delivery> {
  for (let deadlocks = 0; ; deadlocks += 1) {
    try {
      return await inBatches(peer, mark, load);
    } catch (error) {
      if (!(error instanceof SqlError) || error.severity >= 20) throw error;
      if (error.number === DEADLOCK && deadlocks < DEADLOCKS) continue;
      await retrying();
      return oneByOne(peer, mark, load, skip);
    }
  }
}

const origin = ({ publisher, publisherDb }: Mark): string =>
  `SET NOCOUNT ON; EXEC sys.sp_replsetoriginator ${quoted(publisher)}, ${quoted(publisherDb)};`;

function inBatches(peer: Peer, mark: Mark, load: Load): Promise<Delivery> {
  return peer.transaction(async inside => {
    let texts = ['SET XACT_ABORT ON;', origin(mark)];
    let commands = 0;
    for await (const page of load.pages()) {
      for (const { text } of page) {
        commands += 1;
        texts.push(`${executable(text, commands)};`);
        if (texts.length < BATCH) continue;
        await inside.run(texts.join('\n'));
        texts = [];
      }
    }
    await inside.run([...texts, moveMark(mark, load.seqno)].join('\n'));
    return { commands, skipped: [] };
  });
}

function oneByOne(peer: Peer, mark: Mark, load: Load, skip: ReadonlySet<number>): Promise<Delivery> {
  return peer.transaction(async inside => {
    await inside.run(`SET XACT_ABORT OFF; ${origin(mark)}`);
    const skipped: Delivery['skipped'][number][] = [];
    let commands = 0;
    for await (const page of load.pages()) {
      for (const command of page) {
        const error = await tried(inside, command);
        if (error === undefined) commands += 1;
        else if (skip.has(error.number) && inside.open) skipped.push({ command, error });
        else throw new DeliveryFault(error, command);
      }
    }
    await inside.run(moveMark(mark, load.seqno));
    return { commands, skipped };
  });
}

/** What the subscriber says against a command. */
async function tried(inside: PeerTransaction, { text }: QueuedCommand): Promise<SqlError | undefined> {
  try {
    await inside.run(executable(text));
    return undefined;
  } catch (error) {
    if (error instanceof SqlError && error.severity < 20) return error;
    throw error;
  }
}
