/** What a terminal sends for the keys that have a name; anything else is sent as the text that it is. */
const NAMED: Readonly<Record<string, string>> = {
  enter: '\r',
  esc: '\u001B',
  tab: '\t',
  'shift+tab': '\u001B[Z',
  space: ' ',
  backspace: '\u007F',
  delete: '\u001B[3~',
  insert: '\u001B[2~',
  up: '\u001B[A',
  down: '\u001B[B',
  right: '\u001B[C',
  left: '\u001B[D',
  home: '\u001B[H',
  end: '\u001B[F',
  pageup: '\u001B[5~',
  pagedown: '\u001B[6~',
  pgup: '\u001B[5~',
  pgdn: '\u001B[6~',
};

const CONTROL = /^ctrl\+([a-z])$/;

/** 'enter', 'ctrl+c', 'up', …, or text to be typed: `press('a')`, `press('miami-to-dallas')`. */
export function keyBytes(key: string): string {
  const control = CONTROL.exec(key)?.[1];
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) - 96);
  return NAMED[key] ?? key;
}

/** One entry for each key stroke: a person types text one character at a time. */
export function strokes(keys: readonly string[]): string[] {
  return keys.flatMap(key => {
    const bytes = keyBytes(key);
    return bytes === key ? [...key] : [bytes];
  });
}
