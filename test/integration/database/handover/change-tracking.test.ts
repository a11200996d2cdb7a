import { expect, test } from 'vitest';
import { besidesStage } from '../../../../src/database/besides/index.ts';
import { copyStage, followStage, trackStage } from '../../../../src/database/tracking/index.ts';
import { validateStage } from '../../../../src/database/validate/index.ts';
import { CLONE, Estate, SOURCE } from '../replicate/estate.ts';
import { asApplication, handOver, ordered, PASSWORD, SCHEMA } from './followed.ts';

test('change tracking: the last round inside the freeze brings what was written until then, keyless tables whole', async () => {
  await using estate = await Estate.start({
    schema: [...SCHEMA, 'CREATE TABLE dbo.Notes (what nvarchar(20) NOT NULL)'],
    lane: 'change-tracking',
    product: '2019-express',
  });
  await estate.mia('master', `CREATE LOGIN [app] WITH PASSWORD = N'${PASSWORD}', CHECK_POLICY = OFF`);
  await estate.mia(SOURCE, 'CREATE USER [app] FOR LOGIN [app]; ALTER ROLE db_owner ADD MEMBER [app]');
  await estate.mia(
    SOURCE,
    `INSERT dbo.Loans (code, amount) VALUES ('a', 1); INSERT dbo.Notes VALUES (N'one'), (N'one')`,
  );
  for (const stage of [trackStage, copyStage, followStage]) await estate.conduct(stage);
  await estate.mia(
    SOURCE,
    `INSERT dbo.Loans (code, amount) VALUES ('late', 1); INSERT dbo.Notes VALUES (N'two')`,
  );
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'besides' });
  await besidesStage.run(estate.work(besidesStage));
  await validateStage.run(estate.work(validateStage));
  ordered(estate);
  await handOver(estate);
  expect(estate.events.at(-1)).toMatchObject({ type: 'handover.ended', dark: false, lost: [] });
  expect(await estate.dal(CLONE, 'SELECT what FROM dbo.Notes ORDER BY what')).toEqual([
    ['one'],
    ['one'],
    ['two'],
  ]);
  await asApplication(estate.subscriber, CLONE, `INSERT dbo.Loans (code, amount) VALUES ('new', 5)`);
  expect(await estate.dal(CLONE, 'SELECT code FROM dbo.Loans ORDER BY id')).toEqual([
    ['a'],
    ['late'],
    ['new'],
  ]);
}, 90_000);
