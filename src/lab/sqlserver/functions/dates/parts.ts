import { SqlError } from '../../errors.ts';
import { dateOf, daysOf, TICKS_PER_DAY, weekdayOf } from '../../values/calendar.ts';
import type { SqlType } from '../../values/index.ts';

/** Parts of dates: their names, their numbers, and which types have them. */

export type DatePart =
  | 'year'
  | 'quarter'
  | 'month'
  | 'dayofyear'
  | 'day'
  | 'week'
  | 'weekday'
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'microsecond'
  | 'nanosecond'
  | 'tzoffset'
  | 'iso_week';

const NAMES: ReadonlyMap<string, DatePart> = new Map<string, DatePart>([
  ...alias('year', 'yy', 'yyyy'),
  ...alias('quarter', 'qq', 'q'),
  ...alias('month', 'mm', 'm'),
  ...alias('dayofyear', 'dy', 'y'),
  ...alias('day', 'dd', 'd'),
  ...alias('week', 'wk', 'ww'),
  ...alias('weekday', 'dw', 'w'),
  ...alias('hour', 'hh'),
  ...alias('minute', 'mi', 'n'),
  ...alias('second', 'ss', 's'),
  ...alias('millisecond', 'ms'),
  ...alias('microsecond', 'mcs'),
  ...alias('nanosecond', 'ns'),
  ...alias('tzoffset', 'tz'),
  ...alias('iso_week', 'isowk', 'isoww'),
]);

function alias(part: DatePart, ...names: string[]): [string, DatePart][] {
  return [part, ...names].map(name => [name, part]);
}

/** @throws SqlError 155 for a word that is no part, 9810 for one that this function does not take */
export function partOf(word: unknown, name: string, without: readonly DatePart[] = []): DatePart {
  const part = typeof word === 'string' ? NAMES.get(word.toLowerCase()) : undefined;
  if (part === undefined) {
    throw new SqlError(155, `'${String(word)}' is not a recognized ${name} option.`, {
      severity: 15,
      endsBatch: true,
    });
  }
  if (without.includes(part)) {
    throw new SqlError(9806, `The datepart ${part} is not supported by date function ${name}.`, {
      endsBatch: true,
    });
  }
  return part;
}

const CLOCK: ReadonlySet<DatePart> = new Set([
  'hour',
  'minute',
  'second',
  'millisecond',
  'microsecond',
  'nanosecond',
]);

/** @throws SqlError 9810 for the hour of a date, the day of a time */
export function demandPart(part: DatePart, type: SqlType, name: string): void {
  const clock = CLOCK.has(part);
  const has =
    part === 'tzoffset'
      ? type.kind === 'datetimeoffset' || type.kind === 'datetime2'
      : type.kind === 'date'
        ? !clock
        : type.kind !== 'time' || clock;
  if (has) return;
  throw new SqlError(
    9810,
    `The datepart ${part} is not supported by date function ${name} for data type ${type.kind}.`,
    { endsBatch: true },
  );
}

/** Monday is 0. */
const mondayOf = (days: number): number => days % 7;

function isoWeek(days: number): number {
  // The week belongs to the year of its Thursday.
  const thursday = days - mondayOf(days) + 3;
  const { year } = dateOf(thursday);
  return Math.floor((thursday - daysOf(year, 1, 1)) / 7) + 1;
}

/** 1 is the first day of the week by SET DATEFIRST, 7 of which is Sunday. */
export const weekday = (days: number, dateFirst: number): number =>
  ((weekdayOf(days) + 7 - (dateFirst % 7)) % 7) + 1;

/** DATEPART of local 100 ns since 0001-01-01. */
export function partValue(part: DatePart, ticks: bigint, offset: number, dateFirst: number): number {
  const days = Number(ticks / TICKS_PER_DAY);
  const clock = Number(ticks % TICKS_PER_DAY);
  switch (part) {
    case 'hour':
      return Math.floor(clock / 36_000_000_000);
    case 'minute':
      return Math.floor(clock / 600_000_000) % 60;
    case 'second':
      return Math.floor(clock / 10_000_000) % 60;
    case 'millisecond':
      return Math.floor((clock % 10_000_000) / 10_000);
    case 'microsecond':
      return Math.floor((clock % 10_000_000) / 10);
    case 'nanosecond':
      return (clock % 10_000_000) * 100;
    case 'tzoffset':
      return offset;
    case 'iso_week':
      return isoWeek(days);
    case 'weekday':
      return weekday(days, dateFirst);
    default:
      return calendarPart(part, days, dateFirst);
  }
}

function calendarPart(part: DatePart, days: number, dateFirst: number): number {
  const { year, month, day } = dateOf(days);
  switch (part) {
    case 'year':
      return year;
    case 'quarter':
      return Math.ceil(month / 3);
    case 'month':
      return month;
    case 'day':
      return day;
    default: {
      const first = daysOf(year, 1, 1);
      if (part === 'dayofyear') return days - first + 1;
      return Math.floor((days - first + weekday(first, dateFirst) - 1) / 7) + 1;
    }
  }
}
