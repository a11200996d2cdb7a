import { describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('writing through views', () => {
  it('reaches the one table behind them, by the names of the view', async () => {
    const world = new World();
    await world.done(
      'CREATE TABLE t (id int IDENTITY PRIMARY KEY, a int, b varchar(5), hidden int DEFAULT 9)',
    );
    await world.done('CREATE VIEW v AS SELECT id, a AS x, b, a + 1 AS y FROM t WHERE a < 100');
    await world.done('CREATE VIEW w (i, z) AS SELECT id, x FROM v WHERE x > 1');
    await world.done(
      "INSERT v (x, b) VALUES (1, 'one'), (2, 'two'), (3, 'three'); INSERT t (a, b) VALUES (500, 'big')",
    );
    expect((await world.done("UPDATE v SET b = 'new', x += 1 WHERE y = 2")).counts).toEqual([1]);
    expect(await world.rows('SELECT a, b, hidden FROM t ORDER BY id')).toEqual([
      '2 new 9',
      '2 two 9',
      '3 three 9',
      '500 big 9',
    ]);
    expect(
      await world.rows(
        'UPDATE q SET z = z * 10 OUTPUT deleted.z, inserted.z FROM w AS q JOIN t ON t.id = q.i WHERE t.a = 3',
      ),
    ).toEqual(['3 30']);
    expect((await world.done('DELETE w WHERE z = 2')).counts).toEqual([2]);
    expect((await world.done('DELETE v')).counts).toEqual([1]);
    expect(await world.rows('SELECT a FROM t')).toEqual(['500']);
    expect(await world.faults('UPDATE v SET y = 1')).toEqual([4406]);
    expect(await world.faults('UPDATE v SET hidden = 1')).toEqual([207]);
    expect(await world.faults('UPDATE v SET b = 1 WHERE hidden = 1')).toEqual([207]);
    expect(await world.faults('INSERT v (y) VALUES (1)')).toEqual([4406]);
    expect(await world.faults('UPDATE v SET id = 1')).toEqual([8102]);
  });

  it('refuses what stands for no row of one table', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int, b int); CREATE TABLE s (a int)');
    await world.done('CREATE VIEW j AS SELECT t.a, s.a AS c FROM t JOIN s ON s.a = t.a');
    await world.done('CREATE VIEW g AS SELECT a, COUNT(*) AS n FROM t GROUP BY a');
    await world.done('CREATE VIEW u AS SELECT a FROM t UNION ALL SELECT a FROM s');
    expect(await world.faults('DELETE j')).toEqual([4405]);
    expect(await world.faults('UPDATE g SET a = 1')).toEqual([4403]);
    expect(await world.faults('DELETE u')).toEqual([4426]);
  });

  it('holds WITH CHECK OPTION', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int)');
    await world.done('CREATE VIEW v AS SELECT a FROM t WHERE a > 5 WITH CHECK OPTION');
    await world.done('INSERT v VALUES (6)');
    expect(await world.faults('INSERT v VALUES (5)')).toEqual([550]);
    expect(await world.faults('UPDATE v SET a = 1')).toEqual([550]);
    expect(await world.rows('SELECT a FROM t')).toEqual(['6']);
  });

  it('leaves the writing to INSTEAD OF triggers', async () => {
    const world = new World();
    await world.done(
      'CREATE TABLE t (a int, b int); CREATE TABLE s (a int, c int); INSERT t VALUES (1, 1); INSERT s VALUES (1, 1)',
    );
    await world.done('CREATE VIEW v AS SELECT t.a, t.b, s.c FROM t JOIN s ON s.a = t.a');
    await world.done(
      'CREATE TRIGGER vi ON v INSTEAD OF INSERT, UPDATE AS BEGIN DELETE t WHERE a IN (SELECT a FROM deleted); DELETE s WHERE a IN (SELECT a FROM deleted); INSERT t SELECT a, b FROM inserted; INSERT s SELECT a, c FROM inserted END',
    );
    await world.done('INSERT v VALUES (2, 3, 4); UPDATE v SET c = b * 10 WHERE a = 2');
    expect(await world.rows('SELECT * FROM v ORDER BY a')).toEqual(['1 1 1', '2 3 30']);
    expect(await world.faults('DELETE v')).toEqual([4405]);
  });

  it('reaches the table behind a common table expression', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int, b int); INSERT t VALUES (1, 1), (2, 2)');
    await world.done(
      'WITH x AS (SELECT a, b FROM t WHERE a > 1) UPDATE x SET b = 7; WITH x AS (SELECT * FROM t) DELETE x WHERE b = 1',
    );
    expect(await world.rows('SELECT a, b FROM t')).toEqual(['2 7']);
  });
});

describe('queries that number their rows', () => {
  it('tell which rows go', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (id int, k int); INSERT t VALUES (1, 1), (2, 1), (3, 2), (4, 1)');
    await world.done(`WITH d AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY id) AS n FROM t WHERE id < 4)
      DELETE FROM d WHERE n > 1`);
    expect(await world.rows('SELECT id FROM t ORDER BY id')).toEqual(['1', '3', '4']);
    await world.done('WITH d AS (SELECT TOP (1) id, k FROM t ORDER BY id DESC) UPDATE d SET k = 99');
    expect(await world.rows('SELECT id, k FROM t ORDER BY id')).toEqual(['1 1', '3 2', '4 99']);
  });
});
