import { harmlessValue } from '../../../foundation/harmless-value.ts';
import { cutoverOrder } from '../../../plan/cutover-order.ts';
import { own } from '../../../readiness/copy.ts';
import type { View } from '../../../step/step.ts';
import { priorityOf } from '../../rows.ts';
import type { Inventory } from '../inventory.ts';
import type { Around } from './around.ts';
import { databaseEntry } from './database.ts';
import { NO_DEPARTMENT, type Recovery, type RecoveryEntry } from './entry.ts';
import { machineEntry } from './machine.ts';

/** The recovery worksheets of an evacuation as of `now`, epoch ms. Pure; every text is harmless for a terminal. */
export function recoveryOf(view: View, inventory: Inventory, now: number): Recovery {
  const { plan } = view;
  const around: Around = { view, inventory, now };
  const waves = new Map(cutoverOrder(plan).map(({ name, wave }) => [name, wave]));
  const entries = [
    ...Object.entries(plan.machines).map(([name, wanted]) => ({
      ...common(around, name, wanted, waves),
      ...machineEntry(around, name, wanted),
    })),
    ...Object.entries(plan.databases).map(([name, wanted]) => ({
      ...common(around, name, wanted, waves),
      ...databaseEntry(around, name, wanted),
    })),
  ];
  return harmlessValue({ entries: entries.toSorted(byPlace) });
}

/** What the plan says of a machine and of a database alike. */
interface Wanted {
  readonly tier: string;
  readonly owner?: string | undefined;
  readonly department?: string | undefined;
}

type Common = Pick<
  RecoveryEntry,
  | 'name'
  | 'department'
  | 'tier'
  | 'priority'
  | 'wave'
  | 'owner'
  | 'rpoMs'
  | 'rtoMs'
  | 'dependsOn'
  | 'neededBy'
  | 'open'
>;

function common(
  { view: { plan }, inventory }: Around,
  name: string,
  { tier, owner, department }: Wanted,
  waves: ReadonlyMap<string, number>,
): Common {
  const level = own(plan.tiers, tier);
  return {
    name,
    department: department ?? NO_DEPARTMENT,
    tier,
    priority: priorityOf(plan, tier),
    wave: waves.get(name) ?? 0,
    ...(owner === undefined ? {} : { owner }),
    ...(level === undefined ? {} : { rpoMs: level.rpo, rtoMs: level.rto }),
    dependsOn: needsOf(inventory, name),
    neededBy: neededBy(inventory, name),
    open: inventory.findings
      .filter(
        ({ subject, severity, waived }) => subject === name && severity !== 'note' && waived === undefined,
      )
      .map(({ what }) => what),
  };
}

function needsOf({ dependencies }: Inventory, name: string): string[] {
  const edges = dependencies?.edges.filter(({ from }) => from === name) ?? [];
  return [
    ...new Set(
      edges.map(({ to, via, port }) => {
        const at = port === undefined ? '' : `:${port}`;
        if (to.kind === 'unknown')
          return `${to.address}${at} by ${via}: UNKNOWN${to.atSource ? ', at the source' : ''}`;
        if (to.kind === 'external') return `${to.name} (${to.address}${at}) by ${via}: not moved`;
        return `${to.name}${at === '' ? '' : ` ${at}`} by ${via}`;
      }),
    ),
  ];
}

const neededBy = ({ dependencies }: Inventory, name: string): string[] => [
  ...new Set(
    (dependencies?.edges ?? []).flatMap(({ from, to }) => ('name' in to && to.name === name ? [from] : [])),
  ),
];

const byPlace = (a: RecoveryEntry, b: RecoveryEntry): number =>
  compare(a.department, b.department) ||
  a.priority - b.priority ||
  compare(a.tier, b.tier) ||
  a.wave - b.wave ||
  compare(a.name, b.name);

/** Where nobody is named comes last. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  if (a === NO_DEPARTMENT) return 1;
  if (b === NO_DEPARTMENT) return -1;
  return a < b ? -1 : 1;
}
