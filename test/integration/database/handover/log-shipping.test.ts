import { expect, test } from 'vitest';
import { besidesStage } from '../../../../src/database/besides/index.ts';
import { thawStage } from '../../../../src/database/handover/index.ts';
import { backupStage, restoreStage, shipLogsStage } from '../../../../src/database/shipping/index.ts';
import { Estate, SOURCE } from '../replicate/estate.ts';
import { asApplication, handOver, hands, ordered, PASSWORD, SCHEMA } from './followed.ts';

test('log shipping: the tail closes production, a thaw gives it back, the end opens the copy', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, lane: 'log-shipping' });
  await estate.mia('master', `CREATE LOGIN [app] WITH PASSWORD = N'${PASSWORD}', CHECK_POLICY = OFF`);
  await estate.mia(SOURCE, 'CREATE USER [app] FOR LOGIN [app]; ALTER ROLE db_owner ADD MEMBER [app]');
  await estate.mia(SOURCE, `INSERT dbo.Loans (code, amount) VALUES ('a', 1)`);
  for (const stage of [backupStage, restoreStage, shipLogsStage, besidesStage]) await estate.conduct(stage);

  ordered(estate);
  await expect(handOver(estate, ({ title }) => title === `open ${SOURCE}`)).rejects.toThrow('killed');
  await expect(asApplication(estate.publisher, SOURCE, 'SELECT 1')).rejects.toThrow();
  // Everything is in the copy: the same order goes on.
  ordered(estate);
  await handOver(estate);
  expect(estate.events.at(-1)).toMatchObject({ type: 'handover.ended', dark: false, lost: [] });
  await asApplication(estate.subscriber, SOURCE, `INSERT dbo.Loans (code, amount) VALUES ('new', 5)`);
  expect(await estate.dal(SOURCE, 'SELECT code FROM dbo.Loans ORDER BY id')).toEqual([['a'], ['new']]);

  // With the name typed, and only so, production comes back even now.
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'thaw' });
  await expect(thawStage.run(hands(estate, thawStage))).rejects.toMatchObject({
    code: 'database.unconfirmed',
  });
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'thaw', confirmed: SOURCE });
  await thawStage.run(hands(estate, thawStage));
  expect(await asApplication(estate.publisher, SOURCE, 'SELECT code FROM dbo.Loans')).toEqual([['a']]);
}, 90_000);
