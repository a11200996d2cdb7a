import type { BulkRows } from '../server/requests.ts';
import type { Collation } from '../values/index.ts';
import type { Value } from '../values/types.ts';
import type { BulkFeed } from './bulk-feed.ts';
import { BytesIn, OutOfBytes } from './bytes-in.ts';
import { readTypeInfo } from './decode.ts';
import type { Decoder } from './decoder.ts';
import { BadValue, badColumn, protocolFault, streamEnded } from './faults.ts';
import { TOKEN } from './tokens.ts';
import { TYPE } from './type-ids.ts';

interface Column {
  readonly name: string;
  readonly decoder: Decoder;
}

/** Rows of one array at most. */
const ROWS = 1000;
/** Bytes after the token of a DONE. */
const DONE_REST = 12;

/**
 * A bulk load's rows as they arrive (facts: tds-double 5.5): resolves when the columns are known.
 * Its rows throw SqlError 4815, 4816, 9803 for what no column takes, and 4002 for a message that ends too early.
 */
export async function openBulk(feed: BulkFeed, own: Collation): Promise<BulkRows> {
  let input = new BytesIn(Buffer.alloc(0));

  /** Adds what came; false at the end of the message. What is read begins at `start`. */
  const more = async (start: number): Promise<boolean> => {
    const rest = input.bytes.subarray(start);
    // A value of many packets is not read again for each of them.
    const target = Math.max(input.wanted - start, rest.length * 2);
    const chunks: Buffer[] = [rest];
    let size = rest.length;
    let whole = false;
    while (size < target && !whole) {
      const taken = await feed.take();
      whole = taken.length === 0;
      for (const chunk of taken) {
        chunks.push(chunk);
        size += chunk.length;
      }
    }
    input = new BytesIn(Buffer.concat(chunks, size));
    return size > rest.length;
  };

  const columns = await readColumns();

  async function readColumns(): Promise<readonly Column[]> {
    for (;;) {
      try {
        input.at = 0;
        return bulkColumns(input, own);
      } catch (error) {
        if (!(error instanceof OutOfBytes)) throw error;
        if (!(await more(0))) throw streamEnded();
      }
    }
  }

  async function* rows(): AsyncGenerator<readonly (readonly Value[])[]> {
    const decoders = columns.map(column => column.decoder);
    for (;;) {
      const read: (readonly Value[])[] = [];
      const state = readRows(input, decoders, read);
      if (read.length > 0) yield read;
      if (state === 'done') {
        await feed.discard();
        if (feed.ignored) throw streamEnded();
        return;
      }
      if (state === 'starved' && !(await more(input.at))) throw streamEnded();
    }
  }

  return { columns: columns.map(({ name, decoder }) => ({ name, type: decoder.type })), rows: rows() };
}

/** COLMETADATA; none where a client without rows sends DONE alone. */
function bulkColumns(from: BytesIn, own: Collation): readonly Column[] {
  const token = from.peek();
  if (token === TOKEN.done) return [];
  if (token !== TOKEN.columns) throw protocolFault(`a bulk load that begins with 0x${token.toString(16)}`);
  from.skip(1);
  const count = from.u16();
  const columns: Column[] = [];
  for (let index = 0; index < count; index += 1) {
    from.skip(6);
    try {
      const decoder = readTypeInfo(from, 'row', own);
      const { typeId } = decoder;
      if (typeId === TYPE.text || typeId === TYPE.ntext || typeId === TYPE.image) from.usVarchar();
      columns.push({ name: from.bVarchar(), decoder });
    } catch (error) {
      if (error instanceof BadValue) throw badColumn(error, index + 1);
      throw error;
    }
  }
  return columns;
}

/** Reads rows until the bytes end; `from.at` then stands before the row that is not whole. */
function readRows(
  from: BytesIn,
  decoders: readonly Decoder[],
  into: (readonly Value[])[],
): 'full' | 'starved' | 'done' {
  let start = from.at;
  let column = 0;
  const value = (decoder: Decoder, index: number): Value => {
    column = index;
    return decoder.read(from);
  };
  try {
    while (into.length < ROWS) {
      start = from.at;
      const token = from.u8();
      if (token === TOKEN.row) {
        into.push(decoders.map(value));
      } else if (token === TOKEN.nullRow) {
        const bits = from.raw(Math.ceil(decoders.length / 8));
        into.push(
          decoders.map((decoder, index) =>
            ((bits[index >> 3] ?? 0) & (1 << (index & 7))) === 0 ? value(decoder, index) : null,
          ),
        );
      } else if (token === TOKEN.done) {
        from.skip(DONE_REST);
        return 'done';
      } else {
        throw protocolFault(`token 0x${token.toString(16)} in a bulk load`);
      }
    }
    return 'full';
  } catch (error) {
    if (error instanceof OutOfBytes) {
      from.at = start;
      return 'starved';
    }
    if (error instanceof BadValue) throw badColumn(error, column + 1);
    throw error;
  }
}
