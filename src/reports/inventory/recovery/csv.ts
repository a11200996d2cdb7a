import { formatDuration } from '../../../foundation/units.ts';
import { csvOf } from '../../document/csv.ts';
import { distinctName, slug } from '../../file-name.ts';
import { instant } from '../../render.ts';
import type { Recovery, RecoveryEntry } from './entry.ts';

const TITLES = [
  'department',
  'tier',
  'wave',
  'kind',
  'name',
  'role',
  'owner',
  'hostnames',
  'system',
  'subnets',
  'addresses before',
  'addresses after',
  'rpo',
  'rto',
  'depends on',
  'needed by',
  'acts twice',
  'certificates that end',
  'data services',
  'how to check',
  'not settled',
  'seen',
  'stale',
];

const row = (each: RecoveryEntry): string[] => [
  each.department,
  each.tier,
  String(each.wave),
  each.kind,
  each.name,
  each.role ?? '',
  each.owner ?? '',
  each.hostnames.join('\n'),
  each.system ?? '',
  each.subnets.join('\n'),
  each.addressesBefore.join('\n'),
  each.addressesAfter.join('\n'),
  each.rpoMs === undefined ? '' : formatDuration(each.rpoMs),
  each.rtoMs === undefined ? '' : formatDuration(each.rtoMs),
  each.dependsOn.join('\n'),
  each.neededBy.join('\n'),
  each.actsTwice.join('\n'),
  each.certificates.join('\n'),
  each.dataServices.join('\n'),
  each.checks.join('\n'),
  each.open.join('\n'),
  each.seenAt === undefined ? each.seen : instant(each.seenAt),
  each.stale ? 'STALE' : '',
];

/** One table of everything. */
export const recoveryCsv = ({ entries }: Recovery): string => csvOf(TITLES, entries.map(row));

export interface RecoverySheet {
  readonly department: string;
  readonly tier: string;
  /** `recovery-finance-critical.csv`: names a file whatever people call themselves; distinct within a set. */
  readonly file: string;
  readonly csv: string;
}

/** One table for each tier of each department. */
export function recoverySheets({ entries }: Recovery): RecoverySheet[] {
  const used = new Set<string>();
  const groups = Map.groupBy(entries, ({ department, tier }) => JSON.stringify([department, tier]));
  return [...groups.values()].flatMap(group => {
    const [first] = group;
    if (first === undefined) return [];
    const { department, tier } = first;
    const name = distinctName(`${slug(department, 'department')}-${slug(tier, 'tier')}`, used);
    return [{ department, tier, file: `recovery-${name}.csv`, csv: csvOf(TITLES, group.map(row)) }];
  });
}
