import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../../../src/lab/sqlserver/server/replies.ts';
import type { BulkRows, InputValue } from '../../../../../src/lab/sqlserver/server/requests.ts';
import { createPacketReader, toPackets } from '../../../../../src/lab/sqlserver/wire/packets.ts';
import { started } from './clients.ts';
import { batch, headers, LOGIN, loggedIn, PRELOGIN, rawClient, secured } from './raw-client.ts';
import { columns, done, type Replies, returned, rows, scripted } from './scripted.ts';

/** Number of the ERROR a reply begins with. */
const errorOf = (reply: Buffer | undefined): number | undefined =>
  reply?.[0] === 0xaa ? reply.readInt32LE(3) : undefined;

const echo = () =>
  scripted({
    batch: () => [done(1)],
    call: (procedure: string, parameters: readonly InputValue[]): Replies => [
      columns(['n', { kind: 'int' }]),
      rows([procedure.length + parameters.length]),
      done(1, 'select'),
      returned(0),
    ],
    async *bulk(load: BulkRows): AsyncGenerator<Reply> {
      let count = 0;
      for await (const part of load.rows) count += part.length;
      yield done(count);
    },
  });

describe('the wire', () => {
  it('answers the bytes of a DONE and nothing else to a statement', async () => {
    const client = await loggedIn(await started(echo()));
    client.send(1, batch('x'));
    expect((await client.reply())?.toString('hex')).toBe('fd100000000100000000000000');
  });

  it('takes a request byte by byte', async () => {
    const client = await loggedIn(await started(echo()));
    client.socket.setNoDelay(true);
    const bytes = toPackets(batch('select 1'), { type: 1, packetSize: 512, spid: 0, last: true, first: 1 });
    for (const byte of bytes) {
      client.socket.write(Buffer.from([byte]));
      await new Promise(resolve => setImmediate(resolve));
    }
    expect((await client.reply())?.[0]).toBe(0xfd);
  });

  it('refuses a request that names another transaction (3989)', async () => {
    const client = await loggedIn(await started(echo()));
    client.send(1, batch('x', 5n));
    expect(errorOf(await client.reply())).toBe(3989);
    client.send(1, batch('x'));
    expect((await client.reply())?.[0]).toBe(0xfd);
  });

  it('runs several calls of one message, each with a status and an end of its own', async () => {
    const client = await loggedIn(await started(echo()));
    const call = Buffer.from('01007000000000000', 'hex').subarray(0, 6);
    client.send(3, Buffer.concat([headers(), call, Buffer.from([0xff]), call]));
    const reply = (await client.reply()) ?? Buffer.alloc(0);
    const ends = [...reply.toString('hex').matchAll(/7900000000fe(....)/g)].map(match => match[1]);
    expect(ends).toEqual(['0100', '0000']);
  });

  it('answers a message that is taken back with an error that has no text', async () => {
    const client = await loggedIn(await started(echo()));
    client.send(1, batch('never run'), 3);
    expect((await client.reply())?.toString('hex')).toBe('fd020000000000000000000000');
  });

  it('acknowledges an attention that comes after the reply', async () => {
    const client = await loggedIn(await started(echo()));
    client.send(6, Buffer.alloc(0));
    expect((await client.reply())?.toString('hex')).toBe('fd200000000000000000000000');
  });

  it('resets a session, with its transaction or without', async () => {
    const listener = echo();
    const client = await loggedIn(await started(listener));
    client.send(1, batch('x'), 0x09);
    expect((await client.reply())?.subarray(0, 6).toString('hex')).toBe('e30300120000');
    client.send(1, batch('x'), 0x11);
    await client.reply();
    expect(listener.sessions[0]?.resets).toEqual([false, true]);
  });

  it.each([
    ['headers longer than the message', 1, Buffer.from('ffffff7f00', 'hex')],
    ['no headers', 3, Buffer.alloc(0)],
    ['a batch of an odd length', 1, Buffer.concat([headers(), Buffer.from([0x41])])],
    ['half an RPC', 3, Buffer.concat([headers(), Buffer.from('0500410042', 'hex')])],
    ['an isolation that is none', 0x0e, Buffer.concat([headers(), Buffer.from('05000900', 'hex')])],
    ['a second login', 0x10, LOGIN],
    ['a bulk load of something else', 7, Buffer.from('hello')],
  ])('says goodbye to %s', async (_name, type, payload) => {
    const client = await loggedIn(await started(echo()));
    client.send(type, payload);
    expect(errorOf(await client.reply())).toBe(4014);
    await client.closed;
  });

  it.each([
    ['a parameter of an unknown type', '01007000000000009900', 8009],
    ['an int of three bytes', '0100700000000000 2603', 8016],
    ['a procedure without a name', '00000000', 8004],
    ['a procedure of no number', 'ffff99000000', 8004],
    ['a transaction request of another kind', undefined, 40517],
  ])('refuses %s and goes on', async (_name, body, number) => {
    const client = await loggedIn(await started(echo()));
    if (body === undefined) client.send(0x0e, Buffer.concat([headers(), Buffer.from([1, 0])]));
    else client.send(3, Buffer.concat([headers(), Buffer.from(body.replace(' ', ''), 'hex')]));
    expect(errorOf(await client.reply())).toBe(number);
    client.send(1, batch('x'));
    expect((await client.reply())?.[0]).toBe(0xfd);
  });

  it('says goodbye to a packet longer than what was agreed', async () => {
    const client = await loggedIn(await started(echo(), { packetSize: 4096 }));
    client.socket.write(
      toPackets(batch('x'.repeat(9000)), { type: 1, packetSize: 16_384, spid: 0, last: true, first: 1 }),
    );
    expect(errorOf(await client.reply())).toBe(4014);
    await client.closed;
  });

  it('encrypts the login alone where client and server both can and neither must', async () => {
    const listener = echo();
    const client = rawClient(await started(listener, { encryption: 'on' }));
    client.send(0x12, PRELOGIN(0));
    const answer = await client.reply();
    expect(answer?.at(-2)).toBe(0);
    const tls = await secured(client);
    const reader = createPacketReader();
    const replied = new Promise<number | undefined>(resolve => {
      client.socket.on('data', bytes => {
        for (const packet of reader.push(bytes)) resolve(packet.payload[0]);
      });
    });
    tls.write(toPackets(LOGIN, { type: 0x10, packetSize: 4096, spid: 0, last: true, first: 1 }));
    expect(await replied).toBe(0xe3);
    expect(listener.sessions[0]?.login.password).toBe('x');
  });
});

describe('bytes that are wrong', () => {
  const good: readonly (readonly [number, Buffer])[] = [
    [1, batch('select 1')],
    [
      3,
      Buffer.concat([
        headers(),
        Buffer.from(
          'ffff0a0000000000e714000904d000340800780079007a00410000260404050000000000a5ffff0400000000000000040000000102030400000000',
          'hex',
        ),
      ]),
    ],
    [0x0e, Buffer.concat([headers(), Buffer.from('05000200', 'hex')])],
    [7, Buffer.from('810100000000000500260401610000d10401000000fd000000000000000000000000', 'hex')],
    [6, Buffer.alloc(0)],
  ];

  it('never stop the server, nor leave a connection hanging', async () => {
    const server = await started(echo());
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            which: fc.nat({ max: good.length - 1 }),
            status: fc.constantFrom(1, 1, 1, 3, 9, 17),
            changes: fc.array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 })), { maxLength: 4 }),
            cut: fc.option(fc.nat({ max: 80 })),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        async requests => {
          const client = await loggedIn(server);
          for (const { which, status, changes, cut } of requests) {
            const [type, payload] = good[which] ?? [1, Buffer.alloc(0)];
            const bytes = Buffer.from(payload.subarray(0, cut ?? payload.length));
            for (const [place, byte] of changes) if (bytes.length > 0) bytes[place % bytes.length] = byte;
            client.send(type, bytes, status);
          }
          client.send(1, batch('x'));
          // The session answers everything, or says why it ends.
          let answers = 0;
          while (answers <= requests.length && (await client.reply()) !== undefined) answers += 1;
          client.socket.destroy();
        },
      ),
      { numRuns: 150 },
    );
    const client = await loggedIn(server);
    client.send(1, batch('x'));
    expect((await client.reply())?.[0]).toBe(0xfd);
  });

  it('in the stream itself are no different', async () => {
    const server = await started(echo(), { encryption: 'on' });
    const phases = fc.constantFrom('nothing', 'greeting', 'TLS', 'session');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 8, maxLength: 300 }), phases, async (noise, phase) => {
        const client = phase === 'session' ? await loggedIn(server) : rawClient(server);
        if (phase === 'greeting') client.send(0x12, PRELOGIN(1));
        if (phase === 'TLS') client.socket.write(Buffer.from('1603010200010001fc0303', 'hex'));
        client.socket.end(noise);
        client.socket.resume();
        await client.closed;
      }),
      { numRuns: 100 },
    );
    await expect.poll(() => server.connections()).toBe(0);
  });
});
