import type { Pane, View } from '../screen.ts';
import { clip, type Line, span, widthOf } from '../text/line.ts';
import type { PaneState } from '../ui-state.ts';
import type { PaneSpace } from './panes.ts';

/** The focus shows in the rule as well as in colour: a double rule and a mark before the title. */
export function titleLine(view: View, pane: Pane, state: PaneState, seen: string, space: PaneSpace): Line {
  const { glyphs } = view;
  const rule = space.focused ? glyphs.doubleRule : glyphs.rule;
  const tone = space.focused ? 'accent' : 'muted';
  const filter =
    state.typing === true
      ? ` /${state.filter ?? ''}_`
      : state.filter === undefined
        ? ''
        : ` /${state.filter}`;
  const right: Line = seen === '' ? [] : [span(` ${seen} `, tone), { text: rule.repeat(2), tone }];
  const mark = space.focused ? `${glyphs.cursor} ` : '';
  const room = Math.max(0, space.width - widthOf(right));
  const left: Line = clip(
    [
      { text: rule.repeat(2), tone },
      span(` ${mark}${pane.title}`, space.focused ? 'title' : 'muted', { bold: space.focused }),
      span(filter, 'accent'),
      { text: ' ' },
    ],
    room,
    glyphs.ellipsis,
  );
  const between: Line = [{ text: rule.repeat(Math.max(0, room - widthOf(left))), tone }];
  return clip([...left, ...between, ...right], space.width, glyphs.ellipsis);
}
