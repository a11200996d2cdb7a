import type { Key } from 'ink';

/** One press as `useInput` tells it. */
export interface Stroke {
  readonly input: string;
  readonly key: Key;
}

/**
 * The single presses in what the terminal sent at once. Over a slow line several arrive together, and Ink hands them on
 * as one text; pasted text does not come this way, so each of its characters is a key of its own.
 */
export function strokesOf(input: string, key: Key): Stroke[] {
  const letters = [...new Intl.Segmenter().segment(input)].map(each => each.segment);
  const isNamed = Object.values(key).some(value => value === true);
  if (letters.length < 2 || (isNamed && !key.shift)) return [{ input, key }];
  return letters.map(letter => strokeOf(letter, key));
}

/** `plain` is a key without names: what Ink says of text. */
function strokeOf(letter: string, plain: Key): Stroke {
  const none: Key = { ...plain, shift: false };
  switch (letter) {
    case '\r':
    case '\n':
    case '\r\n':
      return { input: letter, key: { ...none, return: true } };
    case '\t':
      return { input: letter, key: { ...none, tab: true } };
    case '\u007F':
    case '\b':
      return { input: '', key: { ...none, backspace: true } };
    case '\u001B':
      return { input: '', key: { ...none, escape: true } };
  }
  const code = letter.charCodeAt(0);
  if (letter.length === 1 && code >= 1 && code <= 26) {
    return { input: String.fromCharCode(code + 96), key: { ...none, ctrl: true } };
  }
  return { input: letter, key: { ...none, shift: /^[A-Z]$/.test(letter) } };
}
