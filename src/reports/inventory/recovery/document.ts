import { counted, formatDuration } from '../../../foundation/units.ts';
import { basisOf } from '../../basis.ts';
import {
  type Block,
  type Document,
  heading,
  list,
  paragraph,
  strong,
  type Text,
  table,
  together,
  warning,
} from '../../document/blocks.ts';
import { marks } from '../../readiness.ts';
import { instant } from '../../render.ts';
import type { Report } from '../../shape.ts';
import type { RecoveryEntry } from './entry.ts';

/** The recovery worksheets to read and to print: by department, in it by tier, in it as it is brought up. */
export function recoveryDocument(report: Report): Document | undefined {
  const { recovery, evacuation } = report;
  if (recovery === undefined) return undefined;
  const { entries, leftOut = [] } = recovery;
  const stale = entries.filter(each => each.stale);
  const departments = Map.groupBy(entries, ({ department }) => department);
  return {
    title: `${[...evacuation.marks, evacuation.name].join(' ')}: recovery worksheets`,
    kind: 'recovery worksheets',
    basis: basisOf(report),
    blocks: [
      ...marks(evacuation),
      paragraph(
        `${counted(entries.length, 'machine or database', 'machines and databases')} of ${counted(departments.size, 'department')}, in the order in which they are brought up at ${evacuation.to}.`,
      ),
      ...(leftOut.length === 0
        ? []
        : [warning([strong('Not the whole plan'), `: left out are ${leftOut.join(', ')}.`])]),
      ...(stale.length === 0
        ? []
        : [
            warning([
              strong('Not fresh'),
              `: ${stale.map(({ name, seen }) => `${name} (${seen})`).join(', ')}.`,
            ]),
          ]),
      ...[...departments].flatMap(([department, all]) => departmentBlocks(department, all)),
    ],
  };
}

const departmentBlocks = (department: string, all: readonly RecoveryEntry[]): Block[] => [
  heading(2, department),
  ...[...Map.groupBy(all, ({ tier }) => tier)].flatMap(([tier, entries]) =>
    tierBlocks(department, tier, entries),
  ),
];

function tierBlocks(department: string, tier: string, entries: readonly RecoveryEntry[]): Block[] {
  const [first] = entries;
  const objectives =
    first?.rpoMs === undefined || first.rtoMs === undefined
      ? 'no objectives are known'
      : `at most ${formatDuration(first.rpoMs)} of work lost, back within ${formatDuration(first.rtoMs)}`;
  return [
    heading(3, `${tier}: ${objectives}`),
    table(
      `${department}, ${tier}`,
      [
        { title: 'wave', right: true },
        'name',
        'role',
        'owner',
        'address today',
        'address after',
        'back',
        'initials',
      ],
      entries.map(each => [
        String(each.wave),
        each.name,
        each.role ?? '-',
        each.owner ?? 'nobody is named',
        each.addressesBefore.join(', ') || '-',
        each.addressesAfter.join(', ') || '-',
        '…………',
        '…………',
      ]),
    ),
    ...entries.map(sheet),
  ];
}

const sheet = (each: RecoveryEntry): Block =>
  together([
    heading(4, each.name),
    ...list(
      [
        line('what it is', [each.role, each.system].filter(part => part !== undefined).join(', ')),
        line('called', each.hostnames.join(', ')),
        line('subnets', each.subnets.join('; ')),
        line('comes up in', `wave ${each.wave}`),
        line('owner', each.owner ?? 'nobody is named'),
        ...lines('needs', each.dependsOn),
        ...lines('needed by', each.neededBy),
        ...lines('would act twice', each.actsTwice),
        ...lines('certificates that end', each.certificates),
        ...lines('keeps data', each.dataServices),
        ...lines('it works when', each.checks, 'nobody has said how one sees that: checks: in the plan'),
        ...lines('NOT SETTLED', each.open),
        line('seen', each.seenAt === undefined ? each.seen : `${instant(each.seenAt)}, ${each.seen}`),
      ].flat(),
    ),
  ]);

const line = (word: string, text: string): Text[] => (text === '' ? [] : [[strong(word), `: ${text}`]]);

const lines = (word: string, all: readonly string[], otherwise = ''): Text[][] =>
  all.length === 0 ? [line(word, otherwise)] : [line(word, all.join('; '))];
