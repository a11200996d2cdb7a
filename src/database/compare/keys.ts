import type { TableColumn } from '../../journal/database-facts.ts';
import type { Parameter } from '../../remote/sql/statement.ts';
import { canonical, isWide, kindOf, ofTable, restored } from './canonical.ts';
import type { Key, KeyRange } from './types.ts';

/** A column of the key as both sides see it; the order is the left server's, made with the left column's collation. */
export interface KeyColumn {
  readonly column: TableColumn;
  /** What a bound is made as, on both sides: the wider type of the two, with the left one's collation. */
  readonly bound: TableColumn;
  readonly descending: boolean;
  /** The column as it is compared: with the left one's collation where this side has another. */
  readonly compared: string;
}

export function keyColumn(
  left: TableColumn,
  own: TableColumn,
  bound: TableColumn,
  descending: boolean,
): KeyColumn {
  const name = ofTable(own);
  const foreign = left.collation !== undefined && own.collation !== left.collation;
  return {
    column: own,
    bound: left.collation === undefined ? bound : { ...bound, collation: left.collation },
    descending,
    compared: foreign ? `${name} COLLATE ${left.collation}` : name,
  };
}

/** A bound that was found on one side must be a value on the other one, too. */
export function wider(left: TableColumn, right: TableColumn): TableColumn {
  if (left.type === right.type && left.length === right.length) return left;
  if (kindOf(left) !== 'text') return longest(left, right);
  const [one, other] = [left, right].map(each => ({
    ...each,
    type: 'nvarchar',
    length: each.length < 0 || isWide(each) ? each.length : 2 * each.length,
  }));
  const national = one === undefined || other === undefined ? left : longest(one, other);
  if (isWide(left) || isWide(right)) return national;
  return { ...national, type: 'varchar', length: national.length < 0 ? -1 : national.length / 2 };
}

const longest = (left: TableColumn, right: TableColumn): TableColumn =>
  right.length === -1 || (left.length !== -1 && right.length >= left.length) ? right : left;

/** Bytes of a column of the key in a list, about. */
export function cellBytes(column: TableColumn): number {
  switch (kindOf(column)) {
    case 'integer':
      return column.length + 1;
    case 'guid':
      return 17;
    case 'text':
      return Math.min(column.length < 0 ? 60 : 2 * column.length, 60) / 2 + 4;
    default:
      return 24;
  }
}

export const orderBy = (key: readonly KeyColumn[]): string =>
  key.map(({ compared, descending }) => (descending ? `${compared} DESC` : compared)).join(', ');

/** The key's columns as canonical texts, called k0, k1 … */
export const keyTexts = (key: readonly KeyColumn[]): string =>
  key.map(({ column }, at) => `${canonical(column, ofTable(column))} AS k${at}`).join(', ');

/**
 * The key as it travels in long lists: as it is where the driver's value is exact (then `keyOf` makes the canonical
 * text of it), otherwise as canonical text, one byte a character where it is ASCII.
 */
export const keyCells = (key: readonly KeyColumn[]): string =>
  key
    .map(({ column }, at) => {
      const name = ofTable(column);
      const kind = kindOf(column);
      const cell =
        kind === 'guid' || kind === 'integer' || /^n(var)?char$/i.test(column.type)
          ? name
          : kind === 'text'
            ? canonical(column, ofTable(column))
            : `CONVERT(varchar(max), ${canonical(column, ofTable(column))})`;
      return `${cell} AS k${at}`;
    })
    .join(', ');

/**
 * Of a bigint in a range with two ends that are less than an int apart, what lists carry: the distance from the first end,
 * in half the bytes. Undefined for all other keys and ranges.
 */
export function nearKey(
  key: readonly KeyColumn[],
  { from, to }: KeyRange,
): { readonly base: bigint } | undefined {
  const [only, second] = key;
  if (only === undefined || second !== undefined || only.column.type.toLowerCase() !== 'bigint')
    return undefined;
  const [first, last] = [from?.[0], to?.[0]];
  if (first === undefined || last === undefined) return undefined;
  const base = BigInt(first);
  const distance = BigInt(last) - base;
  return distance >= 0n && distance < 2n ** 31n ? { base } : undefined;
}

/** The texts of one row's key cells. */
export const cellText = (cell: unknown): string =>
  typeof cell === 'boolean' ? (cell ? '1' : '0') : String(cell);

export interface Condition {
  /** T-SQL, `1 = 1` where the range has no end at all. */
  readonly sql: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
}

/** Rows of a range. The first column is bounded by itself as well: that is what an index can be searched with. */
export function inRange(key: readonly KeyColumn[], { from, to }: KeyRange): Condition {
  const parts = [
    ...(from === undefined ? [] : [beyond(key, 'f', true)]),
    ...(to === undefined ? [] : [beyond(key, 't', false)]),
  ];
  return {
    sql: parts.length === 0 ? '1 = 1' : parts.join('\n  AND '),
    parameters: { ...texts('f', from), ...texts('t', to) },
  };
}

/** After the key in the parameters @f0, @f1 …, or not after it. */
function beyond(key: readonly KeyColumn[], name: string, after: boolean): string {
  const values = key.map(({ bound }, at) => restored(bound, `@${name}${at}`));
  const operator = (at: number): string => ((key[at]?.descending ?? false) === after ? '<' : '>');
  const last = key.length - 1;
  const from = (at: number): string => {
    const { compared } = key[at] ?? { compared: '' };
    const value = values[at] ?? '';
    if (at === last) return `${compared} ${operator(at)}${after ? '' : '='} ${value}`;
    return `(${compared} ${operator(at)} ${value} OR (${compared} = ${value} AND ${from(at + 1)}))`;
  };
  const [first] = key;
  return last === 0 || first === undefined
    ? from(0)
    : `${first.compared} ${operator(0)}= ${values[0] ?? ''} AND ${from(0)}`;
}

const texts = (name: string, key: Key | undefined): Record<string, Parameter> =>
  Object.fromEntries((key ?? []).map((value, at) => [`${name}${at}`, { type: 'nvarchar', value } as const]));

export const isWhole = (column: TableColumn): boolean =>
  kindOf(column) === 'integer' && column.type.toLowerCase() !== 'bit';

/**
 * A number that spreads keys evenly and is the same on both servers. Whole numbers as they are: neighbours in the key
 * are no neighbours then. Otherwise three bytes of a hash of the key's texts.
 */
export function bucket(key: readonly KeyColumn[], buckets: string): string {
  const whole = key.filter(
    ({ column }) => kindOf(column) === 'integer' && column.type.toLowerCase() !== 'bit',
  );
  if (whole.length > 0) {
    const sum = whole.map(({ column }) => `CONVERT(bigint, ${ofTable(column)}) % ${buckets}`);
    return sum.length === 1 ? `CONVERT(int, ${sum[0]})` : `CONVERT(int, (${sum.join(' + ')}) % ${buckets})`;
  }
  const text = key.map(({ column }) => canonical(column, ofTable(column))).join(" + N';' + ");
  return `CONVERT(int, SUBSTRING(HASHBYTES('SHA2_256', ${text}), 1, 3)) % ${buckets}`;
}
