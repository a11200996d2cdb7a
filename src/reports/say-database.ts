import { counted, formatBytes, formatDuration } from '../foundation/units.ts';
import { isOpenItem } from '../journal/database-words.ts';
import type { Event } from '../journal/events.ts';

type DatabaseEvent = Extract<Event, { database: string }>;
type Tone = 'good' | 'bad' | 'warn' | 'plain' | 'quiet';

/** What happened to a database, in words. */
export function sayDatabase(event: DatabaseEvent): { readonly tone: Tone; readonly text: string } {
  switch (event.type) {
    case 'database.ordered':
      return quiet(`${event.order} was ordered${event.reason === undefined ? '' : `: ${event.reason}`}`);
    case 'database.assessed': {
      const blockers = event.findings.filter(({ severity }) => severity === 'blocker').length;
      const text = `assessed: ${event.publisher.edition} ${event.publisher.version}, ${counted(event.tables.length, 'table')}`;
      return blockers === 0
        ? plain(text)
        : { tone: 'warn', text: `${text}, ${counted(blockers, 'blocker')}` };
    }
    case 'database.planned': {
      const lane = event.lanes.find(({ verdict }) => verdict === 'recommended');
      const drift = `${counted(event.drift.length, 'difference')} of schema`;
      return lane === undefined
        ? { tone: 'bad', text: `no lane is open; ${drift}` }
        : plain(`recommended: the lane ${lane.lane}; ${drift}`);
    }
    case 'database.lane-chosen':
      return plain(`lane ${event.lane}: ${event.reason}`);
    case 'database.captured':
      return good('captured: nothing that production commits from now on can be lost');
    case 'database.pinned':
      return plain(`the seed has its instant: ${event.source}`);
    case 'database.aligned':
      return plain(`schema of the copy aligned: ${counted(event.statements, 'statement')}`);
    case 'reconcile.started':
      return plain(
        `reconcile ${event.run} begins: ${counted(event.tables, 'table')}, ${counted(event.rows, 'row')}`,
      );
    case 'reconcile.table': {
      const repaired = event.inserted + event.updated + event.deleted;
      return quiet(
        `${event.compared.table}: ${counted(event.compared.rows, 'row')} compared, ${repaired} repaired, ${formatBytes(event.bytes)}`,
      );
    }
    case 'reconcile.ended':
      return good(
        `reconcile ${event.run}: ${counted(event.rows, 'row')} compared, ${event.repaired} repaired, ${formatBytes(event.bytes)} in ${formatDuration(event.ms)}`,
      );
    case 'database.released':
      return good(`the copy follows: ${event.how}`);
    case 'database.observed': {
      const [trouble] = event.sample.troubles;
      if (trouble !== undefined)
        return { tone: trouble.severity === 'blocker' ? 'bad' : 'warn', text: trouble.what };
      const { exposureMs } = event.sample;
      return quiet(
        exposureMs === undefined ? 'observed' : `behind production by ${formatDuration(exposureMs)}`,
      );
    }
    case 'database.validated': {
      const differ = event.tables.filter(each => each.missing + each.extra + each.different > 0).length;
      return differ === 0
        ? good(`validated ${event.kind}: ${counted(event.tables.length, 'table')} equal`)
        : {
            tone: 'bad',
            text: `validated ${event.kind}: ${counted(differ, 'table')} of ${event.tables.length} differ`,
          };
    }
    case 'database.besides': {
      const open = event.items.filter(isOpenItem).length;
      return plain(`what replication does not bring: ${open} of ${event.items.length} to do`);
    }
    case 'handover.step':
      return {
        tone: event.did.status === 'failed' ? 'bad' : 'plain',
        text: `hand-over: ${event.did.title}: ${event.did.status}`,
      };
    case 'handover.drained':
      return good('frozen, drained and equal: the hand-over waits at its point of no return');
    case 'handover.ended':
      return event.lost.length === 0
        ? good('handed over: nothing is lost')
        : { tone: 'warn', text: `handed over: ${event.lost.join('; ')}` };
    case 'handover.thawed':
      return {
        tone: 'warn',
        text: 'hand-over given up: production takes writes again, as before the freeze',
      };
    case 'database.torn-down':
      return plain(`production is as it was found: ${counted(event.removed.length, 'object')} removed`);
  }
}

const plain = (text: string) => ({ tone: 'plain', text }) as const;
const good = (text: string) => ({ tone: 'good', text }) as const;
const quiet = (text: string) => ({ tone: 'quiet', text }) as const;
