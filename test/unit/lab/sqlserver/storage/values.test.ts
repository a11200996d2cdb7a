import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../../src/foundation/clock.ts';
import { openStore } from '../../../../../src/lab/sqlserver/storage/open.ts';
import { ByteReader, ByteWriter } from '../../../../../src/lab/sqlserver/storage/value-codec.ts';
import { comparator } from '../../../../../src/lab/sqlserver/values/index.ts';
import {
  BIGINT,
  DATETIME,
  datetime2,
  decimal,
  FLOAT,
  INT,
  MONEY,
  nvarchar,
  SQL_VARIANT,
  type SqlType,
  UNIQUEIDENTIFIER,
  type Value,
  varbinary,
} from '../../../../../src/lab/sqlserver/values/types.ts';
import {
  column,
  committed,
  createTable,
  index,
  insertAll,
  newStore,
  table,
  temporaryFile,
  valuesOf,
} from './fixture.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat({ max: 0xffff })).map(units => String.fromCharCode(...units)),
);
const bytes = fc.uint8Array({ maxLength: 40 }).map(array => new Uint8Array(array));
const float = fc.double({ noNaN: true, noDefaultInfinity: true });
const big = (digits: bigint) => fc.bigInt({ min: -(10n ** digits) + 1n, max: 10n ** digits - 1n });
const offset = fc.record({
  ticks: fc.bigInt({ min: 0n, max: 3155378975999999999n }),
  offset: fc.integer({ min: -840, max: 840 }),
});
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const columns: readonly (readonly [SqlType, fc.Arbitrary<Value>])[] = [
  [INT, fc.integer()],
  [BIGINT, long],
  [FLOAT, float],
  [decimal(18, 4), big(18n)],
  [decimal(38, 10), big(38n)],
  [MONEY, long],
  [nvarchar('max'), text],
  [varbinary('max'), bytes],
  [datetime2(7), fc.bigInt({ min: 0n, max: 3155378975999999999n })],
  [DATETIME, fc.integer({ min: -46388 * 25920000, max: 2958463 * 25920000 })],
  [{ kind: 'datetimeoffset', scale: 7 }, offset],
  [{ kind: 'time', scale: 7 }, fc.integer({ min: 0, max: 863999999999 })],
  [UNIQUEIDENTIFIER, fc.uuid().map(id => id.toUpperCase())],
  [
    SQL_VARIANT,
    fc.oneof(
      long.map((value): Value => ({ type: BIGINT, value })),
      text.map((value): Value => ({ type: nvarchar(4000), value })),
      float.map((value): Value => ({ type: FLOAT, value })),
      bytes.map((value): Value => ({ type: varbinary(8000), value })),
    ),
  ],
];

const row = fc.tuple(...columns.map(([, values]) => fc.option(values, { nil: null, freq: 5 })));

test('every value comes back as it went, also after a restart', () => {
  const shape = table(
    columns.map(([type], n) => column(n + 1, type)),
    [],
  );
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), rows => {
      const options = { file: temporaryFile(), clock: systemClock, databaseId: 5, kind: 'user' } as const;
      const store = openStore(options);
      const t = createTable(store, shape);
      insertAll(store, t, rows);
      expect(committed(store, t)).toEqual(rows);
      store.close();
      const again = openStore(options);
      expect(committed(again, t)).toEqual(rows);
      again.close();
    }),
    { numRuns: 25 },
  );
});

test('the bytes of the logs hold every value', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(...columns.map(([, values]) => values), fc.constant(null))), values => {
      const writer = new ByteWriter();
      writer.values(values);
      const reader = new ByteReader(writer.finish());
      expect(reader.values()).toEqual(values);
      expect(reader.done).toBe(true);
    }),
  );
});

test('each type is found by its key and comes in its order from an index', () => {
  columns.forEach(([type, values], n) => {
    if (type.kind === 'sql_variant') return;
    const store = newStore();
    const t = createTable(store, table([column(1, INT), column(2, type)], [index(2, [2])]));
    const sample = fc.sample(values, { numRuns: 30, seed: n + 1 });
    insertAll(
      store,
      t,
      sample.map((value, id) => [id, value]),
    );
    const snapshot = store.snapshot();
    const ordered = valuesOf(snapshot.scan(t, { indexId: 2 }));
    const compare = comparator(type);
    ordered.reduce((left, right) => {
      expect(compare(left[1] ?? null, right[1] ?? null), type.kind).toBeLessThanOrEqual(0);
      return right;
    });
    const back = valuesOf(snapshot.scan(t, { indexId: 2, reverse: true }));
    expect(back.reverse(), type.kind).toEqual(ordered);
    sample.forEach((value, id) => {
      const found = valuesOf(snapshot.seek(t, 2, [value])).map(each => each[0]);
      expect(found, type.kind).toContain(id);
      const edge = { key: [value], inclusive: true };
      const between = valuesOf(snapshot.scan(t, { indexId: 2, low: edge, high: edge })).map(each => each[0]);
      expect(between, type.kind).toEqual(found);
    });
    snapshot.close();
  });
});
