import { findTable } from '../catalog/find.ts';
import type { Column } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Instance } from '../server/instance.ts';
import type { Reply } from '../server/replies.ts';
import type { Session } from '../server/requests.ts';
import { convertValue, typeText } from '../values/index.ts';
import { nvarchar, type SqlType, type Value, varbinary } from '../values/types.ts';
import { Dice } from './rows/dice.ts';
import type { Cell, Sketch } from './rows/sketch.ts';

/** Rows that go into the server at once. */
const BATCH = 1000;

/** Rows of one bulk load: what a transaction writes is held in memory until it commits. */
const TRANSACTION = 20_000;

const TEXT: SqlType = nvarchar('max');
const BYTES: SqlType = varbinary('max');

/** Fills the tables of a database of a double by bulk loads; `progress` hears how many rows are in, after each load. */
export async function load(
  instance: Instance,
  session: Session,
  database: string,
  sketches: readonly Sketch[],
  seed: number,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<void> {
  const signal = new AbortController().signal;
  await drain(session.batch(`USE [${database.replaceAll(']', ']]')}]`, signal));
  const total = sketches.reduce((sum, { count }) => sum + count, 0);
  let done = 0;
  for (const sketch of sketches) {
    const columns = columnsOf(instance, database, sketch);
    const list = columns.map(({ name, type }) => `[${name}] ${typeText(type)}`).join(', ');
    for (let from = 0; from < sketch.count; from += TRANSACTION) {
      await drain(session.batch(`INSERT BULK ${sketch.table} (${list}) WITH (KEEP_NULLS, TABLOCK)`, signal));
      const upTo = Math.min(sketch.count, from + TRANSACTION);
      await drain(session.bulk({ columns, rows: rowsOf(sketch, columns, { seed, from, upTo }) }, signal));
      done += upTo - from;
      progress(done, total);
    }
  }
}

function columnsOf(instance: Instance, database: string, { table, columns }: Sketch): readonly Column[] {
  const [schema = '', name = ''] = table.split('.');
  const catalog = instance.databases.get(database.toLowerCase())?.catalog;
  const found = catalog && findTable(catalog, schema, name);
  return columns.map(wanted => {
    const column = found?.columns.find(each => each.name === wanted);
    if (column === undefined) throw new RangeError(`${table} has no column ${wanted}`);
    return column;
  });
}

interface Part {
  readonly seed: number;
  readonly from: number;
  readonly upTo: number;
}

async function* rowsOf(
  sketch: Sketch,
  columns: readonly Column[],
  { seed, from: first, upTo }: Part,
): AsyncIterable<readonly (readonly Value[])[]> {
  for (let from = first; from < upTo; from += BATCH) {
    const rows: (readonly Value[])[] = [];
    for (let n = from; n < Math.min(upTo, from + BATCH); n += 1) {
      const cells = sketch.row(n, new Dice(seed, sketch.table, n));
      rows.push(columns.map(({ type }, at) => inMemory(cells[at] ?? null, type)));
    }
    yield rows;
  }
}

function inMemory(cell: Cell, type: SqlType): Value {
  if (cell === null) return null;
  if (cell instanceof Uint8Array) return convertValue(cell, BYTES, type);
  switch (type.kind) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'real':
    case 'float':
      return Number(cell);
    case 'bigint':
      return BigInt(cell);
    default:
      return convertValue(String(cell), TEXT, type);
  }
}

/**
 * Reads a request's replies to their end.
 *
 * @throws SqlError the last error among them
 */
export async function drain(replies: AsyncIterable<Reply>): Promise<void> {
  let fault: SqlError | undefined;
  for await (const reply of replies) {
    if (reply.reply !== 'message' || reply.message.severity < 11) continue;
    const { number, text, severity, state, line, procedure } = reply.message;
    fault = new SqlError(number, text, { severity, state, line, procedure });
  }
  if (fault !== undefined) throw fault;
}
