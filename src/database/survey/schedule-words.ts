import { counted } from '../../foundation/units.ts';
import { clockOf } from './instants.ts';

/** A schedule as msdb keeps it in numbers. */
export interface ScheduleRow {
  readonly enabled: boolean;
  readonly type: number;
  readonly interval: number;
  readonly subday: number;
  readonly subdayInterval: number;
  readonly relative: number;
  readonly recurrence: number;
  readonly start: number;
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const KINDS_OF_DAY: ReadonlyMap<number, string> = new Map([
  ...DAYS.map((day, at): [number, string] => [at + 1, day]),
  [8, 'day'],
  [9, 'weekday'],
  [10, 'day of the weekend'],
]);
const WHICH: ReadonlyMap<number, string> = new Map([
  [1, 'first'],
  [2, 'second'],
  [4, 'third'],
  [8, 'fourth'],
  [16, 'last'],
]);
const SUBDAY: ReadonlyMap<number, string> = new Map([
  [2, 'second'],
  [4, 'minute'],
  [8, 'hour'],
]);

/** `every day at 02:00`, `every 15 minutes on Monday, Friday`: numbers that are in no manual are told as they are. */
export function scheduleWords(row: ScheduleRow): string {
  const words = wordsOf(row);
  return row.enabled ? words : `${words} (switched off)`;
}

function wordsOf(row: ScheduleRow): string {
  const { type, interval, recurrence } = row;
  switch (type) {
    case 1:
      return `once at ${hour(row.start)}`;
    case 4:
      return within(row, interval <= 1 ? 'every day' : `every ${interval} days`);
    case 8:
      return within(row, `${every(recurrence, 'week')} on ${daysOf(interval)}`);
    case 16:
      return within(row, `${every(recurrence, 'month')} on day ${interval}`);
    case 32:
      return within(
        row,
        `${every(recurrence, 'month')} on the ${WHICH.get(row.relative) ?? row.relative} ${KINDS_OF_DAY.get(interval) ?? interval}`,
      );
    case 64:
      return 'when SQL Server Agent starts';
    case 128:
      return 'when the processors are idle';
    default:
      return `schedule of the kind ${type}`;
  }
}

const every = (count: number, noun: string): string =>
  count <= 1 ? `every ${noun}` : `every ${counted(count, noun)}`;

function within({ subday, subdayInterval, start }: ScheduleRow, days: string): string {
  const noun = SUBDAY.get(subday);
  if (noun === undefined) return `${days} at ${hour(start)}`;
  return `${days}, ${every(subdayInterval, noun)} from ${hour(start)}`;
}

const daysOf = (bits: number): string =>
  DAYS.filter((_day, at) => (bits & (1 << at)) !== 0).join(', ') || 'no day';

const hour = (start: number): string => {
  const clock = clockOf(start);
  return clock.endsWith(':00') ? clock.slice(0, 5) : clock;
};
