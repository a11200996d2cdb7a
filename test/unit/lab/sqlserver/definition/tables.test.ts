import { describe, expect, it } from 'vitest';
import { World } from '../dml/world.ts';

describe('CREATE TABLE', () => {
  it('refuses what cannot be a table, with 1750 behind the reason of a constraint', async () => {
    const world = new World();
    await world.done('CREATE TABLE p (id int PRIMARY KEY, u varchar(5) UNIQUE, x int)');
    const cases: readonly (readonly [string, readonly number[]])[] = [
      ['CREATE TABLE p (a int)', [2714]],
      ['CREATE TABLE nope.t (a int)', [2760]],
      ['CREATE TABLE t (a int, A int)', [2705]],
      ['CREATE TABLE t (a foo)', [2715]],
      ['CREATE TABLE t (a int IDENTITY, b int IDENTITY)', [2744]],
      ['CREATE TABLE t (a varchar(5) IDENTITY)', [2749]],
      ['CREATE TABLE t (a int NULL IDENTITY)', [8147]],
      ['CREATE TABLE t (a rowversion, b timestamp)', [2738]],
      ['CREATE TABLE t (a int NULL PRIMARY KEY)', [8111, 1750]],
      ['CREATE TABLE t (a int PRIMARY KEY, b int PRIMARY KEY)', [8110, 1750]],
      ['CREATE TABLE t (a int DEFAULT 1 DEFAULT 2)', [8148, 1750]],
      ['CREATE TABLE t (a int REFERENCES nope)', [1767, 1750]],
      ['CREATE TABLE t (a int, FOREIGN KEY (b) REFERENCES p)', [1769, 1750]],
      ['CREATE TABLE t (a int REFERENCES p (nope))', [1770, 1750]],
      ['CREATE TABLE t (a int REFERENCES p (x))', [1776, 1750]],
      ['CREATE TABLE t (a bigint REFERENCES p)', [1778, 1750]],
      ['CREATE TABLE t (a int, CHECK (b > 1))', [207, 1750]],
      ['CREATE TABLE t (a int CHECK (a > 1), b int CHECK (a > 1))', [8141, 1750]],
      ['CREATE TABLE t (a int, CONSTRAINT x CHECK (a > 1), CONSTRAINT x CHECK (a > 2))', [2714, 1750]],
      ['CREATE TABLE t (a int NOT NULL REFERENCES p ON DELETE SET NULL)', [1761, 1750]],
      ['CREATE TABLE t (id int PRIMARY KEY, a int REFERENCES t ON DELETE CASCADE)', [1785, 1750]],
      ['CREATE TABLE t (a int, b AS getdate() PERSISTED)', [4936]],
      ['CREATE TABLE t (a int, b AS a + 1, c AS b + 1)', [1759]],
      ['CREATE TABLE t (a varchar(max) PRIMARY KEY)', [1919, 1750]],
      ['CREATE TABLE t (a int, PRIMARY KEY (nope))', [1911, 1750]],
    ];
    for (const [text, expected] of cases) expect([text, await world.faults(text)]).toEqual([text, expected]);
    expect(await world.faults('SELECT * FROM t')).toEqual([208]);
  });

  it('names constraints as SQL Server does', async () => {
    const world = new World();
    await world.done(
      "CREATE TABLE Customers (Id int PRIMARY KEY, Email varchar(50) UNIQUE, Age int CHECK (Age > 17), State char(2) DEFAULT ('NY'))",
    );
    const table = world.instance.databases.get('pubdb')?.catalog.tables.values().next().value;
    const names = [
      ...(table?.keys.map(key => key.name) ?? []),
      ...(table?.checks.map(check => check.name) ?? []),
      ...(table?.columns.flatMap(column => column.default?.name ?? []) ?? []),
    ];
    expect(names.map(name => name.replace(/[0-9A-F]{8,}$/, '#'))).toEqual([
      'PK__Customers__#',
      'UQ__Customers__#',
      'CK__Customers__Age__#',
      'DF__Customers__State__#',
    ]);
    expect(table?.indexes.map(index => [index.id, index.clustered])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(table?.checks[0]?.text).toBe('(Age > 17)');
    expect(table?.columns[3]?.default?.text).toBe("('NY')");
    expect(table?.columns[0]?.nullable).toBe(false);
  });

  it('is undone with its transaction', async () => {
    const world = new World();
    await world.done('BEGIN TRAN; CREATE TABLE t (a int); INSERT t VALUES (1); ROLLBACK');
    expect(await world.faults('SELECT * FROM t')).toEqual([208]);
    await world.done('BEGIN TRAN; CREATE TABLE t (a int); INSERT t VALUES (1); COMMIT');
    expect(await world.rows('SELECT a FROM t')).toEqual(['1']);
  });
});

describe('ALTER TABLE', () => {
  it('adds columns to rows that are there', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int); INSERT t VALUES (1), (2)');
    expect(await world.fault('ALTER TABLE t ADD b int NOT NULL')).toMatch(
      /^4901 .*Column 'b' cannot be added to non-empty table 't'/,
    );
    await world.done(
      "ALTER TABLE t ADD b int NOT NULL DEFAULT 5, c varchar(5) NULL DEFAULT 'x', id int IDENTITY(7, 1), d AS a * 2 PERSISTED",
    );
    expect(await world.rows('SELECT a, b, c, id, d FROM t ORDER BY a')).toEqual(['1 5 ∅ 7 2', '2 5 ∅ 8 4']);
    await world.done('INSERT t (a) VALUES (3)');
    expect(await world.rows('SELECT a, b, c, id, d FROM t WHERE a = 3')).toEqual(['3 5 x 9 6']);
  });

  it('adds constraints and looks at the rows unless it is told not to', async () => {
    const world = new World();
    await world.done(
      'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int NOT NULL, b int); INSERT t VALUES (1, 1), (1, 2)',
    );
    expect(await world.faults('ALTER TABLE t ADD CONSTRAINT PK_t PRIMARY KEY (a)')).toEqual([1505, 1750]);
    expect(await world.faults('ALTER TABLE t ADD CONSTRAINT PK_t PRIMARY KEY (b)')).toEqual([8111, 1750]);
    expect(await world.faults('ALTER TABLE t ADD CONSTRAINT CK CHECK (b > 1)')).toEqual([547]);
    expect(await world.faults('ALTER TABLE t ADD CONSTRAINT FK FOREIGN KEY (a) REFERENCES p')).toEqual([547]);
    await world.done(
      'ALTER TABLE t WITH NOCHECK ADD CONSTRAINT CK CHECK (b > 1), CONSTRAINT FK FOREIGN KEY (a) REFERENCES p',
    );
    expect(await world.rows('SELECT is_not_trusted, is_disabled FROM sys.check_constraints')).toEqual([
      '1 0',
    ]);
    expect(await world.rows('SELECT is_not_trusted, is_disabled FROM sys.foreign_keys')).toEqual(['1 0']);
    expect(await world.faults('INSERT t VALUES (1, 1)')).toEqual([547]);
    await world.done('ALTER TABLE t NOCHECK CONSTRAINT ALL; INSERT t VALUES (1, 0)');
    await world.done('DELETE t; ALTER TABLE t WITH CHECK CHECK CONSTRAINT ALL');
    expect(await world.rows('SELECT is_not_trusted, is_disabled FROM sys.foreign_keys')).toEqual(['0 0']);
    expect(await world.faults('ALTER TABLE t CHECK CONSTRAINT nope')).toEqual([4917, 4916]);
    await world.done('ALTER TABLE t ADD CONSTRAINT PK_t PRIMARY KEY (a)');
    expect(await world.faults('ALTER TABLE t ADD CONSTRAINT PK_2 PRIMARY KEY (a)')).toEqual([1779, 1750]);
  });

  it('converts a column, all rows or none', async () => {
    const world = new World();
    await world.done(
      "CREATE TABLE t (a varchar(10) NULL, b int, n AS b + 1); INSERT t VALUES ('12', 1), ('7', 2)",
    );
    await world.done('ALTER TABLE t ALTER COLUMN a bigint NOT NULL');
    expect(await world.rows('SELECT a + 1 FROM t ORDER BY a')).toEqual(['8', '13']);
    expect(await world.faults('INSERT t (a) VALUES (NULL)')).toEqual([515]);
    expect((await world.faults('ALTER TABLE t ALTER COLUMN a tinyint')).length).toBe(0);
    await world.done('ALTER TABLE t ADD c varchar(20)');
    await world.done("UPDATE t SET c = 'long text'");
    expect((await world.fault('ALTER TABLE t ALTER COLUMN c varchar(3)')).slice(0, 4)).toBe('2628');
    expect(await world.rows('SELECT c FROM t')).toEqual(['long text', 'long text']);
    expect(await world.faults('ALTER TABLE t ALTER COLUMN b bigint')).toEqual([5074, 4922]);
    expect(await world.faults('ALTER TABLE t ALTER COLUMN n bigint')).toEqual([4928]);
    expect(await world.faults('ALTER TABLE t ALTER COLUMN q bigint')).toEqual([4924]);
  });

  it('keeps columns that something hangs on', async () => {
    const world = new World();
    await world.done(`CREATE TABLE t (id int CONSTRAINT PK_t PRIMARY KEY, a int CONSTRAINT DF_a DEFAULT 1, b int CONSTRAINT CK_b CHECK (b > 0), c int);
      CREATE INDEX IX_c ON t (c); CREATE TABLE r (t int CONSTRAINT FK_r REFERENCES t)`);
    const texts = (await world.run('ALTER TABLE t DROP COLUMN a')).faults.map(({ text }) => text);
    expect(texts).toEqual([
      "The object 'DF_a' is dependent on column 'a'.",
      'ALTER TABLE DROP COLUMN a failed because one or more objects access this column.',
    ]);
    expect(await world.fault('ALTER TABLE t DROP COLUMN c')).toBe(
      "5074 The index 'IX_c' is dependent on column 'c'.",
    );
    expect(await world.faults('ALTER TABLE t DROP CONSTRAINT PK_t')).toEqual([3725, 3727]);
    expect(await world.faults('ALTER TABLE t DROP CONSTRAINT nope')).toEqual([3728, 3727]);
    await world.done('ALTER TABLE t DROP CONSTRAINT DF_a, COLUMN a');
    await world.done('INSERT t VALUES (1, 2, 3)');
    expect(await world.rows('SELECT * FROM t')).toEqual(['1 2 3']);
    await world.done('ALTER TABLE t ADD a int');
    expect(await world.rows('SELECT a FROM t')).toEqual(['∅']);
  });
});

describe('indexes', () => {
  it('are made, refused, disabled and rebuilt', async () => {
    const world = new World();
    await world.done(
      "CREATE TABLE t (a int, b varchar(5)); INSERT t VALUES (1, 'x'), (2, 'X'), (3, NULL), (4, NULL)",
    );
    expect(await world.fault('CREATE UNIQUE INDEX ux ON t (b)')).toMatch(
      /^1505 The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name 'dbo\.t' and the index name 'ux'\. The duplicate key value is \(X\)\.$/,
    );
    await world.done('DELETE t WHERE a = 2; CREATE UNIQUE INDEX ux ON t (b) WHERE b IS NOT NULL');
    expect(await world.fault("INSERT t VALUES (5, 'x')")).toBe(
      "2601 Cannot insert duplicate key row in object 'dbo.t' with unique index 'ux'. The duplicate key value is (x).",
    );
    await world.done('INSERT t VALUES (6, NULL); ALTER INDEX ux ON t DISABLE');
    await world.done("INSERT t VALUES (5, 'x')");
    expect(await world.faults('ALTER INDEX ux ON t REBUILD')).toEqual([1505]);
    await world.done('DELETE t WHERE a = 5; ALTER INDEX ALL ON t REBUILD');
    expect(await world.faults("UPDATE t SET b = 'x'")).toEqual([2601]);
    expect(await world.faults('CREATE INDEX ux ON t (a)')).toEqual([1913]);
    expect(await world.faults('CREATE INDEX i ON t (nope)')).toEqual([1911]);
    expect(await world.faults('CREATE INDEX i ON nope (a)')).toEqual([1088]);
    expect(await world.faults('DROP INDEX nope ON t')).toEqual([3701]);
    await world.done('DROP INDEX ux ON t; CREATE CLUSTERED INDEX c ON t (a DESC)');
    expect(await world.faults('CREATE CLUSTERED INDEX c2 ON t (b)')).toEqual([1902]);
    await world.done('ALTER TABLE t ADD CONSTRAINT UQ UNIQUE (a)');
    expect(await world.faults('DROP INDEX UQ ON t')).toEqual([3723]);
  });
});
