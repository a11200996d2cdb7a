import { instant } from '../render.ts';
import type { Bars, Chart, Lines, TimeLine } from './chart.ts';
import { escapeHtml, idOf } from './escape.ts';

/**
 * Charts as inline SVG: a title and a description for those who do not see them, colours from the style sheet of the
 * document, text large enough on a screen of 320 px. They say nothing that the table beside them does not say.
 */
export function svgOf(chart: Chart): string {
  const id = `chart-${idOf(chart.id)}`;
  const { height, content } = drawn(chart);
  return (
    `<svg role="img" aria-labelledby="${id}-t ${id}-d" viewBox="0 0 ${WIDTH} ${height}">` +
    `<title id="${id}-t">${escapeHtml(chart.title)}</title><desc id="${id}-d">${escapeHtml(chart.description)}</desc>` +
    `${content.join('')}</svg>`
  );
}

const WIDTH = 320;
const LEFT = 56;
const RIGHT = 8;
const TOP = 10;
const PLOT = 110;
const BOTTOM = TOP + PLOT;
const INNER = WIDTH - LEFT - RIGHT;

interface Drawing {
  readonly height: number;
  readonly content: readonly string[];
}

function drawn(chart: Chart): Drawing {
  switch (chart.kind) {
    case 'bars':
      return bars(chart);
    case 'lines':
      return lineChart(chart);
    case 'time-line':
      return timeLine(chart);
  }
}

const n = (value: number): string => (Math.round(value * 10) / 10).toString();

type Anchor = 'start' | 'middle' | 'end';
const text = (x: number, y: number, words: string, anchor: Anchor = 'start'): string =>
  `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}">${escapeHtml(words)}</text>`;

const line = (x1: number, y1: number, x2: number, y2: number, kind: string): string =>
  `<line class="${kind}" x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}"/>`;

const axes = (): string[] => [
  line(LEFT, TOP, LEFT, BOTTOM, 'axis'),
  line(LEFT, BOTTOM, WIDTH - RIGHT, BOTTOM, 'axis'),
];

const LABELS = 10;

function bars({ bars: all }: Bars): Drawing {
  const most = Math.max(0, ...all.map(each => each.value ?? 0));
  const wide = INNER / Math.max(1, all.length);
  const every = Math.ceil(all.length / LABELS);
  const largest = all.find(each => each.value === most);
  const content = all.flatMap(({ label, value, shown }, index) => {
    const x = LEFT + index * wide;
    const high = value === undefined || most === 0 ? 0 : Math.max(1, (value / most) * PLOT);
    const bar =
      value === undefined
        ? text(x + wide / 2, BOTTOM - 4, '?', 'middle')
        : `<rect class="bar" x="${n(x + wide * 0.15)}" y="${n(BOTTOM - high)}" width="${n(wide * 0.7)}" height="${n(high)}"><title>${escapeHtml(`${label}: ${shown}`)}</title></rect>`;
    return index % every === 0 ? [bar, text(x + wide / 2, BOTTOM + 13, label, 'middle')] : [bar];
  });
  return {
    height: BOTTOM + 20,
    content: [
      ...axes(),
      ...(largest === undefined ? [] : [text(LEFT - 4, TOP + 8, largest.shown, 'end')]),
      text(LEFT - 4, BOTTOM, '0', 'end'),
      ...content,
    ],
  };
}

/** Lines are told apart by their dashes, too: print and many eyes know no colours. */
const DASHES = ['', '6 3', '2 3', '8 3 2 3', '1 2', '10 4', '4 1', '3 6'];

function lineChart({ series, format }: Lines): Drawing {
  const points = series.flatMap(each => each.points);
  const from = Math.min(...points.map(each => each.at));
  const to = Math.max(...points.map(each => each.at));
  const most = Math.max(0, ...points.map(each => each.value));
  const x = (at: number): number => LEFT + (to === from ? 0 : ((at - from) / (to - from)) * INNER);
  const y = (value: number): number => BOTTOM - (most === 0 ? 0 : (value / most) * PLOT);
  const legendTop = BOTTOM + 30;
  return {
    height: legendTop + series.length * 14,
    content: [
      ...axes(),
      text(LEFT - 4, TOP + 8, format(most), 'end'),
      text(LEFT - 4, BOTTOM, '0', 'end'),
      ...(points.length === 0
        ? []
        : [
            text(LEFT, BOTTOM + 13, short(from)),
            ...(to === from ? [] : [text(WIDTH - RIGHT, BOTTOM + 13, short(to), 'end')]),
          ]),
      ...series.flatMap((each, index) => {
        const style = `class="line s${index % DASHES.length}" stroke-dasharray="${DASHES[index % DASHES.length]}"`;
        const row = legendTop + index * 14;
        return [
          `<polyline ${style} points="${each.points.map(p => `${n(x(p.at))},${n(y(p.value))}`).join(' ')}"/>`,
          `<line ${style} x1="${LEFT}" y1="${n(row - 4)}" x2="${LEFT + 28}" y2="${n(row - 4)}"/>`,
          text(LEFT + 34, row, each.name),
        ];
      }),
    ],
  };
}

function timeLine({ marks }: TimeLine): Drawing {
  const from = Math.min(...marks.map(each => each.at));
  const to = Math.max(...marks.map(each => each.at));
  const row = 26;
  const trunk = 12;
  const height = TOP * 2 + Math.max(1, marks.length) * row;
  // Evenly spaced, in order: what happened within minutes and a deadline days away stay readable beside each other.
  return {
    height,
    content:
      marks.length === 0
        ? []
        : [
            line(trunk, TOP + row / 2, trunk, TOP + (marks.length - 0.5) * row, 'axis'),
            ...marks.flatMap(({ at, label, tone }, index) => {
              const y = TOP + (index + 0.5) * row;
              const share = to === from ? 0 : (at - from) / (to - from);
              return [
                tone === 'bad'
                  ? `<rect class="${tone}" x="${trunk - 5}" y="${n(y - 5)}" width="10" height="10"/>`
                  : `<circle class="${tone}" cx="${trunk}" cy="${n(y)}" r="5"/>`,
                text(26, y - 2, label),
                text(26, y + 10, instant(at)),
                // How much of the whole time has gone by then.
                `<rect class="share" x="220" y="${n(y + 4)}" width="${n(share * 92)}" height="5"/>`,
              ];
            }),
          ],
  };
}

/** `11-22 14:06`: the whole instants stand in the table. */
const short = (at: number): string => instant(at).slice(5, 16);
