import type { Plan } from './schema.ts';

type Link = Plan['link'];
const DAYS: readonly string[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * Bytes per second that landfall may use of the link at that instant (epoch ms): the first window that holds it,
 * otherwise the limit of the plan; undefined where there is none. A window whose end is not after its beginning
 * reaches into the next day.
 */
export const linkLimit = (link: Link, at: number): number | undefined => linkLimits(link)(at);

/** The same for whoever asks for many instants: what an answer costs most is made once. */
export function linkLimits(link: Link): (at: number) => number | undefined {
  if (link.windows.length === 0) return () => link.limit;
  const local = localTimes(link.timezone);
  return at => {
    const { day, minute } = local(at);
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
  };
}

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

function localTimes(timeZone: string): (at: number) => { day: number; minute: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return at => {
    const parts = format.formatToParts(at);
    const part = (type: Intl.DateTimeFormatPartTypes): string =>
      parts.find(found => found.type === type)?.value ?? '';
    return {
      day: DAYS.indexOf(part('weekday').toLowerCase()),
      minute: Number(part('hour')) * 60 + Number(part('minute')),
    };
  };
}
