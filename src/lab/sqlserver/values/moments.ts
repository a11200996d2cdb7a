import { unsupported } from '../errors.ts';
import {
  DAYS_TO_1900,
  FIRST_DATETIME,
  LAST_DATETIME,
  LAST_DAY,
  LAST_SMALLDATETIME,
  roundTicks,
  TICKS_PER_DAY,
  TICKS_PER_MINUTE,
  ticksToMs,
  ticksToUnits,
  UNITS_PER_DAY,
  unitsToTicks,
} from './calendar.ts';
import type { Moment } from './date-format.ts';
import { type DateOrder, parseMoment, toUtc } from './date-parse.ts';
import { dateRange, dateSyntax } from './faults.ts';
import { typeName } from './names.ts';
import type { SqlType, TypeKind, Value } from './types.ts';

/** Dates and times of every type by way of one form: local 100 ns since 0001-01-01, and the offset. */
export interface Instant {
  readonly ticks: bigint;
  readonly offset: number | undefined;
}

const KINDS: ReadonlySet<TypeKind> = new Set([
  'date',
  'time',
  'datetime',
  'smalldatetime',
  'datetime2',
  'datetimeoffset',
]);

export const isMoment = (type: SqlType): boolean => KINDS.has(type.kind);

const EPOCH_1900 = BigInt(DAYS_TO_1900) * TICKS_PER_DAY;
const LAST_TICK = BigInt(LAST_DAY + 1) * TICKS_PER_DAY - 1n;

export function instantOf(value: Value, type: SqlType): Instant {
  if (typeof value === 'number') {
    switch (type.kind) {
      case 'date':
        return { ticks: BigInt(value) * TICKS_PER_DAY, offset: undefined };
      case 'time':
        return { ticks: EPOCH_1900 + BigInt(value), offset: undefined };
      case 'datetime':
        return { ticks: unitsToTicks(value), offset: undefined };
      case 'smalldatetime':
        return { ticks: EPOCH_1900 + BigInt(value) * TICKS_PER_MINUTE, offset: undefined };
      default:
        break;
    }
  }
  if (typeof value === 'bigint') return { ticks: value, offset: undefined };
  if (typeof value === 'object' && value !== null && 'ticks' in value) {
    return { ticks: value.ticks + BigInt(value.offset) * TICKS_PER_MINUTE, offset: value.offset };
  }
  throw new TypeError(`not a value of ${type.kind}`);
}

/** Milliseconds since the epoch of a value of date, datetime, smalldatetime, datetime2 or datetimeoffset. */
export function millisecondsOf(value: Value, type: SqlType): number {
  const { ticks, offset } = instantOf(value, type);
  return ticksToMs(ticks - BigInt(offset ?? 0) * TICKS_PER_MINUTE);
}

/** undefined where the type does not reach so far. */
export function fromInstant(instant: Instant, to: SqlType): Value | undefined {
  const { ticks } = instant;
  switch (to.kind) {
    case 'date':
      return Number(ticks / TICKS_PER_DAY);
    case 'time': {
      const rounded = roundTicks(ticks % TICKS_PER_DAY, to.scale);
      // 23:59:59.9999999 rounded up is midnight.
      return Number(rounded % TICKS_PER_DAY);
    }
    case 'datetime': {
      const units = ticksToUnits(ticks);
      return units < FIRST_DATETIME || units > LAST_DATETIME ? undefined : units;
    }
    case 'smalldatetime': {
      // From 29.999 s on a minute is rounded up: to the millisecond first.
      const ms = (ticks - EPOCH_1900 + 5_000n) / 10_000n;
      const minutes = Number((ms + 30_001n) / 60_000n);
      return ms < 0n || minutes > LAST_SMALLDATETIME ? undefined : minutes;
    }
    case 'datetime2': {
      const rounded = roundTicks(ticks, to.scale);
      return rounded > LAST_TICK ? undefined : rounded;
    }
    case 'datetimeoffset': {
      const rounded = roundTicks(ticks, to.scale);
      const offset = instant.offset ?? 0;
      const utc = rounded - BigInt(offset) * TICKS_PER_MINUTE;
      return utc < 0n || utc > LAST_TICK || rounded > LAST_TICK ? undefined : { ticks: utc, offset };
    }
    default:
      throw new TypeError(`${to.kind} is no date`);
  }
}

/** @throws SqlError 242 where the value does not fit */
export function convertMoment(value: Value, from: SqlType, to: SqlType): Value {
  if (from.kind === 'datetime' && typeof value === 'number') {
    if (to.kind === 'date') return Math.floor(value / UNITS_PER_DAY) + DAYS_TO_1900;
    if (to.kind === 'smalldatetime') return smallFromUnits(value);
  }
  const result = fromInstant(instantOf(value, from), to);
  if (result === undefined) throw dateRange(typeName(from), typeName(to));
  return result;
}

function smallFromUnits(units: number): number {
  const minutes = Math.floor((Math.round((units * 10) / 3) + 30_001) / 60_000);
  if (units < 0 || minutes > LAST_SMALLDATETIME) throw dateRange('datetime', 'smalldatetime');
  return minutes;
}

const isOld = (type: SqlType): boolean => type.kind === 'datetime' || type.kind === 'smalldatetime';

/** @throws SqlError 241, 242 */
export function momentFromText(text: string, from: SqlType, to: SqlType, order: DateOrder): Value {
  const parsed = parseMoment(text, order);
  if (parsed === 'syntax') throw dateSyntax();
  if (parsed === 'range') throw isOld(to) ? dateRange(typeName(from), typeName(to)) : dateSyntax();
  // datetime and smalldatetime read three digits of a fraction and no offset but Z.
  const strange = parsed.fraction > 3 || (parsed.offset ?? 0) !== 0 || parsed.minutes;
  if (isOld(to) && strange) throw dateSyntax();
  if ((parsed.offset ?? 0) !== 0 && to.kind !== 'datetimeoffset') {
    throw unsupported(`a text with an offset as ${to.kind}`);
  }
  const days = parsed.days ?? DAYS_TO_1900;
  const ticks = toUtc(days, parsed.ticks, 0);
  const result = fromInstant(
    { ticks, offset: to.kind === 'datetimeoffset' ? (parsed.offset ?? 0) : undefined },
    to,
  );
  if (result === undefined) throw isOld(to) ? dateRange(typeName(from), typeName(to)) : dateSyntax();
  return result;
}

const scaleOf = (type: SqlType): number =>
  type.kind === 'time' || type.kind === 'datetime2' || type.kind === 'datetimeoffset'
    ? type.scale
    : type.kind === 'date'
      ? 0
      : 3;

/** A value in the form that the styles of CONVERT are written from. */
export function momentOf(value: Value, type: SqlType): Moment {
  const { ticks, offset } = instantOf(value, type);
  const timeOnly = type.kind === 'time';
  const day = ticks / TICKS_PER_DAY;
  let within = ticks % TICKS_PER_DAY;
  // A datetime is written with milliseconds: .003 and .007, not .0033333.
  if (type.kind === 'datetime') within = ((within + 5_000n) / 10_000n) * 10_000n;
  return {
    days: timeOnly ? undefined : Number(day),
    ticks: type.kind === 'date' ? undefined : within,
    scale: scaleOf(type),
    offset,
    old: isOld(type),
  };
}
