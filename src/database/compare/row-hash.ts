import type { TableColumn } from '../../journal/database-facts.ts';
import { canonical, isWide, kindOf, ofTable, widthOf } from './canonical.ts';

/**
 * The hash of a row: SHA2_256 over one text that no other row has. Values whose canonical text never contains `;` or
 * `~` are ended by `;`; all others carry their length in front; NULL is `~`. So no value can pass for another one, for
 * two, or for NULL.
 */

/** `any`: HASHBYTES takes any length, from SQL Server 2016 on. `8000`: older ones take 8 000 bytes (facts 5.3). */
export type HashInput = 'any' | '8000';

/** Characters of nvarchar that can be concatenated without `max`, and that HASHBYTES takes everywhere. */
const SHORT = 4_000;
/** Where a collation counts surrogate pairs as one, so many characters are 8 000 bytes. */
const TEXT_PART = 2_000;
/** A length in bytes and a colon. */
const PREFIX = 12;
const DIGEST = 66;
/** Four sums of up to 38 digits with their signs, and what is between them. */
const SUMS = 160;

interface Piece {
  readonly sql: string;
  readonly width: number | 'max';
}

/** T-SQL: varbinary(32) of the columns' values, the same on every server with the same values. */
export function rowHash(columns: readonly TableColumn[], input: HashInput): string {
  const pieces = columns.map(column => pieceOf(column, input));
  if (input === 'any' || widthOfAll(pieces) !== 'max') return digest(concatenated(pieces));
  const groups = grouped(pieces);
  const [only] = groups;
  if (groups.length === 1 && only !== undefined) return digest(concatenated(only));
  return `HASHBYTES('SHA2_256', ${groups.map(group => digest(concatenated(group))).join('\n  + ')})`;
}

const digest = (text: string): string => `HASHBYTES('SHA2_256', ${text})`;

function pieceOf(column: TableColumn, input: HashInput): Piece {
  const name = ofTable(column);
  const orNull = (sql: string, width: number | 'max'): Piece => ({
    sql: column.nullable ? `ISNULL(${sql}, N'~')` : sql,
    width: width === 'max' ? 'max' : width + 1,
  });
  const sized = (length: string, text: string, width: number | 'max'): Piece => {
    const whole = width === 'max' || width + PREFIX >= SHORT;
    return orNull(
      `CONVERT(nvarchar(${whole ? 'max' : PREFIX}), ${length}) + N':' + ${text}`,
      whole ? 'max' : width + PREFIX,
    );
  };
  const width = widthOf(column);
  switch (kindOf(column)) {
    case 'integer':
    case 'decimal':
    case 'money':
    case 'time':
    case 'guid':
      return orNull(canonical(column, ofTable(column)), width);
    case 'float':
      // Style 3 is as old as HASHBYTES of any length is; the eight bytes themselves are as exact.
      return input === 'any'
        ? orNull(canonical(column, ofTable(column)), width)
        : orNull(`CONVERT(nvarchar(18), CONVERT(varbinary(8), ${name}), 1)`, 18);
    case 'binary':
      if (width !== 'max') return orNull(canonical(column, ofTable(column)), width);
      return digested(column, `CONVERT(varbinary(max), ${name})`, 8_000, input, orNull);
    case 'clr':
      return digested(column, `CONVERT(varbinary(max), ${name})`, 8_000, input, orNull);
    case 'text': {
      const text = canonical(column, ofTable(column));
      if (input === '8000' && (width === 'max' || width + PREFIX >= SHORT))
        return digested(column, text, TEXT_PART, input, orNull);
      return sized(`DATALENGTH(${isWide(column) ? name : text})`, text, width);
    }
    case 'xml':
    case 'variant': {
      const text = canonical(column, ofTable(column));
      return input === '8000'
        ? digested(column, text, TEXT_PART, input, orNull)
        : sized(`DATALENGTH(${text})`, text, 'max');
    }
  }
}

/** Length and hash instead of the value: as strong as the hash of the row, and a large value is not copied as text. */
function digested(
  column: TableColumn,
  value: string,
  most: number,
  input: HashInput,
  orNull: (sql: string, width: number) => Piece,
): Piece {
  const width = widthOf(column);
  const short = input === 'any' || (width !== 'max' && width <= most);
  const hash = short
    ? `CONVERT(nvarchar(${DIGEST}), ${digest(value)}, 1)`
    : `CONVERT(nvarchar(${SUMS}), ${inParts(value, most)})`;
  return orNull(
    `CONVERT(nvarchar(${PREFIX}), DATALENGTH(${value})) + N':' + ${hash}`,
    PREFIX + (short ? DIGEST : SUMS),
  );
}

/**
 * Of a value of any length, for servers that hash no more than 8 000 bytes: the hash of each part with its place, and of
 * these the sums of all 32 bytes. The numbers of the parts are made digit by digit, no further than the value reaches.
 */
function inParts(value: string, most: number): string {
  const digits = '(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))';
  const from = STEPS.map((step, at) => {
    const number = at === 0 ? 'x.d' : `10 * p${at - 1}.n + x.d`;
    const within = `CONVERT(bigint, ${number}) * ${step * most} <= DATALENGTH(${value})`;
    return `(SELECT ${number} AS n FROM ${digits} AS x (d) WHERE ${within}) AS p${at}`;
  });
  const last = `p${STEPS.length - 1}.n`;
  const sums = [1, 9, 17, 25].map(
    at => `SUM(CONVERT(decimal(38, 0), CONVERT(bigint, SUBSTRING(q.h, ${at}, 8))))`,
  );
  return `(SELECT CONCAT(${sums.join(", N'/', ")})
    FROM (SELECT ${digest(`CONVERT(varbinary(4), ${last}) + ${digest(`SUBSTRING(${value}, ${most} * ${last} + 1, ${most})`)}`)} AS h
    FROM ${from.join('\n    CROSS APPLY ')}) AS q)`;
}

/** Six digits: eight thousand million bytes are more than any value has. */
const STEPS = [100_000, 10_000, 1_000, 100, 10, 1];

const widthOfAll = (pieces: readonly Piece[]): number | 'max' => {
  let sum = 0;
  for (const { width } of pieces) {
    if (width === 'max') return 'max';
    sum += width;
  }
  return sum > SHORT ? 'max' : sum;
};

const concatenated = (pieces: readonly Piece[]): string => {
  // Without a first one that is max, a text of short ones is cut at 8 000 bytes, silently.
  const max = widthOfAll(pieces) === 'max' ? ["CONVERT(nvarchar(max), N'')"] : [];
  const parts = pieces.map(({ sql }) => `${sql}, N';'`);
  if (parts.length <= MOST_PARTS) return `CONCAT(${[...max, ...parts].join(',\n  ')})`;
  const rest: string[] = [];
  for (let at = 0; at < parts.length; at += MOST_PARTS)
    rest.push(`CONCAT(${[...max, ...parts.slice(at, at + MOST_PARTS)].join(',\n  ')})`);
  return rest.join('\n  + ');
};

/** CONCAT takes 254 arguments: two a column, and the first. */
const MOST_PARTS = 120;

/** Groups of no more than SHORT characters each. */
function grouped(pieces: readonly Piece[]): Piece[][] {
  const groups: Piece[][] = [];
  let left = 0;
  for (const piece of pieces) {
    const width = piece.width === 'max' ? SHORT : piece.width;
    if (width > left) {
      groups.push([]);
      left = SHORT;
    }
    groups.at(-1)?.push(piece);
    left -= width;
  }
  return groups;
}
