import { Text, useInput } from 'ink';
import { afterEach, expect, test } from 'vitest';
import { chordOf } from '../../../src/tui/chord.ts';
import { strokesOf } from '../../../src/tui/strokes.ts';
import { type OpenTerminal, openTerminal } from '../../support/terminal.ts';

let terminal: OpenTerminal | undefined;
afterEach(() => terminal?.close());

/** The chords that come of bytes which arrive in one piece. */
async function heard(bytes: string): Promise<(string | undefined)[]> {
  const chords: (string | undefined)[] = [];
  function Ears() {
    useInput((input, key) => {
      for (const stroke of strokesOf(input, key)) chords.push(chordOf(stroke.input, stroke.key));
    });
    return <Text>ears</Text>;
  }
  terminal = await openTerminal({ columns: 40, rows: 5 });
  await terminal.mount(<Ears />);
  await terminal.paste(bytes);
  return chords;
}

test.each([
  ['two stages pressed quickly', '12', ['1', '2']],
  ['a name and enter in one piece', 'ab-1\r', ['a', 'b', '-', '1', 'enter']],
  ['capitals and marks', 'XG:?', ['X', 'G', ':', '?']],
  ['arrows between letters', 'j\u001B[Bk', ['j', 'down', 'k']],
  ['a correction', 'ab\u007Fc', ['a', 'b', 'backspace', 'c']],
  ['control keys after text', 'a\u0003', ['a', 'ctrl+c']],
  ['letters that take several code points', 'e\u0301👩‍🚒', ['e\u0301', '👩‍🚒']],
  ['one key', 'q', ['q']],
  ['one control key', '\u000C', ['ctrl+l']],
])('%s', async (_name, bytes, chords) => {
  expect(await heard(bytes)).toEqual(chords);
});
