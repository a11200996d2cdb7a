import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { atADistance } from '../../../../src/lab/ssh/latency.ts';

interface Pair {
  readonly near: Socket;
  readonly accepted: Socket;
}

async function pair(): Promise<Pair> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a server without a port');
  const near = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  const accepted = await new Promise<Socket>(resolve => server.once('connection', resolve));
  onTestFinished(() => {
    near.destroy();
    accepted.destroy();
    server.close();
  });
  return { near, accepted };
}

/** Every byte value, in chunks of many lengths. */
const bytes = (count: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: count }, (_, i) => (i * 31 + seed) % 256));

test('what goes over a long line arrives whole and in order, both ways, and the end with it', async () => {
  const { near, accepted } = await pair();
  const far = atADistance(
    accepted,
    () => 4,
    () => performance.now(),
  );
  const there = buffer(far);
  const back = buffer(near);
  const outward = [bytes(100_000, 1), bytes(7, 2), bytes(300_000, 3)];
  const homeward = [bytes(5, 4), bytes(250_000, 5)];
  for (const chunk of outward) near.write(chunk);
  near.end();
  for (const chunk of homeward) far.write(chunk);
  far.end();
  expect((await there).equals(Buffer.concat(outward))).toBe(true);
  expect((await back).equals(Buffer.concat(homeward))).toBe(true);
});

test('nothing arrives before half a round trip has gone by', async () => {
  const { near, accepted } = await pair();
  let now = 0;
  const far = atADistance(
    accepted,
    () => 40,
    () => now,
  );
  const arrived: number[] = [];
  far.on('data', () => arrived.push(now));
  near.write('x');
  await once(accepted, 'data');
  expect(arrived).toEqual([]);
  now = 20;
  await once(far, 'data');
  expect(arrived).toEqual([20]);
});

test('a line that is cut ends both its ends', async () => {
  const { near, accepted } = await pair();
  const far = atADistance(
    accepted,
    () => 10,
    () => performance.now(),
  );
  const closed = Promise.all([once(near, 'close'), once(accepted, 'close')]);
  far.on('error', () => undefined);
  near.on('error', () => undefined);
  far.destroy();
  near.end();
  await closed;
  expect(accepted.destroyed).toBe(true);

  const other = await pair();
  const cut = atADistance(
    other.accepted,
    () => 10,
    () => performance.now(),
  );
  const gone = once(cut, 'close');
  other.accepted.destroy();
  await gone;
  expect(cut.destroyed).toBe(true);
});
