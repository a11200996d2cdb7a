import { counted, formatBytes, formatDuration } from '../../foundation/units.ts';
import { endedPasses, literalBytes, own } from '../../readiness/copy.ts';
import type { View } from '../screen.ts';
import { BLANK, type Line, line, span, wrap } from '../text/line.ts';
import { ageText, isStalled, samplesBySubject, sampleWords, verifiedCell } from './cells.ts';
import { offByText, trendOf, verdictWords } from './machine-passes.ts';
import { inKeys } from './remedy.ts';

const HOT = 5;

/** The passes of one machine in sentences: what runs, how they went, what the verdict is, what would help. */
export function passLines(view: View, name: string, width: number): Line[] {
  const { glyphs, now } = view;
  const machine = own(view.snapshot?.state.machines ?? {}, name);
  const row = view.rows.find(each => each.name === name);
  const passes = endedPasses(machine);
  const newest = passes.at(-1);
  const sample = samplesBySubject(view).get(name);
  const failure = machine?.failure;
  const lines: Line[] = [];
  if (failure !== undefined) {
    lines.push(
      ...wrap(
        `${glyphs.bad} ${failure.step} failed ${ageText(now - failure.at)} ago: ${failure.error.what}`,
        width,
        'bad',
      ),
    );
    for (const each of failure.error.next) lines.push(...wrap(`next: ${inKeys(each)}`, width, 'accent'));
    lines.push(line(span('then: r tries it again; w shows the evidence', 'accent')));
  }
  if (sample !== undefined) {
    lines.push(
      ...wrap(`now: ${sampleWords(view, sample)}`, width, isStalled(view, sample) ? 'warn' : 'busy'),
    );
  }
  if (newest === undefined) {
    if (lines.length === 0)
      lines.push(
        ...wrap(
          'No pass has ended yet. The first copies everything that did not come from the clone; each one after it only what changed since.',
          width,
          'muted',
        ),
      );
    return lines;
  }
  const { judged } = newest;
  if (judged !== undefined) {
    const bad = judged.verdict === 'not-converging' || judged.verdict === 'exhausted';
    lines.push(
      ...wrap(
        `${bad ? `${glyphs.warn} ` : ''}${verdictWords(judged.verdict)}: ${judged.why}`,
        width,
        bad ? 'warn' : 'plain',
      ),
      ...judged.help.flatMap(each => wrap(`would help: ${each}`, width, 'accent')),
    );
  }
  lines.push(literalLine(view, passes.map(literalBytes), trendOf(machine, 20, view)));
  const off = offByText(newest.predictedMs, newest.ended.ms);
  lines.push(
    ...wrap(
      `pass ${newest.pass} took ${formatDuration(newest.ended.ms)}${newest.predictedMs === undefined ? ', without a forecast' : `; the forecast was ${formatDuration(newest.predictedMs)}${off === undefined ? '' : ` (${off})`}`}; caught: ${newest.ended.consistency}`,
      width,
    ),
  );
  if (row !== undefined) lines.push([span('verified: '), ...verifiedCell(view, row)]);
  if (newest.ended.hot.length > 0) {
    lines.push(
      BLANK,
      line(span(`what pass after pass keeps sending (${counted(newest.ended.hot.length, 'path')}):`)),
    );
    for (const { path, bytes } of newest.ended.hot.slice(0, HOT))
      lines.push(line(span(`${formatBytes(bytes).padStart(8)}  ${path}`, 'muted')));
  }
  return lines;
}

function literalLine({ glyphs }: View, literal: readonly number[], trend: string): Line {
  const first = literal[0];
  const last = literal.at(-1);
  if (first === undefined || last === undefined) return BLANK;
  return literal.length === 1
    ? line(span(`new bytes: ${formatBytes(first)} in the first pass`))
    : line(
        span(`new bytes a pass: ${formatBytes(first)} ${glyphs.arrow} ${formatBytes(last)}  `),
        span(trend, 'muted'),
      );
}
