import { bindingsOn, type Group, type IntentId, showChord } from '../keys.ts';
import { matches } from '../palette.ts';
import type { View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { type Overlay, placeOf } from '../ui-state.ts';
import type { ComposeOptions } from './compose.ts';

const GROUPS: ReadonlyArray<readonly [Group, string]> = [
  ['act', 'do'],
  ['walk', 'go'],
  ['view', 'see'],
  ['move', 'move'],
  ['leave', 'leave'],
];

/** What lies over the screen: help, palette or a question, in `height` rows. */
export function overlayLines(
  view: View,
  overlay: Overlay,
  width: number,
  height: number,
  options: ComposeOptions,
): Line[] {
  switch (overlay.kind) {
    case 'help':
      return windowed(helpLines(view, overlay.filter, width, options.disabled), overlay.scroll, height);
    case 'palette':
      return paletteLines(view, overlay, height);
    case 'ask':
      return askLines(view, overlay, width, height);
  }
}

/** Every binding that works here, grouped; a disabled one says why. */
export function helpLines(
  view: View,
  filter: string,
  width: number,
  disabled: (id: IntentId) => string | undefined,
): Line[] {
  const wanted = filter.toLowerCase();
  const here = bindingsOn(placeOf(view.ui).screen);
  const lines: Line[] = [
    line(span(' Keys of this screen', 'title'), span(filter === '' ? '' : `   filter: ${filter}_`, 'accent')),
    [],
  ];
  for (const [group, title] of GROUPS) {
    const found = here.filter(
      each =>
        each.group === group &&
        `${each.words} ${each.help} ${each.chords.join(' ')}`.toLowerCase().includes(wanted),
    );
    if (found.length === 0) continue;
    lines.push([span(` ${title}`, 'muted')]);
    for (const { id, chords, words, help } of found) {
      const why = disabled(id);
      const keys = chords.map(showChord).join(', ');
      const text = why === undefined ? help : `${help} Not now: ${why}.`;
      const wrapped = wrap(text, Math.max(10, width - 36), why === undefined ? 'plain' : 'muted');
      for (const [index, each] of wrapped.entries()) {
        lines.push([
          span(index === 0 ? `   ${keys.padEnd(14)} ` : ' '.repeat(18), 'accent'),
          span(index === 0 ? words.padEnd(17).slice(0, 17) : ' '.repeat(17)),
          ...each,
        ]);
      }
    }
    lines.push([]);
  }
  return lines;
}

function paletteLines(view: View, overlay: Overlay & { kind: 'palette' }, height: number): Line[] {
  const found = matches(overlay.text, placeOf(view.ui).screen);
  const selected = Math.min(overlay.selected, Math.max(0, found.length - 1));
  const rows = found.map(({ verb, help }, index): Line => {
    const isSelected = index === selected;
    return [
      span(isSelected ? ` ${view.glyphs.cursor} ` : '   ', 'accent'),
      span(verb.padEnd(14), isSelected ? 'accent' : 'title', { inverse: isSelected }),
      span(` ${help}`, 'muted'),
    ];
  });
  const room = Math.max(0, height - 2);
  const top = Math.max(0, Math.min(selected - Math.floor(room / 2), rows.length - room));
  const none: Line[] = [[span(`   no command is called "${overlay.text}"`, 'muted')]];
  return [
    [span(` :${overlay.text}_`, 'accent')],
    [],
    ...(rows.length === 0 ? none : rows.slice(top, top + room)),
  ];
}

/** The preview scrolls; the fields and the name to type are always in sight, at the bottom. */
function askLines(view: View, overlay: Overlay & { kind: 'ask' }, width: number, height: number): Line[] {
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

function windowed(lines: readonly Line[], scroll: number, height: number): Line[] {
  const top = Math.max(0, Math.min(scroll, lines.length - height));
  const seen = lines.slice(top, top + height);
  const below = lines.length - top - height;
  if (below <= 0 || seen.length < 2) return seen;
  return [...seen.slice(0, -1), [span(` ${below + 1} more lines below`, 'muted')]];
}
