import { clash, needsConvert, notConvertible } from './faults.ts';
import { typeName } from './names.ts';
import type { SqlType, TypeKind } from './types.ts';

/** Which conversions SQL Server makes by itself (I), only when asked (E), and never (N). */

type Group =
  | 'exact'
  | 'money'
  | 'float'
  | 'string'
  | 'wide'
  | 'binary'
  | 'datetime'
  | 'date'
  | 'time'
  | 'moment'
  | 'guid'
  | 'version'
  | 'text'
  | 'ntext'
  | 'image'
  | 'xml'
  | 'variant';

const GROUPS: Readonly<Record<TypeKind, Group>> = {
  bit: 'exact',
  tinyint: 'exact',
  smallint: 'exact',
  int: 'exact',
  bigint: 'exact',
  decimal: 'exact',
  numeric: 'exact',
  money: 'money',
  smallmoney: 'money',
  real: 'float',
  float: 'float',
  char: 'string',
  varchar: 'string',
  nchar: 'wide',
  nvarchar: 'wide',
  text: 'text',
  ntext: 'ntext',
  binary: 'binary',
  varbinary: 'binary',
  image: 'image',
  rowversion: 'version',
  xml: 'xml',
  uniqueidentifier: 'guid',
  sql_variant: 'variant',
  date: 'date',
  datetime: 'datetime',
  smalldatetime: 'datetime',
  time: 'time',
  datetime2: 'moment',
  datetimeoffset: 'moment',
};

const ORDER: readonly Group[] = [
  'exact',
  'money',
  'float',
  'string',
  'wide',
  'binary',
  'datetime',
  'date',
  'time',
  'moment',
  'guid',
  'version',
  'text',
  'ntext',
  'image',
  'xml',
  'variant',
];

/** One letter for each target in the order above. */
const RULES: Readonly<Record<Group, string>> = {
  //         x m f s w b D d t M g v T N i X V
  exact: '   I I I I I I I N N N N I N N N N I',
  money: '   I I I E E I I N N N N I N N N N I',
  float: '   I I I I I I I N N N N N N N N N I',
  string: '  I I I I I E I I I I I E I I I I I',
  wide: '    I I I I I E I I I I I E I I N I I',
  binary: '  I I N I I I I E E E I I N N I I I',
  datetime: 'E E E I I E I I I I N E N N N N I',
  date: '    N N N I I E I I N I N N N N N N I',
  time: '    N N N I I E I N I I N N N N N N I',
  moment: '  N N N I I E I I I I N N N N N N I',
  guid: '    N N N I I I N N N N I N N N N N I',
  version: ' I I N I N I I N N N N I N N I N N',
  text: '    N N N I I N N N N N N N I I N I N',
  ntext: '   N N N E I N N N N N N N I I N I N',
  image: '   N N N N N I N N N N N I N N I N N',
  xml: '     N N N E E E N N N N N N N N N I N',
  variant: ' E E E E E E E E E E E N N N N N I',
};

export type Permission = 'I' | 'E' | 'N';

const LETTERS: ReadonlyMap<Group, ReadonlyMap<Group, string>> = new Map(
  ORDER.map(from => {
    const letters = RULES[from].replaceAll(' ', '');
    return [from, new Map(ORDER.map((to, place) => [to, letters.charAt(place)]))];
  }),
);

export function permission(from: SqlType, to: SqlType): Permission {
  const letter = LETTERS.get(GROUPS[from.kind])?.get(GROUPS[to.kind]);
  return letter === 'I' || letter === 'E' ? letter : 'N';
}

/** @throws SqlError 529 */
export function demandExplicit(from: SqlType, to: SqlType): void {
  if (permission(from, to) === 'N') throw notConvertible(typeName(from), typeName(to));
}

/** @throws SqlError 206, 257 */
export function demandImplicit(from: SqlType, to: SqlType): void {
  const allowed = permission(from, to);
  if (allowed === 'N') throw clash(typeName(from), typeName(to));
  if (allowed === 'E') throw needsConvert(typeName(from), typeName(to));
}
