import { escapeInline, escapeMarkdown, fenced, code as verbatim } from '../markdown-parts.ts';
import { type Block, type Document, type Item, type Span, spansOf, type Text } from './blocks.ts';

/** A document as Markdown: readable as it stands, in a terminal or on paper. */
export function printMarkdown(document: Document): string {
  const all = [
    `# ${textOf(document.title)}`,
    '',
    ...blocksOf(document.blocks),
    '---',
    '',
    `${escapeMarkdown(document.basis.line)}. ${escapeInline(document.basis.stale)}`,
  ];
  return `${all
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

const blocksOf = (blocks: readonly Block[]): string[] => blocks.flatMap(blockOf);

function blockOf(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
      return [`${'#'.repeat(block.level)} ${textOf(block.text)}`, ''];
    case 'paragraph':
    case 'warning':
      return [textOf(block.text), ''];
    case 'list':
      return [...listOf(block.items, block.ordered), ''];
    case 'table':
      return tableOf(block);
    case 'lines':
      return fenced(block.language, block.lines);
    case 'chart':
      return [];
    case 'together':
      return blocksOf(block.blocks);
  }
}

function listOf(items: readonly Item[], ordered: boolean): string[] {
  // Deep enough for what stands below a number of any width.
  const indent = ordered ? '    ' : '  ';
  return items.flatMap(({ text, children = [] }, index) => [
    `${ordered ? `${index + 1}.` : '-'} ${textOf(text)}`,
    ...childrenOf(children).map(line => (line === '' ? '' : `${indent}${line}`)),
  ]);
}

/** Lists stand right below their item; everything else is set off by empty lines. */
function childrenOf(children: readonly Block[]): string[] {
  return children.flatMap(child =>
    child.kind === 'list' ? listOf(child.items, child.ordered) : ['', ...blockOf(child)],
  );
}

function tableOf({ columns, rows }: Extract<Block, { kind: 'table' }>): string[] {
  const line = (cells: readonly Text[]): string => `| ${cells.map(inlineOf).join(' | ')} |`;
  return [
    line(columns.map(each => each.title)),
    `| ${columns.map(each => (each.right === true ? '---:' : '---')).join(' | ')} |`,
    ...rows.map(line),
    '',
  ];
}

/** Text at the beginning of a line: it must not become a heading, a list or a quote. */
function textOf(text: Text): string {
  const [first, ...rest] = spansOf(text);
  if (first === undefined) return '';
  return `${typeof first === 'string' ? escapeMarkdown(first) : spanOf(first)}${rest.map(spanOf).join('')}`;
}

const inlineOf = (text: Text): string => spansOf(text).map(spanOf).join('');

function spanOf(span: Span): string {
  if (typeof span === 'string') return escapeInline(span);
  if (span.text === '') return '';
  return span.kind === 'code' ? verbatim(span.text) : `**${escapeInline(span.text)}**`;
}
