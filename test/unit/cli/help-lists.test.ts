import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wrap } from '../../../src/cli/help.ts';

it('a list within a text goes on below its own column', () => {
  expect(wrap('  once  one cycle of all that is due', 20)).toEqual([
    '  once  one cycle of',
    '        all that is',
    '        due',
  ]);
  expect(wrap('a b\n\nc', 20)).toEqual(['a b', '', 'c']);
});

it('no word is lost, whatever the text', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ a-z]{0,200}$/), text => {
      expect(wrap(text, 30).join(' ').split(/ +/).join(' ').trim()).toBe(text.split(/ +/).join(' ').trim());
    }),
  );
});
