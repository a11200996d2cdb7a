import { matches, type PaletteEntry } from '../palette.ts';
import type { View } from '../screen.ts';
import { fill, type Line, span } from '../text/line.ts';
import type { Overlay } from '../ui-state.ts';
import type { ComposeOptions } from './compose.ts';

/** What was typed and the commands that fit it; one that would do nothing says why. */
export function paletteLines(
  view: View,
  overlay: Overlay & { kind: 'palette' },
  width: number,
  height: number,
  options: ComposeOptions,
): Line[] {
  const found = matches(overlay.text, view, options.disabled);
  const selected = Math.min(overlay.selected, Math.max(0, found.length - 1));
  const room = Math.max(1, height - 2);
  const top = Math.max(0, Math.min(selected - Math.floor(room / 2), found.length - room));
  const seen = found.slice(top, top + room);
  const words = Math.max(16, ...seen.map(each => labelOf(each).length));
  const rows = seen.map((each, row): Line => {
    const isSelected = top + row === selected;
    const label = fill([span(labelOf(each))], Math.min(words, width - 6), view.glyphs.ellipsis);
    const tone = each.why === undefined ? (isSelected ? 'accent' : 'title') : 'muted';
    return [
      span(isSelected ? ` ${view.glyphs.cursor} ` : '   ', 'accent'),
      ...label.map(part => ({ ...part, tone, inverse: isSelected }) as const),
      span(each.why === undefined ? `  ${each.help}` : `  not now: ${each.why}`, 'muted'),
    ];
  });
  const hidden = found.length > seen.length ? `   ${top + 1}-${top + seen.length} of ${found.length}` : '';
  const none: Line[] = [
    [span(`   no command is called "${overlay.text}"; backspace, or esc to leave`, 'muted')],
  ];
  return [
    [span(` :${overlay.text}_`, 'accent', { bold: true }), span(hidden, 'muted')],
    [],
    ...(rows.length === 0 ? none : rows),
  ];
}

const labelOf = ({ text, takes }: PaletteEntry): string =>
  takes === undefined ? text : `${text} [${takes}]`;
