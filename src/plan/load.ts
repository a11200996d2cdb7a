import { createHash } from 'node:crypto';
import { draftOf } from './draft.ts';
import { explain } from './explain.ts';
import type { Finding } from './finding.ts';
import { lintSecrets, privateKeys } from './lint/secrets.ts';
import { lint } from './lint.ts';
import { type Problem, toProblems } from './problem.ts';
import { type Plan, planSchema } from './schema.ts';
import { parseSyntax, type Syntax } from './syntax.ts';
import { decodeText, positionsIn } from './text-source.ts';

export type PlanResult =
  | {
      readonly ok: true;
      readonly plan: Plan;
      /** SHA-256 of the bytes of the file, in hex. */
      readonly hash: string;
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface ParseOptions {
  /** As the engineer names the file; only shown. */
  readonly file: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The plan of an evacuation that runs: a deadline that went by is then a warning. Default false. */
  readonly running?: boolean;
  /** The content, where it has been read already: an editor asks after every change. */
  readonly syntax?: Syntax;
}

export const planHash = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** Reads a plan. Pure; never throws; names all problems at once, each at its place. */
export function parsePlan(content: string | Uint8Array, options: ParseOptions): PlanResult {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  const { file } = options;
  const { text, findings: undecodable } = decodeText(bytes);
  const position = positionsIn(text);
  if (undecodable.length > 0) {
    return { ok: false, problems: toProblems(undecodable, { file, position, document: undefined }) };
  }
  const { document, raw, findings: syntax } = options.syntax ?? parseSyntax(text);
  const findings = [...syntax, ...privateKeys(text)];
  let plan: Plan | undefined;
  if (document !== undefined && raw !== undefined) {
    const read = readValue(raw, options);
    plan = read.plan;
    findings.push(...read.findings, ...lintSecrets(document, text));
  }
  const problems = toProblems(findings, { file, position, document });
  if (plan !== undefined && !problems.some(p => p.severity === 'error')) {
    return { ok: true, plan, hash: planHash(bytes), warnings: problems };
  }
  return { ok: false, problems };
}

function readValue(raw: unknown, options: ParseOptions): { plan: Plan | undefined; findings: Finding[] } {
  const checked = planSchema.safeParse(raw);
  const refused = checked.success ? [] : explain(checked.error.issues, raw);
  const context = { now: options.now, running: options.running ?? false };
  return { plan: checked.data, findings: [...refused, ...lint(draftOf(raw), context)] };
}
