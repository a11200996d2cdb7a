import { describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('INSERT', () => {
  it('writes rows with defaults, identity and computed columns', async () => {
    const world = new World();
    await world.done(`CREATE TABLE dbo.t (
      id int IDENTITY(10, 5) NOT NULL CONSTRAINT PK_t PRIMARY KEY,
      name nvarchar(20) NOT NULL,
      state char(2) NOT NULL DEFAULT 'NY',
      amount decimal(9,2) NULL,
      twice AS amount * 2,
      kept AS (amount + 1) PERSISTED)`);
    await world.done(`INSERT INTO dbo.t (name, amount) VALUES ('a', 1.5), (N'b', NULL)`);
    await world.done(`INSERT t (name, state) VALUES ('c', DEFAULT)`);
    expect(await world.rows('SELECT id, name, state, amount, twice, kept FROM t ORDER BY id')).toEqual([
      '10 a NY 1.50 3.00 2.50',
      '15 b NY ∅ ∅ ∅',
      '20 c NY ∅ ∅ ∅',
    ]);
    expect(await world.rows("INSERT t (name) VALUES ('d'); SELECT SCOPE_IDENTITY(), @@IDENTITY")).toEqual([
      '25 25',
    ]);
  });

  it('takes rows from a query and from a procedure', async () => {
    const world = new World();
    await world.done('CREATE TABLE a (x int, y varchar(10)); CREATE TABLE b (x bigint, y nvarchar(3))');
    await world.done("INSERT a SELECT 1, 'one' UNION ALL SELECT 2, 'two'");
    await world.done('INSERT b (y, x) SELECT y, x FROM a WHERE x > 1');
    await world.done("CREATE PROCEDURE p AS BEGIN SELECT 7, 'six'; SELECT 8, NULL END");
    await world.done('INSERT b EXEC p');
    expect(await world.rows('SELECT x, y FROM b ORDER BY x')).toEqual(['2 two', '7 six', '8 ∅']);
  });

  it('fills a table that it makes: SELECT INTO', async () => {
    const world = new World();
    await world.done("CREATE TABLE a (id int IDENTITY, y varchar(10)); INSERT a VALUES ('p'), ('q')");
    await world.done("SELECT id, y, 1.5 AS z INTO b FROM a; INSERT b (y, z) VALUES ('r', 2)");
    expect(await world.rows('SELECT * FROM b ORDER BY id')).toEqual(['1 p 1.5', '2 q 1.5', '3 r 2.0']);
    expect(await world.fault('SELECT 1 AS a INTO b')).toBe(
      "2714 There is already an object named 'b' in the database.",
    );
  });

  it('refuses what does not fit, and leaves nothing of the statement', async () => {
    const world = new World();
    await world.done(`CREATE TABLE p (id int NOT NULL PRIMARY KEY, u varchar(5) NULL CONSTRAINT UQ_p UNIQUE,
      n int NOT NULL CONSTRAINT CK_n CHECK (n > 0), x varchar(3))`);
    await world.done("INSERT p VALUES (1, 'a', 1, NULL)");
    expect(await world.fault("INSERT p VALUES (2, 'b', 1, NULL), (1, 'c', 1, NULL)")).toMatch(
      /^2627 Violation of PRIMARY KEY constraint 'PK__p__[0-9A-F]{16}'\. Cannot insert duplicate key in object 'dbo\.p'\. The duplicate key value is \(1\)\.$/,
    );
    expect(await world.fault("INSERT p VALUES (2, 'A ', 1, NULL)")).toBe(
      "2627 Violation of UNIQUE KEY constraint 'UQ_p'. Cannot insert duplicate key in object 'dbo.p'. The duplicate key value is (A ).",
    );
    await world.done('INSERT p VALUES (2, NULL, 1, NULL)');
    expect(await world.fault('INSERT p VALUES (3, NULL, 1, NULL)')).toBe(
      "2627 Violation of UNIQUE KEY constraint 'UQ_p'. Cannot insert duplicate key in object 'dbo.p'. The duplicate key value is (<NULL>).",
    );
    expect(await world.fault("INSERT p VALUES (4, 'd', 0, NULL)")).toBe(
      '547 The INSERT statement conflicted with the CHECK constraint "CK_n". The conflict occurred in database "PubDB", table "dbo.p", column \'n\'.',
    );
    expect(await world.fault("INSERT p (id, u) VALUES (4, 'd')")).toBe(
      "515 Cannot insert the value NULL into column 'n', table 'PubDB.dbo.p'; column does not allow nulls. INSERT fails.",
    );
    expect(await world.fault("INSERT p VALUES (4, 'd', 1, 'toolong')")).toMatch(/^2628 /);
    expect(await world.rows('SELECT COUNT(*) FROM p')).toEqual(['2']);
  });

  it('counts columns and values', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int, b int IDENTITY, c AS a + 1, v rowversion)');
    const faults = async (text: string) => (await world.faults(text))[0];
    expect(await faults('INSERT t (a) VALUES (1, 2)')).toBe(110);
    expect(await faults('INSERT t (a, v) VALUES (1)')).toBe(109);
    expect(await faults('INSERT t (a) SELECT 1, 2')).toBe(121);
    expect(await faults('INSERT t (a, v) SELECT 1')).toBe(120);
    expect(await faults('INSERT t VALUES (1)')).toBe(213);
    expect(await faults('INSERT t (a, a) VALUES (1, 1)')).toBe(264);
    expect(await faults('INSERT t (nope) VALUES (1)')).toBe(207);
    expect(await faults('INSERT nope VALUES (1)')).toBe(208);
    expect(await faults('INSERT t (c) VALUES (1)')).toBe(271);
    expect(await faults('INSERT t (a, v) VALUES (1, 0x01)')).toBe(273);
    expect(await faults('INSERT t (a, b) VALUES (1, 1)')).toBe(544);
    expect(await faults('INSERT t VALUES (1, 1, 1)')).toBe(8101);
    expect(await faults('INSERT sys.objects (name) VALUES (1)')).toBe(259);
    await world.done('INSERT t VALUES (1, DEFAULT); INSERT t DEFAULT VALUES');
    expect(await world.rows('SELECT a, b, c FROM t ORDER BY b')).toEqual(['1 1 2', '∅ 2 ∅']);
  });

  it('keeps given identity values with IDENTITY_INSERT, and counts on from the greatest', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (id int IDENTITY PRIMARY KEY, a int)');
    await world.done('SET IDENTITY_INSERT t ON; INSERT t (id, a) VALUES (5, 1), (3, 2)');
    expect(await world.faults('INSERT t (a) VALUES (1)')).toEqual([545]);
    await world.done('SET IDENTITY_INSERT t OFF; INSERT t (a) VALUES (3)');
    expect(await world.rows('SELECT id FROM t ORDER BY id')).toEqual(['3', '5', '6']);
  });

  it('gives every row a greater rowversion, again at an update', async () => {
    const world = new World();
    await world.done('CREATE TABLE t (a int, v rowversion); INSERT t (a) VALUES (1), (2)');
    const [first] = await world.rows('SELECT MAX(CONVERT(bigint, v)) FROM t');
    await world.done('UPDATE t SET a = a WHERE a = 1');
    const [second] = await world.rows('SELECT CONVERT(bigint, v) FROM t WHERE a = 1');
    expect(BigInt(second ?? 0)).toBeGreaterThan(BigInt(first ?? 0));
    expect(await world.faults('UPDATE t SET v = 0x01')).toEqual([272]);
  });
});
