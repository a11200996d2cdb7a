import { identifier } from '../../remote/sql/quote.ts';
import type { DatabaseRef } from '../names.ts';
import type { Comparison } from './compare.ts';
import { optionText } from './compare-database.ts';
import type { DatabaseFacts } from './facts.ts';
import { type Phrase, written } from './phrase.ts';
import { phrasesFor } from './phrases.ts';
import type { Saying, Wanted } from './wanted.ts';

/** A place that T-SQL refuses: a script with it cannot be run by accident. */
const NOTE = '‹hash of the password, in the kept script only›';

export interface ScriptOptions {
  readonly ref: Pick<DatabaseRef, 'copy' | 'publisher' | 'subscriber'>;
  readonly comparison: Comparison;
  /** Options of production, for what the hand-over sets. */
  readonly source?: DatabaseFacts;
  /** Hashes by login name, lower case; a script that anybody may see is made without. */
  readonly hashes?: ReadonlyMap<string, string>;
}

/** What makes the server of the copy a home for the application, as a DBA reads and runs it. */
export function besidesScript({ ref, comparison, source, hashes }: ScriptOptions): string {
  const phrases = phrasesFor(ref);
  const lines = [
    `-- What replication does not bring: from ${ref.publisher} to ${ref.subscriber}, database ${ref.copy}.`,
    '-- To be run on the server of the copy. Each part can be run again.',
    hashes === undefined
      ? '-- Hashes of passwords are left out here; the script in the directory of the evacuation has them.'
      : '-- This text holds hashes of passwords: it is for nobody but a DBA.',
    '',
  ];
  const part = (title: string, wanted: readonly Wanted[]): void => {
    if (wanted.length === 0) return;
    lines.push(`-- ===== ${title} =====`);
    let place = '';
    for (const each of wanted)
      for (const saying of each.sayings) {
        const phrase: Phrase = phrases[saying.phrase];
        if (phrase.database !== place) lines.push(`USE ${identifier(phrase.database)};`, 'GO');
        place = phrase.database;
        lines.push(writtenSaying(phrase, saying, hashes), 'GO');
      }
    lines.push('');
  };
  const of = (when: Wanted['when']): Wanted[] => comparison.wanted.filter(each => each.when === when);
  part('safe at any time: the copy only follows', of('before'));
  part('at the hand-over', of('handover'));
  const options = comparison.items.filter(
    ({ kind, status }) => kind === 'database-option' && status === 'different',
  );
  if (options.length > 0 && source !== undefined) {
    lines.push(
      '-- ===== at the hand-over: options of the database, before users come =====',
      'USE [master];',
      'GO',
    );
    for (const { name } of options) {
      const value = source.options.find(each => each.name === name)?.value ?? '';
      lines.push(optionText(ref.copy, name, value), 'GO');
    }
    lines.push('');
  }
  const people = of('by-hand');
  if (people.length > 0) {
    lines.push('-- ===== by hand: fill in what stands in ‹›, then run =====');
    for (const { item, command } of people)
      lines.push(`-- ${oneLine(item)}`, ...(command ?? '').split('\n').map(line => `--   ${line}`));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function writtenSaying(phrase: Phrase, saying: Saying, hashes?: ReadonlyMap<string, string>): string {
  if (saying.hashOf === undefined) return written(phrase, saying.values);
  const hash = hashes?.get(saying.hashOf.toLowerCase());
  // The note goes where the hash would stand: through a value that no text of a server can be.
  return written(phrase, { ...saying.values, hash: hash ?? '0x00' }).replace(
    hash === undefined ? 'PASSWORD = 0x00 HASHED' : '\u0000',
    () => `PASSWORD = ${NOTE} HASHED`,
  );
}

/** A name of a server may hold a line break; a comment must not end there. */
const oneLine = (text: string): string => text.replaceAll(/[\r\n\u0085\u2028\u2029]+/g, ' ');
