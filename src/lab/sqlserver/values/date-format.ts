import { unsupported } from '../errors.ts';
import { dateOf, TICKS_PER_DAY, TICKS_PER_MINUTE } from './calendar.ts';
import { badStyle } from './faults.ts';

/** A moment as the styles of CONVERT write it. */
export interface Moment {
  /** Days since 0001-01-01; undefined for time. */
  readonly days: number | undefined;
  /** 100 ns since midnight; undefined for date. */
  readonly ticks: bigint | undefined;
  /** Digits of the fraction: 3 for datetime. */
  readonly scale: number;
  /** Minutes east of UTC, of datetimeoffset. */
  readonly offset: number | undefined;
  /** datetime and smalldatetime write `:mmm` where the others write a point. */
  readonly old: boolean;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
const blank = (value: number): string => (value < 10 ? ` ${value}` : String(value));

interface Fields {
  readonly yyyy: string;
  readonly yy: string;
  readonly mm: string;
  readonly dd: string;
  readonly mon: string;
  readonly day: number;
}

const known = new Map<number, Fields>();
const MOST_KNOWN = 4096;

/** The rows of a table have few days: what is written of one is kept. */
function fieldsOf(days: number): Fields {
  const before = known.get(days);
  if (before !== undefined) return before;
  const { year, month, day } = dateOf(days);
  const yyyy = String(year).padStart(4, '0');
  const fields = { yyyy, yy: yyyy.slice(2), mm: two(month), dd: two(day), mon: MONTHS[month - 1] ?? '', day };
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(days, fields);
  return fields;
}

/** Of a part of one day, which a number holds exactly. */
const clockOf = (ticks: bigint): { hour: number; minute: number; second: number; part: string } => {
  const all = Number(ticks);
  const seconds = Math.floor(all / 10_000_000);
  return {
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    part: String(all % 10_000_000).padStart(7, '0'),
  };
};

export function offsetText(offset: number): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

const hms = (ticks: bigint): string => {
  const { hour, minute, second } = clockOf(ticks);
  return `${two(hour)}:${two(minute)}:${two(second)}`;
};

const twelve = (ticks: bigint): { hour: string; half: string } => {
  const { hour } = clockOf(ticks);
  return { hour: blank(hour % 12 === 0 ? 12 : hour % 12), half: hour < 12 ? 'AM' : 'PM' };
};

const fractionOf = (ticks: bigint, scale: number, separator: string): string =>
  scale === 0 ? '' : `${separator}${clockOf(ticks).part.slice(0, scale)}`;

/** Style by number without its century: 101 is 1 with four digits of the year. */
function datePart(style: number, fields: Fields): string | undefined {
  const { mm, dd, mon, day } = fields;
  const year = style >= 100 ? fields.yyyy : fields.yy;
  switch (style % 100) {
    case 1:
      return `${mm}/${dd}/${year}`;
    case 2:
      return `${year}.${mm}.${dd}`;
    case 3:
      return `${dd}/${mm}/${year}`;
    case 4:
      return `${dd}.${mm}.${year}`;
    case 5:
      return `${dd}-${mm}-${year}`;
    case 6:
      return `${dd} ${mon} ${year}`;
    case 7:
      return `${mon} ${dd}, ${year}`;
    case 10:
      return `${mm}-${dd}-${year}`;
    case 11:
      return `${year}/${mm}/${dd}`;
    case 12:
      return `${year}${mm}${dd}`;
    case 0:
    case 9:
      return `${mon} ${blank(day)} ${fields.yyyy}`;
    case 13:
      return `${dd} ${mon} ${fields.yyyy}`;
    case 22:
      return `${mm}/${dd}/${fields.yy}`;
    case 20:
    case 21:
    case 23:
    case 25:
    case 26:
    case 27:
      return `${fields.yyyy}-${mm}-${dd}`;
    default:
      return undefined;
  }
}

function timePart(style: number, moment: Moment, ticks: bigint): string | undefined {
  const { scale, old } = moment;
  const point = old ? ':' : '.';
  if (style % 100 === 21 || style % 100 === 25) {
    const { hour, minute, second, part } = clockOf(ticks);
    const fraction = scale === 0 ? '' : `.${part.slice(0, scale)}`;
    return `${two(hour)}:${two(minute)}:${two(second)}${fraction}`;
  }
  const { hour, half } = twelve(ticks);
  switch (style % 100) {
    case 0:
      return `${hour}${hms(ticks).slice(2, 5)}${half}`;
    case 9:
      return `${hour}${hms(ticks).slice(2)}${fractionOf(ticks, scale, point)}${half}`;
    case 8:
    case 24:
    case 20:
      return hms(ticks);
    case 13:
    case 14:
      return `${hms(ticks)}${fractionOf(ticks, scale, point)}`;
    case 22:
      return `${hour}${hms(ticks).slice(2)} ${half}`;
    case 26:
    case 27: {
      const fraction = fractionOf(ticks, scale, '.');
      return `${hms(ticks)}${/[1-9]/.test(fraction) ? fraction : ''}`;
    }
    default:
      return undefined;
  }
}

const KNOWN = new Set([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24, 25, 100, 101, 102, 103, 104, 105, 106,
  107, 108, 109, 110, 111, 112, 113, 114, 120, 121, 126, 127,
]);

/** @throws SqlError 281, or a refusal of the Hijri styles */
export function checkStyle(style: number, from: string, to: string): void {
  if (style === 130 || style === 131) throw unsupported(`style ${style} of CONVERT`);
  if (!KNOWN.has(style)) throw badStyle(style, from, to);
}

/** Writes a moment in a known style; a date has no time to write and a time no date. */
export function formatMoment(moment: Moment, style: number): string {
  let { days, ticks } = moment;
  if (style === 127 && moment.offset !== undefined && days !== undefined && ticks !== undefined) {
    const utc = BigInt(days) * TICKS_PER_DAY + ticks - BigInt(moment.offset) * TICKS_PER_MINUTE;
    days = Number(utc / TICKS_PER_DAY);
    ticks = utc % TICKS_PER_DAY;
  }
  const date = days === undefined ? undefined : datePart(style, fieldsOf(days));
  const time = ticks === undefined ? undefined : timePart(style, moment, ticks);
  const body = join(date, time, style);
  if (body === undefined) throw unsupported(`style ${style} of CONVERT for this type`);
  if (style === 127 && time !== undefined) return `${body}Z`;
  if (moment.offset === undefined || time === undefined) return body;
  return style === 126 ? `${body}${offsetText(moment.offset)}` : `${body} ${offsetText(moment.offset)}`;
}

function join(date: string | undefined, time: string | undefined, style: number): string | undefined {
  if (date === undefined || time === undefined) return date ?? time;
  if (style === 126 || style === 127) return `${date}T${time}`;
  return `${date} ${time}`;
}
