import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote, simpleWords } from '../../../../src/lab/hosts/shell-words.ts';

const word = fc.string({ unit: 'grapheme-composite', maxLength: 20 }).filter(text => !text.includes('\0'));

test('quoted words come back as they were', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), words => {
      fc.pre(words[0] !== undefined && !words[0].startsWith('='));
      expect(simpleWords(words.map(quote).join(' '))).toEqual(words);
    }),
  );
});

test('what is called a plain command means the same to a real sh', () => {
  const piece = fc.constantFrom(
    'a',
    ' ',
    "'x y'",
    '"q r"',
    '\\ ',
    '\\\\',
    '-n',
    '/etc/x',
    '=',
    'ü',
    '"',
    "'",
    '$',
    '*',
    ';',
    '\n',
    '%',
  );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), pieces => {
      const words = simpleWords(`cmd ${pieces.join('')}`);
      fc.pre(words !== undefined);
      const script = `cmd() { for w do printf '%s\\0' "$w"; done; }; cmd ${pieces.join('')}`;
      const said = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
      expect(words).toEqual(['cmd', ...said]);
    }),
    { numRuns: 150 },
  );
});

test.each([
  'a; b',
  'a | b',
  'a > f',
  'X=1 a',
  'a $HOME',
  'a `b`',
  'a "$b"',
  'a &',
  '(a)',
  'a\nb',
  "a 'open",
  '',
  '  ',
  'a *',
  'a ~',
])('%j needs a shell', line => {
  expect(simpleWords(line)).toBeUndefined();
});
