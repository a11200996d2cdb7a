import { formatBytes, formatDuration } from '../../foundation/units.ts';
import { type Cadence, cadenceOf } from '../../pace/cadence.ts';
import { finalPass } from '../../pace/final-pass.ts';
import type { View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';

/** When the next pass is due, who is late, and what the last pass of a cutover would take. */

const cadence = ({ snapshot, now }: View, name: string): Cadence | undefined =>
  snapshot === undefined ? undefined : cadenceOf(snapshot, name, now);

/** `in 4m10s`; `late 12m00s` where its time has gone by. */
export function dueCell(view: View, name: string): Line {
  const { late, dueAt } = cadence(view, name) ?? {};
  if (late !== undefined) return line(span(`late ${formatDuration(late.ms)}`, 'warn'));
  if (dueAt === undefined) return line(span('-', 'muted'));
  // A change of words would be read out: zero is a figure like the others.
  return line(span(`in ${formatDuration(Math.max(0, dueAt - view.now))}`, 'muted'));
}

/** The same at length; nothing before the copies have converged. */
export function freshLines(view: View, name: string, width: number): Line[] {
  const { snapshot, now, glyphs } = view;
  const known = cadence(view, name);
  if (snapshot === undefined || known === undefined || known.standing === 'before') return [];
  if (known.standing === 'over') return [];
  const { dueAt, why, tight, late } = known;
  const final = finalPass(snapshot, name, now);
  const when =
    dueAt === undefined ? '' : `next pass ${dueAt <= now ? 'now' : `in ${formatDuration(dueAt - now)}`}`;
  const said = [when, why].filter(part => part !== undefined && part !== '').join(': ');
  const atCutover =
    final === undefined
      ? ''
      : `with the writers stopped a last pass would take ${formatDuration(final.ms)} (${formatBytes(final.bytes)}${final.from === 'counted' ? ', counted' : ', forecast'})`;
  return [
    ...(said === '' ? [] : wrap(`kept fresh: ${said}`, width, 'muted')),
    ...(tight === undefined ? [] : wrap(`${glyphs.warn} ${tight}`, width, 'warn')),
    ...(late === undefined ? [] : wrap(`${glyphs.warn} late: ${late.why}`, width, 'warn')),
    ...(atCutover === '' ? [] : wrap(`at cutover: ${atCutover}`, width, 'muted')),
  ];
}
