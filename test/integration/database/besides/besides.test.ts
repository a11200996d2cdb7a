import { expect, test } from 'vitest';
import { BESIDES_SCRIPT, BESIDES_SHOWN, besidesStage } from '../../../../src/database/besides/index.ts';
import { CLONE, Estate, SOURCE } from '../replicate/estate.ts';

const PASSWORD = 'Correct horse 2';

/** Production with everything that replication leaves behind; the clone knows some of it, otherwise. */
async function estate(): Promise<Estate> {
  const made = await Estate.start({
    schema: ['CREATE TABLE dbo.Orders (Id int IDENTITY PRIMARY KEY, Amount money NOT NULL)'],
    lane: 'clone',
  });
  for (const batch of [
    `CREATE LOGIN [app o'brien] WITH PASSWORD = N'${PASSWORD}', CHECK_POLICY = ON`,
    `CREATE LOGIN [reader] WITH PASSWORD = N'${PASSWORD}', CHECK_POLICY = OFF; ALTER LOGIN [reader] DISABLE`,
    `CREATE LOGIN [shared] WITH PASSWORD = N'${PASSWORD}', CHECK_POLICY = OFF`,
    'CREATE SERVER ROLE [support]; ALTER SERVER ROLE [support] ADD MEMBER [reader]',
    'GRANT VIEW SERVER STATE TO [support]',
    `EXEC msdb.dbo.sp_add_operator @name = N'night shift', @enabled = 1, @email_address = N'night@example.org'`,
    `EXEC msdb.dbo.sp_add_job @job_name = N'close of day', @description = N'It''s late';
     EXEC msdb.dbo.sp_add_jobstep @job_name = N'close of day', @step_id = 1, @step_name = N'close', @subsystem = N'TSQL',
       @command = N'UPDATE dbo.Orders SET Amount = Amount', @database_name = N'${SOURCE}';
     EXEC msdb.dbo.sp_add_jobschedule @job_name = N'close of day', @name = N'nightly', @freq_type = 4, @freq_interval = 1,
       @active_start_time = 20000;
     EXEC msdb.dbo.sp_add_jobserver @job_name = N'close of day'`,
  ])
    await made.mia('master', batch);
  for (const batch of [
    `CREATE USER [app] FOR LOGIN [app o'brien] WITH DEFAULT_SCHEMA = [dbo]`,
    'CREATE USER [shared] FOR LOGIN [shared]',
    'CREATE ROLE [clerks]',
    'ALTER ROLE [clerks] ADD MEMBER [app]',
    'GRANT SELECT, UPDATE ON dbo.Orders TO [clerks]',
    'GRANT EXECUTE ON SCHEMA::dbo TO [clerks] WITH GRANT OPTION',
    'DENY VIEW DEFINITION TO [app]',
    'CREATE SEQUENCE dbo.Numbers AS bigint START WITH 7',
  ])
    await made.mia(SOURCE, batch);
  // The same name, another person, another password; and a user of the clone whose login is long gone.
  for (const batch of [`CREATE LOGIN [shared] WITH PASSWORD = N'other Horse 3', CHECK_POLICY = OFF`])
    await made.dal('master', batch);
  for (const batch of [
    'CREATE USER [shared] WITHOUT LOGIN',
    'CREATE USER [developer] WITHOUT LOGIN',
    'CREATE SEQUENCE dbo.Numbers AS bigint START WITH 7',
  ])
    await made.dal(CLONE, batch);
  return made;
}

test('what replication does not bring is made on order, and is the same afterwards', async () => {
  await using made = await estate();
  const kept = new Map<string, string>();
  const work = made.work(besidesStage);
  Object.assign(work, { keep: async (name: string, text: string) => void kept.set(name, text) });

  await besidesStage.run(work);
  const first = made.events.find(event => event.type === 'database.besides');
  const open = first?.items
    .filter(({ status }) => status !== 'same')
    .map(({ kind, name, status }) => `${kind} ${name}: ${status}`);
  expect(open).toEqual([
    "login app o'brien: missing",
    'login reader: missing',
    'login shared: different',
    'server-role support: missing',
    'server-role-member support: reader: missing',
    'server-permission GRANT VIEW SERVER STATE TO support: missing',
    'role clerks: missing',
    'user app: missing',
    'user shared: different',
    'user developer: by-hand',
    'role-member clerks: app: missing',
    'permission DENY VIEW DEFINITION TO app: missing',
    'permission GRANT SELECT ON dbo.Orders TO clerks: missing',
    'permission GRANT UPDATE ON dbo.Orders TO clerks: missing',
    'permission GRANT_WITH_GRANT_OPTION EXECUTE ON dbo TO clerks: missing',
    'operator night shift: missing',
    'job close of day: missing',
  ]);
  expect(made.written).toEqual([]);

  // Nobody who looks at events or at the shown script meets a hash; the kept script has it.
  expect(JSON.stringify(made.events)).not.toMatch(/0x0200/i);
  expect(kept.get(BESIDES_SHOWN)).not.toMatch(/0x0200/i);
  expect(kept.get(BESIDES_SCRIPT)).toMatch(/PASSWORD = 0x0200[0-9A-F]{60,} HASHED/);

  made.emit({ type: 'database.ordered', database: SOURCE, order: 'besides' });
  await besidesStage.run(work);
  const second = made.events.filter(event => event.type === 'database.besides').at(-1);
  const left = second?.items
    .filter(({ status }) => status !== 'same')
    .map(({ kind, name, status }) => `${kind} ${name}: ${status}`);
  expect(left).toEqual(['login shared: different', 'user developer: by-hand']);
  expect(JSON.stringify(made.written)).not.toMatch(/0x0200/i);

  // The application comes in with the password it has, and is the user it was.
  const app = made.subscriber.instance.login({
    ...{ user: "app o'brien", password: PASSWORD, database: CLONE },
    ...{ application: 'test', host: 'here', address: '127.0.0.1' },
  });
  app.end();
  const jobs = await made.dal('msdb', "SELECT enabled FROM dbo.sysjobs WHERE name = N'close of day'");
  expect(jobs.map(row => row.map(Number))).toEqual([[0]]);
  const steps = await made.dal(
    'msdb',
    `SELECT database_name FROM dbo.sysjobsteps WHERE step_name = N'close'`,
  );
  expect(steps).toEqual([[CLONE]]);
});

test('the kept script does by hand what the order does', async () => {
  await using made = await estate();
  const kept = new Map<string, string>();
  const work = made.work(besidesStage);
  Object.assign(work, { keep: async (name: string, text: string) => void kept.set(name, text) });
  await besidesStage.run(work);
  let database = 'master';
  for (const batch of (kept.get(BESIDES_SCRIPT) ?? '').split(/^GO$/m)) {
    const use = /^USE \[(.*)\];$/m.exec(batch)?.[1];
    if (use === undefined) await made.dal(database, batch);
    else database = use;
  }
  await besidesStage.run(work);
  const second = made.events.filter(event => event.type === 'database.besides').at(-1);
  expect(
    second?.items.filter(({ status }) => status !== 'same').map(({ kind, name }) => `${kind} ${name}`),
  ).toEqual(['login shared', 'user developer']);
});

test('a job that a crash left half made is made again', async () => {
  await using made = await estate();
  const work = made.work(besidesStage);
  for (let writes = 1; ; writes += 1) {
    made.emit({ type: 'database.ordered', database: SOURCE, order: 'besides' });
    made.killAt = made.written.length + writes;
    const killed = await besidesStage.run(work).then(
      () => false,
      () => true,
    );
    made.killAt = Number.POSITIVE_INFINITY;
    if (!killed) break;
    expect(writes).toBeLessThan(30);
  }
  const last = made.events.filter(event => event.type === 'database.besides').at(-1);
  expect(last?.items.filter(({ status }) => status === 'missing')).toEqual([]);
  const steps = await made.dal('msdb', 'SELECT COUNT(*) FROM dbo.sysjobsteps');
  expect(steps.map(row => row.map(Number))).toEqual([[1]]);
});
