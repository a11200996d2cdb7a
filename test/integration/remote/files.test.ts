import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../../src/remote/host.ts';
import { createSshWorld, rejection, type SshWorld } from '../../support/ssh-world.ts';

let world: SshWorld;
let host: Host;
beforeEach(async () => {
  world = createSshWorld();
  const server = await world.server();
  world.trust(server);
  host = await world.connect(server);
});
afterEach(() => world.close());

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

describe('files over SSH', () => {
  it('are written whole with their mode, parents closed to others', async () => {
    const path = world.path("deep/er/it's a\nname");
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 256));
    await host.write(path, bytes, 0o640);
    expect(readFileSync(path)).toEqual(bytes);
    expect(modeOf(path)).toBe('640');
    expect([modeOf(world.path('deep')), modeOf(world.path('deep/er'))]).toEqual(['700', '700']);
    await host.write(path, 'new', 0o4755);
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['new', '4755']);
    expect(readdirSync(world.path('deep/er'))).toHaveLength(1);
    await host.write(world.path('empty'), '', 0o600);
    expect((await host.read(world.path('empty'))).length).toBe(0);
  });

  it('replace a link, not what it points to', async () => {
    writeFileSync(world.path('precious'), 'keep');
    symlinkSync(world.path('precious'), world.path('link'));
    await host.write(world.path('link'), 'new', 0o600);
    expect(readFileSync(world.path('precious'), 'utf8')).toBe('keep');
  });

  it('keep their old content when the bytes do not all arrive', async () => {
    const server = await world.server({
      hook: (command, channel, drop) => {
        if (!command.includes('landfall-$$')) return false;
        channel.once('data', () => drop());
        return true;
      },
    });
    world.trust(server);
    const cut = await world.connect(server);
    writeFileSync(world.path('file'), 'old');
    expect(await rejection(cut.write(world.path('file'), 'x'.repeat(100), 0o600))).toMatchObject({
      code: 'ssh.connection-lost',
    });
    expect(readFileSync(world.path('file'), 'utf8')).toBe('old');
  });

  it('are read as bytes, within a bound', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 0xc3, 0x28]);
    writeFileSync(world.path('bytes'), bytes);
    expect(await host.read(world.path('bytes'))).toEqual(bytes);
    expect(await host.read(world.path('bytes'), 6)).toEqual(bytes);
    expect(await rejection(host.read(world.path('bytes'), 5))).toMatchObject({
      code: 'remote.output-too-large',
    });
  });

  it('have a reason when they cannot be had', async () => {
    expect(await rejection(host.read(world.path('none')))).toMatchObject({ code: 'remote.file-absent' });
    mkdirSync(world.path('directory'));
    chmodSync(world.path('directory'), 0o700);
    expect(await rejection(host.read(world.path('directory')))).toMatchObject({
      code: 'remote.command-failed',
    });
    expect(await rejection(host.write(world.path('directory'), 'x', 0o600))).toMatchObject({
      code: 'remote.command-failed',
    });
    writeFileSync(world.path('plain'), '');
    expect(await rejection(host.write(world.path('plain/file'), 'x', 0o600))).toMatchObject({
      code: 'remote.command-failed',
    });
  });
});
