import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqlError } from '../../../../../src/lab/sqlserver/errors.ts';
import { Grammar } from '../../../../../src/lab/sqlserver/syntax/grammar/batch.ts';
import { parseBatch, parseParameters, splitName } from '../../../../../src/lab/sqlserver/syntax/parse.ts';
import { RESERVED_WORDS, SOFT_WORDS } from '../../../../../src/lab/sqlserver/syntax/words.ts';
import { BATCHES } from './batches.ts';

/** The number of the error, 0 for none; anything but a SqlError goes through. */
const numberOf = (read: () => unknown): number => {
  try {
    read();
    return 0;
  } catch (error) {
    if (error instanceof SqlError) return error.number;
    throw error;
  }
};

const WORD = /'(?:[^']|'')*'|\[[^\]]*\]|[\w@#$]+|\s+|[\s\S]/g;
const piece = fc.oneof(
  fc.constantFrom(...RESERVED_WORDS, ...SOFT_WORDS),
  fc.constantFrom(
    '(',
    ')',
    ',',
    '.',
    ';',
    '=',
    '*',
    '@a',
    "'",
    '[',
    '"',
    '1',
    "'x'",
    '::',
    ':',
    '/*',
    '--',
    '{',
    '\n',
    ' a ',
  ),
);

describe('whatever the text', () => {
  it('only SqlError comes out of random text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.boolean(), (text, quotedIdentifier) => {
        expect(numberOf(() => parseBatch(text, { quotedIdentifier }))).toBeGreaterThanOrEqual(0);
        expect(numberOf(() => parseParameters(text))).toBeGreaterThanOrEqual(0);
        expect(numberOf(() => splitName(text))).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  it('only SqlError comes out of random words', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), words => {
        expect(numberOf(() => parseBatch(words.join(' ')))).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 1500 },
    );
  });

  it('only SqlError comes out of batches with words lost, doubled, or put in', () => {
    const change = fc.record({
      at: fc.nat(),
      lost: fc.nat({ max: 3 }),
      put: fc.array(piece, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(BATCHES)),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (text, changes) => {
          const words = text.match(WORD) ?? [];
          for (const { at, lost, put } of changes)
            words.splice(at % words.length, lost, ...put.map(word => ` ${word} `));
          expect(numberOf(() => parseBatch(words.join('')))).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('every word that is not reserved is a name', () => {
    for (const word of SOFT_WORDS)
      expect(
        numberOf(() =>
          parseBatch(`select ${word}.${word}, ${word} as ${word} from ${word} as ${word} order by ${word}`),
        ),
        word,
      ).toBe(0);
  });

  it('no reserved word is a name', () => {
    const refused = RESERVED_WORDS.filter(word => numberOf(() => parseBatch(`select a as ${word}`)) === 0);
    expect(refused).toEqual([]);
  });
});

describe('deep and long texts', () => {
  const DEEP: Record<string, (levels: number) => string> = {
    parentheses: n => `select ${'('.repeat(n)}1${')'.repeat(n)}`,
    'conditions in parentheses': n => `select 1 where ${'('.repeat(n)}1=1${')'.repeat(n)}`,
    subqueries: n => `select ${'(select '.repeat(n)}1${')'.repeat(n)}`,
    EXISTS: n => `select 1${' where exists (select 1'.repeat(n)}${')'.repeat(n)}`,
    'derived tables': n => `select * from ${'(select * from '.repeat(n)}t${') x'.repeat(n)}`,
    CASE: n => `select ${'case when 1=1 then '.repeat(n)}1${' end'.repeat(n)}`,
    calls: n => `select ${'f('.repeat(n)}1${')'.repeat(n)}`,
    casts: n => `select ${'cast('.repeat(n)}1${' as int)'.repeat(n)}`,
    blocks: n => `${'begin '.repeat(n)}select 1${' end'.repeat(n)}`,
    loops: n => `${'while 1=1 '.repeat(n)}select 1`,
    joins: n => `select * from ${'t join ('.repeat(n)}a cross join b${') on 1=1'.repeat(n)}`,
    hints: n => `select 1 option ${'('.repeat(n)}a${')'.repeat(n)}`,
    options: n => `alter database d set a ${'(a '.repeat(n)}${')'.repeat(n)}`,
  };

  it.each(Object.entries(DEEP))('%s are read to 40 levels and refused with 191 at 10 000', (_, text) => {
    expect(numberOf(() => parseBatch(text(40)))).toBe(0);
    expect(numberOf(() => parseBatch(text(10_000)))).toBe(191);
  });

  it('open parentheses alone are a syntax error', () => {
    expect([102, 191]).toContain(numberOf(() => parseBatch(`select ${'('.repeat(100_000)}`)));
    expect(numberOf(() => parseBatch(')'.repeat(100_000)))).toBe(102);
  });

  it.each([
    ['signs', `select ${'- '.repeat(20_000)}1`],
    ['sums', `select 1${' + 1'.repeat(20_000)}`],
    ['unions', `select 1${' union select 1'.repeat(20_000)}`],
    ['joins', `select * from t${' cross join t'.repeat(20_000)}`],
    ['negations', `select 1 where ${'not '.repeat(20_000)} 1=1`],
    ['collations', `select a${' collate b'.repeat(20_000)}`],
  ])('a chain of 20 000 %s is refused with 191', (_, text) => {
    expect(numberOf(() => parseBatch(text))).toBe(191);
  });

  it('a chain of 20 000 conditions is a shallow tree', () => {
    const [statement] = parseBatch(`select 1 where a = 0${' or a = 1 and b = 2'.repeat(20_000)}`);
    const depth = (tree: unknown): number =>
      tree !== null && typeof tree === 'object' ? 1 + Math.max(0, ...Object.values(tree).map(depth)) : 0;
    expect(depth(statement)).toBeLessThan(60);
  });

  it('a long chain of ELSE IF is no nesting', () => {
    expect(parseBatch(`${'if 1=1 select 1 else '.repeat(300)} select 2`)).toHaveLength(1);
  });

  it('20 000 rows of VALUES are read', () => {
    expect(
      parseBatch(`insert t values ${Array.from({ length: 20_000 }, (_, i) => `(${i}, N'x')`).join(',')}`),
    ).toHaveLength(1);
  });
});

describe('the grammar', () => {
  it('has no choice that chevrotain finds ambiguous, no left recursion, no rule twice', () => {
    expect(() => new Grammar({ validate: true })).not.toThrow();
  });
});
