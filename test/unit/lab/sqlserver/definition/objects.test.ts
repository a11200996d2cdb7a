import { describe, expect, it } from 'vitest';
import { asCreate } from '../../../../../src/lab/sqlserver/definition/modules.ts';
import { bare, defaultText } from '../../../../../src/lab/sqlserver/definition/text.ts';
import { World } from '../dml/world.ts';

describe('modules', () => {
  it('are created, altered and dropped', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int, b int); INSERT t VALUES (1, 2)');
    expect(await world.faults('ALTER VIEW v AS SELECT a FROM t')).toEqual([208]);
    await world.done('CREATE VIEW v AS SELECT a FROM t');
    expect(await world.faults('CREATE VIEW v AS SELECT a FROM t')).toEqual([2714]);
    await world.done('CREATE OR ALTER VIEW v AS SELECT b FROM t');
    expect(await world.rows('SELECT * FROM v')).toEqual(['2']);
    expect(await world.faults('CREATE VIEW w AS SELECT a + 1 FROM t')).toEqual([4511]);
    expect(await world.faults('CREATE VIEW w AS SELECT a, b AS A FROM t')).toEqual([4506]);
    expect(await world.faults('CREATE VIEW w (x) AS SELECT a, b FROM t')).toEqual([8158]);
    expect(await world.faults('CREATE VIEW w AS SELECT a FROM nope')).toEqual([208]);
    expect(await world.faults('ALTER PROCEDURE v AS SELECT 1')).toEqual([2010]);
    expect(await world.faults('CREATE TRIGGER tr ON nope AFTER INSERT AS RETURN')).toEqual([8197]);
    expect(await world.faults('CREATE PROCEDURE p @x dbo.nope AS SELECT 1')).toEqual([2715]);
    await world.done('CREATE TYPE dbo.Ids AS TABLE (id int)');
    expect(await world.faults('CREATE PROCEDURE p @x dbo.Ids AS SELECT 1')).toEqual([352]);
    await world.done('CREATE PROCEDURE p @x dbo.Ids READONLY, @n sysname, @d decimal(9, 2) = 1 AS SELECT 1');
    expect(await world.faults('DROP PROCEDURE v')).toEqual([3705]);
    await world.done('DROP VIEW v; DROP VIEW IF EXISTS v');
    expect(await world.faults('DROP VIEW v')).toEqual([3701]);
  });

  it('keep their text as it would be created', () => {
    expect(asCreate('ALTER PROCEDURE p AS SELECT 1')).toBe('CREATE PROCEDURE p AS SELECT 1');
    expect(asCreate('-- alter\ncreate or alter view v AS SELECT 1')).toBe(
      '-- alter\nCREATE   view v AS SELECT 1',
    );
    expect(asCreate('CREATE VIEW v AS SELECT 1')).toBe('CREATE VIEW v AS SELECT 1');
  });
});

describe('other objects', () => {
  it('drops tables in the order that foreign keys allow', async () => {
    const world = new World();
    await world.done('CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p)');
    expect(await world.fault('DROP TABLE p')).toBe(
      "3726 Could not drop object 'p' because it is referenced by a FOREIGN KEY constraint.",
    );
    expect(await world.fault('DROP TABLE nope')).toBe(
      "3701 Cannot drop the table 'nope', because it does not exist or you do not have permission.",
    );
    await world.done('DROP TABLE c, p');
    expect(await world.rows('SELECT COUNT(*) FROM sys.tables')).toEqual(['0']);
  });

  it('knows schemas, sequences, types and synonyms', async () => {
    const world = new World();
    await world.done('CREATE SCHEMA loans');
    expect(await world.faults('CREATE SCHEMA loans')).toEqual([2714, 2759]);
    await world.done('CREATE TABLE loans.t (a int); INSERT loans.t VALUES (1)');
    expect(await world.faults('DROP SCHEMA loans')).toEqual([3729]);
    expect(await world.faults('DROP SCHEMA nope')).toEqual([15151]);
    await world.done('CREATE SEQUENCE loans.q AS int START WITH 10 INCREMENT BY 5');
    await world.done(
      'CREATE TABLE s (id int DEFAULT NEXT VALUE FOR loans.q, x int); INSERT s (x) VALUES (1), (2)',
    );
    expect(await world.rows('SELECT id FROM s')).toEqual(['10', '15']);
    await world.done('ALTER SEQUENCE loans.q RESTART WITH 100');
    expect(await world.rows('SELECT NEXT VALUE FOR loans.q')).toEqual(['100']);
    expect(await world.faults('CREATE SEQUENCE z AS varchar(5)')).toEqual([11702]);
    await world.done('CREATE TYPE dbo.Money2 FROM decimal(9,2) NOT NULL; CREATE TABLE m (a dbo.Money2)');
    expect(await world.faults('INSERT m VALUES (NULL)')).toEqual([515]);
    expect(await world.faults('DROP TYPE dbo.Money2')).toEqual([3732]);
    await world.done('CREATE TYPE dbo.Ids AS TABLE (id int PRIMARY KEY)');
    expect(await world.rows('DECLARE @i dbo.Ids; INSERT @i VALUES (4); SELECT id FROM @i')).toEqual(['4']);
    await world.done('CREATE SYNONYM syn FOR loans.t; INSERT syn VALUES (2)');
    expect(await world.rows('SELECT COUNT(*) FROM syn')).toEqual(['2']);
    await world.done('DROP SYNONYM syn; DROP SEQUENCE IF EXISTS nope; UPDATE STATISTICS loans.t');
  });

  it('tracks changes of a table that has a key', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int); CREATE TABLE k (a int PRIMARY KEY)');
    expect(await world.faults('ALTER TABLE k ENABLE CHANGE_TRACKING')).toEqual([4995]);
    const database = world.instance.databases.get('pubdb');
    if (database) database.options.changeTracking = { retentionMinutes: 60, autoCleanup: true };
    expect(await world.faults('ALTER TABLE t ENABLE CHANGE_TRACKING')).toEqual([4997]);
    await world.done('ALTER TABLE k ENABLE CHANGE_TRACKING WITH (TRACK_COLUMNS_UPDATED = ON)');
    expect(await world.faults('ALTER TABLE k ENABLE CHANGE_TRACKING')).toEqual([4996]);
    await world.done('INSERT k VALUES (1); TRUNCATE TABLE k');
    expect(await world.rows("SELECT CHANGE_TRACKING_MIN_VALID_VERSION(OBJECT_ID('k'))")).toEqual(['2']);
    await world.done('ALTER TABLE k DISABLE CHANGE_TRACKING');
    expect(await world.faults('ALTER TABLE k DISABLE CHANGE_TRACKING')).toEqual([4998]);
  });
});

describe('texts of definitions', () => {
  it('have the parentheses that SQL Server shows', () => {
    expect(defaultText('0')).toBe('((0))');
    expect(defaultText('((-1.5))')).toBe('((-1.5))');
    expect(defaultText("'x'")).toBe("('x')");
    expect(defaultText('getdate()')).toBe('(getdate())');
    expect(bare('(a) + (b)')).toBe('(a) + (b)');
    expect(bare("((']' + [x)]))")).toBe("']' + [x)]");
  });
});

describe('rows that a definition lays out anew', () => {
  it('are no changes to be tracked', async () => {
    const world = new World();
    await world.done("CREATE TABLE t (id int PRIMARY KEY, a varchar(5)); INSERT t VALUES (1, '5')");
    const database = world.instance.databases.get('pubdb');
    if (database) database.options.changeTracking = { retentionMinutes: 60, autoCleanup: true };
    await world.done('ALTER TABLE t ENABLE CHANGE_TRACKING');
    await world.done('ALTER TABLE t ALTER COLUMN a bigint');
    await world.done('ALTER TABLE t ADD n int IDENTITY(3, 1)');
    expect(await world.rows('SELECT a + 1, n FROM t')).toEqual(['6 3']);
    expect(await world.rows('SELECT COUNT(*) FROM CHANGETABLE(CHANGES t, 0) AS c')).toEqual(['0']);
    await world.done('UPDATE t SET a = 6');
    expect(await world.rows('SELECT SYS_CHANGE_OPERATION, id FROM CHANGETABLE(CHANGES t, 0) AS c')).toEqual([
      'U 1',
    ]);
  });
});
