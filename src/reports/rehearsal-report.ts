import type { Timing } from '../checklist/types.ts';
import { counted, formatDuration } from '../foundation/units.ts';
import { basisOf } from './basis.ts';
import {
  type Block,
  chart,
  type Document,
  heading,
  list,
  paragraph,
  strong,
  table,
  warning,
} from './document/blocks.ts';
import { marks } from './readiness.ts';
import { instant, or } from './render.ts';
import { numbersOf, type RunbookItem } from './runbook/step.ts';
import { nameOf } from './say.ts';
import type { Report } from './shape.ts';

type Rehearsal = Report & { readonly checklist: NonNullable<Report['checklist']> };

/** What one step of the cutover took, against what it was allowed and what it took before; durations in ms. */
export interface StepTime {
  readonly no: number;
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly tookMs?: number;
  readonly allowanceMs?: number;
  readonly allowanceFrom?: string;
  /** Positive where it took longer. */
  readonly overMs?: number;
  readonly earlier: readonly Timing[];
  readonly by?: string;
}

/** Steps that were done or tried, in the order of the list. */
export function stepTimes(report: Report): StepTime[] {
  const { checklist, timings = {} } = report;
  if (checklist === undefined) return [];
  const numbers = numbersOf(checklist);
  return checklist.items.flatMap(each => {
    const { id, title, status, record, allowanceMs, allowanceFrom } = each;
    if (record === undefined && status !== 'failed' && status !== 'running') return [];
    const tookMs = took(each);
    const earlier = (Object.hasOwn(timings, id) ? (timings[id] ?? []) : []).filter(
      ({ at }) => at !== record?.at,
    );
    return [
      {
        no: numbers.get(id) ?? 0,
        id,
        title,
        status,
        ...(tookMs === undefined ? {} : { tookMs }),
        ...(allowanceMs === undefined ? {} : { allowanceMs }),
        ...(allowanceFrom === undefined ? {} : { allowanceFrom }),
        ...(tookMs === undefined || allowanceMs === undefined ? {} : { overMs: tookMs - allowanceMs }),
        earlier,
        ...(record === undefined ? {} : { by: record.how === 'ran' ? 'landfall' : nameOf(record.by) }),
      },
    ];
  });
}

/** What people ticked has no beginning, so nobody knows what it took. */
const took = ({ record }: RunbookItem): number | undefined =>
  record?.startedAt === undefined || record.outcome !== 'done'
    ? undefined
    : Math.max(0, record.at - record.startedAt);

/** What a rehearsal, or the cutover itself, took. Undefined where the report has no checklist. */
export function rehearsalDocument(report: Report): Document | undefined {
  const { checklist, evacuation } = report;
  if (checklist === undefined) return undefined;
  const rehearsal: Rehearsal = { ...report, checklist };
  const all = [...new Set([...evacuation.marks, ...checklist.marks])];
  return {
    title: `${[...all, evacuation.name].join(' ')}: what the ${checklist.rehearse ? 'rehearsal' : 'cutover'} took`,
    kind: 'rehearsal report',
    basis: { ...basisOf(report), marks: all },
    blocks: [
      ...marks(evacuation),
      ...summary(rehearsal),
      ...steps(rehearsal),
      ...outages(rehearsal),
      ...stages(rehearsal),
      ...proposals(rehearsal),
    ],
  };
}

function summary(report: Rehearsal): Block[] {
  const { checklist, cutover, generatedAt } = report;
  if (checklist.startedAt === undefined)
    return [warning([strong('No cutover has begun'), ': there is nothing yet that it took.'])];
  const end = checklist.endedAt ?? generatedAt;
  const words = {
    'not-begun': 'It has not begun.',
    running: 'It is under way.',
    aborting: 'It was aborted and is being taken back.',
    'rolled-back': 'It was aborted; everything is back as it was.',
    final: 'It is past the point of no return and not complete.',
    committed: 'It is complete.',
  }[checklist.phase];
  return [
    ...list([
      [strong(words)],
      `Begun ${instant(checklist.startedAt)}, ${checklist.endedAt === undefined ? 'not ended yet' : `ended ${instant(checklist.endedAt)}`}: ${formatDuration(Math.max(0, end - checklist.startedAt))}${checklist.expectedMs === undefined ? '; how long it would take was not known' : `, against ${formatDuration(checklist.expectedMs)} expected`}.`,
      ...(cutover?.aborted === undefined
        ? []
        : [`Aborted by ${nameOf(cutover.aborted.by)}: ${cutover.aborted.reason ?? 'no reason given'}`]),
      ...(cutover?.lost === undefined
        ? []
        : cutover.lost.length === 0
          ? ['Nothing is known to be lost.']
          : cutover.lost.map(each => `Lost: ${each}`)),
    ]),
  ];
}

const BARS_SHOWN = 24;

function steps(report: Rehearsal): Block[] {
  const all = stepTimes(report);
  if (all.length === 0) return [];
  const timed = all.filter(each => each.tookMs !== undefined).slice(0, BARS_SHOWN);
  const longest = timed.reduce<StepTime | undefined>(
    (a, b) => ((a?.tookMs ?? -1) < (b.tookMs ?? -1) ? b : a),
    undefined,
  );
  return [
    heading(2, 'Steps against their allowance'),
    ...(longest === undefined
      ? []
      : [
          chart({
            kind: 'bars',
            id: 'steps',
            title: 'What each step took that landfall ran',
            description: `${counted(timed.length, 'step')} by their number in the list; the longest is step ${longest.no} (${longest.title}) with ${or(longest.tookMs, formatDuration)}.`,
            bars: timed.map(each => ({
              label: String(each.no),
              shown: or(each.tookMs, formatDuration),
              ...(each.tookMs === undefined ? {} : { value: each.tookMs }),
            })),
          }),
        ]),
    table(
      'Every step that was done or tried',
      [
        { title: 'no.', right: true },
        'step',
        'status',
        { title: 'took', right: true },
        { title: 'allowed', right: true },
        'allowance from',
        { title: 'over', right: true },
        'earlier runs',
        'by',
      ],
      all.map(each => [
        String(each.no),
        each.title,
        each.status,
        or(each.tookMs, formatDuration),
        or(each.allowanceMs, formatDuration),
        each.allowanceFrom ?? '-',
        each.overMs === undefined ? '-' : each.overMs > 0 ? formatDuration(each.overMs) : 'within',
        each.earlier.map(({ ms, at }) => `${formatDuration(ms)} (${instant(at).slice(0, 10)})`).join(', ') ||
          'none',
        each.by ?? '-',
      ]),
    ),
  ];
}

const outages = ({ checklist }: Rehearsal): Block[] =>
  checklist.outages.length === 0
    ? []
    : [
        heading(2, 'Outage against the recovery time'),
        table(
          'How long users were without, or would have been',
          [
            'name',
            { title: 'allowed', right: true },
            'lost at',
            'back at',
            { title: 'away', right: true },
            'verdict',
          ],
          checklist.outages.map(({ subject, rtoMs, lostAt, backAt }) => {
            const away =
              lostAt === undefined || backAt === undefined ? undefined : Math.max(0, backAt - lostAt);
            return [
              subject,
              or(rtoMs, formatDuration),
              or(lostAt, instant),
              or(backAt, instant),
              or(away, formatDuration),
              away === undefined || rtoMs === undefined
                ? '? not known'
                : away <= rtoMs
                  ? '✔ within'
                  : `✖ ${formatDuration(away - rtoMs)} too long`,
            ];
          }),
        ),
      ];

function stages({ phases = [] }: Rehearsal): Block[] {
  if (phases.length === 0) return [];
  return [
    heading(2, 'Stages of the evacuation'),
    table(
      'How long the steps of each stage took, all machines together',
      [
        'stage',
        { title: 'steps', right: true },
        { title: 'failed', right: true },
        { title: 'together', right: true },
        'longest step',
        { title: 'took', right: true },
      ],
      phases.map(each => [
        each.phase,
        String(each.steps),
        String(each.failed),
        formatDuration(each.totalMs),
        each.longest?.step ?? '-',
        or(each.longest?.ms, formatDuration),
      ]),
    ),
  ];
}

/** What to change before the next one. */
function proposals(report: Rehearsal): Block[] {
  const late = stepTimes(report).filter(each => (each.overMs ?? 0) > 0);
  const unknown = report.checklist.items.filter(
    each => each.deed !== undefined && each.allowanceMs === undefined,
  );
  const away = report.checklist.outages.filter(
    ({ rtoMs, lostAt, backAt }) =>
      rtoMs !== undefined && lostAt !== undefined && backAt !== undefined && backAt - lostAt > rtoMs,
  );
  const all = [
    ...away.map(
      each =>
        `${each.subject} was away longer than its tier allows: move it to an earlier wave, or agree on another recovery time.`,
    ),
    ...late.map(
      each =>
        `Step ${each.no} (${each.title}) took ${or(each.overMs, formatDuration)} longer than allowed: find out why before the real one.`,
    ),
    ...(unknown.length === 0
      ? []
      : [`${counted(unknown.length, 'step')} that landfall runs have no allowance yet: rehearse them.`]),
  ];
  return [
    heading(2, 'Before the next one'),
    ...(all.length === 0 ? [paragraph('Nothing that the times could tell.')] : list(all)),
  ];
}
