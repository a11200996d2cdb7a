import { describe, expect, it } from 'vitest';
import { type ArticleOptions, World } from './world.ts';

const ORDERS = `CREATE TABLE dbo.Orders (
  id int NOT NULL PRIMARY KEY, code varchar(20) NOT NULL UNIQUE, name nvarchar(50) COLLATE Latin1_General_100_CI_AS NULL, amount decimal(18,2) NOT NULL, note nvarchar(max) NULL, doc varbinary(max) NULL)`;
const LINES = `CREATE TABLE dbo.Lines (order_id int NOT NULL, line smallint NOT NULL, product char(8) NOT NULL, quantity int NOT NULL, total AS (quantity * 2), CONSTRAINT PK_Lines PRIMARY KEY (line DESC, order_id))`;

const equal = async (world: World, ...tables: readonly (readonly [string, string])[]): Promise<void> => {
  for (const [table, key] of tables) {
    const published = await world.rows('pub', table, key);
    expect(await world.rows('sub', table, key)).toEqual(published);
  }
};

const changes = async (world: World): Promise<void> => {
  await world.pub(`INSERT dbo.Orders (id, code, name, amount) VALUES (1, 'a', N'eins', 1.10), (2, 'b', NULL, 2.20), (3, 'c', N'd''rei, "3" {CALL', -3.30);
INSERT dbo.Lines (order_id, line, product, quantity) VALUES (1, 1, 'x', 1), (1, 2, 'y', 2), (2, 1, 'z', 3)`);
  await world.pub('UPDATE dbo.Orders SET amount = amount * 2, name = UPPER(name) WHERE id <> 2');
  await world.pub(
    'UPDATE dbo.Orders SET name = NULL, amount = 0 WHERE id = 1; UPDATE dbo.Lines SET quantity += 1',
  );
  await world.pub(
    'UPDATE dbo.Orders SET id = 30 WHERE id = 3; UPDATE dbo.Lines SET line = 7, product = UPPER(product) WHERE order_id = 2',
  );
  await world.pub('DELETE dbo.Lines WHERE order_id = 1 AND line = 1; DELETE dbo.Orders WHERE id = 2');
};

describe('rows on their way to the subscriber', () => {
  const forms: readonly (readonly [string, ArticleOptions])[] = [
    ['CALL', { update: 'CALL' }],
    ['SCALL', { update: 'SCALL' }],
    ['MCALL', { update: 'MCALL' }],
    ['XCALL', { update: 'XCALL', delete: 'XCALL' }],
    ['plain SQL', { sql: true }],
  ];
  it.each(forms)('inserts, updates and deletes arrive as %s', async (_, article) => {
    await using world = await World.start();
    await world.replicate(`${ORDERS}; ${LINES}`, ['Orders', 'Lines'], article);
    await changes(world);
    await world.drain();
    await equal(world, ['Orders', 'id'], ['Lines', 'order_id, line']);
    expect(await world.sub('SELECT id, code FROM dbo.Orders ORDER BY id')).toEqual([
      { id: 1, code: 'a' },
      { id: 30, code: 'c' },
    ]);
  });

  it('a statement that passes keys from row to row arrives as deletes and inserts', async () => {
    await using world = await World.start({ distributor: 'own' });
    await world.replicate(ORDERS, ['Orders']);
    await world.pub("INSERT dbo.Orders (id, code, amount) VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)");
    await world.pub('UPDATE dbo.Orders SET id = id + 1');
    await world.pub(
      "UPDATE dbo.Orders SET code = CASE code WHEN 'a' THEN 'b' WHEN 'b' THEN 'a' ELSE code END",
    );
    await world.pub(
      'BEGIN TRAN; UPDATE dbo.Orders SET id = 10 WHERE id = 2; UPDATE dbo.Orders SET id = 11 WHERE id = 10; UPDATE dbo.Orders SET id = 2 WHERE id = 3; COMMIT',
    );
    await world.pub(
      'MERGE dbo.Orders AS t USING (VALUES (2, 4), (4, 2)) AS s (old, new) ON t.id = s.old WHEN MATCHED THEN UPDATE SET id = s.new;',
    );
    await world.drain();
    await equal(world, ['Orders', 'id']);
    expect(await world.sub('SELECT id, code FROM dbo.Orders ORDER BY id')).toEqual([
      { id: 2, code: 'c' },
      { id: 4, code: 'a' },
      { id: 11, code: 'b' },
    ]);
  });

  it('a table of nothing but its identity is replicated', async () => {
    await using world = await World.start();
    await world.replicate('CREATE TABLE dbo.Ids (id int IDENTITY(1,1) NOT NULL PRIMARY KEY)', ['Ids']);
    await world.pub(
      'INSERT dbo.Ids DEFAULT VALUES; INSERT dbo.Ids DEFAULT VALUES; DELETE dbo.Ids WHERE id = 1',
    );
    await world.drain();
    expect(await world.sub('SELECT id FROM dbo.Ids')).toEqual([{ id: 2 }]);
  });

  it('values far larger than a row of MSrepl_commands arrive whole', async () => {
    await using world = await World.start();
    await world.replicate(ORDERS, ['Orders']);
    await world.pub(`DECLARE @n nvarchar(max) = REPLICATE(CONVERT(nvarchar(max), N'ab''ü,('), 40000), @b varbinary(max) = CONVERT(varbinary(max), REPLICATE(CONVERT(varchar(max), 'bytes'), 60000));
INSERT dbo.Orders VALUES (1, 'a', N'n', 1, @n, @b), (2, 'b', N'n', 1, N'', 0x);
UPDATE dbo.Orders SET note = note + N'!', doc = NULL WHERE id = 1`);
    await world.drain();
    await equal(world, ['Orders', 'id']);
    const [{ pieces } = {}] = await world.dist('SELECT MAX(command_id) AS pieces FROM dbo.MSrepl_commands');
    expect(Number(pieces)).toBeGreaterThan(400);
    expect(await world.sub('SELECT CONVERT(int, LEN(note)) AS n FROM dbo.Orders WHERE id = 1')).toEqual([
      { n: 240_001 },
    ]);
  });

  it('transactions of the publisher are transactions of the subscriber, in the order of their commits', async () => {
    await using world = await World.start();
    await world.replicate(`${ORDERS}; ${LINES}`, ['Orders', 'Lines']);
    const seen: unknown[] = [];
    let watching = true;
    // Whoever reads at the subscriber finds an order with all its lines or not at all.
    const watch = (async () => {
      while (watching) {
        const torn = await world.sub(
          `SELECT o.id FROM dbo.Orders AS o WHERE o.amount <> (SELECT ISNULL(SUM(l.quantity), 0) FROM dbo.Lines AS l WHERE l.order_id = o.id)`,
        );
        seen.push(...torn);
      }
    })();
    for (let id = 1; id <= 40; id += 1)
      await world.pub(`BEGIN TRAN; INSERT dbo.Orders (id, code, amount) VALUES (${id}, 'c${id}', 0);
INSERT dbo.Lines VALUES (${id}, 1, 'a', ${id}), (${id}, 2, 'b', 1); UPDATE dbo.Orders SET amount = ${id + 1} WHERE id = ${id}; COMMIT`);
    await world.pub("BEGIN TRAN; INSERT dbo.Orders (id, code, amount) VALUES (99, 'never', 0); ROLLBACK");
    await world.drain();
    watching = false;
    await watch;
    expect(seen).toEqual([]);
    await equal(world, ['Orders', 'id'], ['Lines', 'order_id, line']);
    const seqnos = await world.dist(
      'SELECT CONVERT(varchar(40), xact_seqno, 2) AS s FROM dbo.MSrepl_transactions ORDER BY entry_time, xact_seqno',
    );
    expect(seqnos.map(row => row['s'])).toEqual(seqnos.map(row => row['s']).sort());
  });

  it('a transaction that commits later arrives later, though it began first', async () => {
    await using world = await World.start();
    await world.replicate('CREATE TABLE dbo.Log (id int NOT NULL PRIMARY KEY, text varchar(20) NOT NULL)', [
      'Log',
    ]);
    await world.sub('CREATE TABLE dbo.Arrived (n int IDENTITY(1,1) PRIMARY KEY, id int NOT NULL)');
    await world.sub(
      'CREATE TRIGGER dbo.note ON dbo.Log AFTER INSERT AS INSERT dbo.Arrived (id) SELECT id FROM inserted',
    );
    const pool = await world.pool('MIA-SQL1', 'PubDB');
    const early = pool.transaction();
    await early.begin();
    await early.request().batch("INSERT dbo.Log VALUES (1, 'began first')");
    await world.pub("INSERT dbo.Log VALUES (2, 'committed first')");
    await early.commit();
    await world.drain();
    expect(await world.sub('SELECT id FROM dbo.Arrived ORDER BY n')).toEqual([{ id: 2 }, { id: 1 }]);
  });

  it('columns that were left out of the article do not travel, and computed ones are computed there', async () => {
    await using world = await World.start();
    await world.pub(`${ORDERS}; ${LINES}`);
    await world.sub(`${ORDERS}; ${LINES}`);
    await world.distribute();
    await world.publish(['Orders', 'Lines']);
    await world.pub(
      "EXEC sys.sp_articlecolumn @publication = N'landfall', @article = N'dbo.Orders', @column = N'note', @operation = N'drop'",
    );
    await world.subscribe();
    await world.pub(
      "INSERT dbo.Orders VALUES (1, 'a', N'n', 1, N'secret', 0x01); INSERT dbo.Lines VALUES (1, 1, 'x', 21); UPDATE dbo.Orders SET note = N'more'",
    );
    await world.drain();
    expect(await world.sub('SELECT note, doc FROM dbo.Orders')).toEqual([
      { note: null, doc: Buffer.from([1]) },
    ]);
    expect(await world.sub('SELECT total FROM dbo.Lines')).toEqual([{ total: 42 }]);
  });
});
