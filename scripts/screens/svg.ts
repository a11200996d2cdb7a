import type { Cell } from '../../test/support/terminal-screen.ts';
import { PALETTE } from './palette.ts';
import { type Look, type Run, runsOf } from './runs.ts';

export interface Picture {
  readonly grid: readonly (readonly Cell[])[];
  /** A few words: what this is. */
  readonly title: string;
  /** A sentence or two for whoever cannot see it. */
  readonly description: string;
}

const FONT = "ui-monospace,'SF Mono','Cascadia Mono',Menlo,'DejaVu Sans Mono',Consolas,monospace";

/** Pixels. The row is as high as the line characters of common fonts, so that vertical lines have no gaps. */
export const CELL = { width: 8.4, height: 16.5, font: 14, baseline: 12.8, margin: 14 } as const;

/** A terminal screen as a self-contained SVG: no fonts, no scripts; the same screen gives the same bytes. */
export function svg(picture: Picture): string {
  const styles = new Styles();
  const rows = picture.grid.map((row, y) =>
    group(runsOf(row), styles, `transform="translate(0 ${y * CELL.height})"`),
  );
  return frame(picture, styles.css(), rows.filter(row => row !== '').join('\n'));
}

/** The outer part that stills and animations share. `body` is drawn with its origin at the first cell. */
export function frame(picture: Picture, css: string, body: string): string {
  const columns = Math.max(...picture.grid.map(row => row.length), 1);
  const width = px(columns * CELL.width + 2 * CELL.margin);
  const height = px(picture.grid.length * CELL.height + 2 * CELL.margin);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(picture.title)}</title>`,
    `<desc id="description">${escapeXml(picture.description)}</desc>`,
    `<style>text{font:${CELL.font}px ${FONT};fill:${PALETTE.foreground};white-space:pre}g rect{shape-rendering:crispEdges}${css}</style>`,
    `<rect x=".5" y=".5" width="${px(width - 1)}" height="${px(height - 1)}" rx="8" fill="${PALETTE.background}" stroke="${PALETTE.border}"/>`,
    `<g transform="translate(${CELL.margin} ${CELL.margin})" xml:space="preserve">`,
    body,
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
}

/** One row of the screen; empty when there is nothing on it. */
export function group(runs: readonly Run[], styles: Styles, attributes: string): string {
  if (runs.length === 0) return '';
  const boxes = runs.flatMap(({ x, columns, look }) =>
    look.background === undefined
      ? []
      : [
          `<rect x="${px(x * CELL.width)}" width="${px(columns * CELL.width)}" height="${CELL.height}" fill="${look.background}"/>`,
        ],
  );
  const texts = runs.map(({ x, columns, text, look }) => {
    const name = styles.nameOf(look);
    const style = name === '' ? '' : ` class="${name}"`;
    return `<text x="${px(x * CELL.width)}" y="${CELL.baseline}" textLength="${px(columns * CELL.width)}" lengthAdjust="spacingAndGlyphs"${style}>${escapeXml(text)}</text>`;
  });
  return `<g ${attributes}>${boxes.join('')}${texts.join('')}</g>`;
}

/** Gives each look a short class, in the order in which they first appear. */
export class Styles {
  readonly #names = new Map<string, string>();

  /** Empty for the look of plain text. */
  nameOf(look: Look): string {
    const rule = ruleOf(look);
    if (rule === '') return '';
    const known = this.#names.get(rule);
    if (known !== undefined) return known;
    const name = `c${this.#names.size}`;
    this.#names.set(rule, name);
    return name;
  }

  css(): string {
    return [...this.#names].map(([rule, name]) => `.${name}{${rule}}`).join('');
  }
}

function ruleOf(look: Look): string {
  const lines = [look.underline ? 'underline' : '', look.strikethrough ? 'line-through' : ''].filter(Boolean);
  return [
    look.fill === PALETTE.foreground ? '' : `fill:${look.fill}`,
    look.bold ? 'font-weight:bold' : '',
    look.italic ? 'font-style:italic' : '',
    look.dim ? 'opacity:.6' : '',
    lines.length === 0 ? '' : `text-decoration:${lines.join(' ')}`,
  ]
    .filter(Boolean)
    .join(';');
}

/** Two decimals are a hundredth of a pixel; more is noise in the file. */
function px(value: number): number {
  return Math.round(value * 100) / 100;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** What XML 1.0 cannot hold in any form. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

export function escapeXml(text: string): string {
  return text.replace(NOT_XML, '\uFFFD').replace(/[&<>"]/g, character => ENTITIES[character] ?? character);
}
