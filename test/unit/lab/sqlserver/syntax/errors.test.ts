import { describe, expect, it } from 'vitest';
import { SqlError } from '../../../../../src/lab/sqlserver/errors.ts';
import {
  parseBatch,
  parseCondition,
  parseExpression,
  parseModule,
  parseParameters,
  parseTypeName,
} from '../../../../../src/lab/sqlserver/syntax/parse.ts';

const errorOf = (read: () => unknown): SqlError => {
  try {
    read();
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};
const told = (text: string): string => {
  const { number, line, message } = errorOf(() => parseBatch(text));
  return `${number}, line ${line}: ${message}`;
};

describe('syntax errors', () => {
  it.each([
    ['select 1 +', "102, line 1: Incorrect syntax near '+'."],
    ['select * from', "102, line 1: Incorrect syntax near 'from'."],
    ['select from t', "156, line 1: Incorrect syntax near the keyword 'from'."],
    ["select 1\n\n'a' 'b c'", "102, line 3: Incorrect syntax near 'b c'."],
    ['select [a b] c [d e]', "102, line 1: Incorrect syntax near 'd e'."],
    ['update t set = 1', "102, line 1: Incorrect syntax near '='."],
    ['select 1 )', "102, line 1: Incorrect syntax near ')'."],
    ['select 1 ? 2', "102, line 1: Incorrect syntax near '?'."],
    ['select \u{1F300}', "102, line 1: Incorrect syntax near '\u{1F300}'."],
    ['begin select 1', "102, line 1: Incorrect syntax near '1'."],
    ['begin end', "156, line 1: Incorrect syntax near the keyword 'end'."],
    ['end', "156, line 1: Incorrect syntax near the keyword 'end'."],
    ['select (1 = 1)', "102, line 1: Incorrect syntax near '='."],
    ['select 1 where (a = 1) + 2 > 3', "102, line 1: Incorrect syntax near '+'."],
    ['exec p 1 + 2', "102, line 1: Incorrect syntax near '+'."],
    ['select default', "156, line 1: Incorrect syntax near the keyword 'default'."],
    ['select 1\ngo\nselect 2', "102, line 2: Incorrect syntax near 'go'."],
    ['select 1\n  GO -- next\n', "102, line 2: Incorrect syntax near 'GO'."],
    ['select 1 from t throw', 'parsed'],
    ['print 1 throw', "102, line 1: Incorrect syntax near 'throw'."],
    ['exec p; foo', "102, line 1: Incorrect syntax near 'foo'."],
    ['print 1\nenable trigger a on b', "102, line 2: Incorrect syntax near 'enable'."],
    ['create table t ()', "102, line 1: Incorrect syntax near ')'."],
    ['create proc p as', "102, line 1: Incorrect syntax near 'as'."],
    [
      'create function f () returns int as begin end',
      "156, line 1: Incorrect syntax near the keyword 'end'.",
    ],
    ['drop index ix', "102, line 1: Incorrect syntax near 'ix'."],
    ['select * from t for json path, other', "102, line 1: Incorrect syntax near 'other'."],
  ])('%j', (text, message) => {
    if (message === 'parsed') expect(parseBatch(text)).toHaveLength(1);
    else expect(told(text)).toBe(message);
  });

  it.each([
    ["select 'it''s", "105, line 1: Unclosed quotation mark after the character string 'it's'."],
    ['select\n[a]]b', "105, line 2: Unclosed quotation mark after the character string 'a]b'."],
    ['select 1 /* /* */', "113, line 1: Missing end comment mark '*/'."],
    ['select []', '1038, line 1: An object or column name is missing or empty.'],
    [
      `select ${'x'.repeat(129)}`,
      `103, line 1: The identifier that starts with '${'x'.repeat(128)}' is too long. Maximum length is 128.`,
    ],
    [`select @${'x'.repeat(128)}`, '103, line 1: The identifier that starts with'],
    [`select [${']]'.repeat(129)}]`, '103, line 1: The identifier that starts with'],
    [
      'select 1 where a',
      "4145, line 1: An expression of non-boolean type specified in a context where a condition is expected, near 'a'.",
    ],
    [
      'select 1 where a and b = 1',
      "4145, line 1: An expression of non-boolean type specified in a context where a condition is expected, near 'and'.",
    ],
    [
      'if (1) print 1',
      "4145, line 1: An expression of non-boolean type specified in a context where a condition is expected, near 'print'.",
    ],
    [
      'select 1 with x as (select 1 a) select a from x',
      "319, line 1: Incorrect syntax near the keyword 'with'.",
    ],
    ['select * from t with (fast)', '321, line 1: "fast" is not a recognized table hints option.'],
    [
      'merge t using s on 1 = 1 when matched then delete',
      '10713, line 1: A MERGE statement must be terminated by a semi-colon (;).',
    ],
    [
      'select a.b.c.d.e',
      "117, line 1: The object name 'a.b.c.d.e' contains more than the maximum number of prefixes. The maximum is 3.",
    ],
    [
      'print 1 create proc p as select 1',
      "111, line 1: 'CREATE/ALTER PROCEDURE' must be the first statement in a query batch.",
    ],
    [
      'print 1\nalter view v as select 1',
      "111, line 2: 'ALTER VIEW' must be the first statement in a query batch.",
    ],
    [
      'begin create trigger t on a for insert as print 1 end',
      "111, line 1: 'CREATE TRIGGER' must be the first statement in a query batch.",
    ],
    [
      'if 1 = 1 create schema s',
      "111, line 1: 'CREATE SCHEMA' must be the first statement in a query batch.",
    ],
    ['create view v as select 1; select 2', "156, line 1: Incorrect syntax near the keyword 'select'."],
  ])('%j', (text, message) => {
    expect(told(text).startsWith(message)).toBe(true);
  });

  it('stop at the first fault, also before an unclosed quotation', () => {
    expect(told("select from 'abc")).toBe("156, line 1: Incorrect syntax near the keyword 'from'.");
  });

  it('are of class 15 and end the batch', () => {
    const error = errorOf(() => parseBatch('selec 1 2'));
    expect([error.severity, error.state, error.endsBatch, error.endsTransaction]).toEqual([
      15,
      1,
      true,
      false,
    ]);
  });

  it('are told of parts of statements as well', () => {
    expect(errorOf(() => parseExpression('1 +')).number).toBe(102);
    expect(errorOf(() => parseExpression('1 = 1')).message).toBe("Incorrect syntax near '='.");
    expect(errorOf(() => parseExpression('')).message).toBe("Incorrect syntax near ''.");
    expect(errorOf(() => parseCondition('1')).number).toBe(4145);
    expect(errorOf(() => parseTypeName('decimal(9,')).number).toBe(102);
    expect(errorOf(() => parseParameters('@a int, b int')).message).toBe("Incorrect syntax near 'b'.");
    expect(errorOf(() => parseModule('select 1')).number).toBe(102);
  });
});

describe('T-SQL that the tree has no place for is refused by name', () => {
  it.each([
    ['select * from t pivot (sum(a) for b in ([1])) p', 'PIVOT'],
    ['select * from t unpivot (a for b in (c)) p', 'UNPIVOT'],
    ['select a from t group by grouping sets ((a), ())', 'GROUPING SETS'],
    ['select a from t group by rollup (a)', 'ROLLUP'],
    ['select a from t group by a with cube', 'GROUP BY … WITH ROLLUP'],
    ['select {fn now()}', 'the escape {fn …}'],
    ['select parse(a as date)', 'PARSE'],
    ['select try_parse(a as date)', 'PARSE'],
    ['select @x.value(1)', 'methods of a variable'],
    ['select geometry::Point(1, 2, 3)', 'methods of a type (::)'],
    ['select lag(a) ignore nulls over (order by a) from t', 'IGNORE NULLS'],
    ["select trim('x' from a)", 'trim (… FROM …)'],
    ["select json_object('a' : 1)", 'json_object (key : value)'],
    ['select * from openquery(a, b)', 'OPENQUERY'],
    ['select * from t for system_time all', 'FOR SYSTEM_TIME'],
    ['select * from t inner hash join u on 1 = 1', 'join hints'],
    ['select 1 where contains(a, b)', 'full-text search'],
    ["with xmlnamespaces ('u' as x) select 1", 'WITH XMLNAMESPACES'],
    ['update t set a.write(1, 2, 3)', 'methods in SET (column.WRITE)'],
    ['delete t where current of c', 'WHERE CURRENT OF'],
    ['select identity(int, 1, 1) a into t', 'IDENTITY(…) of SELECT INTO'],
    ['declare @c cursor', 'cursor variables'],
    ['exec p with result sets none', 'WITH RESULT SETS'],
    ["exec as user = 'x'", 'EXECUTE AS'],
    ['begin tran t with mark', 'BEGIN TRANSACTION … WITH MARK'],
    ['create assembly a from b', 'CREATE ASSEMBLY'],
    ['alter queue q with status = on', 'ALTER QUEUE'],
    ['drop statistics a.b', 'DROP STATISTICS'],
    ["bulk insert t from 'x'", 'BULK'],
    ['revert', 'REVERT'],
    ['create columnstore index a on b', 'CREATE COLUMNSTORE'],
    ['create table t (a int masked with (function = 1))', 'a column MASKED'],
    ['create table t (a int) on ps(a)', 'file groups'],
    ['create table t (a int primary key with (ignore_dup_key = on))', 'IGNORE_DUP_KEY'],
    ['alter table t switch to u', 'ALTER TABLE … SWITCH'],
    ['create trigger t on database for create_table as print 1', 'triggers of a database or the server'],
    ['create proc p as external name a.b.c', 'AS EXTERNAL NAME'],
    ["backup certificate c to file = 'x'", 'BACKUP CERTIFICATE'],
    ["restore database d from database_snapshot = 'x'", 'RESTORE … FROM DATABASE_SNAPSHOT'],
    ['grant select (a) on t to u', 'permissions on columns'],
    ['alter database d add file (name = x)', 'ALTER DATABASE … ADD FILE'],
    ['kill 53 with statusonly', 'KILL … WITH STATUSONLY'],
  ])('%s', (text, construct) => {
    const error = errorOf(() => parseBatch(text));
    expect([error.number, error.message]).toEqual([
      40517,
      `The SQL Server double does not know ${construct}.`,
    ]);
    expect(error.line).toBe(1);
  });
});
