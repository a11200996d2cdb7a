import { expect, test } from 'vitest';
import { measureDrift } from '../../../../src/database/drift/index.ts';
import { pinStage, reconcileStage } from '../../../../src/database/reconcile/index.ts';
import { captureStage, releaseStage } from '../../../../src/database/replicate/index.ts';
import { CLONE, Estate, SOURCE } from '../replicate/estate.ts';
import { SCHEMA, seeded } from '../replicate/workload.ts';

test('what replication puts into both databases is no drift', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, lane: 'clone' });
  await seeded(estate);
  const measuring = { servers: estate.servers(), ref: { source: SOURCE, copy: CLONE } };
  const before = await measureDrift(measuring);
  for (const stage of [captureStage, pinStage, reconcileStage, releaseStage]) await estate.conduct(stage);
  const after = await measureDrift(measuring);
  for (const side of ['source', 'copy'] as const) {
    expect(after[side].tables.map(table => table.name)).toEqual(before[side].tables.map(table => table.name));
    expect(after[side].modules).toEqual(before[side].modules);
    expect(after[side].schemas).toEqual(before[side].schemas);
  }
  // Foreign keys, triggers and unique indexes are held while agents write; nothing else may be different.
  expect(after.align.deeds.map(deed => deed.id).filter(id => !id.startsWith('state/'))).toEqual([]);
}, 60_000);
