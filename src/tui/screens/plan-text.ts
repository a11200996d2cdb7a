import type { Problem } from '../../plan/problem.ts';
import type { DraftMachine, PlanDraft } from '../plan-draft.ts';
import { type Line, line, span, type Tone, wrap } from '../text/line.ts';
import { labelled } from './parts.ts';

/** The text of a plan on its way: its lines with what is wrong with them, and what would change in the file. */

/** What would change, as a diff; nothing for a plan that is not written yet, which is new from end to end. */
export function changeLines({ changes }: PlanDraft): Line[] {
  if (changes.length === 0) return [];
  return [...changes.map(each => line(span(each, toneOf(each)))), []];
}

const toneOf = (text: string): Tone => {
  if (text.startsWith('@@')) return 'accent';
  return text.startsWith('+') ? 'good' : text.startsWith('-') ? 'bad' : 'muted';
};

/** One machine: its part of the text, or what it would be. */
export function aboutMachine(draft: PlanDraft, machine: DraftMachine, width: number): Line[] {
  const facts = machine.note === '' ? [] : labelled('what it is', machine.note, width, 'muted');
  if (machine.lines === undefined)
    return [...facts, ...wrap('Not in the plan: space takes it.', width, 'accent')];
  const [first, last] = machine.lines;
  const below = machine.problems.flatMap(({ line: at, column, message, suggestion = '', severity }) =>
    labelled(
      `${at}:${column}`,
      `${severity}: ${message}${suggestion === '' ? '' : `; ${suggestion}`}`,
      width,
      severity === 'error' ? 'bad' : 'warn',
    ),
  );
  return [...facts, ...below, ...numberedLines(draft, first, last)];
}

/** Lines of the text with their numbers, and below each what is wrong with it. */
export function numberedLines(
  { text, problems }: Pick<PlanDraft, 'text' | 'problems'>,
  first = 1,
  last = Number.POSITIVE_INFINITY,
): Line[] {
  const all = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const gutter = String(all.length).length;
  const at = new Map<number, Problem[]>();
  for (const problem of problems) at.set(problem.line, [...(at.get(problem.line) ?? []), problem]);
  return all.slice(first - 1, last).flatMap((words, index): Line[] => {
    const number = first + index;
    const found = at.get(number) ?? [];
    const isHidden = found.some(({ sensitive }) => sensitive === true);
    return [
      [
        span(`${String(number).padStart(gutter)} `, found.length > 0 ? 'bad' : 'muted'),
        span(
          isHidden ? '(not shown: it holds a secret)' : words,
          words.trimStart().startsWith('#') ? 'muted' : 'plain',
        ),
      ],
      ...found.map(
        (problem): Line => [
          span(
            `${' '.repeat(gutter + problem.column)}^ ${problem.severity}: ${problem.message}`,
            problem.severity === 'error' ? 'bad' : 'warn',
          ),
        ],
      ),
    ];
  });
}
