import { expect, test } from 'vitest';
import { pinStage, reconcileStage, unpinStage } from '../../../../src/database/reconcile/index.ts';
import {
  captureStage,
  catchUpStage,
  releaseStage,
  teardownStage,
} from '../../../../src/database/replicate/index.ts';
import type { Stage } from '../../../../src/database/stage.ts';
import { CLONE, Estate, SOURCE } from './estate.ts';
import { equal, SCHEMA, seeded } from './workload.ts';

/** Everything of production that replication could leave something in. */
async function facts(estate: Estate): Promise<unknown> {
  const here = (text: string) => estate.mia(SOURCE, text);
  return {
    objects: await here('SELECT SCHEMA_NAME(schema_id), name, type FROM sys.objects ORDER BY 1, 2'),
    schemas: await here('SELECT name FROM sys.schemas ORDER BY name'),
    tables: await here('SELECT name, is_published, is_replicated FROM sys.tables ORDER BY name'),
    identities: await here(
      'SELECT OBJECT_NAME(object_id), is_not_for_replication FROM sys.identity_columns ORDER BY 1',
    ),
    principals: await here('SELECT name FROM sys.database_principals ORDER BY name'),
    database: await here(
      'SELECT is_published, is_subscribed, log_reuse_wait_desc, recovery_model_desc FROM sys.databases WHERE database_id = DB_ID()',
    ),
    databases: await here('SELECT name FROM sys.databases ORDER BY name'),
    servers: await here('SELECT name, is_distributor FROM sys.servers ORDER BY name'),
    settings: await here(
      'SELECT name, CONVERT(bigint, value), CONVERT(bigint, value_in_use) FROM sys.configurations ORDER BY name',
    ),
    jobs: await estate.mia('msdb', 'SELECT name FROM dbo.sysjobs ORDER BY name'),
    replication: await estate.mia(
      'msdb',
      'SELECT (SELECT COUNT(*) FROM dbo.MSdistributor), (SELECT COUNT(*) FROM dbo.MSdistributiondbs), (SELECT COUNT(*) FROM dbo.MSdistpublishers)',
    ),
    dallas: await estate.dal('master', 'SELECT name FROM sys.databases ORDER BY name'),
    dallasJobs: await estate.dal('msdb', 'SELECT name FROM dbo.sysjobs ORDER BY name'),
  };
}

/** Runs a stage whose process is killed behind every statement that writes, until it comes to its end. */
async function killedEverywhere(estate: Estate, stage: Stage): Promise<number> {
  const seen = new Set<string>();
  for (let [kills, budget] = [0, 1]; ; kills += 1) {
    if (kills > 100) throw new Error('no end');
    const from = estate.written.length;
    estate.killAt = from + budget;
    try {
      await estate.conduct(stage);
      estate.killAt = Number.POSITIVE_INFINITY;
      return kills;
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'killed') throw error;
      const known = seen.size;
      for (const { text } of estate.written.slice(from)) seen.add(text);
      // What each attempt writes again it may write, and one statement more.
      if (seen.size === known) budget += 1;
    }
  }
}

test('killed between any two statements, everything comes to its end, and production is as it was', {
  timeout: 120_000,
}, async () => {
  await using estate = await Estate.start({ schema: SCHEMA });
  await seeded(estate, 5);
  const before = await facts(estate);
  expect(await killedEverywhere(estate, captureStage)).toBeGreaterThan(10);
  await estate.conduct(pinStage);
  await estate.conduct(reconcileStage);
  expect(await killedEverywhere(estate, releaseStage)).toBeGreaterThan(8);
  expect(await killedEverywhere(estate, catchUpStage)).toBeGreaterThan(4);
  await equal(estate);
  await estate.conduct(unpinStage);
  expect(await facts(estate)).not.toEqual(before);
  await estate.mia(SOURCE, `DELETE dbo.Audit WHERE what = N'the end'`);
  expect(await killedEverywhere(estate, teardownStage)).toBeGreaterThan(8);
  expect(await facts(estate)).toEqual(before);
  expect(await estate.dal(CLONE, `SELECT name FROM sys.procedures WHERE name LIKE 'sp[_]MS%'`)).toEqual([]);
  expect(estate.events.at(-1)?.type).toBe('database.torn-down');
});

test('a distributor at the publisher goes with everything else', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, distributorAt: 'publisher', lane: 'snapshot' });
  const before = await facts(estate);
  await estate.conduct(captureStage);
  await estate.conduct(releaseStage);
  await estate.conduct(catchUpStage);
  await estate.conduct(teardownStage);
  expect(await facts(estate)).toEqual(before);
});
