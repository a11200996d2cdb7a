import { daysOf, exists, TICKS_PER_DAY, TICKS_PER_MINUTE } from './calendar.ts';

/** What a text says about a date and a time; SQL Server's forms under us_english. */
export interface ParsedMoment {
  /** Days since 0001-01-01; undefined where the text has no date. */
  readonly days: number | undefined;
  /** 100 ns since midnight; may reach a whole day by rounding. */
  readonly ticks: bigint;
  /** Digits of the fraction as written. */
  readonly fraction: number;
  /** Minutes east of UTC. */
  readonly offset: number | undefined;
  /** ISO 8601 with a T and without seconds, which the two old types do not take. */
  readonly minutes: boolean;
}

export type Parsed = ParsedMoment | 'syntax' | 'range';

export type DateOrder = 'mdy' | 'dmy' | 'ymd';

/** Order of the numbers that a style of CONVERT asks for. */
export function styleOrder(style: number): DateOrder {
  const base = style % 100;
  if ([3, 4, 5, 6, 13].includes(base)) return 'dmy';
  if ([2, 11, 12, 20, 21, 23, 25, 26, 27].includes(base)) return 'ymd';
  return 'mdy';
}

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const monthOf = (word: string): number => {
  const lower = word.toLowerCase();
  const index = MONTHS.findIndex(month => month === lower || month.slice(0, 3) === lower);
  return index + 1;
};

/** Two digits are 1950 to 2049. */
const fullYear = (digits: string): number => {
  const year = Number(digits);
  return digits.length > 2 ? year : year < 50 ? 2000 + year : 1900 + year;
};

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const NUMERIC = /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})$/;
const COMPACT = /^(\d{4}|\d{6}|\d{8})$/;
const WORDS = /^(?:(\d{1,4})[ ,-]*)?([A-Za-z]{3,9})\.?[ ,-]*(\d{1,4})?[ ,-]*(\d{4})?$/;

function compact(digits: string): Parts {
  if (digits.length === 4) return { year: Number(digits), month: 1, day: 1 };
  const split = digits.length - 4;
  return {
    year: fullYear(digits.slice(0, split)),
    month: Number(digits.slice(split, split + 2)),
    day: Number(digits.slice(split + 2)),
  };
}

function numeric(first: string, second: string, third: string, order: DateOrder): Parts | undefined {
  if (first.length >= 3) {
    if (first.length !== 4 || third.length > 2) return undefined;
    return { year: Number(first), month: Number(second), day: Number(third) };
  }
  if (third.length === 3) return undefined;
  if (order === 'ymd') {
    if (third.length === 4) return { year: Number(third), month: Number(first), day: Number(second) };
    return { year: fullYear(first), month: Number(second), day: Number(third) };
  }
  const [month, day] = order === 'mdy' ? [first, second] : [second, first];
  return { year: fullYear(third), month: Number(month), day: Number(day) };
}

/** `Nov 22, 2026`, `22 Nov 2026`, `2026 Nov 22`, `Nov 2026`. */
function worded(
  before: string | undefined,
  word: string,
  after: string | undefined,
  last: string | undefined,
): Parts | undefined {
  const month = monthOf(word);
  if (month === 0) return undefined;
  const numbers = [before, after, last].filter(part => part !== undefined);
  const [first, second] = numbers;
  if (first === undefined || numbers.length > 2) return undefined;
  if (second === undefined) return first.length === 4 ? { year: Number(first), month, day: 1 } : undefined;
  const [year, day] = first.length === 4 ? [first, second] : [second, first];
  if (day.length > 2 || year.length === 3) return undefined;
  return { year: fullYear(year), month, day: Number(day) };
}

function dateParts(text: string, order: DateOrder): Parts | undefined {
  const digits = COMPACT.exec(text)?.[1];
  if (digits !== undefined) return compact(digits);
  const [, first, , second, third] = NUMERIC.exec(text) ?? [];
  if (first !== undefined && second !== undefined && third !== undefined) {
    return numeric(first, second, third, order);
  }
  const words = WORDS.exec(text);
  return words?.[2] === undefined ? undefined : worded(words[1], words[2], words[3], words[4]);
}

const TIME = /^(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.:](\d{1,9}))?)?)?\s*([AaPp][Mm])?$/;

interface Clock {
  readonly ticks: bigint;
  readonly fraction: number;
}

function timeOf(text: string): Clock | 'syntax' | 'range' {
  const [whole, hours = '', minutes, seconds = '0', fraction = '', half] = TIME.exec(text) ?? [];
  if (whole === undefined || (minutes === undefined && half === undefined)) return 'syntax';
  let hour = Number(hours);
  if (half !== undefined) {
    if (hour > 12 && half.toLowerCase() === 'am') return 'range';
    if (half.toLowerCase() === 'pm' && hour < 12) hour += 12;
    else if (half.toLowerCase() === 'am' && hour === 12) hour = 0;
  }
  const minute = Number(minutes ?? '0');
  const second = Number(seconds);
  if (hour > 23 || minute > 59 || second > 59) return 'range';
  if (fraction.length > 7) return 'syntax';
  // After a colon the digits are milliseconds, not a fraction.
  const colon = /:\d{1,2}:\d{1,2}:\d/.test(text);
  if (colon && fraction.length > 3) return 'syntax';
  const part = colon ? Number(fraction.padStart(3, '0')) * 10_000 : Number(fraction.padEnd(7, '0'));
  const ticks = BigInt((hour * 3600 + minute * 60 + second) * 1000) * 10_000n + BigInt(part);
  return { ticks, fraction: colon ? 3 : fraction.length };
}

const OFFSET = /^(.*\d(?:\s*[AaPp][Mm])?)\s*(?:([+-])(\d{1,2}):(\d{2})|([Zz]))$/;

const ISO = /^(\d{4}-\d{2}-\d{2}|\d{8})T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)$/;
/** The time begins at the first `h:` or `h AM`. */
const CLOCK = /(^|\s)(\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:[.:]\d{1,9})?)?\s*(?:[AaPp][Mm])?|\s*[AaPp][Mm]))$/;

function offsetOf(
  sign: string | undefined,
  hours: string | undefined,
  minutes: string | undefined,
): number | undefined {
  if (sign === undefined) return 0;
  const total = Number(hours) * 60 + Number(minutes);
  if (total > 14 * 60 || Number(minutes) > 59) return undefined;
  return sign === '-' ? -total : total;
}

/** Reads a text as SQL Server does; `range` is a date or time that does not exist, `syntax` what is none. */
export function parseMoment(source: string, order: DateOrder = 'mdy'): Parsed {
  let text = source.trim();
  if (text === '') return { days: undefined, ticks: 0n, fraction: 0, offset: undefined, minutes: false };
  let offset: number | undefined;
  const zoned = OFFSET.exec(text);
  if (zoned !== null && /:/.test(zoned[1] ?? '')) {
    offset = offsetOf(zoned[2], zoned[3], zoned[4]);
    if (offset === undefined) return 'range';
    text = zoned[1] ?? '';
  }
  const [isoWhole, isoDate = '', isoTime = ''] = ISO.exec(text) ?? [];
  const clock = isoWhole === undefined ? CLOCK.exec(text) : null;
  const iso = isoWhole !== undefined;
  const datePart = iso ? isoDate : clock === null ? text : text.slice(0, clock.index);
  const timePart = iso ? isoTime : (clock?.[2] ?? '');
  const time = timePart === '' ? { ticks: 0n, fraction: 0 } : timeOf(timePart);
  if (time === 'syntax') return 'syntax';
  let days: number | undefined;
  if (datePart.trim() !== '') {
    const parts = dateParts(datePart.trim(), iso ? 'ymd' : order);
    if (parts === undefined) return 'syntax';
    if (!exists(parts.year, parts.month, parts.day)) return 'range';
    days = daysOf(parts.year, parts.month, parts.day);
  }
  if (time === 'range') return 'range';
  return { days, ticks: time.ticks, fraction: time.fraction, offset, minutes: iso && isoTime.length === 5 };
}

/** Moment in UTC of a parsed local time. */
export const toUtc = (days: number, ticks: bigint, offset: number): bigint =>
  BigInt(days) * TICKS_PER_DAY + ticks - BigInt(offset) * TICKS_PER_MINUTE;
