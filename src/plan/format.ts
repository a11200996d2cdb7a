import stringWidth from 'string-width';
import { createRedactor } from '../foundation/redact.ts';
import { harmless } from '../foundation/text.ts';
import type { PlanResult } from './load.ts';
import type { Problem } from './problem.ts';

/** Of a long line, this much is shown around the place. */
const LINE_WIDTH = 100;

/** `plans/x.yaml:12:9: message: "value"`: one line, as editors and terminals make links of. */
export function problemLine(problem: Problem): string {
  const { file, line, column, severity, message, value } = problem;
  const what = value === undefined ? message : `${message}: "${value}"`;
  return `${file}:${line}:${column}: ${severity}: ${what}`;
}

/**
 * A problem as compilers show it: the place, the line with a caret, the help. Without the text of the plan, or
 * where its line holds a secret, the line is left out.
 */
export function formatProblem(problem: Problem, sourceText?: string): string {
  const lines = [problemLine(problem)];
  const source = sourceText === undefined || problem.sensitive ? undefined : sourceLine(sourceText, problem);
  const gutter = ' '.repeat(String(problem.line).length);
  if (source !== undefined) {
    lines.push(`  ${problem.line} | ${source.text}`, `  ${gutter} | ${' '.repeat(source.caret)}^`);
  } else if (problem.sensitive) {
    lines.push(`  ${problem.line} | (not shown: it holds a secret)`);
  }
  if (problem.suggestion !== undefined) lines.push(`  ${gutter} = help: ${problem.suggestion}`);
  return lines.join('\n');
}

function sourceLine(text: string, { line, column }: Problem): { text: string; caret: number } | undefined {
  const raw = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    [line - 1]?.replace(/\r$/, '');
  if (raw === undefined || raw.trim() === '') return undefined;
  const start = column > LINE_WIDTH - 20 ? column - Math.floor(LINE_WIDTH / 2) : 0;
  const lead = start > 0 ? '…' : '';
  const before = lead + shown(raw.slice(start, column - 1));
  const after = shown(raw.slice(column - 1, start + LINE_WIDTH));
  const tail = raw.length > start + LINE_WIDTH ? '…' : '';
  const whole = createRedactor().text(before + after + tail);
  return { text: whole, caret: stringWidth(before) };
}

/** A tab takes one column, so that the caret stands right. */
const shown = (text: string): string => harmless(text.replaceAll('\t', ' '));

/** What `landfall check --json` prints. */
export interface ProblemsReport {
  readonly v: 1;
  readonly file: string;
  readonly ok: boolean;
  /** SHA-256 of the plan, where it is sound. */
  readonly hash?: string;
  readonly errors: number;
  readonly warnings: number;
  readonly problems: readonly Problem[];
}

export function problemsJson(file: string, result: PlanResult): ProblemsReport {
  const problems = result.ok ? result.warnings : result.problems;
  return {
    v: 1,
    file,
    ok: result.ok,
    ...(result.ok ? { hash: result.hash } : {}),
    errors: problems.filter(p => p.severity === 'error').length,
    warnings: problems.filter(p => p.severity === 'warning').length,
    problems,
  };
}
