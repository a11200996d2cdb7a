import { expect, test } from 'vitest';
import { createStyle } from '../../../src/cli/style.ts';
import { createTroubles } from '../../../src/cli/troubles.ts';
import { LandfallError } from '../../../src/foundation/errors.ts';

const trouble = (what: string) => new LandfallError('state.unwritable', { what, next: ['make room'] });

test('a trouble beside the evacuation is told when it comes, once, and after the drawing where something draws', () => {
  let err = '';
  const io = {
    err: (text: string) => {
      err += text;
    },
  };
  const said = (): string[] => err.match(/error: \w+/g) ?? [];
  const troubles = createTroubles(io, createStyle(false, true), false);
  troubles.tell(trouble('first'));
  troubles.tell(trouble('first'));
  expect(said()).toEqual(['error: first']);
  for (let index = 0; index < 1000; index += 1) troubles.tell(trouble(`again${index}`));
  expect(said()).toHaveLength(50);
  troubles.end();
  expect(said()).toHaveLength(50);

  err = '';
  const drawn = createTroubles(io, createStyle(false, true), true);
  drawn.tell(trouble('second'));
  expect(said()).toEqual([]);
  drawn.end();
  expect(said()).toEqual(['error: second']);
});
