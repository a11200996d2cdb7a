import type { z } from 'zod';
import { asLandfallError, LandfallError } from '../../foundation/errors.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { serverOf } from '../perform.ts';
import type { Work } from '../stage.ts';
import type { Answer } from './observation.ts';

type Asking = Pick<Work, 'servers' | 'signal'>;

export async function answer<T>(ask: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { answered: true, value: await ask() };
  } catch (thrown) {
    return { answered: false, error: asLandfallError(thrown) };
  }
}

export const mapped = <T, U>(given: Answer<T>, to: (value: T) => U): Answer<U> =>
  given.answered ? { answered: true, value: to(given.value) } : given;

/** Rows of the last result, or why there are none. */
export const many = <S extends z.ZodType>(
  { servers, signal }: Asking,
  statement: Statement,
  row: S,
  parameters?: Statement['parameters'],
): Promise<Answer<readonly z.infer<S>[]>> =>
  answer(() =>
    serverOf(servers, statement).ask(statement, row, {
      signal,
      ...(parameters === undefined ? {} : { parameters }),
    }),
  );

/** The only row, or why there is none; a question that always has one row and got none is not understood. */
export const one = <S extends z.ZodType>(
  asking: Asking,
  statement: Statement,
  row: S,
): Promise<Answer<z.infer<S>>> =>
  answer(async () => {
    const server = serverOf(asking.servers, statement);
    const [only] = await server.ask(statement, row, { signal: asking.signal });
    if (only === undefined)
      throw new LandfallError('sql.answer-unreadable', {
        what: `${statement.title}: the ${server.label} answered nothing`,
        where: { host: server.label, command: statement.text },
        next: ['see whether the database is there and online: SELECT name, state_desc FROM sys.databases'],
      });
    return only;
  });
