import { expect, test } from 'vitest';
import { freeze, quiet } from '../../../../src/database/handover/freeze.ts';
import { thawStage } from '../../../../src/database/handover/index.ts';
import type { Work } from '../../../../src/database/stage.ts';
import { systemClock } from '../../../../src/foundation/clock.ts';
import { Estate, SOURCE } from '../replicate/estate.ts';

const PASSWORD = 'Correct horse 2';

async function production(): Promise<Estate> {
  const estate = await Estate.start({
    schema: ['CREATE TABLE dbo.Orders (Id int IDENTITY PRIMARY KEY, Amount money NOT NULL)'],
  });
  const job = (name: string, command: string, database: string): string =>
    `EXEC msdb.dbo.sp_add_job @job_name = N'${name}';
     EXEC msdb.dbo.sp_add_jobstep @job_name = N'${name}', @step_name = N's', @subsystem = N'TSQL', @command = N'${command}', @database_name = N'${database}';
     EXEC msdb.dbo.sp_add_jobserver @job_name = N'${name}'`;
  for (const batch of [
    `CREATE LOGIN [app] WITH PASSWORD = N'${PASSWORD}', CHECK_POLICY = OFF`,
    `CREATE LOGIN [o]]'wner] WITH PASSWORD = N'${PASSWORD}', CHECK_POLICY = OFF`,
    `CREATE LOGIN [asleep] WITH PASSWORD = N'${PASSWORD}', CHECK_POLICY = OFF; ALTER LOGIN [asleep] DISABLE`,
    `CREATE LOGIN [elsewhere] WITH PASSWORD = N'${PASSWORD}', CHECK_POLICY = OFF`,
    `CREATE LOGIN [boss] WITH PASSWORD = N'${PASSWORD}', CHECK_POLICY = OFF; ALTER SERVER ROLE sysadmin ADD MEMBER [boss]`,
    job('works here', 'SELECT 1', SOURCE),
    job('names it', `DELETE [${SOURCE}].dbo.Orders`, 'master'),
    job('asleep', 'SELECT 1', SOURCE),
    `EXEC msdb.dbo.sp_update_job @job_name = N'asleep', @enabled = 0`,
    job('elsewhere', 'SELECT 1', 'master'),
  ])
    await estate.mia('master', batch);
  for (const login of ['app', "o]'wner", 'asleep', 'boss'])
    await estate.mia(
      SOURCE,
      `CREATE USER [${login.replace(']', ']]')}] FOR LOGIN [${login.replace(']', ']]')}]`,
    );
  await estate.mia(SOURCE, `ALTER ROLE db_owner ADD MEMBER [o]]'wner]`);
  return estate;
}

/** Nobody waits for others to end their transactions. */
const impatient = (estate: Estate): Work => {
  const work = estate.work();
  const production = { ...work.plan.production, lock_timeout: 1 };
  return Object.assign(work, { plan: { ...work.plan, production } });
};

/** What a DBA would look at to see whether everything is as before. */
const pictureOf = async (estate: Estate) => ({
  logins: await estate.mia(
    'master',
    `SELECT name, is_disabled FROM sys.server_principals WHERE type = 'S' ORDER BY name`,
  ),
  jobs: await estate.mia('msdb', 'SELECT name, enabled FROM dbo.sysjobs ORDER BY name'),
  access: await estate.mia('master', `SELECT user_access_desc FROM sys.databases WHERE name = N'${SOURCE}'`),
  tables: await estate.mia(SOURCE, 'SELECT name FROM sys.tables ORDER BY name'),
});

const login = (estate: Estate, user: string) =>
  estate.publisher.instance.login({
    ...{ user, password: PASSWORD, database: SOURCE, application: 'app', host: 'here', address: '127.0.0.1' },
  });

const entered = (estate: Estate, user: string): true | number => {
  try {
    login(estate, user).end();
    return true;
  } catch (thrown) {
    return Number(Reflect.get(Object(thrown), 'number'));
  }
};

test('a freeze closes this database to its writers and to nobody else; a thaw puts everything back', async () => {
  await using estate = await production();
  const before = await pictureOf(estate);
  const work = impatient(estate);
  const { evidence } = await freeze.run(work);
  expect(evidence).toMatchObject([
    `2 logins disabled: app, o]'wner`,
    '2 jobs disabled: names it, works here',
    {},
    {},
  ]);
  expect(entered(estate, 'app')).toBe(18470);
  expect(entered(estate, "o]'wner")).toBe(18470);
  expect(entered(estate, 'boss')).toBe(true);
  expect((await pictureOf(estate)).jobs.map(row => row.map(String))).toEqual([
    ['asleep', '0'],
    ['elsewhere', '1'],
    ['names it', '0'],
    ['works here', '0'],
  ]);
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'thaw' });
  await estate.conduct(thawStage);
  expect(await pictureOf(estate)).toEqual(before);
  expect(entered(estate, 'app')).toBe(true);
  expect(estate.events.at(-1)).toMatchObject({ type: 'handover.thawed' });
});

test('wherever a freeze is cut off, it goes on, and a thaw puts everything back', async () => {
  await using estate = await production();
  const before = await pictureOf(estate);
  const work = impatient(estate);
  for (let writes = 0; writes < 8; writes += 1) {
    estate.killAt = estate.written.length + writes;
    await freeze.run(work).catch(() => undefined);
    estate.killAt = estate.written.length + 1 + (writes % 3);
    await thawStage.run(work).catch(() => undefined);
    estate.killAt = Number.POSITIVE_INFINITY;
    await thawStage.run(work);
    expect(await pictureOf(estate)).toEqual(before);
  }
});

test('somebody who writes is found, by counts and by an open transaction', async () => {
  await using estate = await production();
  const quick = { ...estate.work(), clock: { ...systemClock, sleep: async () => undefined } };
  expect((await quiet.run(quick)).evidence[1]).toBe('no session holds a transaction that has written');
  const session = login(estate, 'boss');
  for await (const _ of session.batch(
    'BEGIN TRAN; INSERT dbo.Orders (Amount) VALUES (1)',
    new AbortController().signal,
  ));
  await expect(quiet.run(quick)).rejects.toMatchObject({
    code: 'database.in-use',
    facts: { evidence: [expect.stringMatching(/^session \d+: boss with app from here$/)] },
  });
  session.end();
  let at = 0;
  const busy = {
    ...quick,
    clock: {
      ...systemClock,
      sleep: async () => {
        at += 1;
        await estate.mia(SOURCE, `INSERT dbo.Orders (Amount) VALUES (${at})`);
      },
    },
  };
  await expect(quiet.run(busy)).rejects.toMatchObject({ code: 'database.in-use', facts: { evidence: [] } });
});
