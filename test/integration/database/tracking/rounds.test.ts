import { expect, test } from 'vitest';
import {
  copyStage,
  followStage,
  followStatements,
  reloadStatements,
  reloadTables,
  trackingRound,
  trackStage,
} from '../../../../src/database/tracking/index.ts';
import { COPY, Followers } from './followers.ts';

const round = (one: Followers) => trackingRound(one.hands.work(followStatements));

test.each(['2019-express', '2012-standard'] as const)(
  'a copy follows production by rounds: what was inserted, changed, moved, deleted (%s)',
  async product => {
    await using one = await Followers.start(product);
    await one.follow();
    expect(await one.rows('sub')).toEqual(await one.rows('pub'));
    expect(one.hands.last('database.captured')).toMatchObject({
      lane: 'change-tracking',
      marker: { id: '1' },
    });
    expect(one.hands.last('database.released')).toMatchObject({
      lane: 'change-tracking',
      marker: { id: '2' },
    });
    expect(one.hands.last('reconcile.ended')).toMatchObject({ tables: 3 });

    const still = await round(one);
    expect(still).toMatchObject({ rows: 0, again: [] });

    // A key that moves, unique values that are swapped, a parent that goes with its children, a key in other letters.
    await one.pub('UPDATE dbo.Payment SET line = line + 1 WHERE loan = 1');
    await one.pub(
      "UPDATE dbo.Customer SET email = CASE code WHEN N'ann' THEN 'b@x' ELSE 'a@x' END WHERE code IN (N'ann', N'bob')",
    );
    await one.pub("UPDATE dbo.Customer SET code = N'CYD' WHERE code = N'cyd'");
    await one.pub("DELETE dbo.Customer WHERE code = N'bob'");
    await one.pub("INSERT dbo.Customer (code, name, email) VALUES (N'bob', N'another', 'c@x')");
    await one.pub(
      "INSERT dbo.Loan (customer, amount) VALUES (N'bob', 3.33); DELETE dbo.Payment WHERE loan = 2",
    );
    const first = await round(one);
    expect(first.rows).toBeGreaterThan(5);
    expect(first.bytes).toBeGreaterThan(500);
    expect(await one.rows('sub')).toEqual(await one.rows('pub'));
    expect(await round(one)).toMatchObject({ rows: 0, version: first.version });
    // Nothing of it was done by the triggers or cascades of the copy.
    expect(await one.sub("SELECT 1 FROM dbo.Audit WHERE what = N'trigger'")).toHaveLength(1);

    await one.pub("INSERT dbo.Audit VALUES ('2026-08-01', N'kept')");
    await reloadTables(one.hands.work(reloadStatements));
    const audit = 'SELECT CONVERT(varchar(30), at, 121), what FROM dbo.Audit ORDER BY at, what';
    expect(await one.sub(audit)).toEqual(await one.pub(audit));
  },
);

test('a table whose changes are no longer kept is copied again, and follows from there', async () => {
  await using one = await Followers.start();
  await one.follow();
  await one.pub('TRUNCATE TABLE dbo.Payment');
  await one.pub('INSERT dbo.Payment VALUES (3, 1, 1)');
  const again = await round(one);
  expect(again.again).toEqual(['dbo.Payment']);
  expect(await round(one)).toMatchObject({ again: [] });
  expect(await one.rows('sub')).toEqual(await one.rows('pub'));
  await one.pub('INSERT dbo.Payment VALUES (3, 2, 2)');
  expect(await round(one)).toMatchObject({ rows: 1 });
  expect(await one.rows('sub')).toEqual(await one.rows('pub'));
});

test('production that was restored is not followed', async () => {
  await using one = await Followers.start();
  await one.follow();
  const file = `${one.directory}/production.bak`;
  await one.mia('master', `BACKUP DATABASE Loans TO DISK = N'${file}'`);
  await one.pub('INSERT dbo.Payment VALUES (3, 2, 2)');
  await round(one);
  const before = await one.rows('sub');
  await one.mia(
    'master',
    `ALTER DATABASE Loans SET SINGLE_USER WITH ROLLBACK IMMEDIATE; RESTORE DATABASE Loans FROM DISK = N'${file}' WITH REPLACE; ALTER DATABASE Loans SET MULTI_USER`,
  );
  await expect(round(one)).rejects.toMatchObject({
    code: 'identity.mismatch',
    facts: { what: expect.stringContaining('it was restored, or is another one') },
  });
  expect(await one.rows('sub')).toEqual(before);
});

test('a round that dies anywhere is repeated whole', async () => {
  await using one = await Followers.start();
  await one.follow();
  for (let at = 0; ; at += 5) {
    await one.pub(
      `INSERT dbo.Loan (customer, amount) VALUES (N'ann', ${at}); UPDATE dbo.Payment SET paid += 1; DELETE dbo.Loan WHERE id = (SELECT MIN(id) FROM dbo.Loan)`,
    );
    let left = at;
    one.hands.guard = () => {
      if (left === 0) throw new Error('killed');
      left -= 1;
    };
    const died = await round(one).then(
      () => false,
      () => true,
    );
    one.hands.guard = undefined;
    const there = await one.rows('sub');
    await round(one);
    expect(await one.rows('sub')).toEqual(await one.rows('pub'));
    if (!died) {
      expect(there).toEqual(await one.rows('pub'));
      expect(at).toBeGreaterThan(15);
      return;
    }
  }
});

test('a copy that is cut off goes on, while others write', async () => {
  await using one = await Followers.start();
  await one.hands.conduct(trackStage);
  for (let at = 1; ; at += 4) {
    let left = at;
    one.hands.guard = () => {
      if (left === 0) throw new Error('killed');
      left -= 1;
    };
    await one.pub(
      `UPDATE dbo.Customer SET name = N'at ${at}' WHERE code = N'ann'; INSERT dbo.Payment VALUES (100, ${at}, 1)`,
    );
    const died = await one.hands.conduct(copyStage).then(
      () => false,
      () => true,
    );
    one.hands.guard = undefined;
    if (!died) break;
  }
  await one.hands.conduct(followStage);
  expect(await one.rows('sub')).toEqual(await one.rows('pub'));
  expect(await one.dal(COPY, 'SELECT COUNT(*) FROM landfall.tracking_state WHERE copied = 1')).toEqual([[3]]);
});
