import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  convertValue,
  dateOf,
  datetime2At,
  datetimeAt,
  daysOf,
  millisecondsOf,
  smalldatetimeAt,
  textOf,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { converted, type, value } from './types.ts';

const DAY = 86_400_000;

describe('the calendar', () => {
  it('is that of the platform', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_652_058 }), days => {
        const { year, month, day } = dateOf(days);
        expect(daysOf(year, month, day)).toBe(days);
        const platform = new Date(days * DAY - 719_162 * DAY);
        expect([year, month, day]).toEqual([
          platform.getUTCFullYear(),
          platform.getUTCMonth() + 1,
          platform.getUTCDate(),
        ]);
      }),
    );
  });

  it('gives the clock back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -6_000_000_000_000, max: 200_000_000_000_000 }), ms => {
        expect(millisecondsOf(datetime2At(ms), type('datetime2(7)'))).toBe(ms);
        expect(Math.abs(millisecondsOf(datetimeAt(ms), type('datetime')) - ms)).toBeLessThan(1.7);
      }),
    );
    expect(smalldatetimeAt(Date.UTC(2026, 10, 22, 10, 0, 29))).toBe(
      value('2026-11-22 10:00', 'smalldatetime'),
    );
  });
});

describe('texts as dates', () => {
  it.each([
    ['2026-11-22', 'datetime', 'Nov 22 2026 12:00AM'],
    ['20261122', 'date', '2026-11-22'],
    ['261122', 'date', '2026-11-22'],
    ['500101', 'date', '1950-01-01'],
    ['2026', 'date', '2026-01-01'],
    ['11/22/2026', 'date', '2026-11-22'],
    ['11.22.26', 'date', '2026-11-22'],
    ['22/11/2026', 'datetime', 242],
    ['22/11/2026', 'date', 241],
    ['Nov 22, 2026 1:05PM', 'datetime', 'Nov 22 2026  1:05PM'],
    ['22 November 2026', 'date', '2026-11-22'],
    ['2026-11-22T10:11:12.345', 'datetime2(3)', '2026-11-22 10:11:12.345'],
    ['2026-11-22T10:11', 'datetime', 241],
    ['2026-11-22T10:11', 'datetime2(0)', '2026-11-22 10:11:00'],
    ['2026-11-22T10:11:12Z', 'datetime', 'Nov 22 2026 10:11AM'],
    ['2026-11-22T10:11:12.1234567', 'datetime', 241],
    ['2026-11-22 10:11:12.1234567', 'datetime2(7)', '2026-11-22 10:11:12.1234567'],
    ['2026-11-22 10:11:12.1234567', 'datetime2(0)', '2026-11-22 10:11:12'],
    ['2026-11-22 23:59:59.9999999', 'datetime2(3)', '2026-11-23 00:00:00.000'],
    ['10:11', 'time(0)', '10:11:00'],
    ['10:11 PM', 'time(2)', '22:11:00.00'],
    ['12 AM', 'datetime', 'Jan  1 1900 12:00AM'],
    ['24:00', 'time(0)', 241],
    ['', 'date', '1900-01-01'],
    ['tomorrow', 'date', 241],
    ['1752-12-31', 'datetime', 242],
    ['0001-01-01', 'datetime2(7)', '0001-01-01 00:00:00.0000000'],
    ['2023-02-29', 'date', 241],
    ['2026-11-22 10:00 +05:30', 'datetimeoffset(0)', '2026-11-22 10:00:00 +05:30'],
    ['2026-11-22 10:00', 'datetimeoffset(0)', '2026-11-22 10:00:00 +00:00'],
    ['2026-11-22 10:00 +15:00', 'datetimeoffset(0)', 241],
    ['2026-11-22 10:00:29.998', 'smalldatetime', 'Nov 22 2026 10:00AM'],
    ['2026-11-22 10:00:29.999', 'smalldatetime', 'Nov 22 2026 10:01AM'],
  ])('%j as %s is %s', (text, to, result) => {
    expect(converted(text, 'varchar(60)', to)).toBe(result);
  });

  it('in the order of a style', () => {
    expect(converted('22/11/2026', 'varchar(20)', 'date', 103)).toBe('2026-11-22');
    expect(converted('26/11/22', 'varchar(20)', 'date', 11)).toBe('2026-11-22');
    expect(converted('22/11/2026', 'varchar(20)', 'date', 131)).toBe(40_517);
    expect(converted('22/11/2026', 'varchar(20)', 'date', 99)).toBe(281);
  });
});

describe('datetime', () => {
  it.each([
    ['.000', '.000'],
    ['.001', '.000'],
    ['.002', '.003'],
    ['.004', '.003'],
    ['.005', '.007'],
    ['.008', '.007'],
    ['.009', '.010'],
    ['.995', '.997'],
    ['.999', '.000'],
  ])('keeps %s as %s', (given, kept) => {
    const text = converted(`2026-11-22 10:11:12${given}`, 'varchar(30)', 'datetime');
    const moment = value(`2026-11-22 10:11:12${given}`, 'datetime');
    expect(text).not.toBe('NULL');
    expect(converted(moment, 'datetime', 'varchar(30)', 121)).toBe(
      given === '.999' ? '2026-11-22 10:11:13.000' : `2026-11-22 10:11:12${kept}`,
    );
  });

  const moment = value('2026-01-02 15:04:05.678', 'datetime');

  it.each([
    [undefined, 'Jan  2 2026  3:04PM'],
    [1, '01/02/26'],
    [101, '01/02/2026'],
    [102, '2026.01.02'],
    [103, '02/01/2026'],
    [104, '02.01.2026'],
    [105, '02-01-2026'],
    [106, '02 Jan 2026'],
    [107, 'Jan 02, 2026'],
    [108, '15:04:05'],
    [109, 'Jan  2 2026  3:04:05:677PM'],
    [110, '01-02-2026'],
    [111, '2026/01/02'],
    [12, '260102'],
    [112, '20260102'],
    [113, '02 Jan 2026 15:04:05:677'],
    [114, '15:04:05:677'],
    [20, '2026-01-02 15:04:05'],
    [120, '2026-01-02 15:04:05'],
    [121, '2026-01-02 15:04:05.677'],
    [23, '2026-01-02'],
    [24, '15:04:05'],
    [126, '2026-01-02T15:04:05.677'],
    [127, '2026-01-02T15:04:05.677Z'],
    [130, 40_517],
    [15, 281],
  ])('in style %s is %s', (style, text) => {
    expect(converted(moment, 'datetime', 'varchar(40)', style)).toBe(text);
  });

  it('comes back from style 121 and 126', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_391_644_800, max: 2_147_483_647 }),
        fc.constantFrom(121, 126),
        (units, style) => {
          const text = convertValue(units, type('datetime'), type('varchar(40)'), style);
          expect(convertValue(text, type('varchar(40)'), type('datetime'), style)).toBe(units);
        },
      ),
    );
  });

  it('comes back from datetime2', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_391_644_800, max: 2_147_483_647 }), units => {
        const wide = convertValue(units, type('datetime'), type('datetime2(7)'));
        expect(convertValue(wide, type('datetime2(7)'), type('datetime'))).toBe(units);
      }),
    );
  });
});

describe('between types', () => {
  it.each([
    ['datetimeoffset(0)', '2026-11-22 01:00 +05:00', 'datetime2(0)', '2026-11-22 01:00:00'],
    ['datetimeoffset(0)', '2026-11-22 01:00 +05:00', 'date', '2026-11-22'],
    ['datetime2(0)', '2026-11-22 01:00', 'datetimeoffset(0)', '2026-11-22 01:00:00 +00:00'],
    ['time(3)', '10:11:12.345', 'datetime', 'Jan  1 1900 10:11AM'],
    ['date', '2026-11-22', 'datetime', 'Nov 22 2026 12:00AM'],
    ['date', '1600-01-01', 'datetime', 242],
    ['datetime2(7)', '2026-11-22 23:59:59.9999999', 'date', '2026-11-22'],
    ['datetime2(7)', '1899-12-31', 'smalldatetime', 242],
  ])('%s %s as %s is %s', (from, text, to, result) => {
    expect(converted(value(text, from), from, to)).toBe(result);
  });

  it('datetimeoffset keeps instant and offset over style 121', () => {
    const of = type('datetimeoffset(7)');
    fc.assert(
      fc.property(
        fc.bigInt({ min: 10n ** 17n, max: 3n * 10n ** 18n }),
        fc.integer({ min: -840, max: 840 }),
        (ticks, offset) => {
          const text = textOf({ ticks, offset }, of);
          expect(convertValue(text, type('varchar(60)'), of)).toEqual({ ticks, offset });
        },
      ),
    );
  });
});
