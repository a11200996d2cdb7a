import type { IntentId } from '../keys.ts';
import type { Screen, View } from '../screen.ts';
import { fill, type Line, span, wrap } from '../text/line.ts';
import type { UiState } from '../ui-state.ts';
import { arrange } from './arrange.ts';
import { footerLine } from './footer.ts';
import { headerLine } from './header.ts';
import { overlayLines } from './overlay.ts';
import type { PaneBox } from './panes.ts';
import { railLine } from './rail.ts';

export const LEAST_COLUMNS = 40;
export const LEAST_ROWS = 10;

export interface Composed {
  /** Exactly as many as the terminal has rows; none is wider than it. */
  readonly lines: readonly Line[];
  readonly boxes: readonly PaneBox[];
}

export interface ComposeOptions {
  /** Why an intent does nothing right now; undefined where it would. */
  readonly disabled: (id: IntentId, argument?: string) => string | undefined;
}

/** The whole screen as lines. Pure: the same view gives the same lines. */
export function compose(view: View, screen: Screen, options: ComposeOptions): Composed {
  const { columns, rows } = view.ui;
  if (columns < LEAST_COLUMNS || rows < LEAST_ROWS) return tooSmall(view.ui);
  const rule: Line = [{ text: view.glyphs.rule.repeat(columns), tone: 'muted' }];
  const top: Line[] = [
    headerLine(view, columns),
    ...(view.snapshot === undefined ? [] : [railLine(view, columns)]),
    rule,
  ];
  const footer = footerLine(view, screen, columns, options.disabled);
  const said = saidLines(view, screen, columns, rows);
  const height = rows - top.length - said.length - 1;
  const { overlay } = view.ui;
  const body =
    overlay === undefined
      ? arrange(view, screen.panes(view), columns, height)
      : { lines: overlayLines(view, overlay, columns, height, options), boxes: [] };
  const filled = [...body.lines.slice(0, height)];
  while (filled.length < height) filled.push([]);
  return {
    lines: [...top, ...filled, ...said, footer].map(each => fill(each, columns, view.glyphs.ellipsis)),
    boxes: body.boxes,
  };
}

/** What just happened, what is under way, or what matters most here; at most three lines, one on low terminals. */
function saidLines(view: View, screen: Screen, columns: number, rows: number): Line[] {
  const { ui, glyphs } = view;
  const most = rows < 24 ? 1 : 3;
  if (ui.busy !== undefined) return [[span(` ${glyphs.busy} ${ui.busy}`, 'busy')]];
  if (ui.toast !== undefined) {
    const { text, tone } = ui.toast;
    const mark =
      tone === 'bad' ? glyphs.bad : tone === 'warn' ? glyphs.warn : tone === 'good' ? glyphs.ok : glyphs.dot;
    return wrap(`${mark} ${text}`, columns - 2, tone)
      .slice(0, most)
      .map(each => [{ text: ' ' }, ...each]);
  }
  if (ui.overlay !== undefined) return [];
  const message = screen.message?.(view);
  if (message === undefined) return [];
  const [only] = message;
  const lines =
    message.length === 1 && only !== undefined ? wrap(only.text, columns - 2, only.tone) : [message];
  return lines.slice(0, most).map(each => [{ text: ' ' }, ...each]);
}

function tooSmall({ columns, rows }: UiState): Composed {
  const words = wrap(
    `This terminal has ${columns} columns and ${rows} rows; landfall needs ${LEAST_COLUMNS} and ${LEAST_ROWS}. Make it larger, or use: landfall status`,
    Math.max(1, columns),
  );
  const lines = words.slice(0, rows);
  while (lines.length < rows) lines.push([]);
  return { lines, boxes: [] };
}
