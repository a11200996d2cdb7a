import { counted, formatDuration } from '../foundation/units.ts';
import { type Block, chart, heading, paragraph, table } from './document/blocks.ts';
import type { TimeLine } from './document/chart.ts';
import { instant, or } from './render.ts';
import { nameOf } from './say.ts';
import type { Report } from './shape.ts';

/** Lines that can be told apart in one drawing. */
const LINES_SHOWN = 8;

/** How exposed every machine was, and the time line with the deadline. Nothing where no history was read. */
export function historyBlocks(report: Report): Block[] {
  return report.history === undefined ? [] : [...timeLine(report), ...exposureOverTime(report)];
}

export function timeLine(report: Report): Block[] {
  const marks = marksOf(report);
  return [
    heading(2, 'Time line'),
    chart({
      kind: 'time-line',
      id: 'time-line',
      title: 'Time line of the evacuation',
      description: `${counted(marks.length, 'moment')} in order; the bar of each shows how much of the whole time has gone by then.`,
      marks,
    }),
    table(
      'The moments of the time line',
      ['when', 'what', 'from now'],
      marks.map(({ at, label }) => [instant(at), label, distance(at - report.generatedAt)]),
    ),
  ];
}

const distance = (ms: number): string =>
  ms === 0 ? 'now' : ms > 0 ? `in ${formatDuration(ms)}` : `${formatDuration(-ms)} ago`;

type Mark = TimeLine['marks'][number];

function marksOf({ evacuation, deadline, machines, checklist, generatedAt }: Report): Mark[] {
  const mark = (at: number | undefined, label: string, tone: Mark['tone'] = 'plain'): Mark[] =>
    at === undefined ? [] : [{ at, label, tone }];
  const firstPass = machines.flatMap(each => each.passes[0]?.startedAt ?? []);
  const safe = machines.flatMap(each => (each.exposure.ageMs === undefined ? [] : each.exposure.ageMs));
  return [
    ...mark(evacuation.createdAt, 'the evacuation was created'),
    ...mark(firstPass.length === 0 ? undefined : Math.min(...firstPass), 'the first pass on record began'),
    ...mark(
      safe.length === 0 ? undefined : generatedAt - Math.max(...safe),
      safe.length === machines.length ? 'everything is safe up to here' : 'what is safe at all reaches here',
      safe.length === machines.length ? 'good' : 'plain',
    ),
    ...mark(checklist?.startedAt, 'the cutover began'),
    ...mark(checklist?.endedAt, 'the cutover ended', 'good'),
    ...mark(generatedAt, 'this was written'),
    ...mark(deadline.earliestAt, 'earliest credible loss', 'bad'),
    ...mark(deadline.expectedAt, 'expected loss', 'bad'),
  ].sort((a, b) => a.at - b.at);
}

function exposureOverTime({ history, machines }: Report): Block[] {
  const all = history?.exposure ?? [];
  if (all.length === 0)
    return [
      heading(2, 'Exposure over time'),
      paragraph('Nothing was ever safe, so there is no line to draw.'),
    ];
  const worst = [...all]
    .sort((a, b) => (b.points.at(-1)?.ageMs ?? 0) - (a.points.at(-1)?.ageMs ?? 0))
    .slice(0, LINES_SHOWN);
  const most = Math.max(...worst.flatMap(each => each.points.map(point => point.ageMs)));
  const never = machines.filter(each => !all.some(({ machine }) => machine === each.name));
  return [
    heading(2, 'Exposure over time'),
    chart({
      kind: 'lines',
      id: 'exposure',
      title: 'Work that would have been lost, over time',
      description: `One line for each of ${counted(worst.length, 'machine')}; a line falls when a pass is verified and grows until the next one. The most was ${formatDuration(most)}.`,
      format: formatDuration,
      series: worst.map(({ machine, points }) => ({
        name: machine,
        points: points.map(({ at, ageMs }) => ({ at, value: ageMs })),
      })),
    }),
    table(
      'Exposure of each machine: when its first copy was safe, the most since, and now',
      [
        'machine',
        'safe since',
        { title: 'verifications', right: true },
        { title: 'most', right: true },
        { title: 'now', right: true },
      ],
      [
        ...all.map(({ machine, points }) => [
          machine,
          or(points[0]?.at, instant),
          String(verifications(points)),
          formatDuration(Math.max(...points.map(each => each.ageMs))),
          or(points.at(-1)?.ageMs, formatDuration),
        ]),
        ...never.map(({ name }) => [name, 'nothing safe yet', '0', '-', '-']),
      ],
    ),
  ];
}

/** Points of a saw: one for the first verification, two for each later one, and one for now. */
const verifications = (points: readonly unknown[]): number => Math.ceil((points.length - 1) / 2);

/** Everything that happened, one line each. */
export function eventTable(report: Report): Block[] {
  const { events = [], leftOut = 0 } = report.history ?? {};
  return [
    heading(2, 'What happened'),
    ...(leftOut === 0
      ? []
      : [paragraph(`${counted(leftOut, 'older event')} are left out here: the journal has them.`)]),
    ...(events.length === 0
      ? [paragraph('Nothing is recorded yet.')]
      : [
          table(
            'Events of the journal, oldest first, without those that only logs care about',
            ['when', 'about', 'what', 'by'],
            events.map(({ at, subject, text, by }) => [instant(at), subject, text, nameOf(by)]),
          ),
        ]),
  ];
}
