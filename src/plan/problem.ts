import type { Document } from 'yaml';
import { createRedactor } from '../foundation/redact.ts';
import { short } from '../foundation/spelling.ts';
import { harmless } from '../foundation/text.ts';
import type { Finding, PathKey, PlanPath, Severity } from './finding.ts';
import { locate } from './locate.ts';
import type { Position } from './text-source.ts';

/** One thing that is wrong with a plan, at its place in the file. Every text in it is harmless and has no secret. */
export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units as editors count. */
  readonly column: number;
  /** `machines.web1.after[0]`; empty where it is about the whole file. */
  readonly path: string;
  readonly message: string;
  /** The offending value, shortened. */
  readonly value?: string;
  readonly suggestion?: string;
  readonly severity: Severity;
  /** Its line holds a secret and must not be shown. */
  readonly sensitive?: true;
}

/** More than this helps nobody; the rest is counted. */
export const MAX_PROBLEMS = 50;

export interface Ground {
  readonly file: string;
  readonly position: (offset: number) => Position;
  readonly document: Document | undefined;
}

/** Findings as problems: placed, sorted by place, without repeats, and capped with errors first in mind. */
export function toProblems(findings: readonly Finding[], ground: Ground): Problem[] {
  const mask = maskFor(findings);
  const secretLines = new Set<number>();
  const placed = withoutEchoes(findings).map(finding => {
    const position = ground.position(offsetOf(finding, ground));
    const lines = finding.secret?.split('\n').length ?? 0;
    for (let line = 0; line < lines; line += 1) secretLines.add(position.line + line);
    return problemOf(finding, ground.file, position, mask);
  });
  const unique = new Map<string, Problem>();
  for (const problem of placed) {
    const key = `${problem.line}:${problem.column}:${problem.message}`;
    if (!unique.has(key)) unique.set(key, secretLines.has(problem.line) ? silenced(problem) : problem);
  }
  return capped([...unique.values()].sort(byPlace));
}

/** What else is wrong with a value that is a secret (its form, its key) would only repeat it. */
function withoutEchoes(findings: readonly Finding[]): Finding[] {
  const key = (finding: Finding): string => JSON.stringify(finding.path);
  const secrets = new Set(findings.filter(f => f.secret !== undefined && f.path.length > 0).map(key));
  return findings.filter(f => f.secret !== undefined || !secrets.has(key(f)));
}

function silenced(problem: Problem): Problem {
  const { value: _value, ...rest } = problem;
  return { ...rest, sensitive: true };
}

/** Knows every secret that was found, in full and as a message would shorten it. */
function maskFor(findings: readonly Finding[]): (text: string) => string {
  const redactor = createRedactor();
  for (const { secret } of findings) {
    if (secret === undefined) continue;
    redactor.learn(secret);
    redactor.learn(short(secret).replace(/…$/, ''));
  }
  return text => harmless(redactor.text(text));
}

const offsetOf = (finding: Finding, { document }: Ground): number =>
  finding.offset ?? (document === undefined ? 0 : locate(document, finding.path, finding.on ?? 'value'));

function problemOf(
  finding: Finding,
  file: string,
  position: Position,
  mask: (text: string) => string,
): Problem {
  const { value, suggestion, secret } = finding;
  return {
    file,
    ...position,
    path: mask(pathText(finding.path)),
    message: mask(finding.message),
    ...(value === undefined || secret !== undefined ? {} : { value: short(mask(value)) }),
    ...(suggestion === undefined ? {} : { suggestion: mask(suggestion) }),
    severity: finding.severity,
    ...(secret === undefined ? {} : { sensitive: true as const }),
  };
}

/** `machines.web1.after[0]`. */
export function pathText(path: PlanPath): string {
  return path.reduce<string>((text, key) => `${text}${segment(key, text === '')}`, '');
}

const segment = (key: PathKey, first: boolean): string => {
  if (typeof key === 'number') return `[${key}]`;
  return first ? short(key) : `.${short(key)}`;
};

const byPlace = (a: Problem, b: Problem): number =>
  a.line - b.line || a.column - b.column || a.severity.localeCompare(b.severity, 'en');

function capped(problems: readonly Problem[]): Problem[] {
  if (problems.length <= MAX_PROBLEMS) return [...problems];
  const errors = problems.filter(p => p.severity === 'error');
  const warnings = problems.filter(p => p.severity === 'warning');
  const kept = [...errors, ...warnings].slice(0, MAX_PROBLEMS - 1).sort(byPlace);
  const left = problems.filter(p => !kept.includes(p));
  const first = left[0];
  if (first === undefined) return kept;
  const { file, line, column, severity } = first;
  const message = `and ${left.length} more problems, the first of them here`;
  return [...kept, { file, line, column, path: '', message, severity }];
}
