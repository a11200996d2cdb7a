import { expect, test } from 'vitest';
import { drainedStatements, proveDrained } from '../../../../src/database/monitor/index.ts';
import { PUBLISHER } from '../../lab/sqlserver/replication/world.ts';
import { Watch } from './watch.ts';

const prove = (watch: Watch, patienceMs: number) =>
  proveDrained(watch.hands.work(drainedStatements), { patienceMs });

test('drained is what all proofs say together, and never one alone', async () => {
  await using watch = await Watch.start();
  const { world } = watch;
  await world.pub("INSERT dbo.Items VALUES (1, 'a'), (2, 'b')");
  await watch.until(({ proven }) => proven !== undefined);

  const held = await prove(watch, 20_000);
  expect(held.missing).toEqual([]);
  expect(held.drained).toBe(true);
  expect(held.evidence).toEqual([
    expect.stringMatching(/^marker \d+, written at .*Z, is at the copy$/),
    expect.stringMatching(/^tracer token -?\d+ has gone the whole way in \d+ s$/),
    'no command waits in the distribution database',
    'no session holds an open transaction on production',
    'the log reader has read all of the log: oldest non-distributed LSN (0:0:0), sp_repltrans empty',
    'the log reader is idle',
    'the distribution agent is idle',
    'the agents met no error meanwhile',
  ]);

  // Somebody still writes, though everything committed has arrived.
  const writer = await (await world.pool(PUBLISHER, 'PubDB')).transaction();
  await writer.begin();
  await writer.request().batch("INSERT dbo.Items VALUES (3, 'c')");
  const open = await prove(watch, 0);
  expect(open.drained).toBe(false);
  expect(open.missing).toContainEqual(
    expect.stringMatching(/^1 open transactions on production; session \d+/),
  );
  await writer.rollback();

  // The queue is empty and the agents are idle, because the log was not read.
  await world.job('LogReader', 'stop');
  await world.pub("INSERT dbo.Items VALUES (4, 'd')");
  const unread = await prove(watch, 0);
  expect(unread.drained).toBe(false);
  expect(unread.evidence).toContain('no command waits in the distribution database');
  expect(unread.missing).toEqual([
    expect.stringMatching(/^marker \d+ is not at the copy yet/),
    expect.stringMatching(/has not arrived at the copy$/),
    expect.stringMatching(/^\d+ transactions wait in the log, the oldest at \(/),
    expect.stringMatching(/^the log reader is stopped/),
  ]);
  await world.job('LogReader', 'start');

  world.double(world.distributor).agents.pause('Distribution');
  const queued = await prove(watch, 0);
  expect(queued.drained).toBe(false);
  world.double(world.distributor).agents.resume('Distribution');
  expect((await prove(watch, 20_000)).drained).toBe(true);
});
