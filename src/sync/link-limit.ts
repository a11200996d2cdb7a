import type { Plan } from '../plan/schema.ts';

type Link = Plan['link'];
const DAYS: readonly string[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * Bytes per second that landfall may use of the link at that instant (epoch ms): the first window that holds it,
 * otherwise the limit of the plan; undefined where there is none. A window whose end is not after its beginning
 * reaches into the next day.
 */
export function linkLimit(link: Link, at: number): number | undefined {
  const { day, minute } = localTime(at, link.timezone);
  for (const window of link.windows) {
    const from = minutes(window.from);
    const to = minutes(window.to);
    const startsOn = (index: number): boolean => window.days.some(name => name === DAYS[(index + 7) % 7]);
    const isInside =
      from < to
        ? startsOn(day) && minute >= from && minute < to
        : (startsOn(day) && minute >= from) || (startsOn(day - 1) && minute < to);
    if (isInside) return window.limit;
  }
  return link.limit;
}

/**
 * The share of one stream. A pass keeps the share it began with: rsync cannot be told another while it runs. A
 * throttle (bytes per second for all streams together) stands in place of what the plan says.
 */
export function streamLimit(link: Link, at: number, throttle?: number): number | undefined {
  const limit = throttle ?? linkLimit(link, at);
  return limit === undefined ? undefined : limit / link.streams;
}

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

function localTime(at: number, timeZone: string): { day: number; minute: number } {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find(found => found.type === type)?.value ?? '';
  return {
    day: DAYS.indexOf(part('weekday').toLowerCase()),
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
}
