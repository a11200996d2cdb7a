import { formatDuration } from '../../foundation/units.ts';
import type { IntentId } from '../keys.ts';
import type { Screen, View } from '../screen.ts';
import { asciiLine } from '../text/ascii.ts';
import { clip, fill, type Line, span, wrap, wrapLine } from '../text/line.ts';
import type { UiState } from '../ui-state.ts';
import { arrange } from './arrange.ts';
import { footerLine } from './footer.ts';
import { headerLine } from './header.ts';
import { overlayLines } from './overlay.ts';
import type { PaneBox } from './panes.ts';
import { railLine } from './rail.ts';

const LEAST_COLUMNS = 40;
const LEAST_ROWS = 10;

export interface Composed {
  /** Exactly as many as the terminal has rows; none is wider than it. */
  readonly lines: readonly Line[];
  readonly boxes: readonly PaneBox[];
}

type Disabled = (id: IntentId, argument?: string) => string | undefined;

export interface ComposeOptions {
  /** Why an intent does nothing right now; undefined where it would. */
  readonly disabled: Disabled;
  /** The same where these panes are shown: the footer speaks of what is selected now, not of what was before. */
  readonly disabledAmong?: (boxes: readonly PaneBox[]) => Disabled;
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
  const said = saidLines(view, screen, columns, rows);
  const height = rows - top.length - said.length - 1;
  const { overlay } = view.ui;
  const body =
    overlay === undefined
      ? arrange(view, screen.panes(view), columns, height)
      : { lines: overlayLines(view, overlay, columns, height, options), boxes: [] };
  const among = overlay === undefined ? options.disabledAmong?.(body.boxes) : undefined;
  const footer = footerLine(view, screen, columns, among ?? options.disabled);
  const filled = [...body.lines.slice(0, height)];
  while (filled.length < height) filled.push([]);
  const { unicode, ellipsis } = view.glyphs;
  const lines = [...top, ...filled, ...said, footer].map(each => fill(each, columns, ellipsis));
  return { lines: unicode ? lines : lines.map(asciiLine), boxes: body.boxes };
}

/** What just happened, what is under way, or what matters most here; at most three lines, one on low terminals. */
function saidLines(view: View, screen: Screen, columns: number, rows: number): Line[] {
  const { ui, glyphs } = view;
  const most = rows < 24 ? 1 : 3;
  if (ui.busy !== undefined) return [[span(` ${glyphs.busy} ${ui.busy}${busyFor(view)}`, 'busy')]];
  if (ui.toast !== undefined) {
    const { text, tone } = ui.toast;
    const mark =
      tone === 'bad' ? glyphs.bad : tone === 'warn' ? glyphs.warn : tone === 'good' ? glyphs.ok : glyphs.dot;
    return cut(wrap(`${mark} ${text}`, columns - 2, tone), most, columns, glyphs.ellipsis);
  }
  if (ui.overlay !== undefined) return [];
  const message = screen.message?.(view);
  return message === undefined ? [] : cut(wrapLine(message, columns - 2), most, columns, glyphs.ellipsis);
}

/** What takes longer than one is used to shows that it still moves: `, 12s`. */
function busyFor({ now, busySince }: View): string {
  const seconds = busySince === undefined ? 0 : Math.floor((now - busySince) / 1000);
  if (seconds < 2) return '';
  return `, ${seconds < 60 ? `${seconds}s` : formatDuration(seconds * 1000)}`;
}

/** The first `most` lines; where more was to say, the last one shows it. */
function cut(lines: readonly Line[], most: number, columns: number, ellipsis: string): Line[] {
  return lines.slice(0, most).map((each, index): Line => {
    const isCut = index === most - 1 && lines.length > most;
    return [
      { text: ' ' },
      ...(isCut ? clip([...each, { text: ` ${ellipsis}` }], columns - 2, ellipsis) : each),
    ];
  });
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
