import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveSsh } from '../../../src/remote/ssh-config.ts';
import { parseJump } from '../../../src/remote/ssh-config-parse.ts';
import { rejection } from '../../support/ssh-world.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'landfall-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function config(text: string): string {
  const file = join(directory, 'config');
  writeFileSync(file, text);
  return file;
}

const home = userInfo().homedir;

describe('what ssh_config says', () => {
  it('is taken from ssh itself, with files resolved', async () => {
    const configFile = config(`
Host web1
  HostName Web1.Example
  Port 2200
  User deploy
  IdentityFile "~/my keys/id"
  IdentityFile %d/.ssh/%h_%r_%p_%n
  IdentitiesOnly yes
  IdentityAgent ~/agent.sock
  UserKnownHostsFile ~/kh "/x y/kh" %d/kk
  GlobalKnownHostsFile none
  HostKeyAlias web1.mia
  HostKeyAlgorithms ssh-ed25519,rsa-sha2-512
  ConnectTimeout 7
  RevokedHostKeys /etc/krl
`);
    expect(await resolveSsh({ address: 'web1', configFile })).toEqual({
      address: 'web1',
      configFile,
      hostname: 'web1.example',
      port: 2200,
      user: 'deploy',
      identityFiles: [`${home}/my keys/id`, `${home}/.ssh/web1.example_deploy_2200_web1`],
      identitiesOnly: true,
      identityAgent: `${home}/agent.sock`,
      userKnownHostsFiles: [`${home}/kh`, '/x y/kh', `${home}/kk`],
      globalKnownHostsFiles: [],
      hostKeyAlias: 'web1.mia',
      hostKeyAlgorithms: ['ssh-ed25519', 'rsa-sha2-512'],
      connectTimeoutMs: 7000,
      revokedHostKeys: '/etc/krl',
      jumps: [],
    });
  });

  it('gives way to the plan for port and user', async () => {
    const configFile = config('Host *\n  Port 2200\n  User deploy\n');
    expect(await resolveSsh({ address: '10.0.0.1', port: 22, user: 'root', configFile })).toMatchObject({
      hostname: '10.0.0.1',
      port: 22,
      user: 'root',
      identityAgent: 'default',
      identitiesOnly: false,
    });
  });

  it('resolves a chain of jump hosts; only the outermost brings its own', async () => {
    const configFile = config(`
Host edge
  HostName 192.0.2.1
Host outer
  HostName 192.0.2.2
  ProxyJump edge
Host inner
  HostName 192.0.2.3
  ProxyJump somewhere-else
Host web1
  ProxyJump bob@outer:2201,inner
`);
    const target = await resolveSsh({ address: 'web1', configFile });
    expect(target.jumps.map(jump => [jump.hostname, jump.port])).toEqual([
      ['192.0.2.1', 22],
      ['192.0.2.2', 2201],
      ['192.0.2.3', 22],
    ]);
    expect(target.jumps[1]?.user).toBe('bob');
  });

  it('refuses a jump host that jumps through itself', async () => {
    const configFile = config('Host *\n  ProxyJump bastion\n');
    expect(await rejection(resolveSsh({ address: 'web1', configFile }))).toMatchObject({
      code: 'ssh.config',
    });
  });

  it('refuses ProxyCommand and names the way', async () => {
    const configFile = config('Host web1\n  ProxyCommand nc %h %p\n');
    const error = await rejection(resolveSsh({ address: 'web1', configFile }));
    expect(error).toMatchObject({ code: 'ssh.config', exit: 2 });
    expect(JSON.stringify((error as { facts: unknown }).facts)).toContain('ProxyJump <bastion>');
    await resolveSsh({ address: 'web2', configFile });
  });

  it('passes on what ssh says about a broken or absent file', async () => {
    const configFile = config('Host web1\n  Bogus yes\n');
    const error = await rejection(resolveSsh({ address: 'web1', configFile }));
    expect(error).toMatchObject({ code: 'ssh.config' });
    expect(JSON.stringify((error as { facts: unknown }).facts)).toContain('line 2');
    expect(await rejection(resolveSsh({ address: 'x', configFile: join(directory, 'none') }))).toMatchObject({
      code: 'ssh.config',
    });
  });

  it('does not take an address for an option', async () => {
    const target = resolveSsh({ address: '-oProxyCommand=touch /tmp/owned', configFile: config('') });
    expect(await rejection(target)).toMatchObject({ code: 'ssh.config' });
  });

  it('says which package is missing without ssh', async () => {
    expect(await rejection(resolveSsh({ address: 'web1', env: { PATH: directory } }))).toMatchObject({
      code: 'local.command-missing',
      facts: { next: [expect.stringContaining('openssh-client')] },
    });
  });
});

describe('a jump address', () => {
  it.each([
    ['bastion', { address: 'bastion' }],
    ['bob@bastion:2200', { address: 'bastion', user: 'bob', port: 2200 }],
    ['ssh://bob@bastion:2200', { address: 'bastion', user: 'bob', port: 2200 }],
    ['[2001:db8::1]:22', { address: '2001:db8::1', port: 22 }],
    ['2001:db8::1', { address: '2001:db8::1' }],
    ['a@b@bastion', { address: 'bastion', user: 'a@b' }],
  ])('%s', (text, expected) => {
    expect(parseJump(text)).toEqual(expected);
  });
});
