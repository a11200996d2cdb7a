import { expect, test } from 'vitest';
import {
  BIT,
  DATETIME,
  FLOAT,
  INT,
  MONEY,
  nvarchar,
  varbinary,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { World } from './world.ts';

function things(): World {
  const world = new World();
  const table = world.table('T', [
    { name: 'Id', type: INT, nullable: false },
    { name: 'Name', type: nvarchar(50) },
    { name: 'Flag', type: BIT },
    { name: 'Price', type: MONEY },
    { name: 'Ratio', type: FLOAT },
    { name: 'At', type: DATETIME },
    { name: 'Bytes', type: varbinary(10) },
  ]);
  world.insert(table, [
    [1, 'a "b" /c\\ é\n', 1, 12_5000n, 1.5, 0, Uint8Array.of(1, 2, 3)],
    [2, null, 0, null, null, null, null],
  ]);
  return world;
}

test('FOR JSON PATH writes values as SQL Server does', () => {
  const world = things();
  expect(
    world.rows('SELECT Id, Name, Flag, Price, Ratio, At, Bytes FROM T WHERE Id = 1 FOR JSON PATH'),
  ).toEqual([
    [
      '[{"Id":1,"Name":"a \\"b\\" \\/c\\\\ é\\n","Flag":true,"Price":12.5000,"Ratio":1.500000000000000e+000,"At":"1900-01-01T00:00:00","Bytes":"AQID"}]',
    ],
  ]);
  expect(
    world.rows(
      "SELECT Id, Name FROM T ORDER BY Id DESC FOR JSON PATH, INCLUDE_NULL_VALUES, ROOT('x')",
    )[0]?.[0],
  ).toMatch(/^\{"x":\[\{"Id":2,"Name":null\},\{"Id":1/);
  expect(
    world.rows('SELECT Id AS [a.id], Flag AS [a.f] FROM T WHERE Id = 2 FOR JSON PATH, WITHOUT_ARRAY_WRAPPER'),
  ).toEqual([['{"a":{"id":2,"f":false}}']]);
  expect(world.rows('SELECT Id FROM T WHERE 1 = 0 FOR JSON PATH')).toEqual([]);
  expect(world.fault('SELECT Id + 1 FROM T FOR JSON PATH').number).toBe(13605);
});

test('a JSON query inside is JSON, and longer texts come in pieces', () => {
  const world = things();
  expect(
    world.rows(
      'SELECT t.Id, (SELECT u.Flag FROM T u WHERE u.Id = t.Id FOR JSON PATH) AS sub FROM T t FOR JSON PATH',
    ),
  ).toEqual([['[{"Id":1,"sub":[{"Flag":true}]},{"Id":2,"sub":[{"Flag":false}]}]']]);
  const pieces = world.rows("SELECT REPLICATE(N'x', 4000) AS x FOR JSON PATH");
  expect(pieces.map(row => String(row[0]).length)).toEqual([2033, 1977]);
});

test('FOR JSON AUTO nests a second table', () => {
  const world = things();
  expect(
    world.rows(
      'SELECT a.Id, b.Id AS Other FROM T a JOIN T b ON b.Id >= a.Id ORDER BY a.Id, b.Id FOR JSON AUTO',
    ),
  ).toEqual([['[{"Id":1,"b":[{"Other":1},{"Other":2}]},{"Id":2,"b":[{"Other":2}]}]']]);
});

test('FOR XML', () => {
  const world = things();
  expect(world.rows("SELECT ',' + CONVERT(varchar(9), Id) FROM T ORDER BY Id FOR XML PATH('')")).toEqual([
    [',1,2'],
  ]);
  expect(
    world.rows("SELECT STUFF((SELECT ',' + CONVERT(varchar(9), Id) FROM T FOR XML PATH('')), 1, 1, '')"),
  ).toEqual([['1,2']]);
  expect(
    world.rows("SELECT Id AS [@id], N'<&>' AS [a/b] FROM T WHERE Id = 1 FOR XML PATH('r'), ROOT('x')"),
  ).toEqual([['<x><r id="1"><a><b>&lt;&amp;&gt;</b></a></r></x>']]);
  expect(world.rows('SELECT Id, Name FROM T WHERE Id = 2 FOR XML RAW')).toEqual([['<row Id="2"/>']]);
  expect(world.rows('SELECT Id, Flag FROM T WHERE Id = 2 FOR XML AUTO, ELEMENTS')).toEqual([
    ['<T><Id>2</Id><Flag>0</Flag></T>'],
  ]);
});
