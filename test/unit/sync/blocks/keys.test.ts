import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { HYPERVISOR_KEYS } from '../../../../src/sync/path/keys.ts';

it('many machines open and close their paths to one hypervisor at once: nobody is locked out, and no line is lost', async () => {
  const home = mkdtempSync(join(tmpdir(), 'landfall-keys-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, '.ssh'));
  const file = join(home, '.ssh/authorized_keys');
  const others = Array.from({ length: 300 }, (_, at) => `ssh-ed25519 ${'B'.repeat(68)} admin${at}`);
  writeFileSync(file, `${others.join('\n')}\n`);
  const env = { HOME: home, SUDO_USER: '', PATH: process.env['PATH'] };
  const machines = Array.from({ length: 12 }, (_, at) => `m${at}`);
  const open = (machine: string) => {
    const words = [
      `landfall:e:${machine}`,
      '1900000000',
      '10.0.0.1',
      'ssh-ed25519 A',
      '/r/recv',
      join(home, machine),
    ];
    return execa('sh', ['-c', HYPERVISOR_KEYS.authorize, 'sh', ...words], { env, extendEnv: false });
  };
  const close = (machine: string) =>
    execa('sh', ['-c', HYPERVISOR_KEYS.revoke, 'sh', `landfall:e:${machine}`], { env, extendEnv: false });

  await Promise.all(machines.map(open));
  await Promise.all(machines.map((machine, at) => (at % 2 === 0 ? close(machine) : open(machine))));

  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.filter(line => line.includes(' admin'))).toEqual(others);
  const left = lines.flatMap(line => / landfall:e:(.*)$/.exec(line)?.[1] ?? []);
  expect(left.toSorted()).toEqual(machines.filter((_, at) => at % 2 === 1).toSorted());
  expect(readdirSync(join(home, '.ssh'))).toEqual(['authorized_keys']);
});
