import { expect } from 'vitest';
import type { Answer, SqlSession } from '../../../../support/sql-double.ts';

/** Runs a batch that must succeed. */
export async function ok(session: SqlSession, text: string, signal?: AbortSignal): Promise<Answer> {
  const answer = await session.run(text, signal);
  expect(answer.errors.map(each => `${each.number} ${each.text}`)).toEqual([]);
  return answer;
}

/** Numbers of a batch's errors, in their order. */
export const numbers = async (session: SqlSession, text: string): Promise<readonly number[]> =>
  (await session.run(text)).numbers;

/** Rows of the last result by the names of their columns. */
export async function records(
  session: SqlSession,
  text: string,
): Promise<readonly Record<string, unknown>[]> {
  const { results } = await ok(session, text);
  const { columns = [], rows = [] } = results.at(-1) ?? {};
  return rows.map(row => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
}
