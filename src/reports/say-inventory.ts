import { counted, formatBitRate } from '../foundation/units.ts';
import type { InventoryEvent } from '../journal/fold-inventory.ts';

interface Said {
  readonly subject: string;
  readonly tone: 'good' | 'bad' | 'warn' | 'plain' | 'quiet';
  readonly text: string;
}

/** What the wide look at the estate found, in words. */
export function sayInventory(event: InventoryEvent): Said {
  switch (event.type) {
    case 'machine.surveyed': {
      const { gaps } = event.survey;
      return {
        subject: event.machine,
        tone: gaps.length === 0 ? 'quiet' : 'warn',
        text:
          gaps.length === 0
            ? 'surveyed: everything that was asked was answered'
            : `surveyed; not learned: ${gaps.map(({ what }) => what).join(', ')}`,
      };
    }
    case 'hypervisor.surveyed':
      return {
        subject: event.hypervisor,
        tone: 'quiet',
        text: `surveyed: ${counted(event.survey.domains.length, 'domain')}, ${counted(event.survey.networks.length, 'network')}, ${counted(event.survey.pools.length, 'pool')}`,
      };
    case 'server.surveyed': {
      const { databases, missingRights } = event.survey;
      return {
        subject: event.server,
        tone: missingRights.length === 0 ? 'quiet' : 'warn',
        text:
          missingRights.length === 0
            ? `surveyed: ${counted(databases.length, 'database')}`
            : `surveyed: ${counted(databases.length, 'database')}; the login lacks ${missingRights.map(({ right }) => right).join(', ')}`,
      };
    }
    case 'peers.sampled':
      return {
        subject: event.machine,
        tone: 'quiet',
        text: `${counted(event.peers.length, 'peer')} on its sockets in ${counted(event.samples, 'look')}`,
      };
    case 'link.measured': {
      const best = Math.max(0, ...event.forth.map(({ bytesPerSecond }) => bytesPerSecond));
      return {
        subject: `${event.from} to ${event.to}`,
        tone: 'plain',
        text: `the link carries ${formatBitRate(best)}; ${event.why}`,
      };
    }
    case 'drift.seen':
      return event.found.length === 0
        ? { subject: event.subject, tone: 'good', text: 'is again as the inventory knows it' }
        : {
            subject: event.subject,
            tone: 'warn',
            text: `is not as the inventory before knew it: ${briefly(event.found)}`,
          };
  }
}

/** All of it stands in the journal; here is the beginning. */
function briefly(found: readonly string[]): string {
  const rest = found.length - 5;
  return [...found.slice(0, 5), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
