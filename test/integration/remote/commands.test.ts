import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandRecord } from '../../../src/remote/host.ts';
import { createSshWorld, rejection, type SshWorld } from '../../support/ssh-world.ts';

let world: SshWorld;
beforeEach(() => {
  world = createSshWorld();
});
afterEach(() => world.close());

describe('commands over SSH', () => {
  it('hands back bytes, exit code and stderr as they are', async () => {
    const server = await world.server();
    world.trust(server);
    const records: CommandRecord[] = [];
    const host = await world.connect(server, { onCommand: record => records.push(record) });
    const result = await host.exec(['sh', '-c', 'printf " Grüße \\377\\n"; printf warn >&2; exit 3'], {
      codes: [0, 3],
    });
    expect(result.code).toBe(3);
    expect(result.stdout).toEqual(Buffer.concat([Buffer.from(' Grüße '), Buffer.from([0xff, 0x0a])]));
    expect(result.stderr.toString()).toBe('warn');
    expect(records).toMatchObject([{ host: 'web1', code: 3 }]);
    expect(records[0]?.command).toMatch(/^sh -c '/);
  });

  it('keeps a character whole that two packets share', async () => {
    const server = await world.server({
      hook: (_command, channel) => {
        const bytes = Buffer.from('Größe');
        channel.write(bytes.subarray(0, 3), () => {
          setImmediate(() => {
            channel.write(bytes.subarray(3));
            channel.exit(0);
            channel.end();
          });
        });
        return true;
      },
    });
    world.trust(server);
    const host = await world.connect(server);
    expect((await host.exec(['size'])).stdout.toString()).toBe('Größe');
  });

  it('passes arguments through untouched, whatever they hold', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    const words = ['', '-n', '~', '$HOME', "it's", 'a\nb', '`id`', '*', '\\', '!x', '\u001b[2J'];
    const { stdout } = await host.exec(['printf', '%s\\0', ...words]);
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(words);
  });

  it('feeds standard input, large too, and gives an empty one otherwise', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    const bytes = Buffer.alloc(5 * 1024 * 1024, 'x');
    expect((await host.exec(['wc', '-c'], { stdin: bytes })).stdout.toString().trim()).toBe(
      String(bytes.length),
    );
    expect((await host.exec(['cat'])).stdout.length).toBe(0);
  });

  it('names a missing program and its host', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    expect(await rejection(host.exec(['no-such-tool', 'x']))).toMatchObject({
      code: 'remote.command-missing',
      message: 'no-such-tool was not found on web1',
    });
  });

  it('shows no script in an error, but keeps it whole for the log', async () => {
    const server = await world.server();
    world.trust(server);
    const records: CommandRecord[] = [];
    const host = await world.connect(server, { onCommand: record => records.push(record) });
    const script = 'look=$1\nexit 7';
    const error = await rejection(host.exec(['sh', '-c', script, 'sh', '/srv']));
    expect(error).toMatchObject({ facts: { where: { command: "sh -c 'look=$1…(script)' sh /srv" } } });
    expect(records[0]?.command).toBe(`sh -c '${script}' sh /srv`);
  });

  it('shows the tail of stderr, harmless, where a command fails', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    const error = await rejection(host.exec(['sh', '-c', 'printf "bad \\033[31mthing\\n" >&2; exit 9']));
    expect(error).toMatchObject({
      code: 'remote.command-failed',
      facts: { evidence: ['bad \\x1b[31mthing'], where: { host: 'web1' } },
    });
    expect(error).toHaveProperty('message', 'sh on web1 ended with exit code 9');
  });

  it('tells a signal from a silent end', async () => {
    const server = await world.server({
      hook: (command, channel) => {
        if (!command.startsWith('silent')) return false;
        channel.close();
        return true;
      },
    });
    world.trust(server);
    const host = await world.connect(server);
    expect(await rejection(host.exec(['sh', '-c', 'kill -9 $PPID']))).toMatchObject({
      code: 'remote.no-exit-status',
      message: expect.stringContaining('SIGKILL'),
    });
    expect(await rejection(host.exec(['silent']))).toMatchObject({
      code: 'remote.no-exit-status',
      message: expect.stringContaining('did not say'),
    });
    expect(await host.stream(['silent'], {})).toEqual({ code: null });
    expect(await host.stream(['sh', '-c', 'kill -TERM $PPID'], {})).toEqual({
      code: null,
      signal: 'SIGTERM',
    });
  });

  it('gives up on a command that takes too long', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    const error = await rejection(host.exec(['sh', '-c', 'echo half; exec sleep 60'], { timeoutMs: 300 }));
    expect(error).toMatchObject({ code: 'remote.timeout', message: expect.stringContaining('0.3s') });
    expect((await host.exec(['echo', 'next'])).stdout.toString()).toBe('next\n');
  });

  it('ends a command that prints without end', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    expect(await rejection(host.exec(['yes'], { maxBytes: 100_000 }))).toMatchObject({
      code: 'remote.output-too-large',
    });
    expect((await host.exec(['echo', 'fine'])).stdout.toString()).toBe('fine\n');
  });

  it('can be cancelled', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    const stop = new AbortController();
    const streamed = host.stream(['sh', '-c', 'echo on; exec sleep 60'], {
      signal: stop.signal,
      onStdout: () => stop.abort(),
    });
    expect(await rejection(streamed)).toMatchObject({ code: 'cancelled' });
    expect(await rejection(host.exec(['true'], { signal: stop.signal }))).toMatchObject({
      code: 'cancelled',
    });
  });

  it('rejects with what a sink throws, and keeps the connection', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    const boom = new Error('sink');
    const streamed = host.stream(['echo', 'x'], {
      onStdout: () => {
        throw boom;
      },
    });
    expect(await rejection(streamed)).toBe(boom);
    await host.exec(['true']);
    expect(server.logins()).toBe(1);
  });

  it('opens at most eight channels at once and queues the rest', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    const codes = await Promise.all(Array.from({ length: 20 }, () => host.exec(['sleep', '0.05'])));
    expect(codes).toHaveLength(20);
    expect(server.mostRunning()).toBeLessThanOrEqual(8);
    expect(server.mostRunning()).toBeGreaterThan(4);
    expect(server.logins()).toBe(1);
  });

  it('leaves room for short commands while streams are many', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    const stop = new AbortController();
    const streams = Array.from({ length: 10 }, () =>
      rejection(host.stream(['sleep', '60'], { signal: stop.signal })),
    );
    expect((await host.exec(['echo', 'through'])).stdout.toString()).toBe('through\n');
    stop.abort();
    for (const error of await Promise.all(streams)) expect(error).toMatchObject({ code: 'cancelled' });
  });

  it('puts sudo in front where it is asked to', async () => {
    const server = await world.server({
      hook: (command, channel) => {
        channel.stderr.write(command.includes('locked') ? 'sudo: a password is required\n' : '');
        channel.write(command);
        channel.exit(command.includes('locked') ? 1 : 0);
        channel.end();
        return true;
      },
    });
    world.trust(server);
    const host = await world.connect(server, { sudo: true });
    expect((await host.exec(['virsh', 'list'])).stdout.toString()).toBe('sudo -n -- virsh list');
    expect(await rejection(host.exec(['locked']))).toMatchObject({
      code: 'remote.command-failed',
      message: expect.stringContaining('without a password'),
    });
  });

  it('says that a host lets nobody run commands', async () => {
    const server = await world.server({ refuseExec: true });
    world.trust(server);
    const host = await world.connect(server);
    expect(await rejection(host.exec(['true']))).toMatchObject({ code: 'ssh.protocol' });
  });
});
