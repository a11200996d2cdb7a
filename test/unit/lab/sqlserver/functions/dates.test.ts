import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { call, NULL, say, typed } from './world.ts';

const date = (text: string) => typed(text, 'date');
const datetime = (text: string) => typed(text, 'datetime');

describe('dates', () => {
  it.each([
    ['dateadd', ['month', 1, date('2026-01-31')], 'date 2026-02-28'],
    ['dateadd', ['yy', -1, date('2024-02-29')], 'date 2023-02-28'],
    ['dateadd', ['week', 1, '2026-01-01'], 'datetime Jan  8 2026 12:00AM'],
    ['dateadd', ['day', 1, 0], 'datetime Jan  2 1900 12:00AM'],
    ['dateadd', ['hour', 25, typed('23:00', 'time(0)')], 'time(0) 00:00:00'],
    ['dateadd', ['ns', 150, typed('00:00', 'time(7)')], 'time(7) 00:00:00.0000002'],
    ['dateadd', ['second', 30, typed('2026-01-01', 'smalldatetime')], 'smalldatetime Jan  1 2026 12:01AM'],
    ['dateadd', ['year', 9000, date('2026-01-01')], 517],
    ['dateadd', ['hour', 1, date('2026-01-01')], 9810],
    ['dateadd', ['day', 1, typed('10:00', 'time(0)')], 9810],
    ['dateadd', ['fortnight', 1, date('2026-01-01')], 155],
    ['dateadd', ['iso_week', 1, date('2026-01-01')], 9806],
    ['dateadd', ['day', NULL, date('2026-01-01')], 'date NULL'],
    ['datediff', ['year', date('2025-12-31'), date('2026-01-01')], 'int 1'],
    ['datediff', ['month', date('2026-03-01'), date('2026-01-31')], 'int -2'],
    ['datediff', ['week', date('2026-11-21'), date('2026-11-22')], 'int 1'],
    ['datediff', ['hour', datetime('2026-01-01 10:59'), datetime('2026-01-01 11:00')], 'int 1'],
    ['datediff', ['day', '2026-01-01', datetime('2026-01-31')], 'int 30'],
    ['datediff', ['ms', date('2026-01-01'), date('2026-02-01')], 535],
    ['datediff_big', ['ms', date('2026-01-01'), date('2026-02-01')], 'bigint 2678400000'],
    ['datepart', ['dw', date('2026-11-22')], 'int 1'],
    ['datepart', ['wk', date('2026-01-04')], 'int 2'],
    ['datepart', ['isowk', date('2027-01-01')], 'int 53'],
    ['datepart', ['dy', date('2024-12-31')], 'int 366'],
    ['datepart', ['qq', date('2026-11-22')], 'int 4'],
    ['datepart', ['ms', datetime('2026-01-01 00:00:00.677')], 'int 676'],
    ['datepart', ['tz', typed('2026-01-01 00:00 +05:30', 'datetimeoffset(0)')], 'int 330'],
    ['datepart', ['hour', date('2026-11-22')], 9810],
    ['datename', ['weekday', date('2026-11-22')], 'nvarchar(30) Sunday'],
    ['datename', ['month', '2026-11-22'], 'nvarchar(30) November'],
    ['datename', ['tz', typed('2026-01-01 00:00 -05:30', 'datetimeoffset(0)')], 'nvarchar(30) -05:30'],
    ['year', ['2026-11-22'], 'int 2026'],
    ['month', [0], 'int 1'],
    ['day', [date('2026-11-22')], 'int 22'],
    ['eomonth', [date('2024-01-31'), 1], 'date 2024-02-29'],
    ['datefromparts', [2024, 2, 29], 'date 2024-02-29'],
    ['datefromparts', [2023, 2, 29], 289],
    ['datetimefromparts', [2026, 1, 2, 3, 4, 5, 999], 'datetime Jan  2 2026  3:04AM'],
    ['datetime2fromparts', [2026, 1, 2, 3, 4, 5, 50, 3], 'datetime2(3) 2026-01-02 03:04:05.050'],
    ['datetime2fromparts', [2026, 1, 2, 3, 4, 5, 1000, 3], 289],
    ['timefromparts', [23, 59, 58, 5, 1], 'time(1) 23:59:58.5'],
    ['timefromparts', [24, 0, 0, 0, 0], 289],
    ['smalldatetimefromparts', [2026, 1, 2, 3, 4], 'smalldatetime Jan  2 2026  3:04AM'],
    ['smalldatetimefromparts', [2100, 1, 2, 3, 4], 289],
    [
      'switchoffset',
      [typed('2026-01-01 00:00', 'datetimeoffset(0)'), '-05:00'],
      'datetimeoffset(0) 2025-12-31 19:00:00 -05:00',
    ],
    ['switchoffset', [typed('2026-01-01 00:00', 'datetimeoffset(0)'), '5'], 9812],
    [
      'todatetimeoffset',
      [typed('2026-01-01 00:00', 'datetime2(0)'), 120],
      'datetimeoffset(0) 2026-01-01 00:00:00 +02:00',
    ],
    ['isdate', ['2026-02-29'], 'int 0'],
    ['isdate', ['2026-02-28 10:00'], 'int 1'],
    ['isdate', [date('2026-01-01')], 8116],
    ['getdate', [], 'datetime Nov 22 2026  5:01PM'],
    ['sysutcdatetime', [], 'datetime2(7) 2026-11-22 17:01:02.1230000'],
    ['sysdatetimeoffset', [], 'datetimeoffset(7) 2026-11-22 17:01:02.1230000 +00:00'],
  ])('%s of %o is %s', (name, list, result) => {
    expect(say(name, list)).toBe(result);
  });

  it('begin the week where DATEFIRST says', () => {
    expect(say('datepart', ['dw', date('2026-11-22')], { dateFirst: 1 })).toBe('int 7');
    expect(say('datename', ['dw', date('2026-11-22')], { dateFirst: 1 })).toBe('nvarchar(30) Sunday');
  });

  it('DATEADD goes as far as DATEDIFF counts', () => {
    const days = fc.integer({ min: 0, max: 3_652_058 });
    const parts = fc.constantFrom('day', 'hour');
    fc.assert(
      fc.property(days, days, parts, (from, to, part) => {
        const start = {
          type: { kind: 'datetime2', scale: 7 } as const,
          value: BigInt(from) * 864_000_000_000n,
        };
        const end = { type: { kind: 'datetime2', scale: 7 } as const, value: BigInt(to) * 864_000_000_000n };
        const count = call('datediff', [part, start, end]);
        if ('error' in count || typeof count.value !== 'number') throw new Error('no count');
        const moved = call('dateadd', [part, count.value, start]);
        expect('value' in moved && moved.value).toBe(end.value);
      }),
    );
  });
});
