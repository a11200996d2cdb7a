import { describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('foreign keys', () => {
  it('refuses a child without a parent and a parent that has children', async () => {
    const world = new World();
    await world.done(`CREATE TABLE p (id int PRIMARY KEY); INSERT p VALUES (1), (2);
      CREATE TABLE c (id int PRIMARY KEY, pid int NULL CONSTRAINT FK_c FOREIGN KEY REFERENCES p (id));
      INSERT c VALUES (1, 1), (2, NULL)`);
    expect(await world.fault('INSERT c VALUES (3, 9)')).toBe(
      '547 The INSERT statement conflicted with the FOREIGN KEY constraint "FK_c". The conflict occurred in database "PubDB", table "dbo.p", column \'id\'.',
    );
    expect(await world.fault('UPDATE c SET pid = 9')).toBe(
      '547 The UPDATE statement conflicted with the FOREIGN KEY constraint "FK_c". The conflict occurred in database "PubDB", table "dbo.p", column \'id\'.',
    );
    expect(await world.fault('DELETE p')).toBe(
      '547 The DELETE statement conflicted with the REFERENCE constraint "FK_c". The conflict occurred in database "PubDB", table "dbo.c", column \'pid\'.',
    );
    expect(await world.faults('UPDATE p SET id = 7 WHERE id = 1')).toEqual([547]);
    await world.done('UPDATE p SET id = 3 - id');
    await world.done('DELETE p WHERE id = 2');
    expect(await world.rows('SELECT id FROM p')).toEqual(['1']);
    await world.done('ALTER TABLE c NOCHECK CONSTRAINT FK_c; INSERT c VALUES (3, 9)');
    expect(await world.fault('ALTER TABLE c WITH CHECK CHECK CONSTRAINT FK_c')).toBe(
      '547 The ALTER TABLE statement conflicted with the FOREIGN KEY constraint "FK_c". The conflict occurred in database "PubDB", table "dbo.p", column \'id\'.',
    );
  });

  it('follows cascades through several tables', async () => {
    const world = new World();
    await world.done(`CREATE TABLE a (id int PRIMARY KEY);
      CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE ON UPDATE CASCADE);
      CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b ON DELETE CASCADE);
      CREATE TABLE d (id int PRIMARY KEY, b int NULL REFERENCES b ON DELETE SET NULL,
        c int NOT NULL DEFAULT 1 REFERENCES c ON DELETE NO ACTION);
      INSERT a VALUES (1), (2); INSERT b VALUES (10, 1), (20, 2); INSERT c VALUES (1, 10), (2, 20);
      INSERT d VALUES (5, 20, 1)`);
    await world.done('UPDATE a SET id = id + 100');
    expect(await world.rows('SELECT id, a FROM b')).toEqual(['10 101', '20 102']);
    await world.done('DELETE a WHERE id = 102');
    expect(await world.rows('SELECT id FROM c')).toEqual(['1']);
    expect(await world.rows('SELECT id, b, c FROM d')).toEqual(['5 ∅ 1']);
    expect(await world.fault('DELETE a')).toMatch(
      /^547 The DELETE statement conflicted with the REFERENCE constraint "FK__d__c__/,
    );
    expect(await world.rows('SELECT COUNT(*) FROM c')).toEqual(['1']);
  });

  it('sets defaults, which must be there themselves', async () => {
    const world = new World();
    await world.done(`CREATE TABLE p (id int PRIMARY KEY); INSERT p VALUES (0), (1);
      CREATE TABLE c (p int DEFAULT 0 REFERENCES p ON DELETE SET DEFAULT); INSERT c VALUES (1)`);
    await world.done('DELETE p WHERE id = 1');
    expect(await world.rows('SELECT p FROM c')).toEqual(['0']);
    expect(await world.faults('DELETE p WHERE id = 0')).toEqual([547]);
  });

  it('holds circles and tables that refer to themselves', async () => {
    const world = new World();
    await world.done(`CREATE TABLE t (id int PRIMARY KEY, up int NULL CONSTRAINT FK_up REFERENCES t);
      INSERT t VALUES (1, 1), (2, 1), (3, 2)`);
    expect(await world.fault('INSERT t VALUES (4, 9)')).toBe(
      '547 The INSERT statement conflicted with the FOREIGN KEY SAME TABLE constraint "FK_up". The conflict occurred in database "PubDB", table "dbo.t", column \'id\'.',
    );
    expect(await world.fault('DELETE t WHERE id = 2')).toBe(
      '547 The DELETE statement conflicted with the SAME TABLE REFERENCE constraint "FK_up". The conflict occurred in database "PubDB", table "dbo.t", column \'up\'.',
    );
    await world.done('DELETE t WHERE id > 1; DELETE t');
    await world.done(`CREATE TABLE x (id int PRIMARY KEY, y int NULL); CREATE TABLE y (id int PRIMARY KEY, x int NULL REFERENCES x);
      ALTER TABLE x ADD CONSTRAINT FK_xy FOREIGN KEY (y) REFERENCES y;
      INSERT x VALUES (1, NULL); INSERT y VALUES (1, 1); UPDATE x SET y = 1`);
    expect(await world.faults('DELETE x')).toEqual([547]);
    await world.done('UPDATE y SET x = NULL; DELETE x; DELETE y');
  });

  it('matches keys of several columns whatever their order, and NULL refers to nothing', async () => {
    const world = new World();
    await world.done(`CREATE TABLE p (a int, b varchar(5), PRIMARY KEY (b, a)); INSERT p VALUES (1, 'x');
      CREATE TABLE c (a int, b varchar(5), CONSTRAINT FK_c FOREIGN KEY (a, b) REFERENCES p (a, b));
      INSERT c VALUES (1, 'X'), (NULL, 'q'), (5, NULL)`);
    expect(await world.fault("INSERT c VALUES (1, 'y')")).toBe(
      '547 The INSERT statement conflicted with the FOREIGN KEY constraint "FK_c". The conflict occurred in database "PubDB", table "dbo.p".',
    );
    expect(await world.faults('DELETE p')).toEqual([547]);
    await world.done('DELETE c WHERE a = 1; DELETE p');
  });
});

describe('triggers', () => {
  it('fire once a statement, also where no row has changed, after cascades', async () => {
    const world = new World();
    await world.done('CREATE TABLE log (n int IDENTITY, what varchar(40))');
    await world.done(
      'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE)',
    );
    await world.done(
      "CREATE TRIGGER tp ON p AFTER INSERT, UPDATE, DELETE AS INSERT log SELECT CONCAT('p ', (SELECT COUNT(*) FROM inserted), ' ', (SELECT COUNT(*) FROM deleted))",
    );
    await world.done(
      "CREATE TRIGGER tc ON c AFTER DELETE AS INSERT log SELECT CONCAT('c ', COUNT(*)) FROM deleted",
    );
    await world.done('INSERT p VALUES (1), (2); INSERT c VALUES (1, 1), (2, 1)');
    await world.done('DELETE p WHERE id = 1; UPDATE p SET id = 9 WHERE id = 7');
    expect(await world.rows('SELECT what FROM log ORDER BY n')).toEqual(['p 2 0', 'c 2', 'p 0 1', 'p 0 0']);
    await world.done('DISABLE TRIGGER tp ON p; DELETE p; ENABLE TRIGGER ALL ON p');
    expect(await world.rows('SELECT COUNT(*) FROM log')).toEqual(['4']);
  });

  it('INSTEAD OF takes the place of the writing', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (id int PRIMARY KEY, a int)');
    await world.done('CREATE TRIGGER tr ON t INSTEAD OF INSERT AS INSERT t SELECT id, a * 10 FROM inserted');
    expect((await world.done('INSERT t VALUES (1, 2)')).counts.at(-1)).toBe(1);
    expect(await world.rows('SELECT id, a FROM t')).toEqual(['1 20']);
    await world.done(
      'CREATE TRIGGER td ON t INSTEAD OF DELETE AS UPDATE t SET a = -1 FROM t JOIN deleted d ON d.id = t.id',
    );
    await world.done('DELETE t');
    expect(await world.rows('SELECT id, a FROM t')).toEqual(['1 -1']);
  });

  it('undoes the statement with the trigger that fails', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (id int PRIMARY KEY)');
    await world.done(
      "CREATE TRIGGER tr ON t AFTER INSERT AS IF EXISTS (SELECT * FROM inserted WHERE id > 5) THROW 50001, 'no', 1",
    );
    expect(await world.faults('INSERT t VALUES (1); INSERT t VALUES (9)')).toEqual([50001]);
    expect(await world.rows('SELECT id FROM t')).toEqual(['1']);
  });
});
