/** A row of msdb.dbo.sysschedules as far as it says when a job runs. */
export interface Schedule {
  readonly enabled: boolean;
  /** 1 once, 4 daily, 8 weekly, 16 monthly, 32 monthly relative, 64 when the agent starts, 128 when the CPU is idle. */
  readonly frequencyType: number;
  /** Days between runs (4), days of the week as bits from Sunday (8), day of the month (16). */
  readonly frequencyInterval: number;
  /** 1 at the time given, 2 seconds, 4 minutes, 8 hours. */
  readonly subdayType: number;
  readonly subdayInterval: number;
  /** Weeks (8) or months (16) between runs. */
  readonly recurrenceFactor: number;
  /** yyyymmdd. */
  readonly startDate: number;
  readonly endDate: number;
  /** hhmmss. */
  readonly startTime: number;
  readonly endTime: number;
}

/** Runs when SQL Server Agent starts, and as long as it does. */
export const isContinuous = (schedule: Schedule): boolean =>
  schedule.enabled && schedule.frequencyType === 64;

const DAY = 86_400_000;
const SUBDAY: Readonly<Record<number, number>> = { 2: 1000, 4: 60_000, 8: 3_600_000 };
/** How far ahead a day is looked for: every rhythm that is known repeats within it. */
const HORIZON_DAYS = 800;

/**
 * The first time after `after` at which a schedule is due, in milliseconds since the epoch; undefined where there is none,
 * or where another rhythm holds than the clock's (64, 128) or one the double does not know (32).
 */
export function nextRun(schedule: Schedule, after: number): number | undefined {
  if (!schedule.enabled || ![1, 4, 8, 16].includes(schedule.frequencyType)) return undefined;
  const start = dayOf(schedule.startDate);
  const end = dayOf(schedule.endDate);
  if (start === undefined || end === undefined) return undefined;
  const first = Math.max(start, Math.floor(after / DAY));
  for (let day = first; day <= Math.min(end, first + HORIZON_DAYS); day++) {
    if (!runsOn(schedule, start, day)) continue;
    const time = timeOfDay(schedule, day, after);
    if (time !== undefined) return time;
  }
  return undefined;
}

/** yyyymmdd as days since the epoch; 0 is the beginning. */
function dayOf(date: number): number | undefined {
  if (date === 0) return 0;
  const [year, month, day] = [Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100];
  const value = Date.UTC(year, month - 1, day);
  return Number.isNaN(value) ? undefined : Math.floor(value / DAY);
}

const timeMs = (time: number): number =>
  Math.floor(time / 10_000) * 3_600_000 + (Math.floor(time / 100) % 100) * 60_000 + (time % 100) * 1000;

function runsOn(schedule: Schedule, start: number, day: number): boolean {
  const date = new Date(day * DAY);
  switch (schedule.frequencyType) {
    case 1:
      return day === start;
    case 4:
      return (day - start) % Math.max(1, schedule.frequencyInterval) === 0;
    case 8: {
      const weekday = date.getUTCDay();
      // The epoch was a Thursday; weeks begin on Sunday.
      const weeks = Math.floor((day + 4) / 7) - Math.floor((start + 4) / 7);
      return (
        (schedule.frequencyInterval & (1 << weekday)) !== 0 &&
        weeks % Math.max(1, schedule.recurrenceFactor) === 0
      );
    }
    default: {
      const begin = new Date(start * DAY);
      const months =
        (date.getUTCFullYear() - begin.getUTCFullYear()) * 12 + date.getUTCMonth() - begin.getUTCMonth();
      return (
        date.getUTCDate() === schedule.frequencyInterval &&
        months % Math.max(1, schedule.recurrenceFactor) === 0
      );
    }
  }
}

function timeOfDay(schedule: Schedule, day: number, after: number): number | undefined {
  const begin = day * DAY + timeMs(schedule.startTime);
  const step = SUBDAY[schedule.subdayType];
  if (begin > after) return begin;
  if (step === undefined || schedule.subdayInterval < 1) return undefined;
  const interval = step * schedule.subdayInterval;
  const next = begin + (Math.floor((after - begin) / interval) + 1) * interval;
  return next <= day * DAY + timeMs(schedule.endTime) ? next : undefined;
}

/** Milliseconds since the epoch as msdb writes days and times: 20240131 and 235959. */
export const dateNumber = (milliseconds: number): number => {
  const date = new Date(milliseconds);
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
};

export const timeNumber = (milliseconds: number): number => {
  const date = new Date(milliseconds);
  return date.getUTCHours() * 10_000 + date.getUTCMinutes() * 100 + date.getUTCSeconds();
};

/** A span as hhmmss. */
export const durationNumber = (milliseconds: number): number => {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return Math.floor(seconds / 3600) * 10_000 + (Math.floor(seconds / 60) % 60) * 100 + (seconds % 60);
};
