import { describe, expect, it } from 'vitest';
import { putTable } from '../../../../../src/lab/sqlserver/catalog/edit.ts';
import { findTable } from '../../../../../src/lab/sqlserver/catalog/find.ts';
import type { Table } from '../../../../../src/lab/sqlserver/catalog/schema.ts';
import { World } from './world.ts';

/** Changes the definition of a table as replication does it. */
function define(world: World, name: string, change: Partial<Table>): void {
  const database = world.instance.databases.get('pubdb');
  const table = database && findTable(database.catalog, 'dbo', name);
  const transaction = database?.store?.begin(1, { snapshot: false });
  if (!table || !transaction) throw new Error(`no table ${name}`);
  transaction.define(catalog => putTable(catalog, { ...table, ...change }));
  transaction.commit();
}

describe('several sessions', () => {
  it('lose no update', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (id int PRIMARY KEY, n int); INSERT t VALUES (1, 0), (2, 0)');
    const sessions = [world.open(), world.open(), world.open()];
    await Promise.all(
      sessions.map(session =>
        world.done(
          'DECLARE @i int = 0; WHILE @i < 20 BEGIN BEGIN TRAN; UPDATE t SET n = n + 1; COMMIT; SET @i += 1 END',
          session,
        ),
      ),
    );
    expect(await world.rows('SELECT n FROM t')).toEqual(['60', '60']);
  });

  it('wait for the fate of a parent', async () => {
    const world = new World();
    await world.done(
      'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p); INSERT p VALUES (1), (2)',
    );
    const other = world.open();
    await world.done('BEGIN TRAN; DELETE p WHERE id = 1', other);
    const child = world.run('INSERT c VALUES (1)');
    const free = world.open();
    await world.done('INSERT c VALUES (2)', free);
    await world.done('COMMIT', other);
    expect((await child).faults.map(fault => fault.number)).toEqual([547]);
    await world.done('BEGIN TRAN; INSERT c VALUES (2)', other);
    const parent = world.run('DELETE p WHERE id = 2', free);
    await world.done('DELETE c; COMMIT', other);
    expect((await parent).faults).toEqual([]);
    expect(await world.rows('SELECT COUNT(*) FROM p')).toEqual(['0']);
  });

  it('refer to one parent at once, and wait for one key', async () => {
    const world = new World();
    await world.done(
      'CREATE TABLE p (id int PRIMARY KEY); INSERT p VALUES (1); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p)',
    );
    const [one, two] = [world.open(), world.open()];
    await world.done('BEGIN TRAN; INSERT c VALUES (1, 1)', one);
    await world.done('BEGIN TRAN; INSERT c VALUES (2, 1)', two);
    const third = world.run('INSERT c VALUES (1, 1)');
    await world.done('COMMIT', two);
    await world.done('COMMIT', one);
    expect((await third).faults.map(fault => fault.number)).toEqual([2627]);
  });
});

describe('published tables', () => {
  it('are neither truncated nor dropped, and limit large values', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (id int CONSTRAINT PK_t PRIMARY KEY, x nvarchar(max))');
    define(world, 't', { published: true });
    expect(await world.fault('TRUNCATE TABLE t')).toBe(
      "4711 Cannot truncate table 't' because it is published for replication or enabled for Change Data Capture.",
    );
    expect(await world.faults('DROP TABLE t')).toEqual([3724]);
    expect(await world.faults('ALTER TABLE t DROP CONSTRAINT PK_t')).toEqual([4929]);
    await world.done("INSERT t VALUES (1, REPLICATE(CONVERT(nvarchar(max), N'x'), 32768))");
    expect(await world.fault("INSERT t VALUES (2, REPLICATE(CONVERT(nvarchar(max), N'x'), 32769))")).toMatch(
      /^7139 Length of LOB data \(65538\) to be replicated exceeds configured maximum 65536\./,
    );
    world.instance.configuration.set('max text repl size (B)', -1);
    world.instance.configuration.reconfigure();
    await world.done("UPDATE t SET x = REPLICATE(CONVERT(nvarchar(max), N'x'), 40000)");
  });

  it('takes no writes where the database is read-only', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int)');
    const database = world.instance.databases.get('pubdb');
    if (database) database.options.readOnly = true;
    for (const text of [
      'INSERT t VALUES (1)',
      'UPDATE t SET a = 1',
      'TRUNCATE TABLE t',
      'DROP TABLE t',
      'CREATE TABLE u (a int)',
    ])
      expect([text, await world.faults(text)]).toEqual([text, [3906]]);
  });
});

describe('a replication agent', () => {
  it('brings identity values, and is free of what is NOT FOR REPLICATION', async () => {
    const world = new World();
    await world.done(`CREATE TABLE p (id int PRIMARY KEY);
      CREATE TABLE t (id int IDENTITY NOT FOR REPLICATION PRIMARY KEY,
        p int CONSTRAINT FK_t FOREIGN KEY REFERENCES p NOT FOR REPLICATION,
        n int CONSTRAINT CK_t CHECK NOT FOR REPLICATION (n > 0));
      CREATE TABLE plain (id int IDENTITY, a int); CREATE TABLE log (id int)`);
    await world.done(
      'CREATE TRIGGER tr ON t AFTER INSERT NOT FOR REPLICATION AS INSERT log SELECT id FROM inserted',
    );
    const agent = world.open('Replication Distribution Agent of MIAMI');
    await world.done('INSERT t (id, p, n) VALUES (50, 9, -1)', agent);
    expect(await world.faults('INSERT t (p, n) VALUES (9, 1)', agent)).toEqual([545]);
    expect(await world.faults('INSERT plain (id, a) VALUES (5, 1)', agent)).toEqual([544]);
    expect(await world.faults('INSERT t (p, n) VALUES (9, 1)')).toEqual([547]);
    expect(await world.faults('INSERT t (id, n) VALUES (1, 1)')).toEqual([544]);
    await world.done('INSERT t (n) VALUES (1)');
    const ids = (await world.rows('SELECT id FROM t ORDER BY id')).map(Number);
    expect(ids.at(-1)).toBe(50);
    expect(ids[0]).toBeLessThan(50);
    expect(await world.rows('SELECT COUNT(*) FROM log')).toEqual(['1']);
    await world.done('DELETE t; ALTER TABLE t WITH CHECK CHECK CONSTRAINT ALL');
    expect(await world.rows('SELECT is_not_trusted FROM sys.foreign_keys')).toEqual(['1']);
  });
});
