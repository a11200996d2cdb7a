import { SqlError } from '../../errors.ts';
import { exists, TICKS_PER_DAY, TICKS_PER_MINUTE } from '../../values/calendar.ts';
import {
  DATETIME,
  datetime2,
  datetime2At,
  datetimeAt,
  datetimeoffsetAt,
  daysOf,
  isString,
  type SqlType,
  trying,
  type Value,
} from '../../values/index.ts';
import { fromInstant, instantOf } from '../../values/moments.ts';
import { badArgument, intArgument, reader } from '../arguments.ts';
import { type Constants, define, type Types } from '../define.ts';

/** The clock, and dates made from their parts. */

const OFFSET: SqlType = { kind: 'datetimeoffset', scale: 7 };

const clock = (name: string, type: SqlType, at: (ms: number) => Value) =>
  define({ name, count: 0, type, evaluate: (_values, _types, context) => at(context.now) });

const bad = (type: string): SqlError =>
  new SqlError(
    289,
    `Cannot construct data type ${type}, some of the arguments have values which are not valid.`,
  );

const integers = (values: readonly Value[], types: Types): readonly number[] =>
  values.map((value, place) => intArgument(value, types[place]) ?? 0);

const datefromparts = define({
  name: 'datefromparts',
  count: 3,
  type: { kind: 'date' },
  evaluate: (values, types) => {
    const [year = 0, month = 0, day = 0] = integers(values, types);
    if (!exists(year, month, day)) throw bad('date');
    return daysOf(year, month, day);
  },
});

/** 100 ns since midnight, undefined for a time that does not exist. */
const clockTicks = (hour: number, minute: number, second: number): bigint | undefined =>
  hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59
    ? undefined
    : BigInt(hour * 3600 + minute * 60 + second) * 10_000_000n;

const datetimefromparts = define({
  name: 'datetimefromparts',
  count: 7,
  type: DATETIME,
  evaluate: (values, types) => {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = integers(values, types);
    const ticks = clockTicks(hour, minute, second);
    if (ticks === undefined || !exists(year, month, day) || ms < 0 || ms > 999) throw bad('datetime');
    const moment = BigInt(daysOf(year, month, day)) * TICKS_PER_DAY + ticks + BigInt(ms) * 10_000n;
    const result = fromInstant({ ticks: moment, offset: undefined }, DATETIME);
    if (result === undefined) throw bad('datetime');
    return result;
  },
});

/** The precision has to be a literal, as it decides the type. */
function precisionOf(constant: Value | undefined, type: string): number {
  if (typeof constant === 'number' && constant >= 0 && constant <= 7) return constant;
  if (constant === undefined) {
    throw new SqlError(
      10_760,
      `Scale argument is not valid. Valid expressions for data type ${type} scale argument are integer constants and integer constant expressions.`,
      {
        endsBatch: true,
      },
    );
  }
  throw new SqlError(1002, `Line 1: Specified scale ${String(constant)} is invalid.`, { endsBatch: true });
}

const datetime2fromparts = define({
  name: 'datetime2fromparts',
  count: 8,
  type: (_types, constants: Constants) => datetime2(precisionOf(constants[7], 'datetime2')),
  evaluate: (values, types) => {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0, precision = 7] =
      integers(values, types);
    const ticks = clockTicks(hour, minute, second);
    if (ticks === undefined || !exists(year, month, day) || fraction < 0 || fraction >= 10 ** precision) {
      throw bad('datetime2');
    }
    return (
      BigInt(daysOf(year, month, day)) * TICKS_PER_DAY + ticks + BigInt(fraction * 10 ** (7 - precision))
    );
  },
});

const timefromparts = define({
  name: 'timefromparts',
  count: 5,
  type: (_types, constants: Constants) => ({ kind: 'time', scale: precisionOf(constants[4], 'time') }),
  evaluate: (values, types) => {
    const [hour = 0, minute = 0, second = 0, fraction = 0, precision = 7] = integers(values, types);
    const ticks = clockTicks(hour, minute, second);
    if (ticks === undefined || fraction < 0 || fraction >= 10 ** precision) throw bad('time');
    return Number(ticks) + fraction * 10 ** (7 - precision);
  },
});

const smalldatetimefromparts = define({
  name: 'smalldatetimefromparts',
  count: 5,
  type: { kind: 'smalldatetime' },
  evaluate: (values, types) => {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = integers(values, types);
    const ticks = clockTicks(hour, minute, 0);
    if (ticks === undefined || !exists(year, month, day)) throw bad('smalldatetime');
    const moment = BigInt(daysOf(year, month, day)) * TICKS_PER_DAY + ticks;
    const result = fromInstant({ ticks: moment, offset: undefined }, { kind: 'smalldatetime' });
    if (result === undefined) throw bad('smalldatetime');
    return result;
  },
});

const badZone = (name: string): SqlError =>
  new SqlError(9812, `The timezone provided to builtin function ${name} is invalid.`);

const ZONE = /^([+-])(\d{2}):(\d{2})$/;

/** `+05:30`, or minutes. */
function zoneOf(value: Value, type: SqlType | undefined, name: string): number {
  let minutes: number;
  if (typeof value === 'string') {
    const [, sign, hours, rest] = ZONE.exec(value.trim()) ?? [];
    if (sign === undefined || Number(rest) > 59) throw badZone(name);
    minutes = (Number(hours) * 60 + Number(rest)) * (sign === '-' ? -1 : 1);
  } else {
    minutes = intArgument(value, type) ?? 0;
  }
  if (Math.abs(minutes) > 14 * 60) throw badZone(name);
  return minutes;
}

const asOffset = reader(OFFSET);

const offsetType = (type: SqlType | undefined): SqlType => ({
  kind: 'datetimeoffset',
  scale:
    type?.kind === 'datetimeoffset' || type?.kind === 'datetime2' || type?.kind === 'time' ? type.scale : 7,
});

const switchoffset = define({
  name: 'switchoffset',
  count: 2,
  type: ([type]) => offsetType(type),
  evaluate: ([value = null, zone = null], types) => {
    const offset = zoneOf(zone, types[1], 'switchoffset');
    const moment = types[0]?.kind === 'datetimeoffset' ? value : asOffset(value, types[0]);
    if (typeof moment !== 'object' || moment === null || !('ticks' in moment)) return null;
    return { ticks: moment.ticks, offset };
  },
});

const asDatetime2 = reader(datetime2(7));

const todatetimeoffset = define({
  name: 'todatetimeoffset',
  count: 2,
  type: ([type]) => offsetType(type),
  evaluate: ([value = null, zone = null], types) => {
    const offset = zoneOf(zone, types[1], 'todatetimeoffset');
    const local =
      types[0]?.kind === 'datetimeoffset' ? instantOf(value, types[0]).ticks : asDatetime2(value, types[0]);
    if (typeof local !== 'bigint') return null;
    const ticks = local - BigInt(offset) * TICKS_PER_MINUTE;
    if (ticks < 0n) throw badZone('todatetimeoffset');
    return { ticks, offset };
  },
});

const isdate = define({
  name: 'isdate',
  count: 1,
  takesNull: true,
  type: ([type]) => {
    if (type !== undefined && ['date', 'time', 'datetime2', 'datetimeoffset'].includes(type.kind)) {
      throw badArgument(type, 1, 'isdate');
    }
    return { kind: 'int' };
  },
  evaluate: ([value = null], [type]) => {
    if (value === null || type === undefined) return 0;
    if (!isString(type)) return type.kind === 'datetime' || type.kind === 'smalldatetime' ? 1 : 0;
    if (typeof value === 'string' && value.trim() === '') return 0;
    return trying(type, DATETIME)(value) === null ? 0 : 1;
  },
});

export const DATE_MAKING = [
  clock('getdate', DATETIME, datetimeAt),
  clock('getutcdate', DATETIME, datetimeAt),
  clock('current_timestamp', DATETIME, datetimeAt),
  clock('sysdatetime', datetime2(7), datetime2At),
  clock('sysutcdatetime', datetime2(7), datetime2At),
  clock('sysdatetimeoffset', OFFSET, datetimeoffsetAt),
  datefromparts,
  datetimefromparts,
  datetime2fromparts,
  timefromparts,
  smalldatetimefromparts,
  switchoffset,
  todatetimeoffset,
  isdate,
];
