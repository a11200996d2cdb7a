import { expect, test } from 'vitest';
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
