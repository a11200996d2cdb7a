import { type Case, refuses, shows } from '../case.ts';

/** Precision and scale that an expression has. */
const shape = (id: string, expression: string, precision: number, scale: number): Case =>
  shows(
    `arithmetic/shape-${id}`,
    `${expression} is decimal(${precision},${scale})`,
    `DECLARE @v sql_variant = ${expression};
     SELECT CAST(SQL_VARIANT_PROPERTY(@v, 'Precision') AS int), CAST(SQL_VARIANT_PROPERTY(@v, 'Scale') AS int)`,
    [[precision, scale]],
  );

export const CONVERSIONS: readonly Case[] = [
  shape('sum', 'CAST(1 AS decimal(10,2)) + CAST(1 AS decimal(8,4))', 13, 4),
  shape('product', 'CAST(1 AS decimal(10,2)) * CAST(1 AS decimal(8,4))', 19, 6),
  shape('quotient', 'CAST(1 AS decimal(10,2)) / CAST(1 AS decimal(8,4))', 23, 11),
  shape('product-reduced', 'CAST(1 AS decimal(38,10)) * CAST(1 AS decimal(38,10))', 38, 6),
  shape('quotient-reduced', 'CAST(1 AS decimal(38,10)) / CAST(1 AS decimal(38,10))', 38, 6),
  shape('int', 'CAST(1 AS decimal(10,2)) * CAST(1 AS int)', 21, 2),
  shape('literal', '1.0 / 3', 7, 6),
  shows(
    'arithmetic/literal-quotient',
    '1.0/3 has six digits',
    'SELECT CAST(1.0/3 AS varchar(30)), CAST(2.0/3 AS varchar(30))',
    [['0.333333', '0.666666']],
  ),
  shows(
    'arithmetic/integers',
    'integers divide towards zero; the remainder has the sign of the dividend',
    'SELECT 7/2, -7/2, 7%3, -7%3, 7/-2',
    [[3, -3, 1, -1, -3]],
  ),
  refuses('arithmetic/zero', 'division by zero is 8134', 'SELECT 1/0', {
    number: 8134,
    severity: 16,
    state: 1,
    line: 1,
    message: 'Divide by zero error encountered.',
  }),
  refuses('arithmetic/overflow-int', 'int overflow is 8115', 'DECLARE @a int = 2147483647; SELECT @a + 1', {
    number: 8115,
    severity: 16,
    state: 2,
    message: 'Arithmetic overflow error converting expression to data type int.',
  }),
  refuses('arithmetic/overflow-tinyint', 'a value beyond tinyint is 220', 'SELECT CAST(256 AS tinyint)', {
    number: 220,
    message: 'Arithmetic overflow error for data type tinyint, value = 256.',
  }),
  refuses(
    'arithmetic/overflow-decimal',
    'a decimal that does not fit is 8115',
    'SELECT CAST(12345.6 AS decimal(5,2))',
    {
      number: 8115,
      state: 8,
      message: 'Arithmetic overflow error converting numeric to data type numeric.',
    },
  ),
  refuses('conversion/text-int', 'text that is no number is 245', "SELECT CAST('12a' AS int)", {
    number: 245,
    severity: 16,
    state: 1,
    message: "Conversion failed when converting the varchar value '12a' to data type int.",
  }),
  refuses('conversion/ntext-int', 'the text names nvarchar', "SELECT CAST(N'x' AS int)", {
    number: 245,
    message: "Conversion failed when converting the nvarchar value 'x' to data type int.",
  }),
  refuses('conversion/text-decimal', 'to decimal it is 8114', "SELECT CAST('x' AS decimal(9,2))", {
    number: 8114,
    state: 5,
    message: 'Error converting data type varchar to numeric.',
  }),
  refuses('conversion/text-date', 'to datetime it is 241', "SELECT CAST('not a date' AS datetime)", {
    number: 241,
    message: 'Conversion failed when converting date and/or time from character string.',
  }),
  refuses('conversion/range-date', 'a day that is not is 242', "SELECT CAST('2026-02-30' AS datetime)", {
    number: 242,
    message:
      'The conversion of a varchar data type to a datetime data type resulted in an out-of-range value.',
  }),
  refuses('conversion/guid', 'to uniqueidentifier it is 8169', "SELECT CAST('zzz' AS uniqueidentifier)", {
    number: 8169,
    message: 'Conversion failed when converting from a character string to uniqueidentifier.',
  }),
  refuses('conversion/text-int-overflow', 'text beyond int is 248', "SELECT CAST('3000000000' AS int)", {
    number: 248,
    message: "The conversion of the varchar value '3000000000' overflowed an int column.",
  }),
  refuses(
    'conversion/not-allowed',
    'conversions that are not allowed are 529',
    'SELECT CAST(CAST(1 AS int) AS date)',
    {
      number: 529,
      message: 'Explicit conversion from data type int to date is not allowed.',
    },
  ),
  refuses(
    'conversion/implicit',
    'varchar does not become varbinary by itself',
    "DECLARE @b varbinary(4) = 'ab'; SELECT @b",
    {
      number: 257,
      message:
        'Implicit conversion from data type varchar to varbinary is not allowed. Use the CONVERT function to run this query.',
    },
  ),
  shows(
    'conversion/length-30',
    'CAST to varchar without a length has 30 characters, DECLARE has one',
    "DECLARE @a varchar = 'abc'; SELECT LEN(CAST(REPLICATE('x', 50) AS varchar)), LEN(CONVERT(nvarchar, REPLICATE('x', 50))), @a",
    [[30, 30, 'a']],
  ),
  shows(
    'conversion/try',
    'TRY_ functions answer NULL',
    "SELECT TRY_CAST('x' AS int), TRY_CONVERT(date, '2026-02-30'), TRY_PARSE('x' AS int), TRY_CAST('7' AS int)",
    [[null, null, null, 7]],
    { differs: 'it refuses TRY_PARSE' },
  ),
  shows(
    'conversion/styles',
    'styles of dates',
    `DECLARE @d datetime = '2026-03-04T15:06:07.890';
     SELECT CONVERT(varchar(30), @d, 101), CONVERT(varchar(30), @d, 103), CONVERT(varchar(30), @d, 104), CONVERT(varchar(30), @d, 112),
       CONVERT(varchar(30), @d, 114), CONVERT(varchar(30), @d, 126), CONVERT(varchar(30), @d, 0), CONVERT(varchar(30), @d, 108)`,
    [
      [
        '03/04/2026',
        '04/03/2026',
        '04.03.2026',
        '20260304',
        '15:06:07:890',
        '2026-03-04T15:06:07.890',
        'Mar  4 2026  3:06PM',
        '15:06:07',
      ],
    ],
  ),
  shows(
    'conversion/binary-styles',
    'binary as hexadecimal text and back',
    "SELECT CONVERT(varchar(20), 0x0AFF, 1), CONVERT(varchar(20), 0x0AFF, 2), CONVERT(varbinary(4), '0x0AFF', 1), CAST(CAST(258 AS int) AS varbinary(4)), CAST(0x0102 AS int)",
    [['0x0AFF', '0AFF', Buffer.from([10, 255]), Buffer.from([0, 0, 1, 2]), 258]],
  ),
  shows(
    'conversion/rounding',
    'to decimal and money rounds, to int cuts',
    'SELECT CAST(1.995 AS decimal(9,2)), CAST(-1.995 AS decimal(9,2)), CAST(2.9 AS int), CAST(-2.9 AS int), CAST(CAST(2.5 AS money) AS int), ROUND(2.345, 2)',
    [[2, -2, 2, -2, 3, 2.35]],
  ),
  shows(
    'conversion/precedence',
    'text beside a number becomes a number',
    "SELECT '1' + 1, 1 + '1', CASE WHEN 1 = '01' THEN 'same' END, 1 + 1.5, '2' * 3",
    [[2, 2, 'same', 2.5, 6]],
  ),
  shows(
    'conversion/isnull-type',
    'ISNULL takes the type of its first argument, COALESCE the highest',
    "SELECT ISNULL(CAST(NULL AS varchar(2)), 'abcdef'), COALESCE(CAST(NULL AS varchar(2)), 'abcdef')",
    [['ab', 'abcdef']],
  ),
  shows(
    'conversion/bit',
    'bit takes words and every number but 0',
    "SELECT CAST('true' AS bit), CAST('FALSE' AS bit), CAST(5 AS bit), CAST(0 AS bit), CAST(-0.1 AS bit)",
    [[true, false, true, false, true]],
  ),
  refuses(
    'conversion/truncate-2628',
    'a text that is too long is 2628 and names table, column and value',
    ['CREATE TABLE dbo.t (v varchar(3))', "INSERT dbo.t VALUES ('abcdef')"],
    {
      number: 2628,
      severity: 16,
      state: 1,
      message:
        /^String or binary data would be truncated in table '.*\.dbo\.t', column 'v'\. Truncated value: 'abc'\.$/,
    },
    { since: 15 },
  ),
  refuses(
    'conversion/truncate-8152',
    'older versions say less',
    ['CREATE TABLE dbo.t (v varchar(3))', "INSERT dbo.t VALUES ('abcdef')"],
    { number: 8152, message: 'String or binary data would be truncated.' },
    { product: '2012-standard' },
  ),
];
