import { SqlError } from '../../errors.ts';
import { type Collation, type Length, patternIndex, type SqlType } from '../../values/index.ts';
import {
  collationOf,
  counted,
  countType,
  intArgument,
  isWideType,
  sized,
  stringType,
  textArgument,
} from '../arguments.ts';
import { define, type Types } from '../define.ts';

/** Finding and replacing under a collation. */

const charindex = define({
  name: 'charindex',
  count: [2, 3],
  type: ([, type]) => countType(type),
  evaluate: ([wanted = null, value = null, start = 1], types) => {
    const collation = collationOf([types[1], types[0]]);
    const text = collation.fold(textArgument(value, types[1]) ?? '');
    const find = collation.fold(textArgument(wanted, types[0]) ?? '');
    const from = Math.max(1, typeof start === 'number' ? start : (intArgument(start, types[2]) ?? 1));
    return counted(find === '' ? 0 : text.indexOf(find, from - 1) + 1, types[1]);
  },
});

interface KnownPattern {
  readonly pattern: string;
  readonly collation: Collation;
  readonly find: (text: string) => number;
}

let last: KnownPattern | undefined;

/** The pattern of the row before is mostly the pattern of this row. */
function finder(pattern: string, collation: Collation): (text: string) => number {
  if (last?.pattern !== pattern || last.collation !== collation) {
    last = { pattern, collation, find: patternIndex(pattern, collation) };
  }
  return last.find;
}

const patindex = define({
  name: 'patindex',
  count: 2,
  type: ([, type]) => countType(type),
  evaluate: ([pattern = null, value = null], types) => {
    const find = finder(textArgument(pattern, types[0]) ?? '', collationOf([types[1], types[0]]));
    return counted(find(textArgument(value, types[1]) ?? ''), types[1]);
  },
});

/** nvarchar where any is, max where any is, else the longest that the type can be. */
function widest(types: Types, name: string): SqlType {
  const texts = types.map((type, place) => stringType(type, place + 1, name));
  const wide = types.some(isWideType);
  const max = texts.some(text => text.length === 'max');
  const length: Length = max ? 'max' : wide ? 4000 : 8000;
  return sized(wide, length, texts[0]?.collation ?? '');
}

const cut = (text: string, type: SqlType): string =>
  'length' in type && type.length !== 'max' && text.length > type.length ? text.slice(0, type.length) : text;

function replaceAll(text: string, find: string, by: string, collation: Collation): string {
  if (find === '') return text;
  const folded = collation.fold(text);
  const wanted = collation.fold(find);
  let result = '';
  let from = 0;
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, from)) {
    result += text.slice(from, at) + by;
    from = at + wanted.length;
  }
  return from === 0 ? text : result + text.slice(from);
}

const replace = define({
  name: 'replace',
  count: 3,
  type: types => widest(types, 'replace'),
  evaluate: ([value = null, wanted = null, by = null], types) => {
    const [text = '', find = '', other = ''] = [value, wanted, by].map(
      (each, place) => textArgument(each, types[place]) ?? '',
    );
    const result = replaceAll(text, find, other, collationOf(types));
    return result.length > 4000 ? cut(result, widest(types, 'replace')) : result;
  },
});

const translate = define({
  name: 'translate',
  count: 3,
  since: 2017,
  type: types => widest(types.slice(0, 1), 'translate'),
  evaluate: ([value = null, from = null, to = null], types) => {
    const [text = '', characters = '', others = ''] = [value, from, to].map(
      (each, place) => textArgument(each, types[place]) ?? '',
    );
    if (characters.length !== others.length) {
      throw new SqlError(
        9828,
        'The second and third arguments of the TRANSLATE built-in function must contain an equal number of characters.',
      );
    }
    const collation = collationOf(types);
    const folded = collation.fold(characters);
    const source = collation.fold(text);
    let result = '';
    for (let at = 0; at < text.length; at++) {
      const place = folded.indexOf(source.charAt(at));
      result += place < 0 ? text.charAt(at) : others.charAt(place);
    }
    return result;
  },
});

export const SEARCHES = [charindex, patindex, replace, translate];
