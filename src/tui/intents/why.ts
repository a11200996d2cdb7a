import { formatDuration } from '../../foundation/units.ts';
import type { View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';

/** Cause, evidence, remedy: why a machine stands where it stands. */
export function whyLines(view: View, machine: string, width: number): Line[] {
  const { snapshot, rows, glyphs, now } = view;
  const row = rows.find(each => each.name === machine);
  const known = snapshot?.state.machines[machine];
  if (row === undefined) return wrap('Nothing is known about it yet.', width, 'unknown');
  const lines: Line[] = [];
  const failure = known?.failure;
  if (failure !== undefined) {
    const { error } = failure;
    lines.push(
      ...wrap(
        `${glyphs.bad} ${failure.step} failed ${formatDuration(Math.max(0, now - failure.at))} ago: ${error.what}`,
        width,
        'bad',
      ),
      ...(error.why === undefined ? [] : wrap(`why it matters: ${error.why}`, width)),
      ...placeLines(error.where, width),
      ...(error.evidence ?? []).flatMap(each => wrap(`  ${each}`, width, 'muted')),
      ...error.next.flatMap(each => wrap(`next: ${each}`, width, 'accent')),
      line(span('then: r tries it again', 'accent')),
      [],
    );
  }
  if (known?.paused !== undefined) {
    const { by, reason, at } = known.paused;
    lines.push(
      ...wrap(
        `${glyphs.warn} paused by ${by} ${formatDuration(Math.max(0, now - at))} ago${reason === undefined ? '' : `: ${reason}`}`,
        width,
        'warn',
      ),
      line(span('next: p lets it go on', 'accent')),
      [],
    );
  }
  const judged = known?.passes.at(-1)?.judged ?? known?.passes.at(-2)?.judged;
  if (judged !== undefined) {
    lines.push(...wrap(`last pass: ${judged.verdict.replace('-', ' ')}, ${judged.why}`, width));
    for (const help of judged.help) lines.push(...wrap(`would help: ${help}`, width, 'accent'));
    lines.push([]);
  }
  lines.push(...wrap(`makes it? ${row.makesIt.why}`, width));
  if (row.exposure.why !== undefined) lines.push(...wrap(`exposure: ${row.exposure.why}`, width, 'warn'));
  return lines;
}

function placeLines(
  where: { readonly [key: string]: string | number | undefined } | undefined,
  width: number,
): Line[] {
  if (where === undefined) return [];
  const parts = Object.entries(where).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} ${value}`],
  );
  return parts.length === 0 ? [] : wrap(`where: ${parts.join(', ')}`, width, 'muted');
}
