import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canonical, compareTable, compareWhole, restored } from '../../../../src/database/compare/index.ts';
import type { Statement } from '../../../../src/remote/sql/statement.ts';
import { type SqlDouble, startDouble } from '../../../support/sql-double.ts';
import { all, differencesOf, inWorld, OPTIONS, type World } from './world.ts';

/** A type and values of it as T-SQL, each another value than all the others; NULL is added to each. */
const TYPES: readonly (readonly [type: string, ...values: string[]])[] = [
  ['bit', '0', '1'],
  ['tinyint', '0', '255'],
  ['smallint', '-32768', '0', '32767'],
  ['int', '-2147483648', '0', '2147483647'],
  ['bigint', '-9223372036854775808', '9007199254740993', '9007199254740992', '9223372036854775807'],
  [
    'decimal(38,10)',
    '9999999999999999999999999999.9999999999',
    '9999999999999999999999999999.9999999998',
    '-0.0000000001',
    '0',
  ],
  ['numeric(5,2)', '123.45', '-123.45', '0.01'],
  ['money', '922337203685477.5807', '922337203685477.5806', '-922337203685477.5808', '0.0001', '0'],
  ['smallmoney', '214748.3647', '-214748.3648', '0.0001'],
  ['float', '0.1', '0.30000000000000004', '0.3', '1.7976931348623157E308', '5E-324', '-1E-300', '0'],
  ['real', '0.1', '16777216', '3.40282346E38', '1.1754944E-38', '0'],
  ['date', "'0001-01-01'", "'9999-12-31'"],
  ['time(7)', "'00:00:00'", "'23:59:59.9999999'", "'23:59:59.9999998'"],
  ['time(0)', "'00:00:01'", "'23:59:59'"],
  ['smalldatetime', "'1900-01-01T00:00:00'", "'2079-06-06T23:59:00'"],
  ['datetime', "'1753-01-01T00:00:00'", "'9999-12-31T23:59:59.997'", "'9999-12-31T23:59:59.993'"],
  ['datetime2(7)', "'0001-01-01'", "'9999-12-31T23:59:59.9999999'", "'9999-12-31T23:59:59.9999998'"],
  [
    'datetimeoffset(7)',
    "'2026-01-01T00:00:00.1234567 +00:00'",
    "'2026-01-01T01:00:00.1234567 +01:00'",
    "'2026-01-01T00:00:00.1234567 -14:00'",
  ],
  ['char(5)', "'a'", "'b'", "''"],
  ['varchar(20)', "''", "' '", "'a'", "'a '", "'A'", "'~'", "';'", "'é'", "'e'", "'1:a;'"],
  ['nchar(4)', "N''", "N'ä'", "N'a'"],
  [
    'nvarchar(20)',
    "N''",
    "N' '",
    "N'  '",
    "N'~'",
    "N';~;'",
    "N'é'",
    "N'e' + NCHAR(769)",
    "N'😀'",
    'NCHAR(55357)',
    'NCHAR(56832)',
    'NCHAR(0)',
    "N'NULL'",
  ],
  [
    'varchar(max)',
    "''",
    "'a'",
    "REPLICATE(CONVERT(varchar(max), 'x'), 9000)",
    "REPLICATE(CONVERT(varchar(max), 'x'), 8999) + 'y'",
  ],
  [
    'nvarchar(max)',
    "N''",
    "N'ß'",
    "REPLICATE(CONVERT(nvarchar(max), N'ß'), 5000)",
    "REPLICATE(CONVERT(nvarchar(max), N'ß'), 4999) + N'S'",
  ],
  ['nvarchar(4000)', "N''", "REPLICATE(N'x', 4000)", "REPLICATE(N'x', 3999) + N'y'", "REPLICATE(N'x', 3999)"],
  ['binary(3)', '0x000000', '0x0000FF', '0xFF0000'],
  ['varbinary(20)', '0x', '0x00', '0x0000', '0xFF'],
  [
    'varbinary(max)',
    '0x',
    '0x00',
    "CONVERT(varbinary(max), REPLICATE(CONVERT(varchar(max), 'x'), 9000))",
    "CONVERT(varbinary(max), REPLICATE(CONVERT(varchar(max), 'x'), 8999) + 'y')",
  ],
  ['uniqueidentifier', "'00000000-0000-0000-0000-000000000000'", "'6F9619FF-8B86-D011-B42D-00C04FC964FF'"],
  ['xml', "N'<a/>'", "N'<a> </a>'", 'N\'<a b="1">ü</a>\''],
  [
    'sql_variant',
    'CONVERT(int, 1)',
    'CONVERT(bigint, 1)',
    "CONVERT(nvarchar(5), N'1')",
    "CONVERT(varchar(5), '1')",
    'CONVERT(float, 0.1)',
    'CONVERT(float, 0.30000000000000004)',
    'CONVERT(float, 0.3)',
    'CONVERT(decimal(5,2), 1)',
    'CONVERT(decimal(5,1), 1)',
    'CONVERT(money, 1)',
    "CONVERT(datetime2(7), '9999-12-31T23:59:59.9999999')",
  ],
  ['text', "''", "'a'", "'b'"],
  ['ntext', "N''", "N'ä'", "N'a'"],
  ['image', '0x', '0x00', '0x01'],
];

const ask = (world: World, text: string): Statement => ({
  on: world.left.role,
  database: world.left.database,
  title: 'a test',
  text,
  effect: 'reads',
});

describe('values', () => {
  let double: SqlDouble;
  beforeAll(async () => {
    double = await startDouble({ databases: ['production', 'copy'] });
  });
  afterAll(() => double[Symbol.asyncDispose]());

  it.each(TYPES)('of %s: each differs from each other and from NULL, and equals itself', async (...of) => {
    const [type, ...texts] = of;
    const values = ['NULL', ...texts];
    await inWorld({ left: double, right: double }, async world => {
      const pairs = values.flatMap((one, i) => values.map((other, j) => ({ one, other, same: i === j })));
      await world.onBoth(
        'DROP TABLE IF EXISTS dbo.v',
        `CREATE TABLE dbo.v (id int PRIMARY KEY, v ${type} NULL)`,
      );
      await world.onLeft(...pairs.map(({ one }, at) => `INSERT dbo.v VALUES (${at}, ${one})`));
      await world.onRight(...pairs.map(({ other }, at) => `INSERT dbo.v VALUES (${at}, ${other})`));
      const table = await world.table('v');
      const verdicts = await all(compareTable(world.left, world.right, table, OPTIONS));
      const expected = pairs.flatMap(({ same }, at) => (same ? [] : [`different ${at}`])).sort();
      expect(differencesOf(verdicts)).toEqual(expected);
    });
  });

  it.each(TYPES)('of %s are made again from their texts, exactly', async (...of) => {
    const [type, ...values] = of;
    await inWorld({ left: double, right: double }, async world => {
      await world.onBoth(
        'DROP TABLE IF EXISTS dbo.v',
        `CREATE TABLE dbo.v (id int PRIMARY KEY, v ${type} NULL)`,
      );
      await world.onLeft(...['NULL', ...values].map((value, at) => `INSERT dbo.v VALUES (${at}, ${value})`));
      const table = await world.table('v');
      const column = table.columns[1];
      if (column === undefined) throw new Error('no column');
      const rows = await world.left.session.ask(
        ask(world, `SELECT id, ${canonical(column)} AS text FROM dbo.v`),
        z.object({ id: z.number(), text: z.string().nullable() }),
      );
      for (const { id, text } of rows)
        await world.right.session.run({
          ...ask(world, `INSERT dbo.v VALUES (@id, ${restored(column, '@text')})`),
          on: world.right.role,
          database: world.right.database,
          effect: 'writes',
          parameters: { id: { type: 'int', value: id }, text: { type: 'nvarchar', value: text } },
        });
      expect(await compareWhole(world.left, world.right, table, OPTIONS)).toMatchObject({
        equal: true,
        rowsLeft: values.length + 1,
      });
    });
  });
});
