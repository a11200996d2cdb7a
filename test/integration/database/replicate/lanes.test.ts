import { expect, test } from 'vitest';
import { pinStage, reconcileStage, unpinStage } from '../../../../src/database/reconcile/index.ts';
import { captureStage, catchUpStage, releaseStage } from '../../../../src/database/replicate/index.ts';
import { backupStage, restoreStage } from '../../../../src/database/shipping/index.ts';
import { Estate, SOURCE } from './estate.ts';
import { equal, SCHEMA, seeded, writers } from './workload.ts';

test('clone: everything that was committed arrives while production writes', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, lane: 'clone' });
  await seeded(estate);
  const load = writers(estate);
  await estate.conduct(captureStage);
  await estate.conduct(pinStage);
  await estate.conduct(reconcileStage);
  await estate.conduct(releaseStage);
  await estate.conduct(catchUpStage);
  await estate.conduct(unpinStage);
  await load.stop();
  await equal(estate);
  expect(estate.events.map(({ type }) => type)).toContain('database.released');
  expect(await releaseStage.done(estate.work(releaseStage))).toBe(true);
  expect(await captureStage.done(estate.work(captureStage))).toBe(true);
});

test('snapshot: the shell of the clone is refilled and followed', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, lane: 'snapshot' });
  await seeded(estate);
  const load = writers(estate);
  await estate.conduct(captureStage);
  await estate.conduct(releaseStage);
  await estate.conduct(catchUpStage);
  await load.stop();
  await equal(estate);
});

test('backup: restored in Dallas, then followed from where the backup ends', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, lane: 'backup' });
  await seeded(estate);
  const load = writers(estate);
  await estate.conduct(captureStage);
  await estate.conduct(backupStage);
  await estate.conduct(restoreStage);
  await estate.conduct(releaseStage);
  await estate.conduct(catchUpStage);
  await load.stop();
  await equal(estate, SOURCE);
  expect(await restoreStage.done(estate.work(restoreStage))).toBe(true);
  expect(estate.events.map(({ type }) => type)).toEqual([
    'database.captured',
    'database.pinned',
    'database.released',
  ]);
});
