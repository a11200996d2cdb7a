import { LandfallError } from '../../foundation/errors.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { DatabaseRef } from '../names.ts';
import type { Work } from '../stage.ts';
import { bound, type Phrase, template } from './phrase.ts';
import { type PhraseName, phrasesFor } from './phrases.ts';
import { readHash } from './read-server.ts';
import type { Wanted } from './wanted.ts';

/** Every statement that `applyWanted` may send, with its values to come. */
export const besidesStatements = (ref: Pick<DatabaseRef, 'copy'>): readonly Statement[] =>
  Object.values(phrasesFor(ref)).map((phrase: Phrase) => template(phrase));

export interface Applied {
  readonly made: readonly string[];
  /** What the server refused, one sentence each; the rest went on. */
  readonly refused: readonly string[];
}

/**
 * Makes what is wanted at the subscriber, one item after the other. What was made is not made again: the next survey no
 * longer wants it. An item that is refused does not keep the others from being made.
 *
 * @throws LandfallError sql.connection-lost and the like where the server is away
 */
export async function applyWanted(
  work: Pick<Work, 'servers' | 'signal' | 'ref'> & Partial<Pick<Work, 'sample'>>,
  wanted: readonly Wanted[],
): Promise<Applied> {
  const phrases = phrasesFor(work.ref);
  const made: string[] = [];
  const refused: string[] = [];
  for (const [at, { item, sayings }] of wanted.entries()) {
    work.sample?.({ text: item, fraction: at / wanted.length });
    try {
      for (const { phrase, values, hashOf } of sayings)
        await say(
          work,
          phrases,
          phrase,
          hashOf === undefined ? values : await withHash(work, values, hashOf),
        );
      made.push(item);
    } catch (thrown) {
      if (!(thrown instanceof LandfallError) || !REFUSALS.has(thrown.code)) throw thrown;
      refused.push(`${item}: ${withoutHash(thrown.facts.evidence?.[0] ?? thrown.facts.what)}`);
    }
  }
  return { made, refused };
}

/** A server may repeat in its message what it was given. */
const withoutHash = (text: string): string => text.replaceAll(/0x[0-9a-f]{16,}/gi, '0x…');

/** The server is there and said no. */
const REFUSALS: ReadonlySet<string> = new Set(['sql.failed', 'sql.permission', 'sql.answer-unreadable']);

async function say(
  { servers, signal }: Pick<Work, 'servers' | 'signal'>,
  phrases: ReturnType<typeof phrasesFor>,
  name: PhraseName,
  values: Readonly<Record<string, string | number>>,
): Promise<void> {
  const phrase: Phrase = phrases[name];
  await servers.subscriber.run(template(phrase), { signal, parameters: bound(phrase, values) });
}

async function withHash(
  { servers, signal }: Pick<Work, 'servers' | 'signal'>,
  values: Readonly<Record<string, string | number>>,
  login: string,
): Promise<Readonly<Record<string, string | number>>> {
  const hash = await readHash(servers.publisher, 'publisher', login, signal);
  if (hash !== undefined) return { ...values, hash };
  throw new LandfallError('sql.answer-unreadable', {
    what: `the publisher no longer shows the hash of ${login}'s password`,
    next: [`is the login still there? SELECT name FROM sys.sql_logins`],
  });
}
