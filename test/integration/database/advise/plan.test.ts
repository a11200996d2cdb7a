import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planStage } from '../../../../src/database/advise/index.ts';
import { assessStage } from '../../../../src/database/assess/index.ts';
import { systemClock } from '../../../../src/foundation/clock.ts';
import type { Lane } from '../../../../src/journal/database-facts.ts';
import type { EventOf } from '../../../../src/journal/events.ts';
import { createPair, type Pair } from '../../../../src/lab/sqlserver/pair.ts';
import type { DatabasePlan } from '../../../../src/plan/schema.ts';
import { databasePlan, PASSWORD, type Told, workOn } from '../assess/world.ts';

describe('plan, on production and its clone', () => {
  const directory = mkdtempSync(join(tmpdir(), 'landfall-plan-'));
  let pair: Pair;

  beforeAll(async () => {
    pair = await createPair({
      directory,
      publisher: '2022-standard',
      subscriber: '2022-standard',
      rows: 4000,
      seed: 7,
      ports: [0, 0],
      password: PASSWORD,
      encryption: 'off',
      clock: systemClock,
      building: () => undefined,
    });
    await pair.publisher.run('Loans', "BACKUP DATABASE [Loans] TO DISK = N'full.bak' WITH COMPRESSION");
  }, 60_000);
  afterAll(async () => {
    await pair.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const assessed = async (plan: DatabasePlan): Promise<Told> => {
    const told = workOn({
      name: 'Loans',
      plan,
      publisher: pair.publisher,
      subscriber: pair.subscriber,
      hoursLeft: 96,
    });
    await assessStage.run(told.work);
    return told;
  };
  const plannedOf = ({ events }: Told): EventOf<'database.planned'> => {
    const event = events.find(each => each.type === 'database.planned');
    if (event === undefined) throw new Error('nothing was planned');
    return event;
  };
  const clone = { clone: { database: 'Loans' } };
  const standby = {
    subscriber: { address: '127.0.0.1', user: 'sa', password: 'env:PW', database: 'Loans_standby' },
    backup: { folder: '/var/backup', reads_as: '/mnt/backup' },
  };

  it('measures, samples the clone, and takes the lane that it recommends', async () => {
    await using told = await assessed(databasePlan('Loans', clone));
    expect(await planStage.done(told.work)).toBe(false);
    await planStage.run(told.work);
    expect(await planStage.done(told.work)).toBe(true);
    const plan = plannedOf(told);
    expect(plan.linkBytesPerSecond).toBeGreaterThan(100_000);
    // One in seventeen to all of the rows of some tables differ; most tables are equal.
    expect(plan.sampledDifference).toBeGreaterThan(0.005);
    expect(plan.sampledDifference).toBeLessThan(0.3);
    expect(plan.drift.length).toBeGreaterThan(0);
    expect(plan.align?.length).toBeGreaterThan(0);
    const verdicts = Object.fromEntries(plan.lanes.map(({ lane, verdict }) => [lane, verdict]));
    expect(verdicts).toMatchObject({
      backup: 'closed',
      'log-shipping': 'closed',
      'change-tracking': 'possible',
    });
    expect(told.events.at(-1)).toMatchObject({ type: 'database.lane-chosen', lane: 'clone' });
  });

  it('recommends a fresh backup where the link is quick and a folder is there', async () => {
    await using told = await assessed(databasePlan('Loans', standby));
    await planStage.run(told.work);
    const plan = plannedOf(told);
    expect(plan.lanes.filter(({ verdict }) => verdict === 'closed').map(({ lane }) => lane)).toEqual([
      'clone',
      'snapshot',
      'change-tracking',
    ]);
    expect(plan.sampledDifference).toBeUndefined();
    expect(told.events.at(-1)).toMatchObject({ type: 'database.lane-chosen', lane: 'backup' });
    expect(plan.lanes.find(({ lane }) => lane === 'backup')?.why.join()).toMatch(
      /its last full backup was \d+ %/,
    );
  });

  it('takes the lane that the plan names, and refuses one that is closed, with the reason', async () => {
    await using told = await assessed(databasePlan('Loans', { ...standby, lane: 'log-shipping' }));
    await planStage.run(told.work);
    expect(told.events.at(-1)).toMatchObject({ lane: 'log-shipping', reason: 'the plan names it' });

    const lane: Lane = 'backup';
    await using refused = await assessed(databasePlan('Loans', { lane }));
    await expect(planStage.run(refused.work)).rejects.toMatchObject({
      code: 'database.blocked',
      facts: {
        what: 'the lane backup, which the plan names for Loans, is closed',
        evidence: expect.arrayContaining([
          expect.stringMatching(/does not say where the publisher may write/),
        ]),
      },
    });
    expect(plannedOf(refused).lanes.find(each => each.lane === lane)?.verdict).toBe('closed');
    expect(refused.events.some(({ type }) => type === 'database.lane-chosen')).toBe(false);
  });
});
