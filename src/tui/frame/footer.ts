import { type Binding, bindingOf, bindingsOn, chordsOn, type IntentId, wayTo } from '../keys.ts';
import type { NextAction, Screen, ScreenId, View } from '../screen.ts';
import { clip, fill, type Line, type Span, span, widthOf } from '../text/line.ts';
import { isLastField, placeOf } from '../ui-state.ts';

/**
 * One line: the sensible next action first, then what is likeliest here, then always help and detach. Hints that do
 * not fit are left out from the right; what is left out is in the help.
 */
export function footerLine(
  view: View,
  screen: Screen,
  width: number,
  disabled: (id: IntentId) => string | undefined,
): Line {
  const { ui } = view;
  if (ui.overlay !== undefined) return fill(overlayHints(view), width, view.glyphs.ellipsis);
  const here = placeOf(ui).screen;
  if (ui.isOpening === true) return fill([{ text: ' ' }, ...hint('quit', here)], width, '');
  const asked = screen.next?.(view);
  const hints = screen.hints?.(view) ?? {};
  // A next action that would do nothing is no next action.
  const next = asked === undefined || disabled(asked.intent) !== undefined ? undefined : asked;
  const fixed = [hint('help', here), hint('quit', here, view.snapshot === undefined ? 'quit' : undefined)];
  const likely = bindingsOn(here)
    .filter(({ id, footer }: Binding & { readonly id: IntentId }) => (footer ?? 0) > 0 && id !== next?.intent)
    .filter(({ id }) => disabled(id) === undefined && chordsOn(id, here).length > 0)
    .sort((a: Binding, b: Binding) => (a.footer ?? 0) - (b.footer ?? 0))
    .map(({ id }) => hint(id, here, hints[id]));
  const first = next === undefined ? [] : [nextHint(next, here)];
  const tail = fixed.flatMap(each => [{ text: '  ' }, ...each]);
  const room = width - widthOf(tail) - 1;
  let shown: Line = [];
  for (const each of [...first, ...likely]) {
    const longer: Line = [...shown, { text: shown.length === 0 ? '' : '  ' }, ...each];
    if (widthOf(longer) > room) {
      if (shown.length === 0) shown = clip(longer, room, view.glyphs.ellipsis);
      break;
    }
    shown = longer;
  }
  return fill([{ text: ' ' }, ...shown, ...tail], width, '');
}

function hint(id: IntentId, here: ScreenId, words: string = bindingOf(id).words): Span[] {
  return [span(wayTo(id, here), 'accent'), span(` ${words}`, 'muted')];
}

function nextHint({ intent, words }: NextAction, here: ScreenId): Span[] {
  return [
    span(`[${wayTo(intent, here)}]`, 'accent', { bold: true }),
    span(` ${words}`, 'title', { bold: true }),
  ];
}

function overlayHints({ ui, glyphs }: View): Line {
  const keys = (pairs: ReadonlyArray<readonly [string, string]>): Line =>
    pairs.flatMap(([key, words], index) => [
      span(index === 0 ? ' ' : '  '),
      span(key, 'accent'),
      span(` ${words}`, 'muted'),
    ]);
  const moves = `${glyphs.up}${glyphs.down}`;
  switch (ui.overlay?.kind) {
    case 'help':
      return keys([
        ['type', 'to filter'],
        [moves, 'scroll'],
        ['esc', 'close'],
      ]);
    case 'palette':
      return keys([
        ['enter', 'do it'],
        ['tab', 'complete'],
        [moves, 'choose'],
        ['esc', 'close'],
      ]);
    case 'ask':
      return keys([
        ['enter', isLastField(ui.overlay) ? ui.overlay.ask.action : 'next field'],
        ...(ui.overlay.values.length > 1 ? ([['shift+tab', 'field before']] as const) : []),
        [moves, 'scroll'],
        ['esc', 'no'],
      ]);
    default:
      return [];
  }
}
