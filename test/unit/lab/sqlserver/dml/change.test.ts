import { describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('UPDATE and DELETE', () => {
  it('finds its rows by FROM and WHERE, each once', async () => {
    const world = new World();
    await world.done(`CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE s (id int, b int);
      INSERT t VALUES (1, 0), (2, 0), (3, 0); INSERT s VALUES (1, 10), (1, 20), (2, 30)`);
    const answer = await world.done('UPDATE x SET a = s.b FROM t AS x JOIN s ON s.id = x.id WHERE x.id < 3');
    expect(answer.counts).toEqual([2]);
    expect(await world.rows('SELECT id FROM t WHERE a IN (10, 20) OR a = 30')).toEqual(['1', '2']);
    expect((await world.done('UPDATE t SET a = s.b FROM s WHERE s.id = t.id AND s.b = 30')).counts).toEqual([
      1,
    ]);
    expect((await world.done('DELETE t FROM t JOIN s ON s.id = t.id')).counts).toEqual([2]);
    expect((await world.done('DELETE FROM t WHERE id = 99')).counts).toEqual([0]);
    expect(await world.rows('SELECT id FROM t')).toEqual(['3']);
  });

  it('sees each row once even where the update moves it', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int PRIMARY KEY); INSERT t VALUES (1), (2), (3)');
    await world.done('UPDATE t SET a = a + 1');
    expect(await world.rows('SELECT a FROM t')).toEqual(['2', '3', '4']);
    await world.done('INSERT t SELECT a + 10 FROM t');
    expect(await world.rows('SELECT a FROM t')).toEqual(['2', '3', '4', '12', '13', '14']);
  });

  it('assigns variables, compound operators and defaults', async () => {
    const world = new World();
    await world.done(
      'CREATE TABLE t (a int PRIMARY KEY, b int DEFAULT 7, c varchar(9)); INSERT t VALUES (1, 2, NULL)',
    );
    expect(
      await world.rows("DECLARE @v int; UPDATE t SET @v = b += 5, c = 'x'; SELECT @v, b, c FROM t"),
    ).toEqual(['7 7 x']);
    await world.done("UPDATE t SET b = 0; UPDATE t SET b = DEFAULT, c += 'y'");
    expect(await world.rows('SELECT b, c FROM t')).toEqual(['7 xy']);
    expect(await world.faults('UPDATE t SET b = 1, b = 2')).toEqual([264]);
    expect(await world.faults('UPDATE t SET nope = 1')).toEqual([207]);
    expect((await world.fault('UPDATE t SET a = NULL')).slice(0, 3)).toBe('515');
  });

  it('limits with TOP', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int); INSERT t VALUES (1), (2), (3), (4)');
    expect((await world.done('DELETE TOP (3) FROM t')).counts).toEqual([3]);
    expect((await world.done('UPDATE TOP (50) PERCENT t SET a = 9')).counts).toEqual([1]);
    expect((await world.done('INSERT TOP (1) t SELECT 1 UNION ALL SELECT 2')).counts).toEqual([1]);
  });

  it('works on table variables and temporary tables', async () => {
    const world = new World();
    expect(
      await world.rows(`DECLARE @t TABLE (id int IDENTITY PRIMARY KEY, a varchar(5) UNIQUE, b AS a + '!');
        INSERT @t (a) VALUES ('x'), ('y'), ('z');
        UPDATE @t SET a = 'w' WHERE id = 2; DELETE @t WHERE a = 'x';
        SELECT id, a, b FROM @t ORDER BY id`),
    ).toEqual(['2 w w!', '3 z z!']);
    expect(
      await world.faults(
        "DECLARE @t TABLE (a varchar(5) UNIQUE CHECK (a <> 'q')); INSERT @t VALUES ('a'), ('A')",
      ),
    ).toEqual([2627]);
    await world.done('CREATE TABLE #t (id int IDENTITY, a int NOT NULL); INSERT #t VALUES (4), (5)');
    await world.done('UPDATE #t SET a = a * 2');
    expect(await world.rows('SELECT id, a FROM #t')).toEqual(['1 8', '2 10']);
    expect(await world.fault('INSERT #t VALUES (NULL)')).toMatch(/^515 .*table 'tempdb\.dbo\.#t_/);
    const other = world.open();
    expect(await world.faults('SELECT * FROM #t', other)).toEqual([208]);
    await world.done('CREATE TABLE #t (x int)', other);
    await world.done('DROP TABLE #t');
    expect(await world.rows('SELECT COUNT(*) FROM #t', other)).toEqual(['0']);
  });
});

describe('OUTPUT', () => {
  it('gives rows to the client or into a table', async () => {
    const world = new World();
    await world.done(
      'CREATE TABLE t (id int IDENTITY, a int); CREATE TABLE log (id int, before int, after int)',
    );
    expect(await world.rows('INSERT t (a) OUTPUT inserted.id, inserted.a VALUES (5), (6)')).toEqual([
      '1 5',
      '2 6',
    ]);
    expect(await world.rows('UPDATE t SET a = a + 1 OUTPUT deleted.a, inserted.a')).toEqual(['5 6', '6 7']);
    await world.done('UPDATE t SET a = 0 OUTPUT inserted.id, deleted.a, inserted.a INTO log');
    expect(await world.rows('SELECT * FROM log ORDER BY id')).toEqual(['1 6 0', '2 7 0']);
    expect(
      await world.rows(
        'DECLARE @d TABLE (id int); DELETE t OUTPUT deleted.id INTO @d (id); SELECT id FROM @d',
      ),
    ).toEqual(['1', '2']);
    await world.done(
      "CREATE TABLE s (id int, n varchar(5)); INSERT t (a) VALUES (1); INSERT s VALUES (3, 'src')",
    );
    expect(
      await world.rows('UPDATE t SET a = 4 OUTPUT s.n, inserted.a FROM t JOIN s ON s.id = t.id'),
    ).toEqual(['src 4']);
    await world.done('CREATE TRIGGER tr ON t AFTER INSERT AS RETURN');
    expect(await world.faults('INSERT t (a) OUTPUT inserted.id VALUES (1)')).toEqual([334]);
  });
});

describe('MERGE', () => {
  it('takes every branch and says what it did', async () => {
    const world = new World();
    await world.done(`CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE s (id int, a int);
      INSERT t VALUES (1, 1), (2, 2), (3, 3); INSERT s VALUES (2, 20), (3, NULL), (4, 40)`);
    expect(
      (
        await world.rows(`MERGE t AS x USING s ON s.id = x.id
          WHEN MATCHED AND s.a IS NULL THEN DELETE
          WHEN MATCHED THEN UPDATE SET a = s.a
          WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.id, s.a)
          WHEN NOT MATCHED BY SOURCE THEN UPDATE SET a = -1
          OUTPUT $action, inserted.id, deleted.id, s.a;`)
      ).toSorted(),
    ).toEqual(['DELETE ∅ 3 ∅', 'INSERT 4 ∅ 40', 'UPDATE 1 1 ∅', 'UPDATE 2 2 20']);
    expect(await world.rows('SELECT id, a FROM t ORDER BY id')).toEqual(['1 -1', '2 20', '4 40']);
  });

  it('refuses to change a row twice', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (id int PRIMARY KEY, a int); INSERT t VALUES (1, 1)');
    expect(
      await world.faults(`MERGE t USING (VALUES (1, 2), (1, 3)) AS s (id, a) ON s.id = t.id
        WHEN MATCHED THEN UPDATE SET a = s.a;`),
    ).toEqual([8672]);
    expect(await world.rows('SELECT a FROM t')).toEqual(['1']);
    expect(
      await world.faults(
        'MERGE t USING t AS s ON s.id = t.id WHEN MATCHED THEN DELETE WHEN MATCHED AND s.a = 1 THEN UPDATE SET a = 2;',
      ),
    ).toEqual([5324]);
  });

  it('merges into a table variable', async () => {
    const world = new World();
    expect(
      await world.rows(`DECLARE @t TABLE (id int, a int); INSERT @t VALUES (1, 1);
        MERGE @t AS t USING (VALUES (1, 5), (2, 6)) AS s (id, a) ON s.id = t.id
        WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.a);
        SELECT id, a FROM @t ORDER BY id`),
    ).toEqual(['1 5', '2 6']);
  });
});

describe('TRUNCATE TABLE', () => {
  it('empties a table and begins its identity again', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (id int IDENTITY(3, 1), a int); INSERT t VALUES (1), (2)');
    await world.done('TRUNCATE TABLE t; INSERT t VALUES (9)');
    expect(await world.rows('SELECT id, a FROM t')).toEqual(['3 9']);
    await world.done('BEGIN TRAN; TRUNCATE TABLE t; ROLLBACK; INSERT t VALUES (8)');
    expect(await world.rows('SELECT id, a FROM t ORDER BY id')).toEqual(['3 9', '4 8']);
    await world.done('CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p)');
    expect(await world.fault('TRUNCATE TABLE p')).toBe(
      "4712 Cannot truncate table 'p' because it is being referenced by a FOREIGN KEY constraint.",
    );
    expect(await world.faults('TRUNCATE TABLE nope')).toEqual([4701]);
  });
});
