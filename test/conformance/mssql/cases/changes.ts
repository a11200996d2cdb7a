import { expect } from 'vitest';
import { type Case, does, failsWith, refuses, rowsOf, shows, value } from '../case.ts';

const T = 'CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, v varchar(10) NULL)';

export const CHANGES: readonly Case[] = [
  shows(
    'output/insert',
    'INSERT … OUTPUT gives what was stored',
    [
      "CREATE TABLE dbo.t (id int IDENTITY(5, 2) PRIMARY KEY, v varchar(10) DEFAULT 'd')",
      "INSERT dbo.t (v) OUTPUT inserted.id, inserted.v VALUES ('a'), (DEFAULT), (NULL)",
    ],
    [
      [5, 'a'],
      [7, 'd'],
      [9, null],
    ],
  ),
  shows(
    'output/update',
    'UPDATE … OUTPUT gives before and after',
    [T, "INSERT dbo.t VALUES (1, 'a')", "UPDATE dbo.t SET v = 'b' OUTPUT deleted.v, inserted.v WHERE id = 1"],
    [['a', 'b']],
  ),
  shows(
    'output/delete',
    'DELETE … OUTPUT INTO',
    [
      T,
      "INSERT dbo.t VALUES (1, 'a'), (2, 'b')",
      'DECLARE @gone TABLE (id int, v varchar(10)); DELETE dbo.t OUTPUT deleted.id, deleted.v INTO @gone WHERE id = 2; SELECT * FROM @gone',
    ],
    [[2, 'b']],
  ),
  does('changes/counts', 'every statement counts its rows, NOCOUNT silences it', async client => {
    await client.batch(T);
    expect(
      (
        await client.batch(
          "INSERT dbo.t VALUES (1, 'a'), (2, 'b'); UPDATE dbo.t SET v = 'c'; DELETE dbo.t WHERE id = 9",
        )
      ).counts,
    ).toEqual([2, 2, 0]);
    expect((await client.batch("SET NOCOUNT ON; UPDATE dbo.t SET v = 'd'")).counts).toEqual([]);
  }),
  shows(
    'changes/rowcount',
    '@@ROWCOUNT after each kind of statement',
    [
      T,
      "DECLARE @a int, @b int, @c int; INSERT dbo.t VALUES (1, 'a'), (2, 'b'); SET @a = @@ROWCOUNT; UPDATE dbo.t SET v = 'x' WHERE id > 5; SET @b = @@ROWCOUNT; SELECT @c = COUNT(*) FROM dbo.t; SELECT @a, @b, @c, @@ROWCOUNT",
    ],
    [[2, 0, 2, 1]],
  ),
  shows(
    'changes/update-from',
    'UPDATE … FROM joins',
    [
      T,
      "INSERT dbo.t VALUES (1, 'a'), (2, 'b')",
      "UPDATE t SET v = s.v FROM dbo.t AS t JOIN (VALUES (2, 'z')) AS s(id, v) ON s.id = t.id; SELECT v FROM dbo.t ORDER BY id",
    ],
    [['a'], ['z']],
  ),
  shows(
    'changes/swap',
    'an UPDATE reads all values before it writes any',
    [
      'CREATE TABLE dbo.t (a int, b int); INSERT dbo.t VALUES (1, 2)',
      'UPDATE dbo.t SET a = b, b = a; SELECT a, b FROM dbo.t',
    ],
    [[2, 1]],
  ),
  shows(
    'changes/variable',
    'UPDATE assigns variables beside columns',
    [
      'CREATE TABLE dbo.t (n int); INSERT dbo.t VALUES (5)',
      'DECLARE @n int; UPDATE dbo.t SET @n = n = n + 1; SELECT @n, n FROM dbo.t',
    ],
    [[6, 6]],
  ),
  shows(
    'changes/key-shift',
    'keys may pass through each other within a statement',
    [
      T,
      "INSERT dbo.t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
      'UPDATE dbo.t SET id = id + 1; SELECT id, v FROM dbo.t ORDER BY id',
    ],
    [
      [2, 'a'],
      [3, 'b'],
      [4, 'c'],
    ],
  ),
  shows(
    'changes/delete-top',
    'DELETE TOP (n) takes n rows',
    [
      T,
      "INSERT dbo.t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
      'DELETE TOP (2) FROM dbo.t; SELECT COUNT(*) FROM dbo.t',
    ],
    [[1]],
  ),
  shows(
    'changes/insert-exec',
    'INSERT … EXEC',
    [
      T,
      "INSERT dbo.t EXEC ('SELECT 7, ''x'' UNION ALL SELECT 8, NULL'); SELECT id, v FROM dbo.t ORDER BY id",
    ],
    [
      [7, 'x'],
      [8, null],
    ],
  ),
  shows(
    'changes/select-into',
    'SELECT INTO makes a table with names, types and identity',
    [
      'CREATE TABLE dbo.t (id int IDENTITY(3, 1), n decimal(9,2) NOT NULL, v nvarchar(5) NULL)',
      'SELECT id, n, v INTO dbo.u FROM dbo.t',
      "SELECT name, TYPE_NAME(user_type_id), is_nullable, is_identity FROM sys.columns WHERE object_id = OBJECT_ID('dbo.u') ORDER BY column_id",
    ],
    [
      ['id', 'int', false, true],
      ['n', 'decimal', false, false],
      ['v', 'nvarchar', true, false],
    ],
  ),
  refuses('changes/213', 'too few values are 213', [T, 'INSERT dbo.t VALUES (1)'], {
    number: 213,
    message: 'Column name or number of supplied values does not match table definition.',
  }),
  refuses('changes/109', 'fewer values than columns are 109', [T, 'INSERT dbo.t (id, v) VALUES (1)'], {
    number: 109,
    message:
      'There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.',
  }),
  refuses('changes/264', 'a column twice is 264', [T, 'UPDATE dbo.t SET v = 1, v = 2'], { number: 264 }),
  shows(
    'merge/all',
    'MERGE inserts, updates, deletes, and tells which',
    [
      T,
      "INSERT dbo.t VALUES (1, 'a'), (2, 'b')",
      `MERGE dbo.t AS t USING (VALUES (2, 'B'), (3, 'C')) AS s(id, v) ON t.id = s.id
     WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v) WHEN NOT MATCHED BY SOURCE THEN DELETE
     OUTPUT $action, COALESCE(inserted.id, deleted.id), deleted.v, inserted.v;`,
    ],
    expect.arrayContaining([
      ['DELETE', 1, 'a', null],
      ['UPDATE', 2, 'b', 'B'],
      ['INSERT', 3, null, 'C'],
    ]),
  ),
  refuses(
    'merge/semicolon',
    'MERGE ends with a semicolon',
    [
      T,
      'MERGE dbo.t AS t USING (VALUES (1)) AS s(id) ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)',
    ],
    {
      number: 10713,
      severity: 15,
      message: 'A MERGE statement must be terminated by a semi-colon (;).',
    },
  ),
  refuses(
    'merge/8672',
    'a target row that matches twice is 8672',
    [
      T,
      "INSERT dbo.t VALUES (1, 'a')",
      "MERGE dbo.t AS t USING (VALUES (1, 'x'), (1, 'y')) AS s(id, v) ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = s.v;",
    ],
    { number: 8672 },
  ),
  shows(
    'identity/functions',
    'SCOPE_IDENTITY, @@IDENTITY, IDENT_CURRENT',
    [
      'CREATE TABLE dbo.t (id int IDENTITY(10, 5) PRIMARY KEY, n int)',
      "INSERT dbo.t (n) VALUES (1), (2); SELECT CAST(SCOPE_IDENTITY() AS int), CAST(@@IDENTITY AS int), CAST(IDENT_CURRENT('dbo.t') AS int), CAST(IDENT_SEED('dbo.t') AS int), CAST(IDENT_INCR('dbo.t') AS int)",
    ],
    [[15, 15, 15, 10, 5]],
  ),
  refuses(
    'identity/544',
    'an explicit value is 544',
    ['CREATE TABLE dbo.t (id int IDENTITY PRIMARY KEY, n int)', 'INSERT dbo.t (id, n) VALUES (1, 1)'],
    {
      number: 544,
      message:
        "Cannot insert explicit value for identity column in table 't' when IDENTITY_INSERT is set to OFF.",
    },
  ),
  refuses(
    'identity/545',
    'with IDENTITY_INSERT a value must be given',
    [
      'CREATE TABLE dbo.t (id int IDENTITY PRIMARY KEY, n int)',
      'SET IDENTITY_INSERT dbo.t ON; INSERT dbo.t (n) VALUES (1)',
    ],
    {
      number: 545,
      message:
        "Explicit value must be specified for identity column in table 't' either when IDENTITY_INSERT is set to ON or when a replication user is inserting into a NOT FOR REPLICATION identity column.",
    },
  ),
  refuses(
    'identity/8107',
    'IDENTITY_INSERT is on for one table only',
    [
      'CREATE TABLE dbo.t (id int IDENTITY); CREATE TABLE dbo.u (id int IDENTITY); SET IDENTITY_INSERT dbo.t ON',
      'SET IDENTITY_INSERT dbo.u ON',
    ],
    {
      number: 8107,
      message:
        /^IDENTITY_INSERT is already ON for table '.*\.dbo\.t'\. Cannot perform SET operation for table '(?:dbo\.)?u'\.$/,
    },
  ),
  refuses(
    'identity/8102',
    'an identity column is not updated',
    ['CREATE TABLE dbo.t (id int IDENTITY, n int)', 'UPDATE dbo.t SET id = 5'],
    { number: 8102, message: "Cannot update identity column 'id'." },
  ),
  shows(
    'identity/explicit-moves',
    'a higher explicit value moves the next one',
    [
      'CREATE TABLE dbo.t (id int IDENTITY PRIMARY KEY, n int)',
      'SET IDENTITY_INSERT dbo.t ON; INSERT dbo.t (id, n) VALUES (50, 1); SET IDENTITY_INSERT dbo.t OFF; INSERT dbo.t (n) VALUES (2); SELECT id FROM dbo.t ORDER BY id',
    ],
    [[50], [51]],
  ),
  shows(
    'identity/rollback',
    'a rollback does not give values back',
    [
      'CREATE TABLE dbo.t (id int IDENTITY, n int)',
      'BEGIN TRAN; INSERT dbo.t (n) VALUES (1); ROLLBACK; INSERT dbo.t (n) VALUES (2); SELECT id FROM dbo.t',
    ],
    [[2]],
  ),
  shows(
    'identity/truncate',
    'TRUNCATE begins anew, DELETE does not',
    [
      'CREATE TABLE dbo.t (id int IDENTITY, n int); CREATE TABLE dbo.u (id int IDENTITY, n int)',
      'INSERT dbo.t (n) VALUES (1), (2); INSERT dbo.u (n) VALUES (1), (2); TRUNCATE TABLE dbo.t; DELETE dbo.u; INSERT dbo.t (n) VALUES (3); INSERT dbo.u (n) VALUES (3); SELECT (SELECT id FROM dbo.t), (SELECT id FROM dbo.u)',
    ],
    [[1, 3]],
  ),
  does('identity/reseed', 'DBCC CHECKIDENT: the next value by what the table has seen', async client => {
    await client.batch(
      'CREATE TABLE dbo.t (id int IDENTITY, n int); CREATE TABLE dbo.u (id int IDENTITY, n int)',
    );
    await client.batch('INSERT dbo.t (n) VALUES (1)');
    await client.batch(
      "DBCC CHECKIDENT ('dbo.t', RESEED, 100) WITH NO_INFOMSGS; DBCC CHECKIDENT ('dbo.u', RESEED, 100) WITH NO_INFOMSGS",
    );
    await client.batch('INSERT dbo.t (n) VALUES (2); INSERT dbo.u (n) VALUES (2)');
    expect(await rowsOf(client, 'SELECT (SELECT MAX(id) FROM dbo.t), (SELECT MAX(id) FROM dbo.u)')).toEqual([
      [101, 100],
    ]);
  }),
  does('identity/noreseed', 'DBCC CHECKIDENT (NORESEED) tells and changes nothing', async client => {
    await client.batch('CREATE TABLE dbo.t (id int IDENTITY, n int); INSERT dbo.t (n) VALUES (1), (2)');
    const { messages } = await client.batch("DBCC CHECKIDENT ('dbo.t', NORESEED)");
    expect(messages.map(each => each.message)).toEqual([
      "Checking identity information: current identity value '2', current column value '2'.",
      'DBCC execution completed. If DBCC printed error messages, contact your system administrator.',
    ]);
  }),
  shows(
    'computed/columns',
    'computed columns follow',
    [
      'CREATE TABLE dbo.t (a int, b AS a * 2, c AS (a + 1) PERSISTED)',
      'INSERT dbo.t (a) VALUES (3); UPDATE dbo.t SET a = 4; SELECT a, b, c FROM dbo.t',
    ],
    [[4, 8, 5]],
  ),
  refuses(
    'computed/271',
    'a computed column is not set',
    ['CREATE TABLE dbo.t (a int, b AS a * 2)', 'UPDATE dbo.t SET b = 1'],
    {
      number: 271,
      message:
        'The column "b" cannot be modified because it is either a computed column or is the result of a UNION operator.',
    },
  ),
  refuses(
    'computed/273',
    'rowversion takes no value',
    ['CREATE TABLE dbo.t (a int, v rowversion)', 'INSERT dbo.t (a, v) VALUES (1, 0x01)'],
    {
      number: 273,
      message:
        'Cannot insert an explicit value into a timestamp column. Use INSERT with a column list to exclude the timestamp column, or insert a DEFAULT into the timestamp column.',
    },
  ),
  shows(
    'sequences/next',
    'NEXT VALUE FOR',
    [
      'CREATE SEQUENCE dbo.s AS int START WITH 5 INCREMENT BY 2',
      'SELECT NEXT VALUE FOR dbo.s; SELECT NEXT VALUE FOR dbo.s',
    ],
    [[7]],
  ),
  does('triggers/after', 'an AFTER trigger sees inserted and deleted once a statement', async client => {
    await client.batch(`${T}; CREATE TABLE dbo.log (kind varchar(10), n int)`);
    await client.batch(`CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT, UPDATE, DELETE AS
      INSERT dbo.log SELECT CASE WHEN EXISTS (SELECT * FROM deleted) THEN CASE WHEN EXISTS (SELECT * FROM inserted) THEN 'update' ELSE 'delete' END ELSE 'insert' END,
        (SELECT COUNT(*) FROM inserted) + (SELECT COUNT(*) FROM deleted)`);
    await client.batch(
      "INSERT dbo.t VALUES (1, 'a'), (2, 'b'); UPDATE dbo.t SET v = 'c' WHERE id = 1; DELETE dbo.t",
    );
    expect(await rowsOf(client, 'SELECT kind, n FROM dbo.log')).toEqual([
      ['insert', 2],
      ['update', 2],
      ['delete', 2],
    ]);
  }),
  does('triggers/rollback', 'ROLLBACK in a trigger ends the batch with 3609', async client => {
    await client.batch(T);
    await client.batch('CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT AS ROLLBACK');
    await failsWith(client.batch("INSERT dbo.t VALUES (1, 'a'); SELECT 1"), {
      number: 3609,
      severity: 16,
      message: 'The transaction ended in the trigger. The batch has been aborted.',
    });
    expect(await value(client, 'SELECT COUNT(*) FROM dbo.t')).toBe(0);
  }),
  does('triggers/update-function', 'UPDATE() and COLUMNS_UPDATED() tell the columns', async client => {
    await client.batch(
      'CREATE TABLE dbo.t (a int, b int, c int); CREATE TABLE dbo.log (a int, b int, mask int); INSERT dbo.t VALUES (1, 2, 3)',
    );
    await client.batch(`CREATE TRIGGER dbo.tr ON dbo.t AFTER UPDATE AS
      INSERT dbo.log SELECT IIF(UPDATE(a), 1, 0), IIF(UPDATE(b), 1, 0), CAST(SUBSTRING(COLUMNS_UPDATED(), 1, 1) AS int)`);
    await client.batch('UPDATE dbo.t SET b = 5, c = 6');
    expect(await rowsOf(client, 'SELECT a, b, mask FROM dbo.log')).toEqual([[0, 1, 6]]);
  }),
  does('triggers/instead', 'INSTEAD OF stands for the statement', async client => {
    await client.batch(T);
    await client.batch(
      'CREATE TRIGGER dbo.tr ON dbo.t INSTEAD OF INSERT AS INSERT dbo.t SELECT id * 10, v FROM inserted',
    );
    await client.batch("INSERT dbo.t VALUES (1, 'a')");
    expect(await rowsOf(client, 'SELECT id FROM dbo.t')).toEqual([[10]]);
  }),
  does('triggers/disable', 'a disabled trigger does not fire', async client => {
    await client.batch(`${T}; CREATE TABLE dbo.log (n int)`);
    await client.batch('CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT AS INSERT dbo.log VALUES (1)');
    await client.batch("DISABLE TRIGGER dbo.tr ON dbo.t; INSERT dbo.t VALUES (1, 'a')");
    await client.batch("ENABLE TRIGGER dbo.tr ON dbo.t; INSERT dbo.t VALUES (2, 'a')");
    expect(await value(client, 'SELECT COUNT(*) FROM dbo.log')).toBe(1);
  }),
];
