/** Random T-SQL from a seed: most of it is well-formed, much of it wrong, none of it waits or ends the server. */

export interface Dice {
  /** 0 ≤ n < sides */
  roll(sides: number): number;
  pick<T>(list: readonly T[]): T;
}

/** The same numbers for the same seed. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const roll = (sides: number): number => Math.floor(next() * sides);
  return {
    roll,
    pick: list => {
      const found = list[roll(list.length)];
      if (found === undefined) throw new Error('nothing to pick from');
      return found;
    },
  };
}

const TYPES = [
  ...['int', 'bigint', 'tinyint', 'bit', 'decimal(38,10)', 'decimal(5,2)', 'money', 'float', 'real', 'date'],
  ...['datetime', 'datetime2(7)', 'time(3)', 'datetimeoffset', 'varchar(5)', 'nvarchar(max)', 'char(3)'],
  ...['varbinary(8)', 'uniqueidentifier', 'sql_variant', 'xml', 'varchar', 'nothing'],
];
const LITERALS = [
  ...['0', '1', '-1', '2147483647', '9999999999', '1.5', '.5', '1e308', '0x', '0x0102', 'NULL', "''", "'a'"],
  ...[
    "N'ž'",
    "'2026-02-30'",
    "'2026-01-01'",
    "'12'",
    '$1.5',
    '@v',
    '@undeclared',
    'DEFAULT',
    '*',
    'a',
    'b',
    'c',
  ],
  ...['t.a', 'x.y', '[a]', '"b"', '@@ROWCOUNT', '@@nothing', '(SELECT 1)', '(SELECT a FROM dbo.t)'],
];
const OPERATORS = ['+', '-', '*', '/', '%', '&', '|', '^'];
const COMPARISONS = ['=', '<>', '<', '>=', 'LIKE', 'NOT LIKE'];
const FUNCTIONS = [
  ...[
    'LEN',
    'SUBSTRING',
    'REPLACE',
    'CHARINDEX',
    'ISNULL',
    'COALESCE',
    'NULLIF',
    'ABS',
    'ROUND',
    'POWER',
    'SQRT',
  ],
  ...[
    'DATEADD',
    'DATEDIFF',
    'EOMONTH',
    'CONCAT',
    'STUFF',
    'REPLICATE',
    'LEFT',
    'UPPER',
    'HASHBYTES',
    'CHECKSUM',
  ],
  ...[
    'OBJECT_ID',
    'JSON_VALUE',
    'STRING_AGG',
    'COUNT',
    'SUM',
    'MAX',
    'FORMAT',
    'NEWID',
    'IIF',
    'CHOOSE',
    'nothing',
  ],
  ...['SERVERPROPERTY', 'SCOPE_IDENTITY', 'QUOTENAME', 'PARSENAME', 'DATEFROMPARTS', 'STR', 'LOG', 'SIGN'],
];
const NOISE = [
  'SELECT',
  'FROM',
  '(',
  ')',
  ',',
  ';',
  "'",
  '[',
  'WHERE',
  'END',
  'BEGIN',
  '@',
  '#',
  '--',
  '/*',
  '%',
  '😀',
];

export class Statements {
  readonly #dice: Dice;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** A batch of some statements; one in ten has a token too much or too little. */
  batch(): string {
    const { roll } = this.#dice;
    const parts = Array.from({ length: 1 + roll(3) }, () => this.#statement(2));
    const text = `DECLARE @v ${this.#dice.pick(TYPES)} = ${this.#dice.pick(LITERALS)}; ${parts.join('; ')}`;
    if (roll(10) > 0) return text;
    const words = text.split(' ');
    words.splice(roll(words.length), roll(2), this.#dice.pick(NOISE));
    return words.join(' ');
  }

  #expression(depth: number): string {
    const { roll, pick } = this.#dice;
    if (depth <= 0) return pick(LITERALS);
    const inner = (): string => this.#expression(depth - 1);
    switch (roll(8)) {
      case 0:
        return `(${inner()} ${pick(OPERATORS)} ${inner()})`;
      case 1:
        return `${pick(FUNCTIONS)}(${Array.from({ length: roll(4) }, inner).join(', ')})`;
      case 2:
        return `${pick(['CAST', 'TRY_CAST'])}(${inner()} AS ${pick(TYPES)})`;
      case 3:
        return `CASE WHEN ${this.#condition(depth - 1)} THEN ${inner()} ELSE ${inner()} END`;
      case 4:
        return `CONVERT(${pick(TYPES)}, ${inner()}, ${pick(['0', '1', '2', '101', '121', '126', '999'])})`;
      case 5:
        return `(SELECT TOP (1) ${inner()} FROM dbo.t WHERE ${this.#condition(depth - 1)})`;
      case 6:
        return `${pick(['ROW_NUMBER()', 'SUM(a)', 'LAG(a)', 'COUNT(*)'])} OVER (ORDER BY ${inner()})`;
      default:
        return pick(LITERALS);
    }
  }

  #condition(depth: number): string {
    const { roll, pick } = this.#dice;
    const value = (): string => this.#expression(depth - 1);
    switch (roll(6)) {
      case 0:
        return `${value()} IS ${pick(['', 'NOT '])}NULL`;
      case 1:
        return `${value()} ${pick(['', 'NOT '])}IN (${value()}, ${value()})`;
      case 2:
        return `${value()} BETWEEN ${value()} AND ${value()}`;
      case 3:
        return depth > 0
          ? `(${this.#condition(depth - 1)} ${pick(['AND', 'OR'])} NOT ${this.#condition(depth - 1)})`
          : '1 = 1';
      default:
        return `${value()} ${pick(COMPARISONS)} ${value()}`;
    }
  }

  #query(depth: number): string {
    const { roll, pick } = this.#dice;
    const value = (): string => this.#expression(depth);
    const join = pick(['', '', `${pick(['', 'LEFT ', 'FULL '])}JOIN dbo.u AS x ON ${this.#condition(1)}`]);
    const from = pick([
      '',
      `FROM dbo.t ${join}`,
      'FROM (VALUES (1, 2), (NULL, 3)) AS t(a, b)',
      'FROM dbo.nothing',
    ]);
    const where = roll(2) === 0 ? '' : `WHERE ${this.#condition(depth)}`;
    const group = pick(['', '', '', `GROUP BY ${value()}`, `GROUP BY a HAVING ${this.#condition(1)}`]);
    const order = pick(['', '', `ORDER BY ${value()}`, 'ORDER BY 1 OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY']);
    const top = pick(['', '', 'DISTINCT ', 'TOP (2) ', 'TOP (1) WITH TIES ', 'TOP (-1) ']);
    return `SELECT ${top}${value()}, ${value()} AS n ${from} ${where} ${group} ${order} ${pick(['', '', 'FOR JSON PATH'])}`;
  }

  #statement(depth: number): string {
    const { roll, pick } = this.#dice;
    const value = (): string => this.#expression(2);
    switch (roll(16)) {
      case 0:
        return `INSERT dbo.t (a, b) ${pick(['', 'OUTPUT inserted.* '])}VALUES (${value()}, ${value()})`;
      case 1:
        return `UPDATE dbo.t SET ${pick(['a', 'b', 'c', 'nothing'])} = ${value()} WHERE ${this.#condition(1)}`;
      case 2:
        return `DELETE ${pick(['', 'TOP (1) '])}FROM dbo.t WHERE ${this.#condition(2)}`;
      case 3:
        return `MERGE dbo.t AS t USING dbo.u AS s ON ${this.#condition(1)} WHEN MATCHED THEN UPDATE SET b = ${value()};`;
      case 4:
        return `IF ${this.#condition(2)} ${this.#inner(depth)} ELSE ${this.#inner(depth)}`;
      case 5:
        return `BEGIN TRY ${this.#inner(depth)} END TRY BEGIN CATCH ${pick(['THROW', 'PRINT ERROR_MESSAGE()'])} END CATCH`;
      case 6:
        return `SET @v = ${value()}`;
      case 7:
        return pick(['BEGIN TRAN', 'COMMIT', 'ROLLBACK', 'SAVE TRAN s', 'ROLLBACK TRAN s']);
      case 8:
        return `EXEC sp_executesql N'SELECT @p', N'@p ${pick(TYPES)}', @p = ${pick(LITERALS)}`;
      case 9:
        return `CREATE TABLE #x${roll(3)} (a ${pick(TYPES)} ${pick(['', 'NOT NULL', 'PRIMARY KEY', 'IDENTITY'])}, b AS (${value()}))`;
      case 10:
        return `RAISERROR(N'%s %d', ${pick(['10', '16', '19'])}, 1, ${pick(LITERALS)}, ${pick(LITERALS)})`;
      case 11:
        return `WITH c AS (${this.#query(1)}) SELECT * FROM c`;
      case 12:
        return `${this.#query(1)} ${pick(['UNION', 'EXCEPT', 'INTERSECT', 'UNION ALL'])} ${this.#query(1)}`;
      default:
        return this.#query(depth);
    }
  }

  #inner(depth: number): string {
    return depth > 0 ? `BEGIN ${this.#statement(depth - 1)} END` : 'SELECT 1';
  }
}
