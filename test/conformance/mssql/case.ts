import { expect } from 'vitest';
import type { ProductName } from '../../../src/lab/sqlserver/server/products.ts';
import type { Answer, Client, Parameter, ResultSet, ServerMessage } from './client.ts';
import { Failure } from './client.ts';

/** One thing that SQL Server does, and that a server is asked to do. */
export interface Case {
  /** Never changes: what real servers have passed is kept by it. */
  readonly id: string;
  readonly title: string;
  /** The first major version that does so: 11 is 2012, 16 is 2022. */
  readonly since?: number;
  /** What the login must be, or what the server must have. */
  readonly needs?: Need;
  /** Holds for one product only: a double of it is started; another real server is passed over. */
  readonly product?: ProductName;
  /** What the double does instead: there the case must fail, so that this word goes when the double learns it. */
  readonly differs?: string;
  run(client: Client): Promise<void>;
}

export type Need = 'sysadmin' | 'agent' | 'double';
export type Circumstances = Omit<Case, 'id' | 'title' | 'run'>;

/** The last batch's last result has these rows. */
export function shows(
  id: string,
  title: string,
  text: string | readonly string[],
  rows: readonly (readonly unknown[])[],
  where: Circumstances = {},
): Case {
  return { id, title, ...where, run: async client => expect(await rowsOf(client, text)).toEqual(rows) };
}

export interface Expected {
  readonly number: number;
  readonly severity?: number;
  readonly state?: number;
  readonly line?: number;
  readonly procedure?: string;
  readonly message?: string | RegExp;
  /** Numbers of the errors before it. */
  readonly before?: readonly number[];
}

/** The last batch fails with this error; those before it do not fail. */
export function refuses(
  id: string,
  title: string,
  text: string | readonly string[],
  expected: Expected,
  where: Circumstances = {},
): Case {
  return {
    id,
    title,
    ...where,
    run: async client => {
      const batches = typeof text === 'string' ? [text] : text;
      for (const batch of batches.slice(0, -1)) await client.batch(batch);
      await failsWith(client.batch(batches.at(-1) ?? ''), expected);
    },
  };
}

/** A case that is more than a batch and its answer. */
export function does(
  id: string,
  title: string,
  run: (client: Client) => Promise<void>,
  where: Circumstances = {},
): Case {
  return { id, title, ...where, run };
}

/** Runs batches; rows of the last result of the last one. */
export async function rowsOf(
  client: Client,
  text: string | readonly string[],
): Promise<readonly (readonly unknown[])[]> {
  return lastSet(await run(client, text)).rows;
}

/** Runs batches, answers what the last one does. */
export async function run(client: Client, text: string | readonly string[]): Promise<Answer> {
  const batches = typeof text === 'string' ? [text] : text;
  for (const batch of batches.slice(0, -1)) await client.batch(batch);
  return client.batch(batches.at(-1) ?? '');
}

export function lastSet(answer: Answer): ResultSet {
  const set = answer.sets.at(-1);
  if (set === undefined) throw new Error('no result');
  return set;
}

/** The only value. */
export async function value(
  client: Client,
  text: string,
  parameters?: readonly Parameter[],
): Promise<unknown> {
  const answer = parameters === undefined ? await client.batch(text) : await client.query(text, parameters);
  return lastSet(answer).rows[0]?.[0];
}

/** What a request fails with. */
export async function failure(running: Promise<unknown>): Promise<Failure> {
  const outcome = await running.then(
    answer => ({ answer }),
    (error: unknown) => ({ error }),
  );
  if ('answer' in outcome) throw new Error(`it did not fail: ${JSON.stringify(outcome.answer)}`);
  if (outcome.error instanceof Failure) return outcome.error;
  throw outcome.error;
}

/** The request fails, and its last error is this one. */
export async function failsWith(running: Promise<unknown>, expected: Expected): Promise<Failure> {
  const failed = await failure(running);
  const { last } = failed;
  if (last === undefined) throw failed;
  const { before, message, ...facts } = expected;
  expect({ ...last, ...(message === undefined ? {} : { text: last.message }) }).toMatchObject(facts);
  if (typeof message === 'string') expect(last.message).toBe(message);
  else if (message !== undefined) expect(last.message).toMatch(message);
  if (before !== undefined) expect(failed.errors.slice(0, -1).map(numberOf)).toEqual(before);
  return failed;
}

export const numberOf = (message: ServerMessage): number => message.number;
export const texts = (answer: Answer): readonly string[] => answer.messages.map(each => each.message);

/** Where text comes in several rows of one column, as FOR JSON and FOR XML give it. */
export const joined = (set: ResultSet): string => set.rows.map(row => String(row[0])).join('');

/** 2026-11-22T18:00:00.0000000 */
export const instant = (text: string): Date => new Date(`${text}Z`);
