import { bindingOf, bindingsOn, chordsOn, type Group, type IntentId, showChord } from '../keys.ts';
import type { View } from '../screen.ts';
import { fill, type Line, span, widthOf, wrap } from '../text/line.ts';
import { placeOf } from '../ui-state.ts';

export const GROUPS: ReadonlyArray<readonly [Group, string]> = [
  ['act', 'do'],
  ['walk', 'go'],
  ['view', 'see'],
  ['move', 'move'],
  ['leave', 'leave'],
];

/** Every binding that works here, grouped; a disabled one says why. Columns are as wide as what stands in them. */
export function helpLines(
  view: View,
  filter: string,
  width: number,
  disabled: (id: IntentId) => string | undefined,
): Line[] {
  const { glyphs, ui } = view;
  const here = placeOf(ui).screen;
  const wanted = filter.toLowerCase();
  const all = bindingsOn(here).map(({ id, group }) => {
    const { words, help, verb } = bindingOf(id);
    const chords = chordsOn(id, here).map(showChord);
    const keys = chords.length > 0 ? chords.join(', ') : `:${verb ?? id}`;
    return { id, group, words, help, keys, found: `${words} ${help} ${keys} ${verb ?? ''}`.toLowerCase() };
  });
  const keyColumn = Math.max(...all.map(each => widthOf([span(each.keys)])));
  const wordColumn = Math.max(...all.map(each => each.words.length));
  // A narrow terminal has the sentence below its key.
  const isWide = width >= keyColumn + wordColumn + 36;
  const indent = isWide ? 3 + keyColumn + 2 + wordColumn + 2 : 5;
  const found = all.filter(each => each.found.includes(wanted));
  const lines: Line[] = [
    [
      span(' Keys of this screen', 'title', { bold: true }),
      span(filter === '' ? '' : `   /${filter}_  ${found.length}/${all.length}`, 'accent'),
    ],
    [],
  ];
  if (found.length === 0)
    lines.push([span(`   no key has "${filter}"; backspace, or esc to leave`, 'muted')]);
  for (const [group, title] of GROUPS) {
    const members = found.filter(each => each.group === group);
    if (members.length === 0) continue;
    lines.push([span(` ${title}`, 'muted')]);
    for (const { id, keys, words, help } of members) {
      const why = disabled(id);
      const head: Line = [
        ...fill([span('   '), span(keys, 'accent')], 3 + keyColumn + 2, glyphs.ellipsis),
        ...fill([span(words)], wordColumn + 2, glyphs.ellipsis),
      ];
      const text = [
        ...wrap(help, Math.max(10, width - indent)),
        ...(why === undefined ? [] : wrap(`Not now: ${why}.`, Math.max(10, width - indent), 'muted')),
      ];
      if (!isWide) lines.push(head);
      text.forEach((each, index) => {
        lines.push(isWide && index === 0 ? [...head, ...each] : [{ text: ' '.repeat(indent) }, ...each]);
      });
    }
    lines.push([]);
  }
  return lines;
}
