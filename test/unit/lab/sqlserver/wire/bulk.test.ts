import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collation, DEFAULT_COLLATION, type Value } from '../../../../../src/lab/sqlserver/values/index.ts';
import { openBulk } from '../../../../../src/lab/sqlserver/wire/bulk.ts';
import { type BulkFeed, createBulkFeed } from '../../../../../src/lab/sqlserver/wire/bulk-feed.ts';
import { BytesOut } from '../../../../../src/lab/sqlserver/wire/bytes-out.ts';
import { encoderOf } from '../../../../../src/lab/sqlserver/wire/encode.ts';
import { rowWriter } from '../../../../../src/lab/sqlserver/wire/rows.ts';
import { bytes } from './hex.ts';

const own = collation(DEFAULT_COLLATION);
const ENCODERS = [
  encoderOf({ kind: 'int' }),
  encoderOf({ kind: 'nvarchar', length: 50, collation: DEFAULT_COLLATION }),
  encoderOf({ kind: 'ntext', collation: DEFAULT_COLLATION }),
  encoderOf({ kind: 'varbinary', length: 'max' }),
];
const NAMES = ['id', 'name', 'note', 'blob'];
const DONE = Buffer.concat([Buffer.from([0xfd]), Buffer.alloc(12)]);

function columns(): Buffer {
  const out = new BytesOut();
  out.u8(0x81);
  out.u16(ENCODERS.length);
  ENCODERS.forEach((encoder, index) => {
    out.u32(0);
    out.u16(5);
    encoder.info(out);
    if (encoder.hasTable) out.usVarchar('dbo.t');
    out.bVarchar(NAMES[index] ?? '');
  });
  return Buffer.from(out.written());
}

function message(rows: readonly (readonly Value[])[]): Buffer {
  const out = new BytesOut();
  const write = rowWriter(ENCODERS);
  for (const row of rows) write(out, row);
  return Buffer.concat([columns(), Buffer.from(out.written()), DONE]);
}

const newFeed = (): BulkFeed => createBulkFeed({ pause: () => undefined, resume: () => undefined });

async function allOf(feed: BulkFeed): Promise<Value[][]> {
  const found: Value[][] = [];
  const load = await openBulk(feed, own);
  for await (const rows of load.rows) for (const row of rows) found.push([...row]);
  return found;
}

describe('a bulk load', () => {
  it('gives the rows that were sent, in whatever pieces they come', async () => {
    const value = fc.oneof(fc.constant(null), fc.string({ unit: 'binary', maxLength: 25 }));
    const row = fc.tuple(
      fc.oneof(fc.constant(null), fc.integer()),
      value,
      value,
      fc.oneof(fc.constant(null), fc.constant(new Uint8Array(700))),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 }),
        fc.boolean(),
        async (rows, pieces, ahead) => {
          const sent = message(rows);
          const feed = newFeed();
          const read = ahead ? undefined : allOf(feed);
          for (let at = 0, piece = 0; at < sent.length; piece += 1) {
            const size = pieces[piece % pieces.length] ?? 1;
            feed.push(sent.subarray(at, at + size));
            at += size;
            if (piece % 3 === 0) await Promise.resolve();
          }
          feed.finish(false);
          expect(await (read ?? allOf(feed))).toEqual(rows);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('tells its columns before its rows', async () => {
    const feed = newFeed();
    feed.push(columns());
    expect((await openBulk(feed, own)).columns).toEqual([
      { name: 'id', type: { kind: 'int' } },
      { name: 'name', type: { kind: 'nvarchar', length: 50, collation: DEFAULT_COLLATION } },
      { name: 'note', type: { kind: 'ntext', collation: DEFAULT_COLLATION } },
      { name: 'blob', type: { kind: 'varbinary', length: 'max' } },
    ]);
  });

  it('without rows may be a DONE alone', async () => {
    const feed = newFeed();
    feed.push(DONE);
    feed.finish(false);
    const load = await openBulk(feed, own);
    expect(load.columns).toEqual([]);
    for await (const rows of load.rows) expect(rows).toEqual([]);
  });

  it.each([
    ['ends within a row', (feed: BulkFeed) => feed.finish(false)],
    ['is taken back', (feed: BulkFeed) => feed.finish(true)],
    ['loses its connection', (feed: BulkFeed) => feed.fail()],
  ])('that %s is not taken for a whole one', async (_name, end) => {
    const feed = newFeed();
    feed.push(message([[1, 'a', null, null]]).subarray(0, -DONE.length - 1));
    end(feed);
    await expect(allOf(feed)).rejects.toMatchObject({ number: 4002 });
  });

  it('taken back after its DONE is not taken for a whole one either', async () => {
    const feed = newFeed();
    feed.push(message([[1, 'a', null, null]]));
    const read = allOf(feed);
    feed.finish(true);
    await expect(read).rejects.toMatchObject({ number: 4002 });
  });

  it.each([
    ['another token', 'd1 04 01 00 00 00 ff ff 00 ff ff ff ff ff ff ff ff 99', 4014],
    ['a wrong length', 'd1 02 01 00', 4815],
    ['a name that is too long', 'd1 04 01 00 00 00 66 00', 4815],
  ])('with %s is refused', async (_name, row, number) => {
    const feed = newFeed();
    feed.push(Buffer.concat([columns(), bytes(row)]));
    await expect(allOf(feed)).rejects.toMatchObject({ number });
  });

  it('of an unknown type is refused by the number of its column', async () => {
    const feed = newFeed();
    feed.push(bytes('81 01 00 00 00 00 00 05 00 f0'));
    await expect(openBulk(feed, own)).rejects.toMatchObject({
      number: 4816,
      message: expect.stringContaining('colid 1'),
    });
  });

  it('makes the client wait while more than a megabyte is held', async () => {
    const flow: string[] = [];
    const feed = createBulkFeed({ pause: () => flow.push('pause'), resume: () => flow.push('resume') });
    feed.push(Buffer.alloc(1_048_576));
    expect(flow).toEqual([]);
    feed.push(Buffer.alloc(1));
    expect(flow).toEqual(['pause']);
    await feed.take();
    expect(flow).toEqual(['pause', 'resume']);
  });
});
