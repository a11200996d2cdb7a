import { expect, test } from 'vitest';
import { observeStage } from '../../../../src/database/monitor/index.ts';
import { SUBSCRIBER } from '../../lab/sqlserver/replication/world.ts';
import { codes, Watch } from './watch.ts';

test('a copy that follows: markers arrive, tokens are timed, agents are idle', async () => {
  await using watch = await Watch.start();
  const first = await watch.look();
  expect(first.written).toMatchObject({ id: '1' });
  const followed = await watch.until(
    ({ proven, hops }) =>
      proven !== undefined &&
      hops.every(({ latencyMs, state }) => latencyMs !== undefined && state === 'idle'),
  );
  expect(followed).toMatchObject({
    hops: [
      {
        name: 'log-reader',
        state: 'idle',
        backlog: expect.any(Number),
        agent: expect.stringContaining('MIA-SQL1-PubDB'),
      },
      { name: 'distribution', state: 'idle', agent: expect.stringContaining(SUBSCRIBER) },
    ],
    exposureMs: expect.any(Number),
    pendingCommands: expect.any(Number),
    logUsedBytes: expect.any(Number),
    logBytes: expect.any(Number),
    distributionBytes: expect.any(Number),
    expiresInHours: 168,
    proposeDrop: false,
  });
  expect(codes(followed).filter(code => code !== 'publisher-restarted')).toEqual([]);
});

test('a look is told once, and again when something else is to be told', async () => {
  await using watch = await Watch.start();
  await watch.until(({ proven, troubles }) => proven !== undefined && troubles.length === 0);
  const told = () => watch.hands.events.filter(({ type }) => type === 'database.observed').length;
  const look = () => observeStage.run(watch.hands.work(observeStage.preview));
  const before = told();
  await look();
  expect(told()).toBe(before);
  await watch.world.job('LogReader', 'stop');
  await watch.world.until(async () => {
    await look();
    return told() > before;
  });
  expect(told()).toBe(before + 1);
  expect(watch.hands.last('database.observed')?.sample.troubles).toMatchObject([
    { code: 'log-reader-stopped' },
  ]);
  await look();
  expect(told()).toBe(before + 1);
});
