import { expect, test } from 'vitest';
import { handoverStage, thawStage } from '../../../../src/database/handover/index.ts';
import type { Statement } from '../../../../src/remote/sql/statement.ts';
import { CLONE, SOURCE } from '../replicate/estate.ts';
import { asApplication, followed, handOver, hands, ordered } from './followed.ts';

/** Behind the point of no return. */
const isBehind = ({ on, title }: Statement): boolean =>
  on !== 'publisher' && !/marker|agents that lost/.test(title);

test('the copy becomes production: nothing collides, everything is guarded as before, users come in', async () => {
  await using estate = await followed();
  await expect(handoverStage.run(hands(estate, handoverStage))).rejects.toMatchObject({
    code: 'database.unconfirmed',
  });
  ordered(estate);
  await handOver(estate);
  const steps = estate.events.flatMap(event => (event.type === 'handover.step' ? [event.did] : []));
  expect(steps.map(({ id, status }) => `${id} ${status}`)).toEqual([
    ...['preconditions done', 'freeze done', 'quiet done', 'drained done', 'validated done'],
    ...['point-of-no-return done', 'sever done', 'identities done', 'guards done', 'people done'],
    ...['options done', 'backup done', 'smoke done'],
  ]);
  expect(estate.events.at(-1)).toMatchObject({ type: 'handover.ended', dark: false, lost: [] });

  // Production let nobody in; the copy does, with the same password.
  await expect(asApplication(estate.publisher, SOURCE, 'SELECT 1')).rejects.toThrow();
  await asApplication(estate.subscriber, CLONE, `INSERT dbo.Loans (code, amount) VALUES ('new', 5)`);
  const ids = await estate.dal(CLONE, `SELECT id FROM dbo.Loans WHERE code = 'new'`);
  const last = await estate.mia(SOURCE, 'SELECT MAX(id) FROM dbo.Loans');
  expect(Number(ids[0]?.[0])).toBeGreaterThan(Number(last[0]?.[0]));
  // The trigger fires, the one that production has asleep does not; the check and the key hold and are trusted.
  expect(await estate.dal(CLONE, `SELECT COUNT(*) FROM dbo.Audit WHERE what = N'new'`)).toEqual([[1]]);
  await expect(
    asApplication(estate.subscriber, CLONE, `UPDATE dbo.Loans SET amount = -1 WHERE code = 'new'`),
  ).rejects.toThrow(/ck_amount/);
  const guards = `SELECT name, is_disabled, is_not_trusted FROM sys.foreign_keys UNION ALL SELECT name, is_disabled, is_not_trusted FROM sys.check_constraints
    UNION ALL SELECT name, is_disabled, 0 FROM sys.triggers WHERE parent_class = 1 ORDER BY 1`;
  expect(await estate.dal(CLONE, guards)).toEqual(await estate.mia(SOURCE, guards));
  expect(Number((await estate.dal(CLONE, 'SELECT NEXT VALUE FOR dbo.Numbers'))[0]?.[0])).toBeGreaterThan(
    1_000,
  );
  // Never used on either side: begins where its table says.
  await estate.dal(CLONE, `INSERT dbo.Never (what) VALUES (N'x')`);
  expect(await estate.dal(CLONE, 'SELECT id FROM dbo.Never')).toEqual([[7]]);
  const options = (database: string) =>
    `SELECT is_read_committed_snapshot_on, compatibility_level, recovery_model_desc FROM sys.databases WHERE name = N'${database}'`;
  expect(await estate.dal('master', options(CLONE))).toEqual(await estate.mia('master', options(SOURCE)));
  expect(
    await estate.dal(
      'msdb',
      `SELECT COUNT(*) FROM dbo.backupset WHERE database_name = N'${CLONE}' AND type = 'D'`,
    ),
  ).toEqual([[1]]);
  expect(await estate.dal(CLONE, `SELECT name FROM sys.procedures WHERE name LIKE N'sp[_]MS%'`)).toEqual([]);
}, 90_000);

test('wherever a hand-over is cut off, it goes on; before the point of no return a thaw gives production back', async () => {
  await using estate = await followed();
  const picture = async () => [
    await estate.mia(
      'master',
      `SELECT name, is_disabled FROM sys.server_principals WHERE type = 'S' ORDER BY name`,
    ),
    await estate.mia('master', `SELECT user_access_desc FROM sys.databases WHERE name = N'${SOURCE}'`),
    await estate.mia(
      SOURCE,
      'SELECT SCHEMA_NAME(schema_id), name FROM sys.objects WHERE is_ms_shipped = 0 ORDER BY 1, 2',
    ),
  ];
  const before = await picture();
  ordered(estate);
  // The last statement before the subscription goes.
  const first = handOver(estate, statement => statement.title.startsWith('drop the subscription'));
  await expect(first).rejects.toThrow('killed');
  await thawStage.run(hands(estate, thawStage));
  expect(await picture()).toEqual(before);
  await asApplication(estate.publisher, SOURCE, `INSERT dbo.Loans (code, amount) VALUES ('again', 6)`);

  // Every statement behind it, one after the other: each run goes on where the one before it was cut off.
  ordered(estate);
  const seen = new Set<string>();
  for (;;) {
    const run = handOver(estate, statement => {
      const isNew = isBehind(statement) && !seen.has(statement.text);
      if (isNew) seen.add(statement.text);
      return isNew;
    });
    const ended = await run.then(
      () => true,
      (thrown: unknown) => {
        expect(String(thrown)).toContain('killed');
        return false;
      },
    );
    if (ended) break;
  }
  expect(seen.size).toBeGreaterThan(7);
  expect(estate.events.at(-1)).toMatchObject({ type: 'handover.ended', lost: [] });
  expect(await estate.dal(CLONE, `SELECT COUNT(*) FROM dbo.Loans WHERE code = 'again'`)).toEqual([[1]]);
  expect(await estate.dal(CLONE, 'SELECT COUNT(*) FROM sys.triggers WHERE is_disabled = 1')).toEqual([[1]]);
  const last = estate.events
    .filter(event => event.type === 'handover.step' && event.did.id === 'identities')
    .at(-1);
  expect(last).toMatchObject({
    did: { evidence: expect.arrayContaining([expect.stringMatching(/^dbo.Loans: .* goes on at 1006$/)]) },
  });
}, 180_000);

test('dark: what has arrived becomes production, and what is lost is said', async () => {
  await using estate = await followed();
  ordered(estate, { dark: true });
  await expect(handOver(estate)).rejects.toMatchObject({ code: 'database.in-use' });
  await estate.publisher.close();
  await handOver(estate);
  const ended = estate.events.at(-1);
  expect(ended).toMatchObject({
    type: 'handover.ended',
    dark: true,
    marker: { id: expect.stringMatching(/^\d+$/) },
    lost: [
      expect.stringMatching(
        /^everything up to marker \d+ of 20\d\d-.* is there; what was committed later is lost/,
      ),
    ],
  });
  await asApplication(estate.subscriber, CLONE, `INSERT dbo.Loans (code, amount) VALUES ('dark', 5)`);
  const ids = await estate.dal(CLONE, `SELECT id FROM dbo.Loans WHERE code = 'dark'`);
  expect(Number(ids[0]?.[0])).toBeGreaterThan(1_000_000);
  expect(
    await estate.dal(
      CLONE,
      'SELECT COUNT(*) FROM sys.foreign_keys WHERE is_not_trusted = 1 OR is_disabled = 1',
    ),
  ).toEqual([[0]]);
}, 90_000);
