import { SqlError, unsupported } from '../errors.ts';
import type { TransactionRequest } from '../server/requests.ts';
import { BytesIn, OutOfBytes } from './bytes-in.ts';
import { protocolFault } from './faults.ts';

const TRANSACTION_HEADER = 2;

/**
 * ALL_HEADERS (facts: tds-double 5.1): the descriptor of the transaction the client means to be in.
 * @throws SqlError 4014, 3989
 */
export function readHeaders(from: BytesIn): bigint {
  const end = from.at + from.u32();
  if (end < from.at || end > from.bytes.length)
    throw protocolFault('headers that are longer than their message');
  let transaction: bigint | undefined;
  while (from.at < end) {
    const next = from.at + from.u32();
    if (next < from.at + 2 || next > end) throw protocolFault('a header that is longer than its message');
    if (from.u16() === TRANSACTION_HEADER) {
      transaction = from.u64();
      from.u32();
    }
    from.at = next;
  }
  if (transaction === undefined) throw protocolFault('a request without a transaction descriptor');
  return transaction;
}

/** 3989: the client names another transaction than the one it is in. */
export function checkTransaction(named: bigint, current: bigint): void {
  if (named === current) return;
  throw new SqlError(
    3989,
    'New request is not allowed to start because it should come with valid transaction descriptor.',
    { endsBatch: true },
  );
}

/** The text of a SQLBatch, after its headers. */
export function readBatchText(from: BytesIn): string {
  if (from.left % 2 !== 0) throw protocolFault('a batch that ends within a character');
  return from.text(from.left);
}

const MANAGER = { begin: 5, commit: 7, rollback: 8, save: 9 } as const;

/** A transaction manager request, after its headers (facts: tds-double 5.4). */
export function readTransactionRequest(from: BytesIn): TransactionRequest {
  const kind = from.u16();
  switch (kind) {
    case MANAGER.begin: {
      const isolation = isolationOf(from.u8());
      return { kind: 'begin', isolation, name: managerName(from) };
    }
    case MANAGER.commit:
    case MANAGER.rollback: {
      const name = managerName(from);
      if ((from.u8() & 1) !== 0)
        throw unsupported('a transaction request that begins the next transaction at once');
      return { kind: kind === MANAGER.commit ? 'commit' : 'rollback', name };
    }
    case MANAGER.save:
      return { kind: 'save', name: managerName(from) };
    default:
      throw unsupported(`transaction manager request ${kind}`);
  }
}

function isolationOf(level: number): 0 | 1 | 2 | 3 | 4 | 5 {
  switch (level) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return level;
    default:
      throw protocolFault(`isolation level ${level}`);
  }
}

/** UTF-16LE with its length in bytes. */
function managerName(from: BytesIn): string {
  const bytes = from.u8();
  if (bytes % 2 !== 0) throw protocolFault('a name that ends within a character');
  return from.text(bytes);
}

/** Reads a whole message: that it ends early is the client's fault (4002 would leave the session in doubt). */
export function readWhole<T>(payload: Buffer, read: (from: BytesIn) => T): T {
  try {
    return read(new BytesIn(payload));
  } catch (error) {
    if (error instanceof OutOfBytes) throw protocolFault(error.message);
    throw error;
  }
}
