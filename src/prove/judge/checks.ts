import { tailLines } from '../../foundation/text.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import type { CheckPlan } from '../../plan/schema.ts';
import { formatArgv } from '../../remote/quote.ts';
import type { CheckAnswer } from '../evidence.ts';
import { type Expected, found, type Seen } from './subject.ts';

/** The plan's own checks, each a piece of evidence of its own. */
export function checks({ checks: wanted }: Expected, { evidence, evidenceMs }: Seen): ProofCheck[] {
  return wanted.map((check, index) => {
    const answer = evidence?.checks.get(index);
    const name = nameOf(check);
    if (evidence === undefined || answer === undefined)
      return found('checks', 'unproven', `${name}: the copy did not come as far as trying it`);
    const verdict = verdictOf(check, answer);
    return found('checks', verdict.verdict, `${name}: ${verdict.words}`, shown(answer), evidenceMs);
  });
}

export function nameOf(check: CheckPlan): string {
  if ('command' in check) return formatArgv(check.command);
  return 'tcp' in check ? `port ${check.tcp}` : check.http;
}

interface Verdict {
  readonly verdict: ProofCheck['verdict'];
  readonly words: string;
}

function verdictOf(check: CheckPlan, { rc, text }: CheckAnswer): Verdict {
  if ('tcp' in check) {
    if (rc === 127) return { verdict: 'unproven', words: 'the copy has no program that connects' };
    return rc === 0
      ? { verdict: 'pass', words: 'accepts connections' }
      : { verdict: 'fail', words: 'accepts no connection' };
  }
  if ('command' in check) {
    if (rc === 127) return { verdict: 'fail', words: 'there is no such command in the copy' };
    if (rc === 124 || rc === 137) return { verdict: 'fail', words: 'it came to no end in time' };
    if (rc !== 0) return { verdict: 'fail', words: `it ended with ${rc}` };
    return expectation(check.expect, text, 'it ended well');
  }
  if (rc === 127) return { verdict: 'unproven', words: 'the copy has neither curl, python3 nor wget' };
  const status = statusOf(text);
  if (status === undefined) return { verdict: 'fail', words: 'no answer' };
  if (status !== check.status) return { verdict: 'fail', words: `it answers ${status}, not ${check.status}` };
  return expectation(check.expect, text, `it answers ${status}`);
}

function expectation(expect: string | undefined, text: string, words: string): Verdict {
  if (expect === undefined) return { verdict: 'pass', words };
  return text.includes(expect)
    ? { verdict: 'pass', words: `${words}, with what was expected` }
    : { verdict: 'fail', words: `${words}, without "${expect}" in its answer` };
}

/** Our own mark where the program could print one, otherwise the status line of the answer's headers. */
function statusOf(text: string): number | undefined {
  const marked = [...text.matchAll(/landfall-status=(\d{3})/g)].at(-1)?.[1];
  const header = /^\s*HTTP\/[\d.]+ (\d{3})/m.exec(text)?.[1];
  const status = Number(marked ?? header ?? Number.NaN);
  return Number.isInteger(status) && status > 0 ? status : undefined;
}

const shown = ({ text }: CheckAnswer): string[] =>
  tailLines(text.replace(/^landfall-status=.*$/gm, ''), 6, 160);
