import { type Case, refuses, shows } from '../case.ts';

export const STRINGS: readonly Case[] = [
  shows(
    'strings/trailing-blanks',
    'trailing blanks do not count in =, LEN and keys; they do in DATALENGTH',
    "SELECT IIF('a' = 'a  ', 1, 0), IIF(N'a' = N'a  ', 1, 0), LEN('a  '), DATALENGTH('a  '), IIF(' a' = 'a', 1, 0)",
    [[1, 1, 1, 3, 0]],
  ),
  shows(
    'strings/like-blanks',
    'LIKE: trailing blanks of the text are passed over for varchar, not for nvarchar; those of the pattern count',
    "SELECT IIF('a  ' LIKE 'a', 1, 0), IIF(N'a  ' LIKE N'a', 1, 0), IIF('a' LIKE 'a ', 1, 0), IIF('a  ' LIKE 'a%', 1, 0)",
    [[1, 0, 0, 1]],
  ),
  shows(
    'strings/case',
    'case and accents by collation',
    `SELECT IIF('ABC' = 'abc', 1, 0), IIF('ABC' COLLATE Latin1_General_CS_AS = 'abc', 1, 0),
       IIF('résumé' = 'resume', 1, 0), IIF('résumé' COLLATE Latin1_General_CI_AI = 'resume', 1, 0),
       IIF('a' COLLATE Latin1_General_BIN = 'A', 1, 0)`,
    [[1, 0, 0, 1, 0]],
  ),
  shows(
    'strings/like',
    'LIKE: sets, ranges, not, escape, brackets',
    `SELECT IIF('abc' LIKE '[a-c]b_', 1, 0), IIF('xbc' LIKE '[^a-c]%', 1, 0), IIF('50%' LIKE '50!%' ESCAPE '!', 1, 0),
       IIF('50x' LIKE '50[%]', 1, 0), IIF('a_b' LIKE 'a[_]b', 1, 0), IIF('ABC' LIKE 'abc', 1, 0), IIF('' LIKE '%', 1, 0)`,
    [[1, 1, 1, 0, 1, 1, 1]],
  ),
  shows(
    'strings/order',
    'order by collation: case beside case, signs before digits before letters',
    "SELECT v FROM (VALUES ('b'), ('A'), ('a1'), ('_'), ('1'), ('B2')) AS t(v) ORDER BY v",
    [['_'], ['1'], ['A'], ['a1'], ['b'], ['B2']],
  ),
  shows(
    'strings/functions',
    'positions count from one',
    "SELECT SUBSTRING('abcdef', 2, 3), CHARINDEX('c', 'abcabc', 4), PATINDEX('%[0-9]%', 'ab3'), STUFF('abcdef', 2, 3, 'X'), LEFT('abc', 2), RIGHT('abc', 2), REVERSE('abc'), REPLICATE('ab', 3)",
    [['bcd', 6, 3, 'aXef', 'ab', 'bc', 'cba', 'ababab']],
  ),
  shows(
    'strings/substring-before',
    'SUBSTRING may begin before the text',
    "SELECT SUBSTRING('abc', 0, 2), SUBSTRING('abc', -1, 3), SUBSTRING('abc', 5, 2), DATALENGTH(SUBSTRING('abc', 5, 2))",
    [['a', 'a', '', 0]],
  ),
  refuses('strings/substring-negative', 'a negative length is 537', "SELECT SUBSTRING('abc', 1, -1)", {
    number: 537,
    message: 'Invalid length parameter passed to the LEFT or SUBSTRING function.',
  }),
  shows(
    'strings/space',
    'a text of blanks',
    "SELECT '[' + SPACE(3) + ']', '[' + LTRIM('  x ') + ']', '[' + RTRIM(' x  ') + ']'",
    [['[   ]', '[x ]', '[ x]']],
  ),
  shows(
    'strings/trim',
    'TRIM takes both ends',
    "SELECT '[' + TRIM('  x ') + ']', TRIM('.,' FROM ',.a.,')",
    [['[x]', 'a']],
    { since: 14, differs: 'it refuses TRIM (… FROM …)' },
  ),
  shows(
    'strings/concat',
    'CONCAT takes NULL for nothing, + takes NULL for NULL',
    "SELECT CONCAT('a', NULL, 1, 2.5), 'a' + NULL, CONCAT_WS('-', 'a', NULL, 'b')",
    [['a12.5', null, 'a-b']],
    { since: 14 },
  ),
  shows(
    'strings/quotename',
    'QUOTENAME doubles the bracket and refuses what is too long',
    "SELECT QUOTENAME('a]b'), QUOTENAME('a''b', ''''), QUOTENAME(REPLICATE('x', 129)), PARSENAME('s.d.o.t', 1), PARSENAME('[a.b].c', 2)",
    [['[a]]b]', "'a''b'", null, 't', 'a.b']],
  ),
  shows(
    'strings/split',
    'STRING_SPLIT keeps empty parts',
    "SELECT value FROM STRING_SPLIT('a,,b', ',')",
    [['a'], [''], ['b']],
    { since: 13 },
  ),
  shows(
    'strings/split-ordinal',
    'and numbers them',
    "SELECT ordinal, value FROM STRING_SPLIT('x y', ' ', 1) ORDER BY ordinal DESC",
    [
      ['2', 'y'],
      ['1', 'x'],
    ],
    { since: 16 },
  ),
  shows(
    'strings/aggregate',
    'STRING_AGG passes NULL over and keeps to its order',
    "SELECT STRING_AGG(v, ',') WITHIN GROUP (ORDER BY v DESC) FROM (VALUES ('a'), (NULL), ('c'), ('b')) AS t(v)",
    [['c,b,a']],
    { since: 14 },
  ),
  refuses(
    'strings/aggregate-2012',
    'STRING_AGG is unknown before 2017',
    "SELECT STRING_AGG(v, ',') FROM (VALUES ('a')) AS t(v)",
    { number: 195, message: "'STRING_AGG' is not a recognized built-in function name." },
    { product: '2012-standard' },
  ),
  shows(
    'strings/format',
    'FORMAT of numbers and dates',
    "SELECT FORMAT(1234567.891, 'N2'), FORMAT(CAST('2026-03-04T05:06:07' AS datetime2), 'yyyy-MM-dd HH:mm:ss'), FORMAT(7, '000')",
    [['1,234,567.89', '2026-03-04 05:06:07', '007']],
  ),
  shows(
    'strings/translate',
    'REPLACE and TRANSLATE',
    "SELECT REPLACE('aXbxc', 'x', '-'), TRANSLATE('[a]', '[]', '()'), UPPER('straße'), LOWER('ÀB'), CHAR(65), NCHAR(8364), UNICODE(N'€')",
    [['a-b-c', '(a)', 'STRAßE', 'àb', 'A', '€', 8364]],
    { since: 14 },
  ),
  shows(
    'strings/soundex',
    'SOUNDEX and DIFFERENCE',
    "SELECT SOUNDEX('Robert'), SOUNDEX('Rupert'), DIFFERENCE('Robert', 'Rupert')",
    [['R163', 'R163', 4]],
    { differs: 'it refuses SOUNDEX and DIFFERENCE' },
  ),
  shows(
    'strings/hash',
    'HASHBYTES and CHECKSUM of the same bytes',
    "SELECT CONVERT(varchar(100), HASHBYTES('SHA2_256', 'abc'), 2), CONVERT(varchar(50), HASHBYTES('MD5', 'abc'), 2), CONVERT(varchar(50), HASHBYTES('SHA1', N'a'), 2)",
    [
      [
        'BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD',
        '900150983CD24FB0D6963F7D28E17F72',
        '0A04B971B03DA607CE6C455184037B660CA89F78',
      ],
    ],
  ),
  refuses(
    'strings/collation-conflict',
    'columns of different collations are 468',
    [
      'CREATE TABLE dbo.t (a varchar(5) COLLATE Latin1_General_CI_AS, b varchar(5) COLLATE Latin1_General_CS_AS)',
      'SELECT * FROM dbo.t WHERE a = b',
    ],
    {
      number: 468,
      severity: 16,
      message:
        /^Cannot resolve the collation conflict between "Latin1_General_C[SI]_AS" and "Latin1_General_C[SI]_AS" in the equal to operation\.$/,
    },
  ),
  shows(
    'strings/coercible',
    'literals, variables and casts take the collation of the column',
    [
      "CREATE TABLE dbo.t (a varchar(5) COLLATE Latin1_General_CS_AS); INSERT dbo.t VALUES ('x'), ('X')",
      `DECLARE @v varchar(5) = 'X';
       SELECT (SELECT COUNT(*) FROM dbo.t WHERE a = 'x'), (SELECT COUNT(*) FROM dbo.t WHERE a = @v),
         (SELECT COUNT(*) FROM dbo.t WHERE a IN ('x', N'X')), (SELECT COUNT(*) FROM dbo.t WHERE a COLLATE Latin1_General_CI_AS = 'x'),
         (SELECT COUNT(*) FROM dbo.t WHERE a = CAST('x' AS varchar(9)) + '')`,
    ],
    [[1, 1, 2, 2, 1]],
  ),
  refuses('strings/unknown-collation', 'an unknown collation is 448', "SELECT 'a' COLLATE Klingon_CI_AS", {
    number: 448,
    message: "Invalid collation 'Klingon_CI_AS'.",
  }),
  shows(
    'strings/utf8',
    'a UTF-8 collation stores every character in varchar',
    [
      'CREATE TABLE dbo.t (a varchar(20) COLLATE Latin1_General_100_CI_AS_SC_UTF8)',
      "INSERT dbo.t VALUES (N'漢字€')",
      'SELECT a, DATALENGTH(a), LEN(a) FROM dbo.t',
    ],
    [['漢字€', 9, 3]],
    { since: 15 },
  ),
];
