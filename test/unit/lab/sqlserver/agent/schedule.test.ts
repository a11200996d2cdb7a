import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dateNumber,
  durationNumber,
  isContinuous,
  nextRun,
  type Schedule,
  timeNumber,
} from '../../../../../src/lab/sqlserver/agent/schedule.ts';

const at = (text: string): number => Date.parse(`${text}Z`);

const daily: Schedule = {
  enabled: true,
  frequencyType: 4,
  frequencyInterval: 1,
  subdayType: 1,
  subdayInterval: 0,
  recurrenceFactor: 0,
  startDate: 20240101,
  endDate: 99991231,
  startTime: 20000,
  endTime: 235959,
};

describe('nextRun', () => {
  it('is the time of day, today or tomorrow', () => {
    expect(nextRun(daily, at('2024-05-06T01:00:00'))).toBe(at('2024-05-06T02:00:00'));
    expect(nextRun(daily, at('2024-05-06T02:00:00'))).toBe(at('2024-05-07T02:00:00'));
  });

  it('waits for the first day', () => {
    expect(nextRun(daily, at('2020-01-01T00:00:00'))).toBe(at('2024-01-01T02:00:00'));
  });

  it('repeats within the day until its end', () => {
    const everyTenMinutes = { ...daily, subdayType: 4, subdayInterval: 10, startTime: 0, endTime: 10000 };
    expect(nextRun(everyTenMinutes, at('2024-05-06T00:05:00'))).toBe(at('2024-05-06T00:10:00'));
    expect(nextRun(everyTenMinutes, at('2024-05-06T01:00:00'))).toBe(at('2024-05-07T00:00:00'));
  });

  it('knows days of the week', () => {
    const weekends = { ...daily, frequencyType: 8, frequencyInterval: 1 + 64, recurrenceFactor: 1 };
    expect(nextRun(weekends, at('2024-05-06T00:00:00'))).toBe(at('2024-05-11T02:00:00'));
    expect(nextRun(weekends, at('2024-05-11T03:00:00'))).toBe(at('2024-05-12T02:00:00'));
  });

  it('knows days of the month', () => {
    const monthly = { ...daily, frequencyType: 16, frequencyInterval: 31, recurrenceFactor: 1 };
    expect(nextRun(monthly, at('2024-02-01T00:00:00'))).toBe(at('2024-03-31T02:00:00'));
  });

  it('comes once, and never after the end or when disabled', () => {
    const once = { ...daily, frequencyType: 1 };
    expect(nextRun(once, at('2023-12-31T00:00:00'))).toBe(at('2024-01-01T02:00:00'));
    expect(nextRun(once, at('2024-01-01T02:00:00'))).toBeUndefined();
    expect(nextRun({ ...daily, endDate: 20240102 }, at('2024-01-02T02:00:00'))).toBeUndefined();
    expect(nextRun({ ...daily, enabled: false }, 0)).toBeUndefined();
    expect(nextRun({ ...daily, frequencyType: 64 }, 0)).toBeUndefined();
    expect(isContinuous({ ...daily, frequencyType: 64 })).toBe(true);
  });

  it('is always later than what it is asked from, and stays the next one until it is reached', () => {
    const schedules = fc.record({
      enabled: fc.constant(true),
      frequencyType: fc.constantFrom(4, 8, 16),
      frequencyInterval: fc.integer({ min: 1, max: 28 }),
      subdayType: fc.constantFrom(1, 2, 4, 8),
      subdayInterval: fc.integer({ min: 1, max: 50 }),
      recurrenceFactor: fc.integer({ min: 0, max: 3 }),
      startDate: fc.constant(20240101),
      endDate: fc.constant(99991231),
      startTime: fc.constantFrom(0, 13005, 235900),
      endTime: fc.constant(235959),
    });
    const from = fc.integer({ min: at('2024-01-01T00:00:00'), max: at('2030-01-01T00:00:00') });
    fc.assert(
      fc.property(schedules, from, (schedule, after) => {
        const next = nextRun(schedule, after);
        expect(next).toBeGreaterThan(after);
        expect(nextRun(schedule, (next ?? 0) - 1)).toBe(next);
      }),
    );
  });
});

describe('numbers of msdb', () => {
  it('are days, times and spans', () => {
    expect(dateNumber(at('2024-01-31T23:59:58'))).toBe(20240131);
    expect(timeNumber(at('2024-01-31T23:59:58'))).toBe(235958);
    expect(durationNumber(3_723_000)).toBe(10203);
  });
});
