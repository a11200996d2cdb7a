import type { Duplex } from 'node:stream';
import { SqlError } from '../errors.ts';
import type { Reply } from '../server/replies.ts';
import type { Session } from '../server/requests.ts';
import { collation } from '../values/index.ts';
import { openBulk } from './bulk.ts';
import { protocolFault } from './faults.ts';
import type { Incoming, Message } from './incoming.ts';
import type { Outgoing } from './outgoing.ts';
import { PACKET } from './packets.ts';
import { type ConnectionState, createReplyWriter, type ReplyWriter } from './reply-writer.ts';
import {
  checkTransaction,
  readBatchText,
  readHeaders,
  readTransactionRequest,
  readWhole,
} from './requests.ts';
import { readCalls } from './rpc.ts';
import { DONE, TOKEN, writeDone } from './tokens.ts';

export interface ConversationRoom {
  readonly session: Session;
  readonly stream: Duplex;
  readonly incoming: Incoming;
  readonly outgoing: Outgoing;
  /** Name of the server, in every message. */
  readonly server: string;
  readonly log: (line: string) => void;
}

/** Requests and replies of a session, one after the other, until either side ends it. */
export async function converse(room: ConversationRoom): Promise<void> {
  const { session, incoming, outgoing } = room;
  const state: ConnectionState = { transaction: 0n, server: room.server };
  const ended = (): void => incoming.end();
  if (session.ended.aborted) return;
  session.ended.addEventListener('abort', ended, { once: true });
  try {
    for (;;) {
      const arrival = await incoming.next();
      if (arrival === undefined) return;
      if (arrival.kind === 'attention') {
        // The reply to what it cancels is out already: the acknowledgement is a message of its own.
        writeDone(outgoing.out, TOKEN.done, DONE.attention, 0, 0);
        outgoing.finish();
      } else if (arrival.kind === 'fault') {
        const writer = createReplyWriter(outgoing, 'batch', state);
        writer.error(arrival.error);
        writer.finish();
        room.log(arrival.error.message);
        return;
      } else {
        const writer = createReplyWriter(outgoing, arrival.type === PACKET.rpc ? 'call' : 'batch', state);
        await answer(room, state, writer, arrival);
        writer.finish();
        if (writer.fatal) return;
      }
      await outgoing.taken(session.ended);
      if (session.ended.aborted) return;
    }
  } finally {
    session.ended.removeEventListener('abort', ended);
  }
}

async function answer(
  room: ConversationRoom,
  state: ConnectionState,
  writer: ReplyWriter,
  message: Message,
): Promise<void> {
  try {
    if (message.ignored) {
      writer.mute('quiet');
      return;
    }
    if (message.reset !== 'no') {
      room.session.reset(message.reset === 'keeping transaction');
      writer.reset(message.reset === 'all' && state.transaction !== 0n);
    }
    await run(room, state, writer, message);
  } catch (error) {
    writer.error(error instanceof SqlError ? error : broken(room, error));
  }
}

/** 3624: a fault of the double itself; the text says where, and the connection ends. */
function broken(room: ConversationRoom, error: unknown): SqlError {
  const text = error instanceof Error ? error.message : String(error);
  room.log(error instanceof Error ? (error.stack ?? text) : text);
  return new SqlError(3624, `A system assertion check has failed in the SQL Server double: ${text}`, {
    severity: 20,
    endsBatch: true,
  });
}

async function run(
  room: ConversationRoom,
  state: ConnectionState,
  writer: ReplyWriter,
  message: Message,
): Promise<void> {
  const { session } = room;
  // A client learns of a reset's rollback with this reply only.
  const check = (named: bigint): void => {
    if (message.reset === 'no') checkTransaction(named, state.transaction);
  };
  const { payload, signal } = message;
  switch (message.type) {
    case PACKET.batch: {
      const request = readWhole(payload, from => ({ named: readHeaders(from), text: readBatchText(from) }));
      check(request.named);
      return pump(room, writer, message, session.batch(request.text, signal));
    }
    case PACKET.rpc: {
      const own = collation(session.opened.collation);
      const request = readWhole(payload, from => ({ named: readHeaders(from), calls: readCalls(from, own) }));
      check(request.named);
      for (const [index, call] of request.calls.entries()) {
        if (index > 0) writer.nextCall();
        writer.parameters = call.parameters.map(parameter => parameter.name);
        await pump(room, writer, message, session.call(call.procedure, call.parameters, signal));
        if (signal.aborted || writer.fatal) return;
      }
      return;
    }
    case PACKET.transaction: {
      const request = readWhole(payload, from => ({
        named: readHeaders(from),
        what: readTransactionRequest(from),
      }));
      check(request.named);
      return pump(room, writer, message, session.transaction(request.what));
    }
    case PACKET.bulk:
      return bulk(room, writer, message);
    default:
      throw protocolFault(`a message of type ${message.type} in a session`);
  }
}

async function bulk(room: ConversationRoom, writer: ReplyWriter, message: Message): Promise<void> {
  const { feed, signal } = message;
  if (feed === undefined) return;
  const { session } = room;
  try {
    const rows = await openBulk(feed, collation(session.opened.collation));
    await pump(room, writer, message, session.bulk(rows, signal));
  } catch (error) {
    if (!feed.ignored) throw error;
  } finally {
    await feed.discard();
    if (feed.ignored) writer.mute('quiet');
  }
}

async function pump(
  room: ConversationRoom,
  writer: ReplyWriter,
  message: Message,
  replies: AsyncIterable<Reply>,
): Promise<void> {
  const { outgoing, stream } = room;
  const { signal } = message;
  for await (const reply of replies) {
    if (signal.aborted) writer.mute(message.feed?.ignored === true ? 'quiet' : 'rows');
    writer.write(reply);
    await outgoing.taken(signal);
    if (stream.destroyed || writer.fatal) return;
  }
}
