import { expect } from 'vitest';
import { type Case, does, failsWith, refuses, rowsOf, shows, value } from '../case.ts';

const KEYED = 'CREATE TABLE dbo.t (id int NOT NULL CONSTRAINT PK_t PRIMARY KEY, v int NULL)';
const PAIR = `CREATE TABLE dbo.p (id int NOT NULL CONSTRAINT PK_p PRIMARY KEY);
  CREATE TABLE dbo.c (id int NOT NULL PRIMARY KEY, p int NULL CONSTRAINT FK_c_p REFERENCES dbo.p (id))`;

export const CONSTRAINTS: readonly Case[] = [
  refuses(
    'constraints/2627',
    'a double key is 2627 with constraint, object and value',
    [`${KEYED}; INSERT dbo.t VALUES (1, 1)`, 'INSERT dbo.t VALUES (1, 2)'],
    {
      number: 2627,
      severity: 14,
      state: 1,
      line: 1,
      message:
        "Violation of PRIMARY KEY constraint 'PK_t'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (1).",
    },
  ),
  refuses(
    'constraints/2627-unique',
    'a unique constraint names itself so',
    [
      'CREATE TABLE dbo.t (a int, b varchar(5), CONSTRAINT UQ_t UNIQUE (a, b)); INSERT dbo.t VALUES (1, NULL)',
      'INSERT dbo.t VALUES (1, NULL)',
    ],
    {
      number: 2627,
      message:
        "Violation of UNIQUE KEY constraint 'UQ_t'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (1, <NULL>).",
    },
  ),
  refuses(
    'constraints/2601',
    'a unique index is 2601',
    [
      'CREATE TABLE dbo.t (a int); CREATE UNIQUE INDEX UX_t ON dbo.t (a); INSERT dbo.t VALUES (7)',
      'INSERT dbo.t VALUES (7)',
    ],
    {
      number: 2601,
      severity: 14,
      state: 1,
      message:
        "Cannot insert duplicate key row in object 'dbo.t' with unique index 'UX_t'. The duplicate key value is (7).",
    },
  ),
  shows(
    'constraints/filtered',
    'a filtered unique index holds for its rows only',
    [
      'CREATE TABLE dbo.t (a int, live bit); CREATE UNIQUE INDEX UX_t ON dbo.t (a) WHERE live = 1',
      'INSERT dbo.t VALUES (1, 0), (1, 0), (1, 1); SELECT COUNT(*) FROM dbo.t',
    ],
    [[3]],
  ),
  shows(
    'constraints/ignore-dup',
    'IGNORE_DUP_KEY drops the row with message 3604',
    [
      'CREATE TABLE dbo.t (a int); CREATE UNIQUE INDEX UX_t ON dbo.t (a) WITH (IGNORE_DUP_KEY = ON)',
      'INSERT dbo.t VALUES (1), (1), (2); SELECT COUNT(*) FROM dbo.t',
    ],
    [[2]],
    { differs: 'it refuses IGNORE_DUP_KEY' },
  ),
  refuses('constraints/515', 'NULL where none may be is 515', [KEYED, 'INSERT dbo.t (v) VALUES (1)'], {
    number: 515,
    severity: 16,
    state: 2,
    message:
      /^Cannot insert the value NULL into column 'id', table '.*\.dbo\.t'; column does not allow nulls\. INSERT fails\.$/,
  }),
  refuses(
    'constraints/515-update',
    'and says UPDATE',
    [`${KEYED}; INSERT dbo.t VALUES (1, 1)`, 'UPDATE dbo.t SET id = NULL'],
    { number: 515, message: /column does not allow nulls\. UPDATE fails\.$/ },
  ),
  refuses('constraints/547-insert', 'no parent is 547', [PAIR, 'INSERT dbo.c VALUES (1, 9)'], {
    number: 547,
    severity: 16,
    state: 0,
    message:
      /^The INSERT statement conflicted with the FOREIGN KEY constraint "FK_c_p"\. The conflict occurred in database ".*", table "dbo\.p", column 'id'\.$/,
  }),
  refuses(
    'constraints/547-delete',
    'a parent with children is 547',
    [PAIR, 'INSERT dbo.p VALUES (1); INSERT dbo.c VALUES (1, 1)', 'DELETE dbo.p'],
    {
      number: 547,
      message:
        /^The DELETE statement conflicted with the REFERENCE constraint "FK_c_p"\. The conflict occurred in database ".*", table "dbo\.c", column 'p'\.$/,
    },
  ),
  refuses(
    'constraints/547-check',
    'a check is 547',
    ['CREATE TABLE dbo.t (a int CONSTRAINT CK_a CHECK (a > 0))', 'INSERT dbo.t VALUES (0)'],
    {
      number: 547,
      message:
        /^The INSERT statement conflicted with the CHECK constraint "CK_a"\. The conflict occurred in database ".*", table "dbo\.t", column 'a'\.$/,
    },
  ),
  shows(
    'constraints/check-null',
    'a check that is unknown holds',
    ['CREATE TABLE dbo.t (a int CHECK (a > 0))', 'INSERT dbo.t VALUES (NULL); SELECT COUNT(*) FROM dbo.t'],
    [[1]],
  ),
  shows(
    'constraints/self',
    'a row may be its own parent',
    [
      'CREATE TABLE dbo.t (id int PRIMARY KEY, up int REFERENCES dbo.t (id))',
      'INSERT dbo.t VALUES (1, 1), (2, 3), (3, 1); SELECT COUNT(*) FROM dbo.t',
    ],
    [[3]],
  ),
  shows(
    'cascades/delete',
    'ON DELETE CASCADE and SET NULL',
    [
      `CREATE TABLE dbo.p (id int PRIMARY KEY); CREATE TABLE dbo.c (id int PRIMARY KEY, p int REFERENCES dbo.p (id) ON DELETE CASCADE);
     CREATE TABLE dbo.d (id int PRIMARY KEY, c int REFERENCES dbo.c (id) ON DELETE SET NULL)`,
      'INSERT dbo.p VALUES (1), (2); INSERT dbo.c VALUES (10, 1), (20, 2); INSERT dbo.d VALUES (100, 10), (200, 20)',
      'DELETE dbo.p WHERE id = 1; SELECT d.id, d.c, (SELECT COUNT(*) FROM dbo.c) FROM dbo.d AS d ORDER BY d.id',
    ],
    [
      [100, null, 1],
      [200, 20, 1],
    ],
  ),
  shows(
    'cascades/update',
    'ON UPDATE CASCADE',
    [
      'CREATE TABLE dbo.p (id int PRIMARY KEY); CREATE TABLE dbo.c (id int PRIMARY KEY, p int REFERENCES dbo.p (id) ON UPDATE CASCADE)',
      'INSERT dbo.p VALUES (1); INSERT dbo.c VALUES (10, 1)',
      'UPDATE dbo.p SET id = 5; SELECT p FROM dbo.c',
    ],
    [[5]],
  ),
  refuses(
    'cascades/1785',
    'two ways of cascading are 1785',
    [
      'CREATE TABLE dbo.p (id int PRIMARY KEY)',
      'CREATE TABLE dbo.c (a int REFERENCES dbo.p (id) ON DELETE CASCADE, b int CONSTRAINT FK_b REFERENCES dbo.p (id) ON DELETE CASCADE)',
    ],
    { number: 1750, before: [1785] },
  ),
  refuses('constraints/3701', 'a table that is not there is not dropped', 'DROP TABLE dbo.nothing', {
    number: 3701,
    severity: 11,
    state: 5,
    message: "Cannot drop the table 'dbo.nothing', because it does not exist or you do not have permission.",
  }),
  shows('constraints/if-exists', 'DROP … IF EXISTS', 'DROP TABLE IF EXISTS dbo.nothing; SELECT 1', [[1]], {
    since: 13,
  }),
  refuses('constraints/3726', 'a parent table is not dropped', [PAIR, 'DROP TABLE dbo.p'], {
    number: 3726,
    message: "Could not drop object 'dbo.p' because it is referenced by a FOREIGN KEY constraint.",
  }),
  refuses('constraints/4712', 'a parent table is not truncated', [PAIR, 'TRUNCATE TABLE dbo.p'], {
    number: 4712,
    message: "Cannot truncate table 'dbo.p' because it is being referenced by a FOREIGN KEY constraint.",
  }),
  refuses('constraints/2714', 'a name twice is 2714', [KEYED, 'CREATE TABLE dbo.t (a int)'], {
    number: 2714,
    severity: 16,
    state: 6,
    message: "There is already an object named 't' in the database.",
  }),
  refuses(
    'constraints/1779',
    'a second primary key is 1779',
    [KEYED, 'ALTER TABLE dbo.t ADD CONSTRAINT PK_2 PRIMARY KEY (v)'],
    { number: 1750, before: [1779] },
  ),
  refuses(
    'constraints/8111',
    'a key needs columns without NULL',
    ['CREATE TABLE dbo.t (a int NULL)', 'ALTER TABLE dbo.t ADD PRIMARY KEY (a)'],
    { number: 1750, before: [8111] },
  ),
  refuses('constraints/2705', 'a column twice is 2705', 'CREATE TABLE dbo.t (a int, A int)', {
    number: 2705,
    message:
      /^Column names in each table must be unique\. Column name 'A' in table '(?:dbo\.)?t' is specified more than once\.$/,
  }),
  refuses('constraints/2715', 'an unknown type is 2715', 'CREATE TABLE dbo.t (a nothing)', {
    number: 2715,
    message: /Cannot find data type nothing\.$/,
  }),
  refuses('constraints/4902', 'ALTER TABLE of nothing is 4902', 'ALTER TABLE dbo.nothing ADD a int', {
    number: 4902,
    message: 'Cannot find the object "dbo.nothing" because it does not exist or you do not have permissions.',
  }),
  does(
    'constraints/trusted',
    'NOCHECK leaves a constraint untrusted; WITH CHECK CHECK trusts it again',
    async client => {
      await client.batch(PAIR);
      const trust = "SELECT is_disabled, is_not_trusted FROM sys.foreign_keys WHERE name = 'FK_c_p'";
      await client.batch('ALTER TABLE dbo.c NOCHECK CONSTRAINT FK_c_p; INSERT dbo.c VALUES (1, 9)');
      expect(await rowsOf(client, trust)).toEqual([[true, true]]);
      await client.batch('ALTER TABLE dbo.c CHECK CONSTRAINT FK_c_p');
      expect(await rowsOf(client, trust)).toEqual([[false, true]]);
      await failsWith(client.batch('ALTER TABLE dbo.c WITH CHECK CHECK CONSTRAINT FK_c_p'), {
        number: 547,
        message: /^The ALTER TABLE statement conflicted with the FOREIGN KEY constraint "FK_c_p"\./,
      });
      await client.batch('DELETE dbo.c; ALTER TABLE dbo.c WITH CHECK CHECK CONSTRAINT ALL');
      expect(await rowsOf(client, trust)).toEqual([[false, false]]);
    },
  ),
  shows(
    'constraints/defaults',
    'defaults: none for an explicit NULL; WITH VALUES for rows that are there',
    [
      'CREATE TABLE dbo.t (a int, b int DEFAULT 7); INSERT dbo.t (a) VALUES (1); INSERT dbo.t VALUES (2, NULL)',
      'ALTER TABLE dbo.t ADD c int NULL DEFAULT 5, d int NULL DEFAULT 6 WITH VALUES, e int NOT NULL DEFAULT 8',
      'SELECT a, b, c, d, e FROM dbo.t ORDER BY a',
    ],
    [
      [1, 7, null, 6, 8],
      [2, null, null, 6, 8],
    ],
  ),
  does('constraints/alter-column', 'ALTER COLUMN converts what is there, or fails whole', async client => {
    await client.batch("CREATE TABLE dbo.t (a varchar(10)); INSERT dbo.t VALUES ('12'), ('x')");
    await failsWith(client.batch('ALTER TABLE dbo.t ALTER COLUMN a int'), { number: 245 });
    await client.batch("DELETE dbo.t WHERE a = 'x'");
    await client.batch('ALTER TABLE dbo.t ALTER COLUMN a int NOT NULL');
    expect(await value(client, 'SELECT a + 1 FROM dbo.t')).toBe(13);
  }),
];
