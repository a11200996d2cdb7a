import { expect, test } from 'vitest';
import { isClosedForHandover, thawStage } from '../../../../src/database/handover/index.ts';
import type { Event } from '../../../../src/journal/events.ts';
import { CLONE, type Estate, SOURCE } from '../replicate/estate.ts';
import { asApplication, followed, handOver, hands } from './followed.ts';

const drain = async (estate: Estate): Promise<void> => {
  estate.emit({
    type: 'database.ordered',
    database: SOURCE,
    order: 'handover',
    until: 'drained',
    confirmed: SOURCE,
  });
  await handOver(estate);
};

const steps = (events: readonly (Event | { readonly type: string })[]): string[] =>
  events.flatMap(event => ('did' in event ? [`${event.did.id} ${event.did.status}`] : []));

test('a hand-over waits drained before its point of no return: a thaw takes it back, an order goes on behind it', async () => {
  await using estate = await followed();
  await drain(estate);
  expect(steps(estate.events)).toEqual([
    ...['preconditions done', 'freeze done', 'quiet done', 'drained done', 'validated done'],
  ]);
  expect(estate.events.at(-1)).toMatchObject({
    type: 'handover.drained',
    evidence: expect.arrayContaining([expect.stringMatching(/rows are equal, row by row$/)]),
  });
  await expect(asApplication(estate.publisher, SOURCE, 'SELECT 1')).rejects.toThrow();
  expect(await isClosedForHandover(hands(estate))).toBe(true);

  // Given up: production takes writes, and they arrive as before.
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'thaw' });
  await estate.conduct(thawStage);
  await asApplication(estate.publisher, SOURCE, `INSERT dbo.Loans (code, amount) VALUES ('after', 7)`);
  expect(await isClosedForHandover(hands(estate))).toBe(false);

  // Once more, and now beyond: what the freeze still holds is not compared a second time.
  await drain(estate);
  const before = estate.events.length;
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'handover', confirmed: SOURCE });
  await handOver(estate);
  const went = steps(estate.events.slice(before));
  expect(went.slice(0, 4)).toEqual(['freeze done', 'quiet done', 'drained done', 'point-of-no-return done']);
  expect(estate.events.at(-1)).toMatchObject({ type: 'handover.ended', dark: false, lost: [] });
  expect(await estate.dal(CLONE, `SELECT COUNT(*) FROM dbo.Loans WHERE code = 'after'`)).toEqual([[1]]);
  // A forgotten order to drain does not freeze what is production no more.
  estate.emit({
    type: 'database.ordered',
    database: SOURCE,
    order: 'handover',
    until: 'drained',
    confirmed: SOURCE,
  });
  await expect(handOver(estate)).rejects.toMatchObject({ code: 'database.blocked' });
}, 180_000);

test('whoever thaws by hand while it waits has everything proved once more', async () => {
  await using estate = await followed();
  await drain(estate);
  await estate.mia('master', `ALTER DATABASE [${SOURCE}] SET MULTI_USER`);
  await estate.mia(SOURCE, `INSERT dbo.Loans (code, amount) VALUES ('between', 8)`);
  const before = estate.events.length;
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'handover', confirmed: SOURCE });
  await handOver(estate);
  expect(steps(estate.events.slice(before))).toContain('validated done');
  expect(await estate.dal(CLONE, `SELECT COUNT(*) FROM dbo.Loans WHERE code = 'between'`)).toEqual([[1]]);
}, 90_000);
