import { describe, expect, it } from 'vitest';
import { errorOf, SCHEMA, server, single } from './world.ts';

const RELEASES = ['2012-standard', '2016-web', '2019-express', '2022-enterprise'] as const;

describe('catalog and management views', () => {
  it.each(RELEASES)('every one of %s answers rows as wide as its columns', async product => {
    await using double = await server(product);
    await double.run('PubDB', SCHEMA);
    for (const view of double.instance.system.views.values()) {
      if (view.parameters !== undefined && view.parameters.length > 0) continue;
      const source = `${view.schema}.${view.name}${view.parameters === undefined ? '' : '()'}`;
      const rows = await double.run('PubDB', `SELECT * FROM ${source}`);
      for (const row of rows) expect(row.length, source).toBe(view.columns.length);
    }
  });

  it('gives columns of later releases to those alone', async () => {
    await using old = await server('2012-standard');
    expect(await errorOf(old, 'SELECT temporal_type FROM sys.tables')).toBe(207);
    expect(await errorOf(old, 'SELECT host_platform FROM sys.dm_os_host_info')).toBe(208);
    await using young = await server('2022-standard');
    expect(await errorOf(young, 'SELECT temporal_type, ledger_type FROM sys.tables')).toBe(0);
    expect(await single(young, 'SELECT host_platform FROM sys.dm_os_host_info')).toBe('Windows');
  });

  it('lists the columns of its own views in sys.all_columns', async () => {
    await using double = await server('2016-web');
    const rows = await double.run(
      'PubDB',
      "SELECT name FROM sys.all_columns WHERE object_id = OBJECT_ID('sys.tables') AND name IN ('temporal_type', 'is_node')",
    );
    expect(rows).toEqual([['temporal_type']]);
  });

  it('has no two objects of the system with one id', async () => {
    await using double = await server();
    expect(await single(double, 'SELECT COUNT(*) - COUNT(DISTINCT object_id) FROM sys.system_objects')).toBe(
      0,
    );
  });

  it('finds what blocks replication', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    const withoutKey = await double.run(
      'PubDB',
      `SELECT s.name, t.name, SUM(p.rows) FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id
       JOIN sys.partitions p ON p.object_id = t.object_id AND p.index_id IN (0, 1)
       WHERE t.is_ms_shipped = 0 AND OBJECTPROPERTY(t.object_id, 'TableHasPrimaryKey') = 0 GROUP BY s.name, t.name`,
    );
    expect(withoutKey.map(row => row.slice(0, 2))).toEqual([['dbo', 'Pile']]);
    const columns = await double.run(
      'PubDB',
      `SELECT OBJECT_NAME(c.object_id), c.name, ty.name FROM sys.columns c JOIN sys.types ty ON ty.user_type_id = c.user_type_id
       JOIN sys.tables t ON t.object_id = c.object_id WHERE c.is_computed = 1 OR c.is_identity = 1 OR c.max_length = -1
       OR ty.name = 'timestamp' ORDER BY c.name`,
    );
    expect(columns).toEqual([
      ['Pile', 'B', 'xml'],
      ['Note', 'Body', 'varchar'],
      ['Loan', 'Doubled', 'numeric'],
      ['Loan', 'Id', 'int'],
      ['Loan', 'Version', 'timestamp'],
    ]);
    const systemNamed = await double.run(
      'PubDB',
      `SELECT 'DF' FROM sys.default_constraints WHERE is_system_named = 1 UNION ALL SELECT 'CK' FROM sys.check_constraints WHERE is_system_named = 1
       UNION ALL SELECT 'KC' FROM sys.key_constraints WHERE is_system_named = 1 UNION ALL SELECT 'FK' FROM sys.foreign_keys WHERE is_system_named = 1`,
    );
    expect(systemNamed).toEqual([['DF'], ['CK'], ['KC']]);
  });

  it('sees references to other databases and the columns of views', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    await double.run(
      'PubDB',
      'CREATE VIEW dbo.V AS SELECT l.Name, n.Body AS Text FROM dbo.Loan l JOIN dbo.Note n ON n.Loan = l.Id',
    );
    await double.run(
      'PubDB',
      "CREATE PROCEDURE dbo.P AS -- FROM Comment.dbo.None\nSELECT 'FROM Text.dbo.None' FROM [Other DB].dbo.Thing JOIN Far.Db.dbo.T ON 1 = 1",
    );
    expect(
      await double.run(
        'PubDB',
        'SELECT referenced_server_name, referenced_database_name, referenced_entity_name FROM sys.sql_expression_dependencies WHERE referenced_database_name IS NOT NULL',
      ),
    ).toEqual([
      [null, 'Other DB', 'Thing'],
      ['Far', 'Db', 'T'],
    ]);
    expect(
      await double.run(
        'PubDB',
        "SELECT name, max_length FROM sys.columns WHERE object_id = OBJECT_ID('dbo.V')",
      ),
    ).toEqual([
      ['Name', 100],
      ['Text', -1],
    ]);
  });

  it('counts statements that write, and shows the transaction that is open', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    const sum =
      'SELECT ISNULL(SUM(user_updates), 0) FROM sys.dm_db_index_usage_stats WHERE database_id = DB_ID()';
    const before = await single(double, sum);
    expect(await single(double, sum)).toEqual(before);
    await double.run('PubDB', 'INSERT INTO dbo.Loan (Amount) VALUES (1), (2)');
    expect(await single(double, sum)).not.toEqual(before);
    const open = `SELECT COUNT(*) FROM sys.dm_tran_database_transactions dt JOIN sys.dm_tran_session_transactions st
      ON st.transaction_id = dt.transaction_id WHERE dt.database_id = DB_ID() AND st.is_user_transaction = 1
      AND dt.database_transaction_begin_time IS NOT NULL`;
    expect(await single(double, open)).toBe(0);
    expect(await single(double, `BEGIN TRAN; UPDATE dbo.Loan SET Amount = 5; ${open}`)).toBe(1);
    expect(await single(double, open)).toBe(0);
  });

  it('tells a running request with its text', async () => {
    await using double = await server();
    const text = await single(
      double,
      'SELECT t.text FROM sys.dm_exec_requests r CROSS APPLY sys.dm_exec_sql_text(r.sql_handle) t WHERE r.session_id = @@SPID',
    );
    expect(text).toContain('dm_exec_sql_text');
  });
});
