import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertValue } from '../../../../../src/lab/sqlserver/values/index.ts';
import type { SqlType, Value } from '../../../../../src/lab/sqlserver/values/types.ts';

const BYTES: SqlType = { kind: 'varbinary', length: 'max' };
const TEXT: SqlType = { kind: 'varchar', length: 40, collation: 'Latin1_General_CI_AS' };

const bytesOf = (text: string, type: SqlType): Value =>
  convertValue(convertValue(text, TEXT, type), type, BYTES);

describe('moments as binaries', () => {
  it.each([
    // 0x5B950A is where the days of datetime begin.
    ['0001-01-01', { kind: 'date' }, '000000'],
    ['1900-01-01', { kind: 'date' }, '5b950a'],
    ['2012-01-26', { kind: 'date' }, '3f350b'],
    ['2012-01-26', { kind: 'datetime2', scale: 7 }, '0700000000003f350b'],
    ['00:00:01', { kind: 'time', scale: 0 }, '00010000'],
    ['00:00:01', { kind: 'time', scale: 7 }, '078096980000'],
    ['2012-01-26 00:00:01.5', { kind: 'datetime2', scale: 3 }, '03dc0500003f350b'],
    ['2012-01-26 01:00:00 +01:00', { kind: 'datetimeoffset', scale: 7 }, '0700000000003f350b3c00'],
  ] as const)('%s as %o', (text, type, hex) => {
    const bytes = bytesOf(text, type);
    expect(bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : bytes).toBe(hex);
  });

  it('come back as they were', () => {
    const moment = fc.bigInt({ min: 0n, max: 3_652_059n * 864_000_000_000n - 1n });
    fc.assert(
      fc.property(
        moment,
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: -840, max: 840 }),
        (at, scale, offset) => {
          const unit = 10n ** BigInt(7 - scale);
          const ticks = (at / unit) * unit;
          const values: readonly (readonly [SqlType, Value])[] = [
            [{ kind: 'date' }, Number(ticks / 864_000_000_000n)],
            [{ kind: 'time', scale }, Number(ticks % 864_000_000_000n)],
            [{ kind: 'datetime2', scale }, ticks],
            [
              { kind: 'datetimeoffset', scale },
              { ticks, offset },
            ],
          ];
          for (const [type, value] of values)
            expect(convertValue(convertValue(value, type, BYTES), BYTES, type)).toEqual(value);
        },
      ),
    );
  });

  it('are refused where they are no moment of the type', () => {
    for (const bytes of [Uint8Array.of(), Uint8Array.of(7, 0, 0), Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0)])
      expect(() => convertValue(bytes, BYTES, { kind: 'datetime2', scale: 7 })).toThrow();
  });
});
