import { describe, expect, it } from 'vitest';
import { PUBLISHER, SUBSCRIBER, World } from './world.ts';

const DDL = `CREATE TABLE dbo.Accounts (id int NOT NULL PRIMARY KEY, owner varchar(20) NOT NULL, balance int NOT NULL);
CREATE TABLE dbo.Moves (id int IDENTITY(1,1) NOT NULL PRIMARY KEY, source int NOT NULL, target int NOT NULL, amount int NOT NULL, note nvarchar(max) NULL);
CREATE TABLE dbo.Applied (n int IDENTITY(1,1) NOT NULL PRIMARY KEY, id int NOT NULL, what char(1) NOT NULL, balance int NULL)`;

/** What happened to each account, in its order; nothing of it is published. */
const TRIGGER = `CREATE TRIGGER dbo.applied_accounts ON dbo.Accounts AFTER INSERT, UPDATE, DELETE AS
INSERT dbo.Applied (id, what, balance)
SELECT COALESCE(i.id, d.id), CASE WHEN i.id IS NULL THEN 'D' WHEN d.id IS NULL THEN 'I' ELSE 'U' END, i.balance
FROM inserted AS i FULL JOIN deleted AS d ON d.id = i.id
WHERE i.id IS NULL OR d.id IS NULL OR i.balance <> d.balance OR i.owner COLLATE Latin1_General_BIN2 <> d.owner`;

/** A small generator with a seed of its own: runs can be repeated. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function bank(): Promise<World> {
  const world = await World.start({ distributor: 'own' });
  world.strict = false;
  await world.replicate(DDL, ['Accounts', 'Moves']);
  await world.pub(TRIGGER);
  await world.sub(TRIGGER);
  return world;
}

/** One writer: transfers, new and closed accounts, some rolled back; goes on through lost connections and deadlocks. */
async function writer(world: World, seed: number, goesOn: () => boolean): Promise<number> {
  const random = randomOf(seed);
  let done = 0;
  while (goesOn()) {
    const [a, b, amount] = [random(30), random(30), random(100)];
    const steps = [
      `IF NOT EXISTS (SELECT 1 FROM dbo.Accounts WITH (UPDLOCK) WHERE id = ${a}) INSERT dbo.Accounts VALUES (${a}, 'w${seed}', 100)`,
      `UPDATE dbo.Accounts SET balance -= ${amount} WHERE id = ${a}`,
      `UPDATE dbo.Accounts SET balance += ${amount} WHERE id = ${b}`,
      `INSERT dbo.Moves (source, target, amount, note) VALUES (${a}, ${b}, ${amount}, REPLICATE(N'x', ${random(10) === 0 ? 2000 : 3}))`,
      random(6) === 0 ? `DELETE dbo.Accounts WHERE id = ${b}` : '',
      random(8) === 0
        ? `UPDATE dbo.Accounts SET owner = UPPER(owner) WHERE id BETWEEN ${a} AND ${a + 5}`
        : '',
    ];
    try {
      await world.pub(
        `SET NOCOUNT ON; SET XACT_ABORT ON; BEGIN TRAN; ${steps.join('; ')}; ${random(5) === 0 ? 'ROLLBACK' : 'COMMIT'}`,
      );
      done += 1;
    } catch {
      // A deadlock, a row that two made at once, or a server that is away: the next turn is another one.
      await new Promise(resolve => setImmediate(resolve));
    }
  }
  return done;
}

async function settle(world: World): Promise<void> {
  await world.revive('LogReader');
  await world.revive('Distribution');
  await world.drain();
}

/** Both sides have the same rows, and each row went through the same states once. */
async function equal(world: World): Promise<void> {
  for (const table of ['Accounts', 'Moves'])
    expect(await world.rows('sub', table)).toEqual(await world.rows('pub', table));
  const states = 'SELECT id, what, balance FROM dbo.Applied ORDER BY id, n';
  const lines = async (side: 'pub' | 'sub') =>
    (await world[side](states)).map(({ id, what, balance }) => `${id} ${what} ${balance}`);
  expect(await lines('sub')).toEqual(await lines('pub'));
}

/** Errors that faults bring by themselves; none is of data. */
async function onlyFaults(world: World): Promise<void> {
  const codes = await world.dist('SELECT DISTINCT error_code FROM dbo.MSrepl_errors');
  for (const row of codes) expect(['10054', '18456', '18752']).toContain(row['error_code']);
}

describe('faults', () => {
  it('a connection that is cut again and again loses nothing and brings nothing twice', async () => {
    await using world = await bank();
    let on = true;
    const writing = Promise.all([1, 2].map(seed => writer(world, seed, () => on)));
    const random = randomOf(7);
    for (let turn = 0; turn < 14; turn += 1) {
      const kind = random(2) === 0 ? 'LogReader' : 'Distribution';
      await world.until(() => world.cut(kind));
      await world.revive(kind);
    }
    on = false;
    expect(Math.min(...(await writing))).toBeGreaterThan(0);
    await settle(world);
    await equal(world);
    await onlyFaults(world);
  });

  it('agents that are stopped in the middle of their work go on where they stood', async () => {
    await using world = await bank();
    let on = true;
    const writing = Promise.all([3, 4, 5].map(seed => writer(world, seed, () => on)));
    const random = randomOf(11);
    for (let turn = 0; turn < 12; turn += 1)
      await world.revive(random(2) === 0 ? 'LogReader' : 'Distribution');
    on = false;
    await writing;
    await settle(world);
    await equal(world);
    expect(await world.dist('SELECT error_code, error_text FROM dbo.MSrepl_errors')).toEqual([]);
  });

  it.each([SUBSCRIBER, PUBLISHER, 'DAL-DIST'])(
    '%s may be started again while all others work',
    async server => {
      await using world = await bank();
      let on = true;
      const writing = Promise.all([6, 7].map(seed => writer(world, seed, () => on)));
      await world.drain();
      for (let turn = 0; turn < 2; turn += 1) {
        await world.restart(server);
        await settle(world);
      }
      on = false;
      await writing;
      await settle(world);
      await equal(world);
      await onlyFaults(world);
    },
  );

  it('a large transaction that is cut in the middle is not there at all, and is delivered later', async () => {
    await using world = await bank();
    await world.job('Distribution', 'stop');
    await world.pub(
      `SET NOCOUNT ON; BEGIN TRAN; DECLARE @i int = 0; WHILE @i < 3000 BEGIN INSERT dbo.Moves (source, target, amount) VALUES (@i, 1, 1); SET @i += 1 END; COMMIT`,
    );
    await world.until(
      async () =>
        Number(
          (await world.dist('SELECT COUNT(*) AS n FROM dbo.MSrepl_commands WHERE type = 30'))[0]?.['n'],
        ) >= 3000,
    );
    await world.job('Distribution', 'start');
    // The agent's session has written, and not yet committed.
    await world.until(async () =>
      [...world.double(SUBSCRIBER).instance.sessions.values()].some(
        each => each.application.startsWith('Replication Distribution') && each.openTransactions > 0,
      ),
    );
    await world.cut('Distribution');
    await world.until(
      async () =>
        (await world.dist('SELECT 1 AS n FROM dbo.MSdistribution_history WHERE runstatus = 5')).length > 0,
    );
    expect(await world.sub('SELECT COUNT(*) AS n FROM dbo.Moves')).toEqual([{ n: 0 }]);
    await settle(world);
    expect(await world.sub('SELECT COUNT(*) AS n FROM dbo.Moves')).toEqual([{ n: 3000 }]);
    await onlyFaults(world);
  });

  it('a lab holds agents still, and kills them without a word', async () => {
    await using world = await bank();
    const { agents } = world.double('DAL-DIST');
    agents.pause('Distribution');
    await world.pub("INSERT dbo.Accounts VALUES (1, 'a', 1)");
    await world.until(
      async () => (await world.dist('SELECT 1 AS n FROM dbo.MSrepl_commands WHERE type = 30')).length > 0,
    );
    expect(await world.sub('SELECT id FROM dbo.Accounts')).toEqual([]);
    agents.resume('Distribution');
    await world.drain();
    expect(await world.sub('SELECT id FROM dbo.Accounts')).toEqual([{ id: 1 }]);
    const histories = () =>
      world.dist('SELECT runstatus FROM dbo.MSlogreader_history WHERE runstatus IN (2, 5, 6)');
    const before = await histories();
    expect(agents.kill('LogReader')).toBe(1);
    await world.until(async () => agents.kill('LogReader') === 0);
    await world.pub("INSERT dbo.Accounts VALUES (2, 'b', 1)");
    expect(await histories()).toEqual(before);
    await settle(world);
    await equal(world);
  });
});
