import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Collation,
  collation,
  DEFAULT_COLLATION,
  type SqlType,
  type Value,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { BytesIn, OutOfBytes } from '../../../../../src/lab/sqlserver/wire/bytes-in.ts';
import { BytesOut } from '../../../../../src/lab/sqlserver/wire/bytes-out.ts';
import { readTypeInfo } from '../../../../../src/lab/sqlserver/wire/decode.ts';
import { encoderOf } from '../../../../../src/lab/sqlserver/wire/encode.ts';
import { BadValue } from '../../../../../src/lab/sqlserver/wire/faults.ts';
import { bytes } from './hex.ts';

const own: Collation = collation(DEFAULT_COLLATION);
const TICKS = 864_000_000_000n;

interface Sample {
  readonly type: SqlType;
  readonly value: Exclude<Value, null>;
}

const of = <T extends Exclude<Value, null>>(type: SqlType, value: fc.Arbitrary<T>): fc.Arbitrary<Sample> =>
  value.map(made => ({ type, value: made }));
const text = (maxLength: number): fc.Arbitrary<string> => fc.string({ unit: 'binary', maxLength });
const page = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'abcXYZ 019€ÄéßÿŒ'), maxLength });
const page8 = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'grapheme', maxLength }).filter(made => Buffer.byteLength(made) <= maxLength);

const decimals = fc
  .tuple(fc.constantFrom<'decimal' | 'numeric'>('decimal', 'numeric'), fc.integer({ min: 1, max: 38 }))
  .chain(([kind, precision]) =>
    fc
      .tuple(
        fc.integer({ min: 0, max: precision }),
        fc.bigInt({ min: -(10n ** BigInt(precision)) + 1n, max: 10n ** BigInt(precision) - 1n }),
      )
      .map(([scale, value]): Sample => ({ type: { kind, precision, scale }, value })),
  );
const times = fc.integer({ min: 0, max: 7 }).chain(scale => {
  const unit = 10 ** (7 - scale);
  const day = fc.bigInt({ min: 0n, max: 3_652_058n });
  const time = fc.integer({ min: 0, max: 864_000_000_000 / unit - 1 }).map(count => count * unit);
  const moment = fc.tuple(day, time).map(([days, ticks]) => days * TICKS + BigInt(ticks));
  return fc.oneof(
    of({ kind: 'time', scale }, time),
    of({ kind: 'datetime2', scale }, moment),
    of(
      { kind: 'datetimeoffset', scale },
      fc.record({ ticks: moment, offset: fc.integer({ min: -840, max: 840 }) }),
    ),
  );
});
const small: fc.Arbitrary<Sample> = fc.oneof(
  of({ kind: 'bit' }, fc.constantFrom(0, 1)),
  of({ kind: 'tinyint' }, fc.integer({ min: 0, max: 255 })),
  of({ kind: 'smallint' }, fc.integer({ min: -32_768, max: 32_767 })),
  of({ kind: 'int' }, fc.integer()),
  of({ kind: 'bigint' }, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  of({ kind: 'real' }, fc.float({ noNaN: true, noDefaultInfinity: true })),
  of({ kind: 'float' }, fc.double({ noNaN: true, noDefaultInfinity: true })),
  of({ kind: 'smallmoney' }, fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n })),
  of({ kind: 'money' }, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  of({ kind: 'datetime' }, fc.integer({ min: -53_690 * 25_920_000, max: 2_958_463 * 25_920_000 })),
  of({ kind: 'smalldatetime' }, fc.integer({ min: 0, max: 65_535 * 1440 + 1439 })),
  of({ kind: 'date' }, fc.integer({ min: 0, max: 3_652_058 })),
  of(
    { kind: 'uniqueidentifier' },
    fc.uuid().map(made => made.toUpperCase()),
  ),
  of({ kind: 'nvarchar', length: 200, collation: DEFAULT_COLLATION }, text(90)),
  of(
    { kind: 'nchar', length: 200, collation: 'Latin1_General_BIN2' },
    text(90).map(short => short.padEnd(200)),
  ),
  of({ kind: 'varchar', length: 90, collation: DEFAULT_COLLATION }, page(90)),
  of(
    { kind: 'char', length: 90, collation: DEFAULT_COLLATION },
    page(90).map(short => short.padEnd(90)),
  ),
  of({ kind: 'varchar', length: 90, collation: 'Latin1_General_100_CI_AS_SC_UTF8' }, page8(90)),
  of({ kind: 'varbinary', length: 300 }, fc.uint8Array({ maxLength: 300 })),
  of({ kind: 'binary', length: 300 }, fc.uint8Array({ minLength: 300, maxLength: 300 })),
  decimals,
  times,
);
const variants = small.map(({ type, value }): Sample => {
  if (typeof value === 'object' && 'type' in value) throw new Error('no variant in a variant');
  return { type: { kind: 'sql_variant' }, value: { type, value } };
});
const large: fc.Arbitrary<Sample> = fc.oneof(
  of({ kind: 'nvarchar', length: 'max', collation: DEFAULT_COLLATION }, text(5000)),
  of({ kind: 'varchar', length: 'max', collation: DEFAULT_COLLATION }, page(5000)),
  of({ kind: 'varbinary', length: 'max' }, fc.uint8Array({ maxLength: 5000 })),
  of(
    { kind: 'xml' },
    text(2000).map(made => made.replace(/^\uFEFF+/, '')),
  ),
  of({ kind: 'text', collation: DEFAULT_COLLATION }, page(3000)),
  of({ kind: 'ntext', collation: DEFAULT_COLLATION }, text(3000)),
  of({ kind: 'image' }, fc.uint8Array({ maxLength: 3000 })),
);
const samples = fc.oneof(
  { weight: 4, arbitrary: small },
  { weight: 1, arbitrary: variants },
  { weight: 1, arbitrary: large },
);

describe('a value of any type', () => {
  it.each([
    [{ kind: 'char', length: 4, collation: DEFAULT_COLLATION }, 'ab', 'ab  '],
    [{ kind: 'nchar', length: 3, collation: DEFAULT_COLLATION }, '', '   '],
    [{ kind: 'binary', length: 3 }, Uint8Array.of(1), Uint8Array.of(1, 0, 0)],
  ] as const)('%o that comes short is filled up', (type, short, full) => {
    const out = new BytesOut(16);
    const encoder = encoderOf(type);
    encoder.info(out);
    encoder.value(out, short);
    const from = new BytesIn(Buffer.from(out.written()));
    expect(readTypeInfo(from, 'row', own).read(from)).toEqual(full);
  });

  it('comes back from the wire as it was, null or not', () => {
    fc.assert(
      fc.property(samples, fc.boolean(), ({ type, value }, isNull) => {
        const out = new BytesOut(16);
        // What a message before left in the buffer must not show through.
        for (let index = 0; index < 8192; index += 1) out.u8(0xee);
        out.clear();
        const encoder = encoderOf(type);
        encoder.info(out);
        if (isNull) encoder.none(out);
        else encoder.value(out, value);
        const from = new BytesIn(Buffer.from(out.written()));
        const decoder = readTypeInfo(from, 'row', own);
        expect(decoder.type).toEqual(type);
        expect(decoder.read(from)).toEqual(isNull ? null : value);
        expect(from.ended).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('cut short is out of bytes and nothing else', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 0, max: 100_000 }), ({ type, value }, place) => {
        const out = new BytesOut(16);
        const encoder = encoderOf(type);
        encoder.info(out);
        encoder.value(out, value);
        const whole = out.written();
        const from = new BytesIn(Buffer.from(whole.subarray(0, place % whole.length)));
        expect(() => readTypeInfo(from, 'row', own).read(from)).toThrow(OutOfBytes);
      }),
      { numRuns: 500 },
    );
  });

  it('that is not null has the bare form of its type where there is one', () => {
    const out = new BytesOut();
    const encoder = encoderOf({ kind: 'int' }, false);
    encoder.info(out);
    encoder.value(out, -2);
    expect(out.written()).toEqual(bytes('38 fe ff ff ff'));
    expect(() => encoder.none(out)).toThrow(TypeError);
  });

  it('held as another type holds its values is a fault of the double', () => {
    expect(() => encoderOf({ kind: 'int' }).value(new BytesOut(), 5n)).toThrow('bigint as int');
    expect(() => encoderOf({ kind: 'decimal', precision: 5, scale: 0 }).value(new BytesOut(), 5)).toThrow(
      TypeError,
    );
  });
});

const collationBytes = '09 04 d0 00 34';

describe('what no type can be', () => {
  it.each([
    ['an unknown type', 'ff', 'type'],
    ['a CLR type', 'f0', 'type'],
    ['an int of 3 bytes', '26 03', 'length'],
    ['an int value of another size', '26 04 02 00 00', 'length'],
    ['text longer than its column', `a7 02 00 ${collationBytes} 03 00 61 62 63`, 'length'],
    ['half a character', `e7 04 00 ${collationBytes} 03 00 61 00 62`, 'length'],
    ['chunks that do not add up', 'a5 ff ff 05 00 00 00 00 00 00 00 01 00 00 00 61 00 00 00 00', 'chunks'],
    ['a total no server could hold', 'a5 ff ff 00 00 00 00 ff 00 00 00', 'length'],
    ['precision 39', '6a 11 27 00', 'value'],
    ['a scale above its precision', '6a 05 02 03', 'value'],
    ['more digits than the precision', '6a 05 02 00 05 01 64 00 00 00', 'value'],
    ['NaN', '6d 08 08 00 00 00 00 00 00 f8 7f', 'value'],
    ['a date after 9999', '28 03 ff ff ff', 'value'],
    ['a time after midnight', '29 00 03 80 51 01', 'value'],
    ['a datetime before 1753', '6f 08 08 00 00 ff ff 00 00 00 00', 'value'],
    ['scale 8', '2a 08', 'value'],
    ['an offset of 15 hours', '2b 00 08 00 00 00 00 00 00 84 03', 'value'],
  ])('%s', (_name, text, fault) => {
    const from = new BytesIn(bytes(text));
    const read = (): Value => readTypeInfo(from, 'parameter', own).read(from);
    expect(read).toThrow(BadValue);
    from.at = 0;
    expect(read).toThrow(expect.objectContaining({ fault }));
  });

  it('bytes of any kind are a value, a bad value, or too few', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), made => {
        const from = new BytesIn(Buffer.from(made));
        try {
          readTypeInfo(from, 'row', own).read(from);
        } catch (error) {
          const known =
            error instanceof BadValue ||
            error instanceof OutOfBytes ||
            (error instanceof Error && 'number' in error && error.number === 40517);
          expect(known).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
