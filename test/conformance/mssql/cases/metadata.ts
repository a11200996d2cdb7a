import { expect } from 'vitest';
import { type Case, does, refuses, rowsOf, shows, value } from '../case.ts';

const T = `CREATE TABLE dbo.t (id int IDENTITY(1, 1) NOT NULL CONSTRAINT PK_t PRIMARY KEY, name nvarchar(50) COLLATE Latin1_General_CS_AS NULL,
  price decimal(18, 4) NOT NULL CONSTRAINT DF_price DEFAULT (0), stamp rowversion, big varchar(max) NULL, at datetime2(3) NULL, twice AS (id * 2))`;

export const METADATA: readonly Case[] = [
  shows(
    'catalog/columns',
    'sys.columns',
    [
      T,
      "SELECT name, TYPE_NAME(user_type_id), max_length, precision, scale, is_nullable, is_identity, is_computed FROM sys.columns WHERE object_id = OBJECT_ID('dbo.t') ORDER BY column_id",
    ],
    [
      ['id', 'int', 4, 10, 0, false, true, false],
      ['name', 'nvarchar', 100, 0, 0, true, false, false],
      ['price', 'decimal', 9, 18, 4, false, false, false],
      ['stamp', 'timestamp', 8, 0, 0, false, false, false],
      ['big', 'varchar', -1, 0, 0, true, false, false],
      ['at', 'datetime2', 7, 23, 3, true, false, false],
      ['twice', 'int', 4, 10, 0, true, false, true],
    ],
  ),
  shows(
    'catalog/collation',
    'the collation of a column, of the database, of the server',
    [
      T,
      "SELECT collation_name, DATABASEPROPERTYEX(DB_NAME(), 'Collation') FROM sys.columns WHERE object_id = OBJECT_ID('dbo.t') AND name = 'name'",
    ],
    [['Latin1_General_CS_AS', 'SQL_Latin1_General_CP1_CI_AS']],
  ),
  shows(
    'catalog/objects',
    'sys.objects with types',
    [
      T,
      "SELECT name, RTRIM(type), type_desc, is_ms_shipped FROM sys.objects WHERE object_id = OBJECT_ID('dbo.t') OR parent_object_id = OBJECT_ID('dbo.t') ORDER BY name",
    ],
    [
      ['DF_price', 'D', 'DEFAULT_CONSTRAINT', false],
      ['PK_t', 'PK', 'PRIMARY_KEY_CONSTRAINT', false],
      ['t', 'U', 'USER_TABLE', false],
    ],
  ),
  shows(
    'catalog/identity',
    'sys.identity_columns',
    [
      T,
      "SELECT CAST(seed_value AS int), CAST(increment_value AS int), last_value, is_not_for_replication FROM sys.identity_columns WHERE object_id = OBJECT_ID('dbo.t')",
    ],
    [[1, 1, null, false]],
  ),
  shows(
    'catalog/indexes',
    'sys.indexes and sys.index_columns',
    [
      T,
      'CREATE INDEX IX_t ON dbo.t (price DESC, name) INCLUDE (at) WHERE price > 1',
      `SELECT i.name, i.type_desc, i.is_unique, i.has_filter, i.filter_definition, c.name, ic.key_ordinal, ic.is_descending_key, ic.is_included_column
     FROM sys.indexes AS i JOIN sys.index_columns AS ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id JOIN sys.columns AS c ON c.object_id = i.object_id AND c.column_id = ic.column_id
     WHERE i.object_id = OBJECT_ID('dbo.t') ORDER BY i.index_id, ic.index_column_id`,
    ],
    [
      ['PK_t', 'CLUSTERED', true, false, null, 'id', 1, false, false],
      ['IX_t', 'NONCLUSTERED', false, true, '([price]>(1))', 'price', 1, true, false],
      ['IX_t', 'NONCLUSTERED', false, true, '([price]>(1))', 'name', 2, false, false],
      ['IX_t', 'NONCLUSTERED', false, true, '([price]>(1))', 'at', 0, false, true],
    ],
    { differs: 'it keeps filters as they were written' },
  ),
  shows(
    'catalog/heap',
    'a heap has index 0',
    [
      'CREATE TABLE dbo.t (a int)',
      "SELECT index_id, name, type_desc FROM sys.indexes WHERE object_id = OBJECT_ID('dbo.t')",
    ],
    [[0, null, 'HEAP']],
  ),
  shows(
    'catalog/default',
    'defaults and checks as they are kept',
    [
      'CREATE TABLE dbo.t (a int NOT NULL CONSTRAINT DF_a DEFAULT 5 CONSTRAINT CK_a CHECK (a > 0), b datetime CONSTRAINT DF_b DEFAULT getdate())',
      "SELECT name, definition FROM sys.default_constraints WHERE parent_object_id = OBJECT_ID('dbo.t') UNION ALL SELECT name, definition FROM sys.check_constraints WHERE parent_object_id = OBJECT_ID('dbo.t') ORDER BY name",
    ],
    [
      ['CK_a', '([a]>(0))'],
      ['DF_a', '((5))'],
      ['DF_b', '(getdate())'],
    ],
    { differs: 'it keeps definitions as they were written' },
  ),
  shows(
    'catalog/foreign-keys',
    'sys.foreign_keys and their columns',
    [
      'CREATE TABLE dbo.p (a int, b int, CONSTRAINT PK_p PRIMARY KEY (a, b)); CREATE TABLE dbo.c (x int, y int, CONSTRAINT FK_c FOREIGN KEY (x, y) REFERENCES dbo.p (a, b) ON DELETE CASCADE)',
      `SELECT f.name, f.delete_referential_action_desc, f.update_referential_action_desc, COL_NAME(k.parent_object_id, k.parent_column_id), COL_NAME(k.referenced_object_id, k.referenced_column_id)
     FROM sys.foreign_keys AS f JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id ORDER BY k.constraint_column_id`,
    ],
    [
      ['FK_c', 'CASCADE', 'NO_ACTION', 'x', 'a'],
      ['FK_c', 'CASCADE', 'NO_ACTION', 'y', 'b'],
    ],
  ),
  does('catalog/modules', 'sys.sql_modules keeps the text as it was sent', async client => {
    const text = 'CREATE PROCEDURE  dbo.p\n  -- a comment\nAS SELECT 1';
    await client.batch(text);
    expect(
      await value(client, "SELECT definition FROM sys.sql_modules WHERE object_id = OBJECT_ID('dbo.p')"),
    ).toBe(text);
    expect(await value(client, "SELECT OBJECT_DEFINITION(OBJECT_ID('dbo.p'))")).toBe(text);
  }),
  shows(
    'catalog/triggers',
    'sys.triggers and sys.trigger_events',
    [
      'CREATE TABLE dbo.t (a int)',
      'CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT, DELETE NOT FOR REPLICATION AS RETURN',
      'SELECT t.name, t.is_disabled, t.is_not_for_replication, t.is_instead_of_trigger, e.type_desc FROM sys.triggers AS t JOIN sys.trigger_events AS e ON e.object_id = t.object_id ORDER BY e.type',
    ],
    [
      ['tr', false, true, false, 'INSERT'],
      ['tr', false, true, false, 'DELETE'],
    ],
  ),
  shows(
    'catalog/sequences',
    'sys.sequences',
    [
      'CREATE SEQUENCE dbo.s AS int START WITH 5 INCREMENT BY 2 CACHE 10',
      'SELECT name, CAST(start_value AS int), CAST(increment AS int), is_cycling, cache_size, CAST(current_value AS int) FROM sys.sequences',
    ],
    [['s', 5, 2, false, 10, 5]],
  ),
  shows(
    'catalog/schemas',
    'schemas of users and of the system',
    [
      "EXEC ('CREATE SCHEMA s')",
      "SELECT SCHEMA_NAME(1), SCHEMA_ID('s') - SCHEMA_ID('s'), SCHEMA_ID('nothing'), SCHEMA_NAME()",
    ],
    [['dbo', 0, null, 'dbo']],
  ),
  shows(
    'catalog/information-schema',
    'INFORMATION_SCHEMA.COLUMNS',
    [
      "CREATE TABLE dbo.t (a int NOT NULL, b nvarchar(20) NULL DEFAULT (N'x'), c decimal(9,2))",
      'SELECT COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, COLUMN_DEFAULT FROM INFORMATION_SCHEMA.COLUMNS ORDER BY ORDINAL_POSITION',
    ],
    [
      ['a', 1, 'NO', 'int', null, 10, 0, null],
      ['b', 2, 'YES', 'nvarchar', 20, null, null, "(N'x')"],
      ['c', 3, 'YES', 'decimal', null, 9, 2, null],
    ],
  ),
  shows(
    'catalog/row-counts',
    'sys.partitions and sys.dm_db_partition_stats count rows',
    [
      'CREATE TABLE dbo.t (a int); INSERT dbo.t VALUES (1), (2)',
      "SELECT CAST(SUM(rows) AS int) FROM sys.partitions WHERE object_id = OBJECT_ID('dbo.t') AND index_id IN (0, 1)",
    ],
    [[2]],
  ),
  shows(
    'metadata/names',
    'names and ids',
    [
      T,
      "SELECT OBJECT_NAME(OBJECT_ID('dbo.t')), OBJECT_SCHEMA_NAME(OBJECT_ID('[dbo].[t]')), COL_NAME(OBJECT_ID('dbo.t'), 2), COL_LENGTH('dbo.t', 'name'), OBJECT_ID('dbo.t', 'V'), TYPE_ID('int'), DB_ID('landfall_no_such_database')",
    ],
    [['t', 'dbo', 'name', 100, null, 56, null]],
  ),
  shows(
    'metadata/properties',
    'properties of objects and columns',
    [
      T,
      "SELECT OBJECTPROPERTY(OBJECT_ID('dbo.t'), 'TableHasPrimaryKey'), OBJECTPROPERTY(OBJECT_ID('dbo.t'), 'TableHasIdentity'), OBJECTPROPERTY(OBJECT_ID('dbo.t'), 'IsView'), COLUMNPROPERTY(OBJECT_ID('dbo.t'), 'id', 'IsIdentity'), COLUMNPROPERTY(OBJECT_ID('dbo.t'), 'name', 'AllowsNull'), COLUMNPROPERTY(OBJECT_ID('dbo.t'), 'nothing', 'IsIdentity')",
    ],
    [[1, 1, 0, 1, 1, null]],
  ),
  does('metadata/server', 'SERVERPROPERTY and @@VERSION agree', async client => {
    const [row] = await rowsOf(
      client,
      `SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(50)), CAST(SERVERPROPERTY('Edition') AS nvarchar(128)), @@VERSION,
      CAST(SERVERPROPERTY('EngineEdition') AS int), SERVERPROPERTY('nothing'), CAST(SERVERPROPERTY('IsIntegratedSecurityOnly') AS int), @@MICROSOFTVERSION / 0x01000000`,
    );
    const [version, edition, text, engine, nothing, integrated, major] = row ?? [];
    expect(text).toContain(String(version));
    expect(text).toContain(String(edition));
    expect([2, 3, 4]).toContain(engine);
    expect([nothing, integrated]).toEqual([null, 0]);
    expect(major).toBe(Number.parseInt(String(version), 10));
  }),
  shows(
    'metadata/database',
    'DATABASEPROPERTYEX',
    "SELECT DATABASEPROPERTYEX(DB_NAME(), 'Status'), DATABASEPROPERTYEX(DB_NAME(), 'Updateability'), DATABASEPROPERTYEX(DB_NAME(), 'UserAccess'), DATABASEPROPERTYEX('landfall_no_such_database', 'Status')",
    [['ONLINE', 'READ_WRITE', 'MULTI_USER', null]],
  ),
  does('metadata/databases', 'sys.databases', async client => {
    const rows = await rowsOf(
      client,
      'SELECT name, database_id FROM sys.databases WHERE database_id <= 4 ORDER BY database_id',
    );
    expect(rows).toEqual([
      ['master', 1],
      ['tempdb', 2],
      ['model', 3],
      ['msdb', 4],
    ]);
    expect(
      await rowsOf(
        client,
        'SELECT state_desc, is_read_only, snapshot_isolation_state_desc, is_read_committed_snapshot_on, source_database_id FROM sys.databases WHERE name = DB_NAME()',
      ),
    ).toEqual([['ONLINE', false, 'OFF', false, null]]);
  }),
  does('metadata/help', 'sp_helptext and sp_help of a table that is not', async client => {
    await client.batch('CREATE VIEW dbo.v AS\nSELECT 1 AS a');
    expect((await rowsOf(client, "EXEC sp_helptext 'dbo.v'")).map(row => String(row[0]).trimEnd())).toEqual([
      'CREATE VIEW dbo.v AS',
      'SELECT 1 AS a',
    ]);
  }),
  refuses('metadata/15009', 'sp_helptext of nothing is 15009', "EXEC sp_helptext 'dbo.nothing'", {
    number: 15009,
    severity: 16,
    message: /^The object 'dbo\.nothing' does not exist in database '.*' or is invalid for this operation\.$/,
  }),
  shows(
    'metadata/spaceused',
    'sp_rename',
    [
      'CREATE TABLE dbo.t (a int)',
      "EXEC sp_rename 'dbo.t', 'u'; EXEC sp_rename 'dbo.u.a', 'b', 'COLUMN'",
      'SELECT b FROM dbo.u',
    ],
    [],
  ),
  does(
    'metadata/described',
    'a result tells the types of its columns',
    async client => {
      const rows = await rowsOf(
        client,
        "SELECT name, system_type_name, is_nullable FROM sys.dm_exec_describe_first_result_set(N'SELECT 1 AS a, CAST(NULL AS nvarchar(5)) AS b', NULL, 0)",
      );
      expect(rows).toEqual([
        ['a', 'int', false],
        ['b', 'nvarchar(5)', true],
      ]);
    },
    { differs: 'it has no sys.dm_exec_describe_first_result_set' },
  ),
  does('dates/functions', 'DATEADD, DATEDIFF, DATEPART, EOMONTH', async client => {
    expect(
      await rowsOf(
        client,
        `SELECT CONVERT(varchar(10), DATEADD(month, 1, CAST('2026-01-31' AS date)), 120), DATEDIFF(day, '2026-02-28', '2026-03-01'), DATEDIFF(year, '2025-12-31', '2026-01-01'),
        DATEPART(weekday, '2026-11-22'), DATENAME(month, '2026-11-22'), DATEPART(iso_week, '2026-01-01'), CONVERT(varchar(10), EOMONTH('2024-02-10'), 120), ISDATE('2026-02-30')`,
      ),
    ).toEqual([['2026-02-28', 1, 1, 1, 'November', 1, '2024-02-29', 0]]);
  }),
  refuses(
    'dates/517',
    'DATEADD beyond the calendar is 517',
    "SELECT DATEADD(year, 9000, CAST('2026-01-01' AS datetime))",
    { number: 517, message: "Adding a value to a 'datetime' column caused an overflow." },
  ),
  does(
    'dates/now',
    'the clocks agree with each other',
    async client => {
      const [row] = await rowsOf(
        client,
        "SELECT ABS(DATEDIFF(second, SYSUTCDATETIME(), GETUTCDATE())), ABS(DATEDIFF(second, SYSDATETIME(), GETDATE())), DATEDIFF(minute, SYSUTCDATETIME(), CAST(SYSDATETIMEOFFSET() AT TIME ZONE 'UTC' AS datetime2))",
      );
      expect(row).toEqual([0, 0, 0]);
    },
    { since: 13 },
  ),
];
