import { formatBitRate, formatRate } from '../../foundation/units.ts';
import { nameOf } from '../../reports/say.ts';
import { linkLimit } from '../../sync/link-limit.ts';
import type { View } from '../screen.ts';
import { progressBar } from '../text/bars.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { ageText, STALLED_MS } from './cells.ts';

/** What landfall uses of the link, what it may use, and by whose word. */
export function linkLines(view: View, width: number): Line[] {
  const { snapshot, now, glyphs } = view;
  if (snapshot === undefined) return [];
  const { link } = snapshot.plan;
  const throttle = snapshot.state.evacuation?.throttle;
  const planned = linkLimit(link, now);
  const limit = throttle?.bytesPerSecond ?? planned;
  const samples = Object.values(snapshot.samples).filter(each => now - each.at < STALLED_MS);
  const used = samples.reduce((sum, each) => sum + (each.bytesPerSecond ?? 0), 0);
  const streams = samples.filter(each => each.bytesPerSecond !== undefined).length;
  const bar =
    limit === undefined ? [] : [span('  '), span(progressBar(Math.min(1, used / limit), 20, glyphs), 'busy')];
  const usedWords =
    snapshot.connection === 'live'
      ? `now ${formatBitRate(used)} (${formatRate(used)})`
      : 'now: not known without the engine';
  return [
    line(
      span(usedWords),
      ...(limit === undefined ? [span(', no limit', 'muted')] : [span(` of ${formatBitRate(limit)}`)]),
      ...bar,
    ),
    line(
      span(
        `${streams} of ${link.streams} streams in use${limit === undefined ? '' : `, ${formatBitRate(limit / link.streams)} each`}`,
        'muted',
      ),
    ),
    ...wrap(
      throttle === undefined
        ? `the limit is the plan's${planned === link.limit ? '' : ', by one of its windows'}; t sets another`
        : `${nameOf(throttle.by)} throttled it ${ageText(now - throttle.at)} ago${throttle.reason === undefined ? '' : `: ${throttle.reason}`}; the plan says ${planned === undefined ? 'no limit' : formatBitRate(planned)}; t changes it`,
      width,
      throttle === undefined ? 'muted' : 'warn',
    ),
  ];
}
