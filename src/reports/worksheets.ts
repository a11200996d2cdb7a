import { formatDuration } from '../foundation/units.ts';
import { basisOf } from './basis.ts';
import { type Block, type Document, heading, paragraph, table } from './document/blocks.ts';
import { csvOf } from './document/csv.ts';
import { distinctName, slug } from './file-name.ts';
import { marks } from './readiness.ts';
import { paperStale } from './runbook/paper.ts';
import { numbersOf, type RunbookItem, stepNumbers } from './runbook/step.ts';
import type { Report } from './shape.ts';

/** The steps of one owner or department. */
export interface Worksheet {
  readonly owner: string;
  /** `worksheet-storage-team.csv`: names a file whatever the owner is called; distinct within a set. */
  readonly file: string;
  readonly csv: string;
}

const TITLES = [
  'no.',
  'step',
  'owner',
  'section',
  'wave',
  'tier',
  'about',
  'what',
  'by hand at',
  'command',
  'expected',
  'rollback',
  'not before',
  'name to be typed',
  'allowance',
  'status',
  'time',
  'initials',
  'remarks',
];

const NOBODY = 'nobody is named';

/** One table of all steps. */
export const stepsCsv = (report: Report): string =>
  csvOf(
    TITLES,
    rows(report, () => true),
  );

/** One table for every owner that has steps, in the order of their first step. */
export function worksheetsOf(report: Report): Worksheet[] {
  const used = new Set<string>();
  return owners(report).map(owner => ({
    owner,
    file: `worksheet-${distinctName(slug(owner, 'owner'), used)}.csv`,
    csv: csvOf(
      TITLES,
      rows(report, each => (each.owner ?? NOBODY) === owner),
    ),
  }));
}

const owners = ({ checklist }: Report): string[] => [
  ...new Set((checklist?.items ?? []).map(each => each.owner ?? NOBODY)),
];

function rows({ checklist, evacuation }: Report, wanted: (each: RunbookItem) => boolean): string[][] {
  if (checklist === undefined) return [];
  const numbers = numbersOf(checklist);
  return checklist.items
    .filter(wanted)
    .map(each => [
      String(numbers.get(each.id) ?? ''),
      each.id,
      each.owner ?? NOBODY,
      each.section,
      String(each.wave),
      each.tier ?? '',
      each.subject,
      each.title,
      each.commands.map(({ host }) => (host === 'here' ? 'control machine' : host)).join('\n'),
      each.commands.map(command => command.line).join('\n'),
      each.expected.join('\n'),
      each.rollback.join('\n'),
      stepNumbers(each.needs, numbers),
      each.typed ?? '',
      each.allowanceMs === undefined ? '' : formatDuration(each.allowanceMs),
      each.status,
      '',
      '',
      each.id === 'no-return' ? `point of no return of ${evacuation.name}` : '',
    ]);
}

/** The same sheets to read and to print. */
export function worksheetsDocument(report: Report): Document | undefined {
  const { checklist, evacuation } = report;
  if (checklist === undefined) return undefined;
  const numbers = numbersOf(checklist);
  const sheet = (owner: string): Block[] => [
    heading(2, owner),
    table(
      `The steps of ${owner}`,
      [
        { title: 'no.', right: true },
        'step',
        'what',
        'expected',
        'not before',
        'allowance',
        'time',
        'initials',
      ],
      checklist.items
        .filter(each => (each.owner ?? NOBODY) === owner)
        .map(each => [
          String(numbers.get(each.id) ?? ''),
          each.id,
          each.title,
          each.expected.join('; ') || '-',
          stepNumbers(each.needs, numbers) || '-',
          each.allowanceMs === undefined ? 'not known' : formatDuration(each.allowanceMs),
          '…………',
          '…………',
        ]),
    ),
  ];
  return {
    title: `${[...evacuation.marks, evacuation.name].join(' ')}: worksheets`,
    kind: 'worksheets',
    basis: basisOf(report, paperStale(report)),
    blocks: [
      ...marks(evacuation),
      paragraph('Each owner has a sheet; steps carry the numbers of the runbook.'),
      ...owners(report).flatMap(sheet),
    ],
  };
}
