import { linkLimit } from '../plan/link-limit.ts';
import type { Plan } from '../plan/schema.ts';

export { linkLimit };

/**
 * The share of one stream. A pass keeps the share it began with: rsync cannot be told another while it runs. A
 * throttle (bytes per second for all streams together) stands in place of what the plan says.
 */
export function streamLimit(link: Plan['link'], at: number, throttle?: number): number | undefined {
  const limit = throttle ?? linkLimit(link, at);
  return limit === undefined ? undefined : limit / link.streams;
}
