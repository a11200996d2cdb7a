import type { Pane, View } from '../screen.ts';
import { clip, ends, type Line, span } from '../text/line.ts';
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
  const left: Line = clip(
    [
      { text: rule.repeat(2), tone },
      span(` ${mark}${pane.title}`, space.focused ? 'title' : 'muted', { bold: space.focused }),
      span(filter, 'accent'),
      { text: ' ' },
    ],
    Math.max(1, space.width - seen.length - 5),
    glyphs.ellipsis,
  );
  const ruled: Line = [...left, { text: rule.repeat(space.width), tone }];
  return right.length === 0
    ? clip(ruled, space.width, rule)
    : ends(ruled, right, space.width, rule).map(each => (each.text === ' ' ? { text: rule, tone } : each));
}
