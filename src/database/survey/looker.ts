import type { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { MissingRight } from '../../journal/facts-site.ts';
import type { SurveyGap } from '../../journal/facts-survey.ts';
import { numbersOf } from '../../remote/sql/faults.ts';
import type { SqlServer } from '../../remote/sql/server.ts';
import type { Role } from '../../remote/sql/statement.ts';
import type { Question } from '../assess/questions-server.ts';
import { rightOfRefusal } from './rights.ts';

/** Asks one server, and goes on where an answer cannot be had: what is missing then is told, as a gap or as a right. */
export interface Looker {
  readonly role: Role;
  /** @throws LandfallError whatever the server answers but rows */
  must<S extends z.ZodType>(question: Question<S>): Promise<z.infer<S>[]>;
  /** Undefined where it was refused, came too late or was not understood: a gap says so. */
  may<S extends z.ZodType>(question: Question<S>): Promise<z.infer<S>[] | undefined>;
  /** The first `most`; where there were more, a gap says so. */
  first<T>(most: number, what: string, all: readonly T[] | undefined): readonly T[] | undefined;
  gap(gap: SurveyGap): void;
  readonly gaps: readonly SurveyGap[];
  readonly refused: readonly MissingRight[];
}

/** What goes wrong with one question alone; a server that is lost, or a run that ends, ends the survey. */
const GAPS: Readonly<Record<string, SurveyGap['why']>> = {
  'sql.permission': 'refused',
  'sql.timeout': 'timed-out',
  'sql.answer-unreadable': 'unreadable',
  'sql.failed': 'unreadable',
  'database.blocked': 'refused',
};

const LONGEST = 300;

/** `login`, as the server knows it, is asked for when a refusal has to name it. */
export function looker(
  server: Pick<SqlServer, 'ask' | 'role'>,
  signal: AbortSignal,
  login: () => string,
): Looker {
  const gaps: SurveyGap[] = [];
  const refused: MissingRight[] = [];
  const must = <S extends z.ZodType>({ statement, row }: Question<S>): Promise<z.infer<S>[]> =>
    server.ask(statement, row, { signal });
  return {
    role: server.role,
    must,
    gaps,
    refused,
    gap: found => void gaps.push(found),
    async may(question) {
      try {
        return await must(question);
      } catch (thrown) {
        const why = thrown instanceof LandfallError ? GAPS[thrown.code] : undefined;
        if (!(thrown instanceof LandfallError) || why === undefined) throw thrown;
        const what = question.statement.title;
        const raw = harmless((thrown.facts.evidence ?? []).join(' ')).slice(0, LONGEST);
        const numbers = numbersOf(thrown);
        const right = thrown.code === 'sql.permission' ? rightBehind(numbers, raw, login(), what) : undefined;
        gaps.push({
          what,
          why,
          ...(raw === '' ? {} : { raw }),
          ...(right === undefined ? {} : { help: right.grant }),
        });
        if (right !== undefined) refused.push(right);
        return undefined;
      }
    },
    first(most, what, all) {
      if (all === undefined || all.length <= most) return all;
      gaps.push({ what: `${what} beyond the first ${most}`, why: 'cut-short' });
      return all.slice(0, most);
    },
  };
}

/** 297 comes behind 262 or 300, which name the right. */
function rightBehind(
  numbers: readonly number[],
  said: string,
  login: string,
  unlocks: string,
): MissingRight | undefined {
  const telling = numbers.find(number => number !== 297) ?? numbers[0];
  return rightOfRefusal(telling, said, login, unlocks);
}
