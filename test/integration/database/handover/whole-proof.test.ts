import { expect, test } from 'vitest';
import { CLONE, SOURCE } from '../replicate/estate.ts';
import { followed, handOver, ordered } from './followed.ts';

const stepsOf = (events: readonly { type: string }[]): number =>
  events.filter(({ type }) => type === 'handover.step').length;

test('an order that is open and names one table does not narrow the proof inside the freeze', async () => {
  await using estate = await followed();
  await estate.dal(CLONE, 'DELETE dbo.Payments WHERE loan = 1');
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'validate', tables: ['dbo.Loans'] });
  ordered(estate);
  await expect(handOver(estate)).rejects.toMatchObject({
    code: 'database.differs',
    facts: { evidence: [expect.stringContaining('dbo.Payments: 1 missing')] },
  });
  expect(estate.events.at(-1)).toMatchObject({ did: { id: 'validated', status: 'failed' } });
}, 60_000);

test('a hand-over goes no further once a thaw was ordered', async () => {
  await using estate = await followed();
  ordered(estate);
  const run = handOver(estate, statement => {
    // In the middle of the freeze an engineer gives up.
    if (statement.title.startsWith('the gate'))
      estate.emit({ type: 'database.ordered', database: SOURCE, order: 'thaw' });
    return false;
  });
  await expect(run).rejects.toMatchObject({
    code: 'database.blocked',
    facts: { what: `the hand-over of ${SOURCE} goes no further: a thaw was ordered` },
  });
  expect(estate.events.some(event => event.type === 'handover.step' && event.did.id === 'quiet')).toBe(false);
}, 60_000);

test('a table that production made after the assessment stops the hand-over before anything is frozen', async () => {
  await using estate = await followed();
  await estate.mia(SOURCE, 'CREATE TABLE dbo.Since (id int NOT NULL PRIMARY KEY)');
  ordered(estate);
  await expect(handOver(estate)).rejects.toMatchObject({
    code: 'database.blocked',
    facts: { evidence: [expect.stringContaining('dbo.Since was made on production after the assessment')] },
  });
  expect(stepsOf(estate.events)).toBe(1);
  expect(
    await estate.mia('master', `SELECT user_access_desc FROM sys.databases WHERE name = N'${SOURCE}'`),
  ).toEqual([['MULTI_USER']]);
}, 60_000);
