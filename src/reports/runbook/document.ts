import { SECTION_TITLES } from '../../checklist/section-titles.ts';
import { SECTIONS, type Section } from '../../checklist/types.ts';
import { formatDuration } from '../../foundation/units.ts';
import { blocks as blocksVerdict } from '../../readiness/gate.ts';
import { basisOf } from '../basis.ts';
import {
  type Block,
  code,
  type Document,
  heading,
  list,
  paragraph,
  strong,
  type Text,
  table,
  warning,
} from '../document/blocks.ts';
import { contactTable, deadlineText, marks, verdictMark } from '../readiness.ts';
import { exposureText, groupText, instant, or } from '../render.ts';
import type { Report } from '../shape.ts';
import { triageBlocks } from '../triage-blocks.ts';
import { appendices } from './appendices.ts';
import { paperCode, paperStale } from './paper.ts';
import { allowance, listingsOf, numbersOf, type RunbookItem, stepBlock } from './step.ts';

type Runbook = Report & { readonly checklist: NonNullable<Report['checklist']> };

/**
 * The cutover on paper, under the headings of a contingency plan (NIST SP 800-34): it works without landfall, without a
 * network and without whoever wrote the plan. Undefined where the report has no checklist.
 */
export function runbookDocument(report: Report): Document | undefined {
  const { checklist, evacuation } = report;
  if (checklist === undefined) return undefined;
  const runbook: Runbook = { ...report, checklist };
  const all = [...new Set([...evacuation.marks, ...checklist.marks])];
  return {
    title: `${[...all, evacuation.name].join(' ')}: runbook of the cutover`,
    kind: 'runbook',
    basis: { ...basisOf(report, paperStale(report)), marks: all },
    blocks: [
      ...head(runbook),
      ...introduction(runbook),
      ...operations(runbook),
      ...activation(runbook),
      ...recovery(runbook),
      ...reconstitution(runbook),
      ...appendices(runbook),
    ],
  };
}

const BLANK = '…………………………';

function head(report: Runbook): Block[] {
  const { evacuation, checklist } = report;
  return [
    ...marks(evacuation),
    ...(checklist.dark
      ? [
          warning([
            strong('DARK: the source is gone.'),
            ' Nothing is asked of it; the copies start from their last verified pass, and what was written later is lost.',
          ]),
        ]
      : []),
    paragraph([
      'Tick a box when its step shows what is expected, and write down the time and your initials. Go from top to bottom; what may run side by side stands in one wave. Lines behind ',
      strong('by hand'),
      ' work without landfall.',
    ]),
    paragraph([
      'Is this paper still valid? ',
      code(`landfall report ${evacuation.name} --check ${paperCode(report)}`),
    ]),
    heading(2, 'Plan approval'),
    table(
      'Who has approved this plan',
      ['role', 'name', 'date and time', 'signature'],
      [
        ['decides', report.cutover?.decides ?? BLANK, BLANK, BLANK],
        ['source site', BLANK, BLANK, BLANK],
        ['target site', BLANK, BLANK, BLANK],
      ],
    ),
  ];
}

function introduction(report: Runbook): Block[] {
  const { evacuation, machines, databases, cutover, deadline, checklist } = report;
  return [
    heading(2, '1 Introduction'),
    heading(3, '1.1 Background'),
    paragraph([`From ${evacuation.from} to ${evacuation.to}. `, ...deadlineText(deadline)]),
    heading(3, '1.2 Scope'),
    table(
      'What is switched over',
      ['name', 'kind', 'tier', 'owner', 'readiness'],
      [
        ...machines.map(each => [each.name, 'machine', each.tier, each.owner ?? '-', verdictMark(each)]),
        ...databases.map(each => [each.name, 'database', each.tier, each.owner ?? '-', verdictMark(each)]),
      ],
    ),
    table(
      'What each tier allows',
      [
        'tier',
        { title: 'priority', right: true },
        { title: 'may lose', right: true },
        { title: 'may be away', right: true },
      ],
      (cutover?.tiers ?? []).map(each => [
        each.name,
        String(each.priority),
        formatDuration(each.rpoMs),
        formatDuration(each.rtoMs),
      ]),
    ),
    heading(3, '1.3 Assumptions'),
    ...list([
      'Replicas stay as they are until the commit: an abort before the point of no return costs no full copy.',
      checklist.dark
        ? 'Nobody can ask the source any more, and somebody keeps it off.'
        : 'The source is stopped before its standby starts: two of one server never run.',
      checklist.expectedMs === undefined
        ? 'How long the whole takes is not known: steps on its longest way were never rehearsed.'
        : `The whole is expected to take ${formatDuration(checklist.expectedMs)}${checklist.expectedOutageMs === undefined ? '' : `, of which users notice ${formatDuration(checklist.expectedOutageMs)}`}.`,
    ]),
  ];
}

function operations({ evacuation, contacts, checklist, cutover }: Runbook): Block[] {
  const owners = [...Map.groupBy(checklist.items, each => each.owner ?? 'nobody is named')];
  return [
    heading(2, '2 Concept of operations'),
    heading(3, '2.1 System description'),
    paragraph(
      `Every machine has a replica of its disks and a standby at ${evacuation.to}, which is held against an accidental start. Databases follow production until they are drained.`,
    ),
    heading(3, '2.2 Phases'),
    ...list(
      [
        'Activation and notification: it is decided, and everybody is called.',
        checklist.dark
          ? 'Recovery: standbys up, checked, the line crossed, users led over, committed.'
          : 'Recovery: sources quiet, copied for the last time, drained, off; standbys up, checked, the line crossed, users led over, committed.',
        'Reconstitution: departments validate, backups run, the way home is prepared.',
      ],
      true,
    ),
    heading(3, '2.3 Roles and responsibilities'),
    table(
      'Who does what',
      ['who', 'role', { title: 'steps', right: true }],
      owners.map(([owner, items]) => [
        owner,
        [
          ...(owner === cutover?.decides ? ['decides'] : []),
          ...contacts.filter(each => each.name === owner).map(each => each.role),
        ].join(', ') || '-',
        String(items.length),
      ]),
    ),
  ];
}

function activation(report: Runbook): Block[] {
  const { contacts, cutover, verdict, machines, databases, exposure, checklist, gates } = report;
  const blocking = [
    ...gates,
    ...machines.flatMap(each => each.gates),
    ...databases.flatMap(each => each.gates),
  ].filter(blocksVerdict);
  return [
    heading(2, '3 Activation and notification'),
    heading(3, '3.1 Activation criteria'),
    ...list([
      ...((cutover?.when.length ?? 0) === 0 ? ['The plan names no criteria: whoever decides, decides.'] : []),
      ...(cutover?.when ?? []),
      `It is decided by ${cutover?.decides ?? 'nobody: the plan names no one'}.`,
      ...(report.deadline.earliestAt === undefined
        ? []
        : [
            `Not later than the earliest credible loss, ${instant(report.deadline.earliestAt)}, less what the cutover takes.`,
          ]),
    ]),
    heading(3, '3.2 Notification'),
    ...(contacts.length === 0 ? [warning('The plan names nobody to call.')] : [contactTable(contacts)]),
    heading(3, '3.3 Outage assessment'),
    paragraph([strong(verdict.line)]),
    ...list([
      ...(blocking.length === 0 ? ['No gate that landfall checks stands in the way.'] : []),
      ...blocking.map(
        (each): Text => [strong(each.subject), `: ${each.title}: ${each.evidence[0] ?? 'no evidence'}`],
      ),
      ...checklist.open.map((id): Text => ['begun although this gate was open: ', code(id)]),
    ]),
    table(
      'What would be lost if the source died now',
      ['name', 'exposure', 'why'],
      [
        ...machines.map(each => [each.name, exposureText(each.exposure), each.exposure.why ?? '-']),
        ...databases.map(each => [
          each.name,
          or(each.exposureMs, formatDuration, 'nothing proven yet'),
          each.status?.word ?? '-',
        ]),
      ],
    ),
    ...list((report.groups ?? []).map(each => groupText(each, exposure.currency))),
    ...(exposure.unsafe.length === 0
      ? []
      : [warning(`Nothing is safe yet of: ${exposure.unsafe.join(', ')}.`)]),
    ...triageBlocks(report).map(lowered),
    heading(3, '3.4 Activation procedure'),
    ...steps(report, ['activate']),
  ];
}

const lowered = (block: Block): Block => (block.kind === 'heading' ? { ...block, level: 3 } : block);

function recovery(report: Runbook): Block[] {
  const { checklist, evacuation, cutover, contacts } = report;
  const numbers = numbersOf(checklist);
  const parts = SECTIONS.filter(
    each =>
      each !== 'activate' && each !== 'after' && checklist.items.some(({ section }) => section === each),
  );
  return [
    heading(2, '4 Recovery'),
    heading(3, '4.1 Sequence'),
    paragraph('By dependency and tier; steps of one wave may run side by side.'),
    table(
      'Every step of the cutover in order',
      [{ title: 'no.', right: true }, 'step', 'owner', { title: 'wave', right: true }, 'tier', 'allowance'],
      checklist.items.map(each => [
        String(numbers.get(each.id) ?? '?'),
        each.id === 'no-return' ? [strong(each.title)] : each.title,
        each.owner ?? '-',
        String(each.wave),
        each.tier ?? '-',
        allowance(each),
      ]),
    ),
    ...parts.flatMap((section, index) => [
      heading(3, `4.${index + 2} ${SECTION_TITLES[section]}`),
      ...steps(report, [section]),
    ]),
    heading(3, `4.${parts.length + 2} Escalation and abort`),
    ...list([
      `A step that takes longer than its allowance, or shows something else than expected: call ${cutover?.decides ?? contacts[0]?.name ?? 'whoever decides'}.`,
      [
        'Before the point of no return, everything is given back in reverse order: ',
        code(`landfall cutover ${evacuation.name} abort --reason "why"`),
      ],
      'By hand: go backwards from the last ticked box and do what stands behind "rollback".',
      'After the point of no return there is no abort: only a failback leads home.',
    ]),
  ];
}

function steps(report: Runbook, sections: readonly Section[]): Block[] {
  const numbers = numbersOf(report.checklist);
  const listings = listingsOf(report.checklist);
  return report.checklist.items
    .filter(({ section }) => sections.includes(section))
    .flatMap((each): Block[] => [...line(each), stepBlock(each, report.evacuation.name, numbers, listings)]);
}

/** The line across the list. */
const line = ({ id }: RunbookItem): Block[] =>
  id === 'no-return'
    ? [
        warning([
          strong('═══ POINT OF NO RETURN ═══'),
          ' Everything above can be taken back; nothing below can.',
        ]),
      ]
    : [];

function reconstitution(report: Runbook): Block[] {
  const { checklist, cutover, evacuation } = report;
  return [
    heading(2, '5 Reconstitution'),
    heading(3, '5.1 Validation of data'),
    paragraph(
      'The last copy is verified by checksum against the quiet source, and databases are compared row by row before they open; what is written down of that is in the evidence pack.',
    ),
    heading(3, '5.2 Validation of functions, recovery declared, backups, failback'),
    ...steps(report, ['after']),
    heading(3, '5.3 Outage against the recovery time'),
    table(
      'How long users were without',
      ['name', 'allowed', 'lost at', 'back at', { title: 'away', right: true }],
      checklist.outages.map(({ subject, rtoMs, lostAt, backAt }) => [
        subject,
        or(rtoMs, formatDuration),
        or(lostAt, instant, BLANK),
        or(backAt, instant, BLANK),
        lostAt === undefined || backAt === undefined ? BLANK : formatDuration(Math.max(0, backAt - lostAt)),
      ]),
    ),
    heading(3, '5.4 Event documentation'),
    ...list([
      ['the evidence pack: ', code(`landfall evidence ${evacuation.name}`)],
      ['the rehearsal or cutover report: ', code(`landfall report ${evacuation.name} --kind rehearsal`)],
      ...(cutover?.lost ?? []).map(each => `known to be lost: ${each}`),
    ]),
    heading(3, '5.5 Failback'),
    ...list([
      ['the plan of the way home: ', code(`landfall failback ${evacuation.name}`)],
      'Before the old source starts again, its network is taken away: two of one server never run.',
    ]),
  ];
}
