import { formatBitRate, formatDuration } from '../../foundation/units.ts';
import type { Triage, TriageRow } from '../../readiness/triage/index.ts';
import type { View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { triageSpan } from './cells.ts';
import { groupLines } from './exposure-lines.ts';
import { labelled } from './parts.ts';

/** The sum, what does not make it, and the cheapest change that would save something. */
export function triageShort(view: View, triage: Triage, width: number): Line[] {
  const { rows, savers } = triage;
  const [saver] = savers;
  return [
    sumLine(view, triage),
    ...(saver === undefined ? [] : labelled('would save', saver.words, width, 'accent')),
    ...rows.filter(({ verdict }) => verdict !== 'will-make-it').flatMap(row => rowLines(view, row, width)),
  ];
}

/** Everything that the triage says. */
export function triageWhole(view: View, triage: Triage, width: number): Line[] {
  const { rows, savers, order, rate, deadlineAt, exact } = triage;
  const left = deadlineAt === undefined ? undefined : deadlineAt - view.now;
  return [
    sumLine(view, triage),
    ...labelled(
      'deadline',
      left === undefined
        ? 'none is fixed: the evacuation has not begun'
        : left > 0
          ? `earliest loss in ${formatDuration(left)}`
          : `the earliest loss passed ${formatDuration(-left)} ago`,
      width,
      left === undefined ? 'unknown' : left > 0 ? 'plain' : 'bad',
    ),
    ...labelled(
      'link',
      rate === undefined
        ? 'its rate is not known'
        : `${formatBitRate(rate.bytesPerSecond)}, ${rate.from === 'measured' ? 'as measured' : 'the limit'}`,
      width,
      rate === undefined ? 'unknown' : 'plain',
    ),
    [],
    ...rows.flatMap(row => rowLines(view, row, width)),
    ...(order.length === 0 ? [] : [[], ...labelled('best order', order.join(', '), width)]),
    ...savers.flatMap(({ words, action, costs }, at) => [
      ...(at === 0 ? [[]] : []),
      ...labelled(at === 0 ? 'would save' : '', words, width, 'accent'),
      ...(costs.length === 0 ? [] : labelled('', `it costs ${costs.join(', ')}`, width, 'warn')),
      ...labelled('', action, width, 'muted'),
    ]),
    [],
    ...groupLines(view, width),
    ...(exact ? [] : wrap('By a rule of thumb: the fleet is too large to try every set.', width, 'muted')),
  ];
}

const sumLine = ({ glyphs }: View, triage: Triage): Line => {
  const bad = triage.rows.some(({ verdict }) => verdict === 'cannot');
  const risk = triage.rows.some(({ verdict }) => verdict === 'at-risk');
  const words = triage.line.replaceAll(' · ', ` ${glyphs.dot} `);
  return line(span(words, bad ? 'bad' : risk ? 'warn' : 'plain'));
};

function rowLines(view: View, row: TriageRow, width: number): Line[] {
  const mark = triageSpan(view, row);
  const place = row.place === undefined ? '' : `${row.place}. `;
  const head: Line = [span(`${place}${row.name}  `, 'title'), mark];
  return [head, ...labelled('', row.why, width, 'muted')];
}
