import { formatBytes } from '../../foundation/units.ts';
import type { ReplicationTrouble } from '../../journal/database-facts.ts';
import type { QueueRow } from './ask-distributor.ts';
import { known, type Observation } from './observation.ts';

/** Hours in which somebody can still do something. */
const SOON = 12;
const NEARLY_FULL = 0.9;

/** Hours until the distributor gives up what the copy has not: the retention, less the age of what waits longest. */
export function expiresInHours({ keeps_hours, waits_minutes }: QueueRow): number | undefined {
  if (keeps_hours === null) return undefined;
  return Math.max(0, Math.round((keeps_hours - (waits_minutes ?? 0) / 60) * 10) / 10);
}

export function queueTroubles(observation: Observation): ReplicationTrouble[] {
  const queue = known(observation.queue);
  if (queue === undefined) return [];
  const found: ReplicationTrouble[] = [];
  const hours = expiresInHours(queue);
  if (queue.status === 0)
    found.push({
      code: 'subscription-expired',
      severity: 'blocker',
      what: 'the subscription was switched off: it stayed behind for longer than the distributor keeps commands',
      remedy: 'the copy has to be seeded again: landfall database seed',
      evidence: [`the distributor keeps ${queue.keeps_hours ?? '?'} h`],
    });
  else if (hours !== undefined && hours < SOON && queue.waits_minutes !== null)
    found.push({
      code: 'subscription-expiring',
      severity: hours === 0 ? 'blocker' : 'warning',
      what: `commands wait for ${duration(queue.waits_minutes)}; in ${hours} h the distributor gives the subscription up`,
      remedy: `let it keep them longer: EXEC sp_changedistributiondb @database = N'distribution', @property = N'max_distretention', @value = N'${(queue.keeps_hours ?? 0) + 168}'; then get the distribution agent going`,
      evidence: [`the distributor keeps ${queue.keeps_hours} h`],
    });
  if (queue.bytes !== null && queue.most !== null && queue.bytes >= queue.most * NEARLY_FULL)
    found.push({
      code: 'distribution-filling',
      severity: 'warning',
      what: `the distribution database has ${formatBytes(queue.bytes)} of the ${formatBytes(queue.most)} that its files may have`,
      remedy: 'let its files grow: ALTER DATABASE [distribution] MODIFY FILE (…, MAXSIZE = UNLIMITED)',
      evidence: [],
    });
  return found;
}

const duration = (minutes: number): string =>
  minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
