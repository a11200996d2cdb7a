import { unsupported } from '../../errors.ts';
import { formatMessage } from '../../flow/format-message.ts';
import { dateOf, TICKS_PER_DAY, weekdayOf } from '../../values/calendar.ts';
import { floatUnits, formatDecimal, rescale } from '../../values/decimals.ts';
import { asDecimal, isString, nvarchar, type SqlType, type Value } from '../../values/index.ts';
import { type Instant, instantOf, isMoment } from '../../values/moments.ts';
import { groupThousands } from '../../values/number-text.ts';
import { badArgument, textArgument } from '../arguments.ts';
import { define } from '../define.ts';

/** FORMAT with the simple patterns of .NET under en-US; all others are refused. */

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const refuse = (pattern: string): never => {
  throw unsupported(`the pattern '${pattern}' of FORMAT`);
};

const STANDARD_DATES: Readonly<Record<string, string>> = {
  d: 'M/d/yyyy',
  D: 'dddd, MMMM d, yyyy',
  s: "yyyy-MM-dd'T'HH:mm:ss",
};

const DATE_TOKEN = /y{4}|yy|M{1,4}|d{1,4}|H{1,2}|h{1,2}|m{1,2}|s{1,2}|f{1,7}|tt|'[^']*'|[-/:., ]/y;

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');

function dateToken(token: string, { ticks }: Instant): string {
  const days = Number(ticks / TICKS_PER_DAY);
  const clock = Number(ticks % TICKS_PER_DAY);
  const { year, month, day } = dateOf(days);
  const hour = Math.floor(clock / 36_000_000_000);
  switch (token) {
    case 'yyyy':
      return padded(year, 4);
    case 'yy':
      return padded(year % 100, 2);
    case 'MMMM':
      return MONTHS[month - 1] ?? '';
    case 'MMM':
      return (MONTHS[month - 1] ?? '').slice(0, 3);
    case 'dddd':
      return DAYS[weekdayOf(days)] ?? '';
    case 'ddd':
      return (DAYS[weekdayOf(days)] ?? '').slice(0, 3);
    case 'tt':
      return hour < 12 ? 'AM' : 'PM';
    default:
      break;
  }
  const digits = token.length;
  switch (token.charAt(0)) {
    case 'M':
      return padded(month, digits);
    case 'd':
      return padded(day, digits);
    case 'H':
      return padded(hour, digits);
    case 'h':
      return padded(hour % 12 === 0 ? 12 : hour % 12, digits);
    case 'm':
      return padded(Math.floor(clock / 600_000_000) % 60, digits);
    case 's':
      return padded(Math.floor(clock / 10_000_000) % 60, digits);
    case 'f':
      return padded(clock % 10_000_000, 7).slice(0, digits);
    case "'":
      return token.slice(1, -1);
    default:
      return token;
  }
}

function formatDate(moment: Instant, pattern: string): string {
  const whole = pattern.length === 1 ? (STANDARD_DATES[pattern] ?? refuse(pattern)) : pattern;
  let text = '';
  let at = 0;
  while (at < whole.length) {
    DATE_TOKEN.lastIndex = at;
    const token = DATE_TOKEN.exec(whole)?.[0] ?? refuse(pattern);
    text += dateToken(token, moment);
    at += token.length;
  }
  return text;
}

interface Exact {
  readonly units: bigint;
  readonly scale: number;
}

const FLOAT_SCALE = 15;

function exactOf(value: Value, type: SqlType): Exact {
  const scale = asDecimal(type)?.scale;
  if (typeof value === 'bigint') return { units: value, scale: scale ?? 0 };
  if (typeof value !== 'number') throw badArgument(type, 1, 'format');
  if (scale !== undefined) return { units: BigInt(value), scale: 0 };
  return { units: floatUnits(value, FLOAT_SCALE), scale: FLOAT_SCALE };
}

const CUSTOM = /^([#,]*[0,]*)(?:\.(0*)(#*))?(%?)$/;

function custom({ units, scale }: Exact, pattern: string): string {
  const [all, whole = '', zeros = '', hashes = '', percent = ''] = CUSTOM.exec(pattern) ?? [];
  if (all === undefined || !/[0#]/.test(pattern) || whole.endsWith(',')) return refuse(pattern);
  const most = zeros.length + hashes.length;
  const value = rescale(percent === '' ? units : units * 100n, scale, most);
  const negative = value < 0n;
  const [integer = '', fraction = ''] = formatDecimal(negative ? -value : value, most).split('.');
  const least = whole.replace(/[^0]/g, '').length;
  const digits = (integer === '0' ? '' : integer).padStart(least, '0');
  const kept = fraction.slice(0, zeros.length) + fraction.slice(zeros.length).replace(/0+$/, '');
  const grouped = whole.includes(',') ? groupThousands(digits) : digits;
  return `${negative ? '-' : ''}${grouped}${kept === '' ? '' : `.${kept}`}${percent}`;
}

const STANDARD = /^([NnFfDd])(\d{0,2})$/;

function formatNumber(value: Value, type: SqlType, pattern: string): string {
  const exact = exactOf(value, type);
  const [, letter = '', digits = ''] = STANDARD.exec(pattern) ?? [];
  if (letter === '') return custom(exact, pattern);
  if (letter.toUpperCase() === 'D') {
    if (exact.scale !== 0) return refuse(pattern);
    const text = (exact.units < 0n ? -exact.units : exact.units).toString().padStart(Number(digits), '0');
    return exact.units < 0n ? `-${text}` : text;
  }
  const places = digits === '' ? 2 : Number(digits);
  const text = formatDecimal(rescale(exact.units, exact.scale, places), places);
  return letter.toUpperCase() === 'N' ? groupThousands(text) : text;
}

export const format = define({
  name: 'format',
  count: [2, 3],
  type: ([type]) => {
    const number =
      type === undefined || asDecimal(type) !== undefined || type.kind === 'float' || type.kind === 'real';
    if (type !== undefined && !number && !isMoment(type)) throw badArgument(type, 1, 'format');
    if (type?.kind === 'bit') throw badArgument(type, 1, 'format');
    if (type?.kind === 'time') throw unsupported('FORMAT of time');
    return nvarchar(4000);
  },
  evaluate: ([value = null, given = null, culture], types) => {
    if (culture !== undefined && (textArgument(culture, types[2]) ?? '').toLowerCase() !== 'en-us') {
      throw unsupported('FORMAT with another culture than en-US');
    }
    const [type] = types;
    const pattern = textArgument(given, types[1]) ?? '';
    if (type === undefined) return null;
    return isMoment(type) ? formatDate(instantOf(value, type), pattern) : formatNumber(value, type, pattern);
  },
});

/** With a text since 2016; with the number of a message it is refused. */
export const formatmessage = define({
  name: 'formatmessage',
  count: [1, 21],
  since: 2016,
  takesNull: true,
  type: ([type]) => {
    if (type === undefined || !isString(type))
      throw unsupported('FORMATMESSAGE with the number of a message');
    return nvarchar(2048);
  },
  evaluate: ([pattern = null, ...values], [, ...types]) =>
    typeof pattern === 'string'
      ? formatMessage(
          pattern,
          values.map((value, place) => ({ type: types[place], value })),
        )
      : null,
});
