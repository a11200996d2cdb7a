import type { PreviewedAction, PreviewedStep } from '../../reports/preview.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { diffLines } from './diff-lines.ts';

/** One step with everything it will do: what it asks, what it changes, and every line that it writes. */
export function stepLines({ step, title, needs, actions }: PreviewedStep, width: number): Line[] {
  return [
    [],
    line(span(step, 'title', { bold: true }), span(`  ${title}`)),
    ...(needs.length === 0 ? [] : wrap(`  after ${needs.join(', ')}`, width, 'muted')),
    ...actions.flatMap(action => actionLines(action, width)),
  ];
}

const KIND = { exec: 'runs', job: 'starts', write: 'writes', sql: 'runs T-SQL' } as const;

function actionLines(action: PreviewedAction, width: number): Line[] {
  const { host, reads, kind, content, diff, note, waitsFor } = action;
  return [
    line(
      span(`  ${host}`, reads ? 'muted' : 'accent'),
      span(reads ? '  only looks' : `  ${KIND[kind]}, and changes something`, reads ? 'muted' : 'warn'),
    ),
    ...commandLines(action.line, width, reads ? 'muted' : 'plain'),
    ...(note === undefined ? [] : commandLines(note, width, 'muted')),
    // What changed says more than the whole of a text that hardly did.
    ...(diff === undefined || diff === ''
      ? content === undefined
        ? []
        : commandLines(content, width, 'muted')
      : [
          line(span('    against the text it is made from:', 'muted')),
          ...diffLines(diff.split('\n'), width, 4),
        ]),
    ...waitsFor.flatMap(({ fact, from }) =>
      wrap(`known when ${from} is done: ${fact}`, Math.max(10, width - 4), 'unknown').map(indented),
    ),
  ];
}

/** Scripts keep their lines. */
const commandLines = (text: string, width: number, tone: 'plain' | 'muted'): Line[] =>
  text
    .replace(/\n$/, '')
    .split('\n')
    .flatMap(each => wrap(each, Math.max(10, width - 4), tone).map(indented));

const indented = (each: Line): Line => [{ text: '    ' }, ...each];
