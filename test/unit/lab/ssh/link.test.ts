import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createLink, crossesTheLink } from '../../../../src/lab/ssh/link.ts';
import { seeded, seededUuid } from '../../../../src/lab/world/random.ts';

test('only what comes from a source host and goes to a target host crosses the line', () => {
  expect(crossesTheLink({ site: 'target' }, '127.77.1.11')).toBe(true);
  expect(crossesTheLink({ site: 'target' }, '127.0.0.1')).toBe(false);
  expect(crossesTheLink({ site: 'source' }, '127.77.1.11')).toBe(false);
  expect(crossesTheLink({ site: 'target' }, undefined)).toBe(false);
});

test('a seed and a name always give the same numbers, other names others', () => {
  const numbers = (seed: number, name: string): number[] => {
    const random = seeded(seed, name);
    return Array.from({ length: 20 }, () => random.below(1000));
  };
  expect(numbers(1, 'a')).toEqual(numbers(1, 'a'));
  expect(numbers(1, 'b')).not.toEqual(numbers(1, 'a'));
  expect(numbers(2, 'a')).not.toEqual(numbers(1, 'a'));
  expect(seededUuid(1, 'x')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('a connection that comes while others wait for the line has to wait as well', async () => {
  // One byte a second: what has been taken in is more than the line will carry during this test.
  const link = createLink(1, () => performance.now());
  const accepted: Socket[] = [];
  const server = createServer(socket => {
    link.admit(socket);
    accepted.push(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a server without a port');
  const senders: Socket[] = [];
  onTestFinished(() => {
    link.setRate(null);
    for (const socket of [...senders, ...accepted]) socket.destroy();
    server.close();
  });
  const sendOn = async (): Promise<Socket> => {
    const sender = connect(address.port, '127.0.0.1');
    senders.push(sender);
    sender.write(Buffer.alloc(4_000_000));
    const [socket]: Socket[] = await once(server, 'connection');
    if (socket === undefined) throw new Error('no connection');
    await once(socket, 'data');
    return socket;
  };
  expect((await sendOn()).isPaused()).toBe(true);
  expect((await sendOn()).isPaused()).toBe(true);
  expect((await sendOn()).isPaused()).toBe(true);
  expect(link.bytes).toBeLessThan(1_000_000);

  link.setRate(null);
  await Promise.all(accepted.map(socket => once(socket, 'data')));
});
