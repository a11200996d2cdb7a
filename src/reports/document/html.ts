import {
  type Basis,
  type Block,
  type Document,
  type Item,
  plainOf,
  type Span,
  spansOf,
  type Text,
} from './blocks.ts';
import { escapeHtml, idOf } from './escape.ts';
import { styleOf } from './style.ts';
import { svgOf } from './svg.ts';

/**
 * A document as one HTML file that needs nothing else: no script, no font, no picture, no address from outside. Written so
 * that it is well-formed XML, too. It reads on a telephone, on paper and by ear.
 */
export function printHtml(document: Document): string {
  const { basis, kind } = document;
  const title = `${plainOf(document.title)} (${kind})`;
  const ids = createIds();
  const named = document.blocks.map(block => ({
    block,
    id: block.kind === 'heading' ? ids(plainOf(block.text)) : undefined,
  }));
  const chapters = named.flatMap(({ block, id }) =>
    block.kind === 'heading' && block.level === 2 && id !== undefined
      ? [{ id, text: plainOf(block.text) }]
      : [],
  );
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8"/>',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    '<meta name="referrer" content="no-referrer"/>',
    '<meta name="color-scheme" content="light dark"/>',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${styleOf(pageLines(document))}</style>`,
    '</head>',
    '<body>',
    '<a class="skip" href="#content">Skip to the content</a>',
    `<header>${marks(basis)}<p>${escapeHtml(basis.line)}</p><p><strong>${escapeHtml(basis.stale)}</strong></p></header>`,
    ...(chapters.length < 3
      ? []
      : [
          '<nav aria-label="Contents"><ul>',
          ...chapters.map(({ id, text }) => `<li><a href="#${id}">${escapeHtml(text)}</a></li>`),
          '</ul></nav>',
        ]),
    '<main id="content" tabindex="-1">',
    `<h1>${inline(document.title)}</h1>`,
    ...named.map(({ block, id }) => html(block, ids, id)),
    '</main>',
    `<footer>${marks(basis)}<p>${escapeHtml(basis.line)}</p><p>${escapeHtml(basis.stale)}</p></footer>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** What stands above and below every printed page. */
function pageLines({ basis, kind }: Document): { readonly top: string; readonly bottom: string } {
  return {
    top: [...basis.marks, basis.evacuation, kind].join(' · '),
    bottom: `${basis.line}. ${basis.stale}`,
  };
}

const marks = ({ marks: all }: Basis): string =>
  all.length === 0 ? '' : `<p class="marks">${escapeHtml(all.join(' · '))}</p>`;

type Ids = (text: string) => string;

/** Every id once: headings may have the same words. */
function createIds(): Ids {
  const used = new Map<string, number>([['content', 1]]);
  return text => {
    const wanted = idOf(text);
    const count = (used.get(wanted) ?? 0) + 1;
    used.set(wanted, count);
    return count === 1 ? wanted : ids(`${wanted}-${count}`, used);
  };
}

function ids(wanted: string, used: Map<string, number>): string {
  let id = wanted;
  for (let count = 2; used.has(id); count += 1) id = `${wanted}-${count}`;
  used.set(id, 1);
  return id;
}

function html(block: Block, newId: Ids, known?: string): string {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level} id="${known ?? newId(plainOf(block.text))}">${inline(block.text)}</h${block.level}>`;
    case 'paragraph':
      return `<p>${inline(block.text)}</p>`;
    case 'warning':
      return `<p class="warning">${inline(block.text)}</p>`;
    case 'list':
      return listHtml(block.items, block.ordered, newId);
    case 'table':
      return tableHtml(block);
    case 'lines':
      return `<pre><code>${block.lines.map(escapeHtml).join('\n')}</code></pre>`;
    case 'chart':
      return `<figure>${svgOf(block.chart)}<figcaption>${escapeHtml(block.chart.title)}</figcaption></figure>`;
    case 'together':
      return `<section class="together">\n${block.blocks.map(each => html(each, newId)).join('\n')}\n</section>`;
  }
}

function listHtml(items: readonly Item[], ordered: boolean, newId: Ids): string {
  const tag = ordered ? 'ol' : 'ul';
  const all = items.map(({ text, children = [] }) => {
    const below = children.map(each => html(each, newId));
    return `<li>${inline(text)}${below.length === 0 ? '' : `\n${below.join('\n')}`}</li>`;
  });
  return `<${tag}>\n${all.join('\n')}\n</${tag}>`;
}

/**
 * On a narrow screen a row becomes a block and every cell carries its title; roles are named because browsers forget
 * them when a table is no longer shown as one.
 */
function tableHtml({ caption, columns, rows }: Extract<Block, { kind: 'table' }>): string {
  const classes = columns.map(({ title, right }, index) => {
    const texts = [title, ...rows.map(row => plainOf(row[index] ?? ''))];
    const names = [
      ...(right === true ? ['right'] : []),
      ...(breaksNowhere(texts, columns.length) ? ['whole'] : []),
    ];
    return names.length === 0 ? '' : ` class="${names.join(' ')}"`;
  });
  const head = columns.map(
    ({ title }, index) =>
      `<th scope="col" role="columnheader"${classes[index] ?? ''}>${escapeHtml(title)}</th>`,
  );
  const body = rows.map(row => {
    const cells = row.map((text, index) => {
      const label = `data-label="${escapeHtml(columns[index]?.title ?? '')}"${classes[index] ?? ''}`;
      return index === 0
        ? `<th scope="row" role="rowheader" ${label}>${inline(text)}</th>`
        : `<td role="cell" ${label}>${inline(text)}</td>`;
    });
    return `<tr role="row">${cells.join('')}</tr>`;
  });
  return [
    '<table role="table">',
    `<caption>${escapeHtml(caption)}</caption>`,
    `<thead role="rowgroup"><tr role="row">${head.join('')}</tr></thead>`,
    `<tbody role="rowgroup">${body.join('\n')}</tbody>`,
    '</table>',
  ].join('\n');
}

/** Letters that a line of A4 has for words that are not broken, shared by the columns of a table. */
const LINE_LETTERS = 96;

/** Short words stay whole; a column with a long one may break it, because a table never leaves its page. */
const breaksNowhere = (texts: readonly string[], columns: number): boolean => {
  const most = Math.min(16, Math.floor(LINE_LETTERS / Math.max(1, columns)));
  return texts.every(text => text.split(/[\s-]/).every(word => word.length <= most));
};

const inline = (text: Text): string => spansOf(text).map(span).join('');

function span(each: Span): string {
  if (typeof each === 'string') return escapeHtml(each);
  const tag = each.kind === 'code' ? 'code' : 'strong';
  return `<${tag}>${escapeHtml(each.text)}</${tag}>`;
}
