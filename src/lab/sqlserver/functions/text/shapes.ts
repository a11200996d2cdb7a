import { SqlError } from '../../errors.ts';
import {
  collation,
  DEFAULT_COLLATION,
  type Length,
  nvarchar,
  type SqlType,
  SYSNAME,
  type Value,
  varchar,
} from '../../values/index.ts';
import { collationOf, floatArgument, intArgument, sized, stringType, textArgument } from '../arguments.ts';
import { type Constants, define, type Types } from '../define.ts';

/** Texts in another form: case, blanks, repetition, quotes. */

const same =
  (name: string) =>
  ([type]: Types): SqlType => {
    const text = stringType(type, 1, name);
    return sized(text.kind === 'nvarchar', text.length, text.collation);
  };

const simple = (name: string, apply: (text: string) => string, since?: number) =>
  define({
    name,
    count: 1,
    ...(since === undefined ? {} : { since }),
    type: same(name),
    evaluate: ([value = null], [type]) => apply(textArgument(value, type) ?? ''),
  });

/** One unit for one unit: a letter whose other case is longer stays. */
const eachUnit =
  (change: (text: string) => string) =>
  (text: string): string => {
    const changed = change(text);
    if (changed.length === text.length) return changed;
    return Array.from(text, unit => (change(unit).length === unit.length ? change(unit) : unit)).join('');
  };

const upper = simple(
  'upper',
  eachUnit(text => text.toUpperCase()),
);
const lower = simple(
  'lower',
  eachUnit(text => text.toLowerCase()),
);
const reverse = simple('reverse', text => Array.from(text).reverse().join(''));

const removing = (text: string, characters: string, start: boolean, end: boolean): string => {
  let from = 0;
  let to = text.length;
  if (start) while (from < to && characters.includes(text.charAt(from))) from++;
  if (end) while (to > from && characters.includes(text.charAt(to - 1))) to--;
  return text.slice(from, to);
};

/** With a second argument, the characters to take away: since 2022. */
const trimmer = (name: string, start: boolean, end: boolean, since?: number) =>
  define({
    name,
    count: [1, 2],
    ...(since === undefined ? {} : { since }),
    type: same(name),
    evaluate: ([value = null, characters], types, context) => {
      if (characters === undefined) return removing(textArgument(value, types[0]) ?? '', ' ', start, end);
      if (context.instance.product.release < 2022) {
        throw new SqlError(174, `The ${name} function requires 1 argument(s).`, {
          severity: 15,
          endsBatch: true,
        });
      }
      return removing(
        textArgument(value, types[0]) ?? '',
        textArgument(characters, types[1]) ?? '',
        start,
        end,
      );
    },
  });

const ltrim = trimmer('ltrim', true, false);
const rtrim = trimmer('rtrim', false, true);
const trim = simple('trim', text => removing(text, ' ', true, true), 2017);

const replicate = define({
  name: 'replicate',
  count: 2,
  type: ([type], constants: Constants) => {
    const text = stringType(type, 1, 'replicate');
    const count = constants[1];
    const wide = text.kind === 'nvarchar';
    const length: Length =
      text.length === 'max' ? 'max' : typeof count === 'number' ? text.length * count : wide ? 4000 : 8000;
    return sized(wide, length, text.collation);
  },
  evaluate: ([value = null, count = null], types) => {
    const times = intArgument(count, types[1]) ?? 0;
    if (times < 0) return null;
    const text = textArgument(value, types[0]) ?? '';
    const type = stringType(types[0], 1, 'replicate');
    if (type.length === 'max') return text.repeat(times);
    const most = type.kind === 'nvarchar' ? 4000 : 8000;
    return text.length === 0
      ? ''
      : text.repeat(Math.min(times, Math.ceil(most / text.length))).slice(0, most);
  },
});

const space = define({
  name: 'space',
  count: 1,
  type: varchar(8000),
  evaluate: ([count = null], [type]) => {
    const times = intArgument(count, type) ?? 0;
    return times < 0 ? null : ' '.repeat(Math.min(8000, times));
  },
});

const char = define({
  name: 'char',
  count: 1,
  type: { kind: 'char', length: 1, collation: DEFAULT_COLLATION },
  evaluate: ([value = null], [type]) => {
    const code = intArgument(value, type) ?? -1;
    return code < 0 || code > 255 ? null : collation(DEFAULT_COLLATION).decode(Uint8Array.of(code));
  },
});

const nchar = define({
  name: 'nchar',
  count: 1,
  type: { kind: 'nchar', length: 1, collation: DEFAULT_COLLATION },
  evaluate: ([value = null], [type]) => {
    const code = intArgument(value, type) ?? -1;
    return code < 0 || code > 65_535 ? null : String.fromCharCode(code);
  },
});

const str = define({
  name: 'str',
  count: [1, 3],
  type: (_types, [, length]) =>
    varchar(typeof length === 'number' && length > 0 ? Math.min(8000, length) : 10),
  evaluate: ([value = null, width = 10, decimals = 0], types) => {
    const number = floatArgument(value, types[0]) ?? 0;
    const length = intArgument(width, types[1] ?? { kind: 'int' }) ?? 10;
    const places = Math.min(16, intArgument(decimals, types[2] ?? { kind: 'int' }) ?? 0);
    if (length < 0 || places < 0 || length > 8000) return null;
    const rounded = (digits: number): string => halfAway(number, digits);
    const whole = rounded(0);
    if (whole.length > length) return '*'.repeat(length);
    const room = Math.max(0, Math.min(places, length - whole.length - 1));
    return rounded(room).padStart(length);
  },
});

/** toFixed rounds the exact binary value; STR rounds the decimal digits, halves away from zero. */
function halfAway(value: number, digits: number): string {
  const shifted = Number(`${Math.abs(value)}e${digits}`);
  if (!Number.isFinite(shifted) || shifted > 1e15) return value.toFixed(digits);
  const text = Number(`${Math.round(shifted)}e${-digits}`).toFixed(digits);
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

const QUOTES: Readonly<Record<string, readonly [open: string, close: string]>> = {
  '[': ['[', ']'],
  ']': ['[', ']'],
  '(': ['(', ')'],
  ')': ['(', ')'],
  '<': ['<', '>'],
  '>': ['<', '>'],
  '{': ['{', '}'],
  '}': ['{', '}'],
  "'": ["'", "'"],
  '"': ['"', '"'],
  '`': ['`', '`'],
};

const quotename = define({
  name: 'quotename',
  count: [1, 2],
  type: nvarchar(258),
  evaluate: ([value = null, mark = '['], types) => {
    const text = textArgument(value, types[0]) ?? '';
    const quotes = QUOTES[textArgument(mark, types[1]) ?? '['];
    if (text.length > 128 || quotes === undefined) return null;
    const [open, close] = quotes;
    return open + text.replaceAll(close, close + close) + close;
  },
});

/** Parts of `a.[b c].d` from the right; undefined for what is no name. */
function nameParts(text: string): readonly string[] | undefined {
  const parts: string[] = [];
  const pattern = /(?:\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^.[\]"]*))(\.|$)/y;
  while (pattern.lastIndex <= text.length) {
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const [, square, double, plain, separator] = match;
    parts.unshift(square?.replaceAll(']]', ']') ?? double?.replaceAll('""', '"') ?? plain ?? '');
    if (separator === '') break;
  }
  return parts;
}

const parsename = define({
  name: 'parsename',
  count: 2,
  type: SYSNAME,
  evaluate: ([value = null, place = null], types) => {
    const parts = nameParts(textArgument(value, types[0]) ?? '');
    const index = intArgument(place, types[1]) ?? 0;
    if (parts === undefined || parts.length > 4 || index < 1 || index > 4) return null;
    return parts[index - 1] || null;
  },
});

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

const stringEscape = define({
  name: 'string_escape',
  count: 2,
  since: 2016,
  type: nvarchar('max'),
  evaluate: ([value = null, kind = null], types) => {
    if ((textArgument(kind, types[1]) ?? '').toLowerCase() !== 'json') {
      throw new SqlError(13_618, `An invalid value was specified for argument 2 of "string_escape".`);
    }
    return (textArgument(value, types[0]) ?? '').replace(
      /["\\/\u0000-\u001f]/g,
      unit => ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  },
});

const concatType = (types: Types, name: string): SqlType => {
  let length: Length = 0;
  const texts = types.map((type, place) => stringType(type, place + 1, name));
  for (const text of texts) length = length === 'max' || text.length === 'max' ? 'max' : length + text.length;
  return sized(
    texts.some(text => text.kind === 'nvarchar'),
    length,
    collationOf(types).name,
  );
};

const limit = (text: string, type: SqlType): string =>
  'length' in type && type.length !== 'max' ? text.slice(0, type.length) : text;

const textOrNothing = (value: Value, type: SqlType | undefined): string => textArgument(value, type) ?? '';

const concat = define({
  name: 'concat',
  count: [2, 254],
  takesNull: true,
  type: types => concatType(types, 'concat'),
  evaluate: (values, types) => {
    let text = '';
    // Called for every row of a comparison, with every column of it.
    for (let place = 0; place < values.length; place += 1) {
      const value = values[place] ?? null;
      if (typeof value === 'string') text += value;
      else if (value !== null) text += textOrNothing(value, types[place]);
    }
    return text.length > 4000 ? limit(text, concatType(types, 'concat')) : text;
  },
});

const concatWs = define({
  name: 'concat_ws',
  count: [3, 254],
  since: 2017,
  takesNull: true,
  type: types => {
    const [separator, ...rest] = types;
    return concatType(
      rest.flatMap((type, place) => (place === 0 ? [type] : [separator, type])),
      'concat_ws',
    );
  },
  evaluate: ([separator = null, ...values], [separatorType, ...types]) => {
    const parts: string[] = [];
    for (const [place, value] of values.entries()) {
      if (value !== null) parts.push(textOrNothing(value, types[place]));
    }
    const text = parts.join(textOrNothing(separator, separatorType));
    if (text.length <= 4000) return text;
    const all = types.flatMap((type, place) => (place === 0 ? [type] : [separatorType, type]));
    return limit(text, concatType(all, 'concat_ws'));
  },
});

export const SHAPES = [
  upper,
  lower,
  reverse,
  ltrim,
  rtrim,
  trim,
  replicate,
  space,
  char,
  nchar,
  str,
  quotename,
  parsename,
  stringEscape,
  concat,
  concatWs,
];
