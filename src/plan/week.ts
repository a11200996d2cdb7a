/** Hours of the week as minutes from Monday 00:00: what link windows are made of. */

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const DAY_NAMES: readonly string[] = DAYS;
const DAY = 24 * 60;
const WEEK = 7 * DAY;

/** From inclusive, to exclusive; `to` is never past the end of the week. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface WeekWindow {
  readonly days: readonly (typeof DAYS)[number][];
  /** `22:00`; the day is the day on which the window begins. */
  readonly from: string;
  readonly to: string;
}

/** The minutes a window covers. One that ends before it begins runs into the next day; Sunday runs into Monday. */
export function spansOf(window: WeekWindow): Span[] {
  const start = minutesOf(window.from);
  const end = minutesOf(window.to);
  const length = end > start ? end - start : end + DAY - start;
  return window.days.flatMap(day => {
    const from = DAYS.indexOf(day) * DAY + start;
    const to = from + length;
    return to <= WEEK
      ? [{ from, to }]
      : [
          { from, to: WEEK },
          { from: 0, to: to - WEEK },
        ];
  });
}

function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** The minute of the week that clocks in a zone show at an instant. Throws RangeError on an unknown zone. */
export function minuteOfWeek(epochMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(epochMs);
  const part = (type: string): string => parts.find(p => p.type === type)?.value ?? '';
  const day = DAY_NAMES.indexOf(part('weekday').toLowerCase());
  return day * DAY + Number(part('hour')) * 60 + Number(part('minute'));
}
