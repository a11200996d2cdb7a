import type { View } from '../screen.ts';
import { type Line, span, wrap } from '../text/line.ts';
import type { Overlay } from '../ui-state.ts';
import { windowed } from './window.ts';

/** The preview scrolls; the fields and the name to type are always in sight, at the bottom. */
export function askLines(
  view: View,
  overlay: Overlay & { kind: 'ask' },
  width: number,
  height: number,
): Line[] {
  const { ask, values, field, error } = overlay;
  const labels = [
    ...ask.fields.map(each => each.label),
    ...(ask.confirm === undefined ? [] : [`type ${ask.confirm} to confirm`]),
  ];
  const inputs = labels.map((label, index): Line => {
    const isHere = index === field;
    const hint = ask.fields[index]?.hint;
    return [
      span(isHere ? ` ${view.glyphs.cursor} ` : '   ', 'accent'),
      span(`${label}: `, isHere ? 'title' : 'muted'),
      span(`${values[index] ?? ''}${isHere ? '_' : ''}`, isHere ? 'accent' : 'plain'),
      ...(hint === undefined || (values[index] ?? '') !== '' ? [] : [span(`  ${hint}`, 'muted')]),
    ];
  });
  const wrong =
    error === undefined
      ? []
      : wrap(`${view.glyphs.bad} ${error}`, width - 2, 'bad').map((each): Line => [{ text: ' ' }, ...each]);
  const bottom = [...(inputs.length + wrong.length === 0 ? [] : [[]]), ...inputs, ...wrong];
  const title: Line = [span(` ${ask.title}`, 'title', { bold: true })];
  const room = Math.max(1, height - bottom.length - 2);
  const body = ask.body(width - 2).map((each): Line => [{ text: ' ' }, ...each]);
  return [title, [], ...windowed(body, overlay.scroll, Math.min(room, Math.max(1, body.length))), ...bottom];
}
