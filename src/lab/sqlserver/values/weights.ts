/**
 * The double's own dictionary order for text, in three levels as SQL Server's collations have them: the letter itself, its
 * accent, its case. Punctuation comes before digits, digits before letters, letters of other scripts last.
 */
export interface Element {
  /** Units of the first level; each below U+D7FF, so that UTF-16 order is UTF-8 order. */
  readonly primary: string;
  /** Accents of the last unit, each followed by nothing; '' for none. */
  readonly accent: string;
  readonly upper: boolean;
}

const FIRST = 0x05;
/** Non-ASCII punctuation and symbols: this unit and two more. */
const SPECIAL = 0x70;
const DIGIT = 0x71;
const LETTER = 0x200;
const OTHER = 0x3000;
const ACCENT = 0x10;
const OWN_ACCENT = 0x400;

/** Letters that decompose in dictionaries, not in Unicode. */
const RELATED: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ß: 'ss',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ŧ: 't',
  ı: 'i',
  ŋ: 'n',
};

const two = (lead: number, code: number): string =>
  String.fromCharCode(lead + (code >> 12), 0x100 + (code & 0xfff));

const asciiPrimary = (code: number): number => {
  if (code >= 48 && code <= 57) return DIGIT + code - 48;
  if (code >= 97 && code <= 122) return LETTER + code - 97;
  if (code >= 65 && code <= 90) return LETTER + code - 65;
  return FIRST + (code < 48 ? code : code < 65 ? code - 10 : code < 97 ? code - 36 : code - 62);
};

/** First level of an ASCII character by its code. */
export const ASCII_PRIMARY: Uint16Array = Uint16Array.from({ length: 128 }, (_, code) => asciiPrimary(code));

const letters = (text: string): string =>
  String.fromCharCode(...Array.from(text, letter => ASCII_PRIMARY[letter.charCodeAt(0)] ?? 0));

const computed = (character: string): Element => {
  const code = character.codePointAt(0) ?? 0;
  if (code < 128) {
    return {
      primary: String.fromCharCode(asciiPrimary(code)),
      accent: '',
      upper: code >= 65 && code <= 90,
    };
  }
  if (/^[\p{P}\p{S}\p{N}\p{Z}\p{C}]$/u.test(character)) {
    return { primary: String.fromCharCode(SPECIAL) + two(OTHER, code), accent: '', upper: false };
  }
  const [base = character, ...marks] = Array.from(character.normalize('NFD'));
  const lowered = base.toLowerCase();
  const lower = Array.from(lowered).length === 1 ? lowered : base;
  const accent = marks.map(mark => accentOf(mark)).join('');
  const upper = lower !== base;
  if (lower >= 'a' && lower <= 'z' && lower.length === 1) return { primary: letters(lower), accent, upper };
  const related = RELATED[lower];
  if (related !== undefined) {
    const own = String.fromCharCode(OWN_ACCENT + (lower.codePointAt(0) ?? 0));
    return { primary: letters(related), accent: own + accent, upper };
  }
  return { primary: two(OTHER, lower.codePointAt(0) ?? 0), accent, upper };
};

const isMark = (code: number): boolean => code >= 0x300 && code <= 0x36f;

const accentOf = (mark: string): string => {
  const code = mark.codePointAt(0) ?? 0;
  return isMark(code) ? String.fromCharCode(ACCENT + code - 0x300) : two(OTHER, code);
};

const cache = new Map<string, Element>();

/** Weights of one character (one code point, or a surrogate that stands alone). */
export function elementOf(character: string): Element {
  let element = cache.get(character);
  if (element === undefined) {
    element = computed(character);
    // 64 K distinct characters are more than any text of the lab has; beyond that they are computed again.
    if (cache.size < 65_536) cache.set(character, element);
  }
  return element;
}

const END = '\u0001';
const PLAIN = '\u0002';
const UPPER = '\u0003';

/** Sort key of any text: equal exactly where the levels that count are equal. */
export function dictionaryKey(text: string, accents: boolean, cases: boolean): string {
  let primary = '';
  let secondary = '';
  let tertiary = '';
  let secondaryEnd = 0;
  let tertiaryEnd = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (isMark(code) && primary !== '') {
      // A combining mark belongs to the letter before it.
      secondary = `${secondary.slice(0, -1)}${accentOf(character)}${PLAIN}`;
      secondaryEnd = secondary.length - 1;
      continue;
    }
    const element = elementOf(character);
    primary += element.primary;
    secondary += element.accent + PLAIN;
    if (element.accent !== '') secondaryEnd = secondary.length - 1;
    tertiary += element.upper ? UPPER : PLAIN;
    if (element.upper) tertiaryEnd = tertiary.length;
  }
  const second = accents ? secondary.slice(0, secondaryEnd) : '';
  const third = cases ? tertiary.slice(0, tertiaryEnd) : '';
  if (third !== '') return primary + END + second + END + third;
  return second === '' ? primary : primary + END + second;
}
