import { SqlError } from '../../errors.ts';
import { dateOf, daysInMonth, daysOf, LAST_DAY, TICKS_PER_DAY } from '../../values/calendar.ts';
import { offsetText } from '../../values/date-format.ts';
import { DATETIME, isString, nvarchar, type SqlType, typeName, type Value } from '../../values/index.ts';
import { fromInstant, type Instant, instantOf, isMoment } from '../../values/moments.ts';
import { badArgument, intArgument, reader } from '../arguments.ts';
import { define, type Types } from '../define.ts';
import { type DatePart, demandPart, partOf, partValue } from './parts.ts';

/** DATEADD, DATEDIFF, DATEPART, DATENAME and what is made of them. */

const OFFSET: SqlType = { kind: 'datetimeoffset', scale: 7 };

/** The type in which an argument is a moment: its own, else that of texts or of numbers. */
export function momentType(type: SqlType | undefined, texts: SqlType, place: number, name: string): SqlType {
  if (type === undefined) return DATETIME;
  if (isMoment(type)) return type;
  if (isString(type)) return texts;
  switch (type.kind) {
    case 'text':
    case 'ntext':
    case 'image':
    case 'xml':
    case 'uniqueidentifier':
    case 'sql_variant':
    case 'rowversion':
      throw badArgument(type, place, name);
    default:
      return DATETIME;
  }
}

const READERS = new Map([
  ['datetime', reader(DATETIME)],
  ['datetimeoffset', reader(OFFSET)],
]);

/** A value as a moment of the type that `momentType` chose. */
export function asMoment(value: Value, type: SqlType | undefined, target: SqlType): Value {
  return type === target ? value : (READERS.get(target.kind)?.(value, type) ?? null);
}

const TICKS: Partial<Record<DatePart, bigint>> = {
  week: 7n * TICKS_PER_DAY,
  day: TICKS_PER_DAY,
  dayofyear: TICKS_PER_DAY,
  weekday: TICKS_PER_DAY,
  hour: 36_000_000_000n,
  minute: 600_000_000n,
  second: 10_000_000n,
  millisecond: 10_000n,
  microsecond: 10n,
};

const MONTHS: Partial<Record<DatePart, number>> = { year: 12, quarter: 3, month: 1 };

/** The same day of another month, or its last day; undefined beyond the calendar. */
export function addMonths(days: number, months: number): number | undefined {
  const { year, month, day } = dateOf(days);
  const total = year * 12 + month - 1 + months;
  const newYear = Math.floor(total / 12);
  const newMonth = total - newYear * 12 + 1;
  if (newYear < 1 || newYear > 9999) return undefined;
  return daysOf(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)));
}

const addOverflow = (type: SqlType): SqlError =>
  new SqlError(517, `Adding a value to a '${typeName(type)}' column caused an overflow.`);

const LAST_TICK = BigInt(LAST_DAY + 1) * TICKS_PER_DAY;

function add(part: DatePart, count: number, { ticks, offset }: Instant, type: SqlType): Instant {
  const months = MONTHS[part];
  let moved: bigint;
  if (months !== undefined) {
    const days = addMonths(Number(ticks / TICKS_PER_DAY), months * count);
    if (days === undefined) throw addOverflow(type);
    moved = BigInt(days) * TICKS_PER_DAY + (ticks % TICKS_PER_DAY);
  } else if (part === 'nanosecond') {
    moved = ticks + BigInt(Math.round(count / 100));
  } else {
    moved = ticks + BigInt(count) * (TICKS[part] ?? 0n);
  }
  if (type.kind === 'time') moved = ((moved % TICKS_PER_DAY) + TICKS_PER_DAY) % TICKS_PER_DAY;
  if (moved < 0n || moved >= LAST_TICK) throw addOverflow(type);
  return { ticks: moved, offset };
}

const dateadd = define({
  name: 'dateadd',
  count: 3,
  bareword: 0,
  type: ([, , type], [word]) => {
    const target = momentType(type, DATETIME, 3, 'dateadd');
    demandPart(partOf(word, 'dateadd', ['tzoffset', 'iso_week']), target, 'dateadd');
    return target;
  },
  evaluate: ([word, count = null, value = null], types) => {
    const target = momentType(types[2], DATETIME, 3, 'dateadd');
    const part = partOf(word, 'dateadd');
    const moment = asMoment(value, types[2], target);
    const instant = add(part, intArgument(count, types[1]) ?? 0, instantOf(moment, target), target);
    const result = fromInstant(instant, target);
    if (result === undefined) throw addOverflow(target);
    return result;
  },
});

/** How many boundaries of the part lie before a moment. */
function boundaries(part: DatePart, ticks: bigint): bigint {
  const days = ticks / TICKS_PER_DAY;
  switch (part) {
    case 'year':
      return BigInt(dateOf(Number(days)).year);
    case 'quarter': {
      const { year, month } = dateOf(Number(days));
      return BigInt(year * 4 + Math.floor((month - 1) / 3));
    }
    case 'month': {
      const { year, month } = dateOf(Number(days));
      return BigInt(year * 12 + month);
    }
    case 'week':
      return (days + 1n) / 7n;
    case 'nanosecond':
      return ticks * 100n;
    default:
      return ticks / (TICKS[part] ?? 1n);
  }
}

const utcTicks = ({ ticks, offset }: Instant): bigint => ticks - BigInt(offset ?? 0) * 600_000_000n;

const difference = (name: 'datediff' | 'datediff_big') => {
  const big = name === 'datediff_big';
  const limit = big ? 1n << 63n : 1n << 31n;
  const target = (type: SqlType | undefined, place: number): SqlType => momentType(type, OFFSET, place, name);
  return define({
    name,
    count: 3,
    bareword: 0,
    ...(big ? { since: 2016 } : {}),
    type: ([, from, to], [word]) => {
      partOf(word, name, ['tzoffset', 'iso_week']);
      target(from, 2);
      target(to, 3);
      return { kind: big ? 'bigint' : 'int' };
    },
    evaluate: ([word, from = null, to = null], types) => {
      const part = partOf(word, name);
      const [low, high] = [from, to].map((value, place) => {
        const type = target(types[place + 1], place + 2);
        return boundaries(part, utcTicks(instantOf(asMoment(value, types[place + 1], type), type)));
      });
      const count = (high ?? 0n) - (low ?? 0n);
      if (count >= limit || count < -limit) {
        throw new SqlError(
          535,
          `The ${name} function resulted in an overflow. The number of dateparts separating two date/time instances is too large. Try to use ${name} with a less precise datepart.`,
        );
      }
      return big ? count : Number(count);
    },
  });
};

const readPart = (
  part: DatePart,
  value: Value,
  types: Types,
  place: number,
  dateFirst: number,
  name: string,
): number => {
  const target = momentType(types[place], OFFSET, place + 1, name);
  const { ticks, offset } = instantOf(asMoment(value, types[place], target), target);
  return partValue(part, ticks, offset ?? 0, dateFirst);
};

const demand = (types: Types, word: unknown, name: string): void =>
  demandPart(partOf(word, name), momentType(types[1], OFFSET, 2, name), name);

const datepart = define({
  name: 'datepart',
  count: 2,
  bareword: 0,
  type: (types, [word]) => {
    demand(types, word, 'datepart');
    return { kind: 'int' };
  },
  evaluate: ([word, value = null], types, context) =>
    readPart(partOf(word, 'datepart'), value, types, 1, context.session.options.dateFirst, 'datepart'),
});

const MONTH_NAMES = [
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

const DAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const datename = define({
  name: 'datename',
  count: 2,
  bareword: 0,
  type: (types, [word]) => {
    demand(types, word, 'datename');
    return nvarchar(30);
  },
  evaluate: ([word, value = null], types, context) => {
    const part = partOf(word, 'datename');
    // With Sunday first the number of a weekday is its place in the list.
    const dateFirst = part === 'weekday' ? 7 : context.session.options.dateFirst;
    const number = readPart(part, value, types, 1, dateFirst, 'datename');
    if (part === 'month') return MONTH_NAMES[number - 1] ?? '';
    if (part === 'weekday') return DAY_NAMES[number - 1] ?? '';
    return part === 'tzoffset' ? offsetText(number) : String(number);
  },
});

const single = (part: 'day' | 'month' | 'year') =>
  define({
    name: part,
    count: 1,
    type: ([type]) => {
      demandPart(part, momentType(type, OFFSET, 1, part), part);
      return { kind: 'int' };
    },
    evaluate: ([value = null], types) => readPart(part, value, types, 0, 7, part),
  });

const eomonth = define({
  name: 'eomonth',
  count: [1, 2],
  type: ([type]) => {
    demandPart('day', momentType(type, DATETIME, 1, 'eomonth'), 'eomonth');
    return { kind: 'date' };
  },
  evaluate: ([value = null, months = 0], types) => {
    const target = momentType(types[0], DATETIME, 1, 'eomonth');
    const { ticks } = instantOf(asMoment(value, types[0], target), target);
    const count = types.length > 1 ? (intArgument(months, types[1]) ?? 0) : 0;
    const days = addMonths(Number(ticks / TICKS_PER_DAY), count);
    if (days === undefined) throw addOverflow({ kind: 'date' });
    const { year, month } = dateOf(days);
    return daysOf(year, month, daysInMonth(year, month));
  },
});

export const DATE_ARITHMETIC = [
  dateadd,
  difference('datediff'),
  difference('datediff_big'),
  datepart,
  datename,
  single('day'),
  single('month'),
  single('year'),
  eomonth,
];
