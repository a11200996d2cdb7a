import type { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { SqlServer } from '../../remote/sql/server.ts';
import type { Question } from './questions-server.ts';
import type { Unseen } from './survey.ts';

/** Asks one server; notes what it does not let this login see, and goes on. */
export interface Asker {
  /** @throws LandfallError whatever the server answers but rows */
  must<S extends z.ZodType>(question: Question<S>): Promise<z.infer<S>[]>;
  /** Undefined where the login may not see it. */
  may<S extends z.ZodType>(question: Question<S>): Promise<z.infer<S>[] | undefined>;
  readonly unknown: readonly Unseen[];
}

export function asker(server: Pick<SqlServer, 'ask'>, signal: AbortSignal): Asker {
  const unknown: Unseen[] = [];
  const must = <S extends z.ZodType>({ statement, row }: Question<S>): Promise<z.infer<S>[]> =>
    server.ask(statement, row, { signal });
  return {
    must,
    unknown,
    async may(question) {
      try {
        return await must(question);
      } catch (thrown) {
        if (!(thrown instanceof LandfallError) || thrown.code !== 'sql.permission') throw thrown;
        unknown.push({
          what: question.statement.title,
          said: harmless((thrown.facts.evidence ?? []).join(' ')),
        });
        return undefined;
      }
    },
  };
}
