import { counted, formatBytes, formatDuration } from '../../foundation/units.ts';
import type { DatabaseFinding, LaneForecast, SqlServerFacts } from '../../journal/database-facts.ts';
import type { DatabaseState } from '../../journal/state.ts';
import { ago } from '../../readiness/evidence.ts';
import type { View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { layOutTable } from '../text/table.ts';
import { DASH, statusSpan } from './cells.ts';
import { labelled } from './parts.ts';

/** The ways to seed the copy: predicted hours and bytes, and what each could lose. */
export function laneLines(view: View, state: DatabaseState, width: number): Line[] {
  const { planned, lane } = state;
  if (planned === undefined) return [];
  const table = layOutTable<LaneForecast>(
    [
      {
        title: 'lane',
        keep: 0,
        least: 15,
        most: 16,
        cell: each => line(span(each.lane, each.lane === lane?.lane ? 'title' : 'plain')),
      },
      { title: 'verdict', keep: 0, least: 14, most: 14, cell: each => line(verdictSpan(view, each)) },
      {
        title: 'until it follows',
        keep: 1,
        least: 9,
        most: 16,
        align: 'right',
        cell: each => (each.hours === undefined ? DASH : line(span(formatDuration(each.hours * 3600e3)))),
      },
      {
        title: 'over the link',
        keep: 2,
        least: 8,
        most: 13,
        align: 'right',
        cell: each => (each.bytes === undefined ? DASH : line(span(formatBytes(each.bytes)))),
      },
      { title: 'can lose', keep: 3, least: 18, most: 60, cell: each => line(span(each.canLose, 'muted')) },
    ],
    width,
    view.glyphs.ellipsis,
  );
  const about =
    planned.lanes.find(each => each.lane === lane?.lane) ??
    planned.lanes.find(({ verdict }) => verdict === 'recommended');
  return [
    line(
      span('ways to seed the copy', 'title', { bold: true }),
      span(`  weighed ${ago(planned.at, view.now)}`, 'muted'),
    ),
    table.header,
    ...planned.lanes.map(table.row),
    ...(lane === undefined ? [] : labelled('chosen', `${lane.lane}: ${lane.reason}`, width)),
    ...(about?.why ?? []).flatMap((each, at) => labelled(at === 0 ? 'why' : '', each, width, 'muted')),
    ...(about?.leavesOut ?? []).flatMap((each, at) =>
      labelled(at === 0 ? 'leaves out' : '', each, width, 'warn'),
    ),
  ];
}

function verdictSpan(view: View, { verdict }: LaneForecast) {
  if (verdict === 'recommended') return statusSpan(view, 'ok', verdict);
  return verdict === 'possible' ? span(`${view.glyphs.dot} ${verdict}`) : statusSpan(view, 'bad', verdict);
}

/** Both servers side by side, and what the assessment found, blockers first. */
export function assessmentLines(view: View, state: DatabaseState, width: number): Line[] {
  const { assessed } = state;
  if (assessed === undefined) return [];
  const { publisher, subscriber, distributor, tables, findings } = assessed;
  const order = { blocker: 0, warning: 1, note: 2 } as const;
  const sorted = [...findings].sort((a, b) => order[a.severity] - order[b.severity]);
  return [
    line(
      span('assessment', 'title', { bold: true }),
      span(`  ${ago(assessed.at, view.now)}, ${counted(tables.length, 'table')}`, 'muted'),
    ),
    ...serverLines('publisher', publisher, width),
    ...(distributor.serverId === publisher.serverId || distributor.serverId === subscriber.serverId
      ? labelled('distributor', distributor.name, width)
      : serverLines('distributor', distributor, width)),
    ...serverLines('subscriber', subscriber, width),
    ...sorted.flatMap(each => findingLines(view, each, width)),
  ];
}

const serverLines = (role: string, facts: SqlServerFacts, width: number): Line[] =>
  labelled(
    role,
    [
      `${facts.name}: ${facts.edition} ${facts.version}, ${facts.platform}`,
      facts.collation,
      facts.agentRunning === null ? 'no Agent' : facts.agentRunning ? 'Agent runs' : 'Agent stopped',
      ...(facts.sysadmin ? [] : ['not sysadmin']),
      ...(facts.database === undefined ? [] : [`data ${formatBytes(facts.database.dataBytes)}`]),
      ...(facts.freeBytes === undefined ? [] : [`${formatBytes(facts.freeBytes)} free`]),
    ].join(', '),
    width,
  );

function findingLines({ glyphs }: View, finding: DatabaseFinding, width: number): Line[] {
  const { severity, subject, what, remedy, closes } = finding;
  const tone = severity === 'blocker' ? 'bad' : severity === 'warning' ? 'warn' : 'muted';
  const mark = severity === 'blocker' ? glyphs.bad : severity === 'warning' ? glyphs.warn : glyphs.dot;
  return [
    ...wrap(
      `${mark} ${subject}: ${what}${closes.length === 0 ? '' : ` (closes ${closes.join(', ')})`}`,
      width,
      tone,
    ),
    ...(severity === 'note' ? [] : labelled('remedy', remedy, width, 'accent')),
  ];
}
