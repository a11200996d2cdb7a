import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { engineerOf } from '../../../../src/evacuation/engine/away.ts';
import { MAX_LINE_BYTES } from '../../../../src/evacuation/engine/client-line.ts';
import { dial } from '../../../../src/evacuation/engine/dial.ts';
import { EngineServer, type ServerOptions } from '../../../../src/evacuation/engine/server.ts';
import type { Event } from '../../../../src/journal/events.ts';
import { EngineClient } from '../../../support/engine-client.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

interface Served {
  readonly server: EngineServer;
  readonly clock: ManualClock;
  readonly directory: string;
  readonly socket: string;
  /** `attached dana@jump1 ui`, `left …`, `order pause dana@jump1`. */
  readonly heard: string[];
  readonly troubles: string[];
}

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lf-engine-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function serve(options: Partial<ServerOptions> = {}): Promise<Served> {
  const directory = options.directory ?? temporary();
  const clock = new ManualClock();
  const heard: string[] = [];
  const troubles: string[] = [];
  const server = await EngineServer.open({
    directory,
    evacuation: 'miami',
    engine: { pid: 4711, host: 'jump1', landfall: '0.1.0', since: clock.now(), until: 'stay' },
    clock,
    onAttached: async ({ by, kind }) => void heard.push(`attached ${by} ${kind}`),
    onLeft: async ({ by, kind }) => void heard.push(`left ${by} ${kind}`),
    onCommand: async (command, { by }) => {
      heard.push(`order ${command.kind} ${by}`);
      return { ok: true, said: `${command.kind}.` };
    },
    onTrouble: error => troubles.push(error.facts.what),
    ...options,
  });
  onTestFinished(async () => {
    const closing = server.close('over');
    clock.advance(10_000);
    await closing;
  });
  return { server, clock, directory, socket: join(directory, 'engine.sock'), heard, troubles };
}

const note = (seq: number, text = 'x'): Event => ({
  v: 1,
  seq,
  at: 1,
  by: 'engine',
  type: 'note.added',
  text,
});

const sample = (step: string, text: string) => ({ step, subject: 'web1', at: 1, text });

describe('clients', () => {
  test('none can give orders under the name of a process, which others would not be told of', async () => {
    const { socket, heard } = await serve();
    using eve = await EngineClient.attach(socket, 'eve:4711');
    await eve.ordered({ kind: 'pause' });
    using kim = await EngineClient.attach(socket, 'kim', 'jump1:4711');
    await kim.ordered({ kind: 'resume' });
    expect(
      heard.filter(line => line.startsWith('order')).map(line => engineerOf(line.split(' ').at(-1) ?? '')),
    ).toEqual(['eve:4711', 'kim']);
  });

  test('are welcomed, see each other, and hear what happens', async () => {
    const { server, socket, heard } = await serve();
    server.sample(sample('sync/web1/pass-1', 'before anybody looked'));
    using dana = await EngineClient.attach(socket, 'dana');
    expect(await dana.next('welcome')).toMatchObject({
      evacuation: 'miami',
      you: 'c1',
      engine: { pid: 4711, host: 'jump1', landfall: '0.1.0', until: 'stay' },
      clients: [{ id: 'c1', who: 'dana', host: 'jump1', client: 'ui' }],
      samples: [{ text: 'before anybody looked' }],
    });
    using kim = await EngineClient.attach(socket, 'kim');
    await dana.next('clients', ({ clients }) => clients.map(({ who }) => who).join() === 'dana,kim');
    server.event(note(7));
    expect(await dana.next('event')).toEqual({ v: 1, type: 'event', event: note(7) });
    expect(await kim.next('event')).toEqual({ v: 1, type: 'event', event: note(7) });
    kim.socket.destroy();
    await dana.next('clients', ({ clients }) => clients.length === 1 && heard.includes('left kim@jump1 ui'));
    expect(heard).toEqual(['attached dana@jump1 ui', 'attached kim@jump1 ui', 'left kim@jump1 ui']);
  });

  test('are named harmlessly, whatever they call themselves', async () => {
    const { socket, heard } = await serve();
    using client = await EngineClient.attach(socket, '\u001b[2Jdana\n', '');
    await client.order({ kind: 'resume' });
    expect(heard).toEqual(['attached \\x1b[2Jdana\\n ui', 'order resume \\x1b[2Jdana\\n']);
  });

  test('are answered in the order in which they asked, one after the other', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const begun: string[] = [];
    const { socket } = await serve({
      onCommand: async command => {
        begun.push(command.kind);
        await gates[begun.length - 1]?.promise;
        return { ok: true, said: command.kind };
      },
    });
    using dana = await EngineClient.attach(socket);
    using kim = await EngineClient.attach(socket, 'kim');
    const replies = Promise.all([dana.ordered({ kind: 'pause' }), dana.ordered({ kind: 'resume' })]);
    await expect.poll(() => begun).toEqual(['pause']);
    // Another client does not wait for dana's first order.
    const other = kim.ordered({ kind: 'sync' });
    await expect.poll(() => begun).toEqual(['pause', 'sync']);
    gates[1]?.resolve();
    expect(await other).toBe('sync');
    gates[0]?.resolve();
    expect(await replies).toEqual(['pause', 'resume']);
  });

  test('an order that this engine does not know is refused, and the client goes on', async () => {
    const { socket, heard } = await serve();
    using client = await EngineClient.attach(socket);
    client.say({ v: 1, type: 'command', id: 'a', command: { kind: 'fly', to: 'Dallas' } });
    client.say({ v: 1, type: 'command', id: 'b', command: { kind: 'note', text: '' } });
    for (const id of ['a', 'b']) {
      const { reply } = await client.next('reply', each => each.id === id);
      expect(reply).toMatchObject({ ok: false, error: { code: 'command.refused' } });
    }
    expect(await client.ordered({ kind: 'resume' })).toBe('resume.');
    expect(heard).toHaveLength(2);
  });

  test('a handler that fails costs its client the connection, nothing else', async () => {
    const { socket, troubles } = await serve({ onCommand: () => Promise.reject(new RangeError('boom')) });
    using dana = await EngineClient.attach(socket);
    using kim = await EngineClient.attach(socket, 'kim');
    dana.say({ v: 1, type: 'command', id: '1', command: { kind: 'resume' } });
    await dana.closed;
    await kim.next('clients', ({ clients }) => clients.length === 1);
    expect(troubles).toEqual(['landfall has a bug: boom']);
  });
});

describe('what is no message', () => {
  const hello = { v: 1, type: 'hello', who: 'dana', host: 'h', client: 'cli', landfall: '0' };
  test.each<[string, string, RegExp]>([
    ['rubbish', 'GET / HTTP/1.1\n', /a line that is no message/],
    ['an empty line', '\n', /a line that is no message/],
    ['a line without an end', 'x'.repeat(MAX_LINE_BYTES + 1), /more than 65536 bytes/],
    ['a line that is too long', `${'x'.repeat(MAX_LINE_BYTES + 1)}\n`, /more than 65536 bytes/],
    [
      'a command before hello',
      '{"v":1,"type":"command","id":"1","command":{"kind":"resume"}}\n',
      /before its hello/,
    ],
    ['two hellos', `${JSON.stringify(hello)}\n${JSON.stringify(hello)}\n`, /second hello/],
    ['a newer protocol', `${JSON.stringify({ ...hello, v: 2 })}\n`, /speaks version 2 .* version 1/],
  ])('%s is refused in words, and the connection is closed', async (_name, bytes, what) => {
    const { socket } = await serve();
    using client = await EngineClient.connect(socket);
    client.socket.write(bytes);
    const { reply } = await client.next('reply');
    expect(reply).toMatchObject({ ok: false, error: { code: 'engine.protocol' } });
    expect(reply.ok ? '' : reply.error.what).toMatch(what);
    await client.closed;
    using next = await EngineClient.attach(socket);
    expect(await next.ordered({ kind: 'resume' })).toBe('resume.');
  });

  test('who says nothing for ten seconds is hung up on; who has said hello may stay silent', async () => {
    const { socket, clock } = await serve();
    using dana = await EngineClient.attach(socket);
    using silent = await EngineClient.connect(socket);
    // Once dana is answered, the silent one was accepted before.
    await dana.ordered({ kind: 'resume' });
    clock.advance(9_999);
    expect(silent.socket.closed).toBe(false);
    clock.advance(1);
    await silent.closed;
    expect(await dana.ordered({ kind: 'resume' })).toBe('resume.');
  });

  test('nothing that is sent fells the engine', { timeout: 30_000 }, async () => {
    const { socket, troubles } = await serve();
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
      fc.json().map(text => Buffer.from(`${text}\n`)),
      fc.constant(Buffer.from(`${JSON.stringify(hello)}\n`)),
      fc.constant(Buffer.from('{"v":1,"type":"command","id":"1","command":{"kind":"resume"}}\n')),
      fc.constant(Buffer.from('{"v":1,"type":"comma')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 6 }), fc.boolean(), async (pieces, isRude) => {
        const client = connect(socket);
        client.on('error', () => client.destroy());
        const closed = new Promise(resolve => client.once('close', resolve));
        client.resume();
        for (const bytes of pieces) client.write(bytes);
        if (isRude) client.destroy();
        else client.end();
        await closed;
      }),
      { numRuns: 150 },
    );
    // A hundred at once that vanish at whatever moment it is.
    await Promise.all(
      Array.from({ length: 100 }, async (_each, n) => {
        const client = connect(socket);
        client.on('error', () => client.destroy());
        if (n % 2 === 0) client.write(`${JSON.stringify(hello)}\n`);
        for (let left = n % 7; left > 0; left -= 1) await turn();
        client.destroy();
      }),
    );
    using next = await EngineClient.attach(socket, 'kim');
    expect(await next.ordered({ kind: 'resume' })).toBe('resume.');
    expect(troubles).toEqual([]);
  });
});

describe('the stream', () => {
  test('of samples is thinned to four a second for each step, and the newest is never lost', async () => {
    const { server, socket, clock } = await serve();
    using client = await EngineClient.attach(socket);
    const texts = (): string[] =>
      client.messages.flatMap(each =>
        each.type === 'sample' ? [`${each.sample.step} ${each.sample.text}`] : [],
      );
    for (let n = 0; n < 50; n += 1) for (const step of ['a', 'b']) server.sample(sample(step, String(n)));
    await client.ordered({ kind: 'resume' });
    expect(texts()).toEqual(['a 0']);
    clock.advance(250);
    await turn();
    server.sample(sample('a', '50'));
    await client.ordered({ kind: 'resume' });
    expect(texts()).toEqual(['a 0', 'b 49', 'a 49']);
    clock.advance(250);
    await client.next('sample', each => each.sample.text === '50');
    // The step is over before its last sample was sent: what is over is not shown any more.
    server.sample(sample('a', '51'));
    server.over('a');
    clock.advance(250);
    await client.next('sample-over', ({ step }) => step === 'a');
    await client.ordered({ kind: 'resume' });
    expect(texts().filter(text => text.startsWith('a'))).toEqual(['a 0', 'a 49', 'a 50']);
  });

  test('shows commands on hosts with their scripts by name, and not without an end', async () => {
    const { server, socket } = await serve();
    using client = await EngineClient.attach(socket);
    const record = { at: 1, host: 'web1', code: 0, ms: 2 };
    server.ran({ ...record, command: `sh -c 'echo a\necho b' sh ${'y'.repeat(9000)}` });
    const { command } = (await client.next('ran')).record;
    expect(command).toMatch(/^sh -c <script sha256:[0-9a-f]{12}> sh y+…$/);
    expect(command.length).toBeLessThan(2100);
  });

  test('waits for nobody: who does not read is sent no samples, and is hung up on in the end', async () => {
    const { server, socket } = await serve();
    using dana = await EngineClient.attach(socket);
    const slow = connect(socket);
    slow.on('error', () => slow.destroy());
    slow.write(
      `${JSON.stringify({ v: 1, type: 'hello', who: 'kim', host: 'h', client: 'ui', landfall: '0' })}\n`,
    );
    await dana.next('clients', ({ clients }) => clients.length === 2);
    slow.pause();
    const text = 'z'.repeat(256 * 1024);
    // 8 MiB may be unread, and what the kernel holds; dana reads all of it.
    for (let seq = 1; seq <= 48; seq += 1) {
      server.event(note(seq, text));
      await dana.next('event', ({ event }) => event.seq === seq);
    }
    await dana.next('clients', ({ clients }) => clients.length === 1 && clients[0]?.who === 'dana');
    slow.destroy();
  });
});

describe('the socket', () => {
  test('is open to this account alone, replaces what a dead engine left, and is gone in the end', async () => {
    const directory = temporary();
    writeFileSync(join(directory, 'engine.sock'), 'stale');
    writeFileSync(join(directory, 'engine.new.sock'), 'stale');
    const { server, socket } = await serve({ directory });
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(statSync(socket).isSocket()).toBe(true);
    using client = await EngineClient.attach(socket);
    await server.dismiss();
    await server.close('complete');
    expect(await client.next('bye')).toMatchObject({ outcome: 'complete' });
    await client.closed;
    expect(readdirSync(directory)).toEqual([]);
  });

  test('works in a directory whose path is too long for one', async () => {
    const directory = join(temporary(), 'd'.repeat(100), 'e'.repeat(100));
    mkdirSync(directory, { recursive: true });
    const { server } = await serve({ directory });
    const client = await dial(directory, 'miami');
    expect(readdirSync(directory)).toEqual(['engine.sock']);
    client.destroy();
    await server.close('complete');
    expect(readdirSync(directory)).toEqual([]);
  });

  test('of an engine that took over is left alone', async () => {
    const directory = temporary();
    const first = await serve({ directory });
    const second = await serve({ directory });
    await first.server.close('the lock is lost');
    using client = await EngineClient.attach(second.socket);
    expect(await client.ordered({ kind: 'resume' })).toBe('resume.');
    expect(second.heard).toContain('order resume dana@jump1');
  });

  test('that cannot be made is an error that says so', async () => {
    await expect(serve({ directory: '/proc' })).rejects.toMatchObject({ code: 'engine.not-started' });
  });

  test('closes although somebody does not read the good-bye', async () => {
    const { server, socket, clock } = await serve();
    using dana = await EngineClient.attach(socket);
    dana.socket.pause();
    for (let seq = 1; seq <= 8; seq += 1) server.event(note(seq, 'z'.repeat(512 * 1024)));
    const closing = server.close('cancelled');
    await turn();
    clock.advance(2000);
    await closing;
  });

  test('everybody is journalled as gone before the end, once, and nobody attaches after that', async () => {
    const { server, socket, heard } = await serve();
    using dana = await EngineClient.attach(socket);
    await server.dismiss();
    using late = await EngineClient.connect(socket);
    await late.closed;
    dana.socket.destroy();
    await server.close('complete');
    expect(heard).toEqual(['attached dana@jump1 ui', 'left dana@jump1 ui']);
  });
});
