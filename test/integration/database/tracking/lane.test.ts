import { expect, test } from 'vitest';
import {
  drainedStatements,
  observe,
  observeStatements,
  proveDrained,
} from '../../../../src/database/monitor/index.ts';
import { followStatements, trackingRound } from '../../../../src/database/tracking/index.ts';
import { Followers } from './followers.ts';

const round = (one: Followers) => trackingRound(one.hands.work(followStatements));

test('the lane is watched: markers come with rounds, a table to be copied again is told, exposure counts', async () => {
  await using one = await Followers.start();
  await one.follow();
  const work = one.hands.work(observeStatements);
  const before = await observe(work);
  await round(one);
  const after = await observe(work);
  expect(Number(after.proven?.id)).toBe(Number(before.written?.id));
  expect(after).toMatchObject({ hops: [], exposureMs: expect.any(Number), proposeDrop: false, troubles: [] });
  await one.sub("UPDATE landfall.tracking_state SET copied = 0 WHERE [table] = N'Loan'");
  const behind = await observe(work);
  expect(behind.troubles).toMatchObject([
    { code: 'tables-not-copied', severity: 'warning', evidence: ['dbo.Loan'] },
  ]);
});

test('drained is a marker that came, a round without changes, and nobody with an open transaction', async () => {
  await using one = await Followers.start();
  await one.follow();
  await one.pub('INSERT dbo.Payment VALUES (3, 3, 3)');
  const prove = () => proveDrained(one.hands.work(drainedStatements), { patienceMs: 0 });
  expect(await prove()).toEqual({
    drained: true,
    evidence: [
      expect.stringMatching(/^marker \d+, written at .*Z, is at the copy$/),
      'the last round found no change',
      'every table that is tracked was in it',
      expect.stringMatching(/^the copy has version \d+, as production$/),
      'no session holds an open transaction on production',
    ],
    missing: [],
  });
  expect(await one.rows('sub')).toEqual(await one.rows('pub'));
  const writer = one.double('MIA-SQL1').instance.login({
    ...{ user: 'sa', password: 'Correct horse 1', database: 'Loans' },
    ...{ application: 'app', host: 'here', address: '127.0.0.1' },
  });
  for await (const _ of writer.batch(
    'BEGIN TRAN; INSERT dbo.Payment VALUES (4, 4, 4)',
    new AbortController().signal,
  ));
  const open = await prove();
  expect(open.drained).toBe(false);
  expect(open.missing).toEqual([expect.stringContaining('1 open transactions on production')]);
  writer.end();
});

test('rounds among writers lose nothing, whatever the order', async () => {
  await using one = await Followers.start();
  await one.follow();
  let state = 20260901;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const acts = [
    () => `INSERT dbo.Loan (customer, amount) VALUES (N'ann', ${random(99)})`,
    () => `UPDATE dbo.Loan SET amount += 1 WHERE id % 3 = ${random(3)}`,
    () => `DELETE dbo.Loan WHERE id % 7 = ${random(7)}`,
    () => `UPDATE dbo.Payment SET line = line + 1 WHERE loan = ${random(4)}`,
    () =>
      `IF NOT EXISTS (SELECT 1 FROM dbo.Payment WHERE loan = ${random(4)} AND line = 0) INSERT dbo.Payment VALUES (${random(4)}, ${1000 + random(9_000)}, 1)`,
    () =>
      `UPDATE dbo.Customer SET email = CASE WHEN code = N'ann' THEN 'b@x' ELSE 'a@x' END WHERE code IN (N'ann', N'bob')`,
    () => `BEGIN TRAN; DELETE dbo.Payment; ROLLBACK`,
  ];
  let writing = true;
  const writers = [1, 2].map(async () => {
    while (writing) {
      // Two of them may want the same key: the next turn is another one.
      await one.pub(acts[random(acts.length)]?.() ?? '').catch(() => undefined);
      await new Promise(resolve => setImmediate(resolve));
    }
  });
  let brought = 0;
  for (let at = 0; at < 12; at += 1) {
    if (at === 5) await one.pub('TRUNCATE TABLE dbo.Payment');
    brought += (await round(one)).rows;
  }
  writing = false;
  await Promise.all(writers);
  await round(one);
  await round(one);
  expect(brought).toBeGreaterThan(20);
  expect(await one.rows('sub')).toEqual(await one.rows('pub'));
});
