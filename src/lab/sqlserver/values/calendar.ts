import type { OffsetTime } from './types.ts';

/** The calendar of SQL Server: proleptic Gregorian, year 1 to 9999, and the units its types count in. */

export const TICKS_PER_SECOND = 10_000_000n;
export const TICKS_PER_MINUTE = 600_000_000n;
export const TICKS_PER_DAY = 864_000_000_000n;
/** 1/300 s. */
export const UNITS_PER_DAY = 25_920_000;
/** Days from 0001-01-01 to 1900-01-01. */
export const DAYS_TO_1900 = 693_595;
const DAYS_TO_1970 = 719_162;
/** 9999-12-31. */
export const LAST_DAY = 3_652_058;
/** 1753-01-01 and 9999-12-31 23:59:59.997. */
export const FIRST_DATETIME = -53_690 * UNITS_PER_DAY;
export const LAST_DATETIME = (LAST_DAY - DAYS_TO_1900 + 1) * UNITS_PER_DAY - 1;
/** 2079-06-06 23:59. */
export const LAST_SMALLDATETIME = 65_536 * 1440 - 1;
const MS_PER_DAY = 86_400_000;

const monthStart = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

export const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

export const daysInMonth = (year: number, month: number): number =>
  month === 2
    ? isLeap(year)
      ? 29
      : 28
    : month === 4 || month === 6 || month === 9 || month === 11
      ? 30
      : 31;

/** Days since 0001-01-01; the date has to exist. */
export function daysOf(year: number, month: number, day: number): number {
  const before = year - 1;
  const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  const passed = (monthStart[month - 1] ?? 0) + (month > 2 && isLeap(year) ? 1 : 0);
  return before * 365 + leaps + passed + day - 1;
}

export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function dateOf(days: number): CalendarDate {
  // Years that begin in March put the leap day at their end.
  const shifted = days + 306;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

export const exists = (year: number, month: number, day: number): boolean =>
  year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);

/** 0 is Sunday. */
export const weekdayOf = (days: number): number => (days + 1) % 7;

/** Ticks of the scale's unit: 10^(7-scale). */
export const tickUnit = (scale: number): bigint => 10n ** BigInt(7 - scale);

/** Nearest multiple, halves up; ticks are never negative. */
export const roundTicks = (ticks: bigint, scale: number): bigint => {
  if (scale >= 7) return ticks;
  const unit = tickUnit(scale);
  return ((ticks + unit / 2n) / unit) * unit;
};

/** 1/300 s as 100 ns, rounded. */
export const unitsToTicks = (units: number): bigint =>
  (BigInt(units) * 100_000n + (units >= 0 ? 1n : -1n)) / 3n + BigInt(DAYS_TO_1900) * TICKS_PER_DAY;

const floorDivide = (value: bigint, by: bigint): bigint => {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
};

/** 100 ns as 1/300 s, rounded to the nearest as datetime does (.000, .003, .007). */
export const ticksToUnits = (ticks: bigint): number =>
  Number(floorDivide((ticks - BigInt(DAYS_TO_1900) * TICKS_PER_DAY) * 6n + 100_000n, 200_000n));

/** Milliseconds since the epoch as a value of each type; the server's clock runs on UTC. */
export const datetime2At = (ms: number): bigint =>
  BigInt(Math.floor(ms)) * 10_000n + BigInt(DAYS_TO_1970) * TICKS_PER_DAY;
export const datetimeAt = (ms: number): number =>
  Math.round(((ms + (DAYS_TO_1970 - DAYS_TO_1900) * MS_PER_DAY) * 3) / 10);
export const smalldatetimeAt = (ms: number): number =>
  Math.round((ms + (DAYS_TO_1970 - DAYS_TO_1900) * MS_PER_DAY) / 60_000);
export const dateAt = (ms: number): number => Math.floor(ms / MS_PER_DAY) + DAYS_TO_1970;
export const datetimeoffsetAt = (ms: number): OffsetTime => ({ ticks: datetime2At(ms), offset: 0 });

/** 100 ns since 0001-01-01 as milliseconds since the epoch. */
export function ticksToMs(ticks: bigint): number {
  const since = ticks - BigInt(DAYS_TO_1970) * TICKS_PER_DAY;
  return Number(since / 10_000n) + Number(since % 10_000n) / 10_000;
}
