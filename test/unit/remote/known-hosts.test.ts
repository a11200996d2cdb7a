import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  fingerprint,
  type HostKey,
  hostKeyAlgorithms,
  judgeHostKey,
  parsePublicKey,
} from '../../../src/remote/host-keys.ts';
import { lookUpKnownHost, pinnedHost } from '../../../src/remote/known-hosts.ts';
import { resolveSsh, type SshTarget } from '../../../src/remote/ssh-config.ts';
import { createSshWorld, type SshWorld, type TestKey } from '../../support/ssh-world.ts';

let world: SshWorld;
let ed: TestKey;
let ecdsa: TestKey;
let rsa: TestKey;
beforeAll(() => {
  world = createSshWorld();
  ed = world.key('ed');
  ecdsa = world.key('ec', 'ecdsa');
  rsa = world.key('rsa', 'rsa');
});
afterAll(() => world.close());
beforeEach(() => writeFileSync(world.knownHosts, ''));

const keyOf = (key: TestKey): HostKey => {
  const parsed = parsePublicKey(key.publicLine);
  if (parsed === undefined) throw new Error('no key');
  return parsed;
};
const write = (...lines: string[]): void => appendFileSync(world.knownHosts, `${lines.join('\n')}\n`);
const target = (address: string, port?: number): Promise<SshTarget> =>
  resolveSsh({ address, port, configFile: world.config });

async function verdict(at: SshTarget, key: TestKey): Promise<string> {
  return judgeHostKey(keyOf(key), await lookUpKnownHost(at)).verdict;
}

describe('known_hosts', () => {
  it('knows, does not know, and sees a change', async () => {
    write('# comment', `web1,10.0.0.1 ${ed.publicLine} root@web1`);
    expect(await verdict(await target('web1'), ed)).toBe('known');
    expect(await verdict(await target('WEB1'), ed)).toBe('known');
    expect(await verdict(await target('10.0.0.1'), ed)).toBe('known');
    expect(await verdict(await target('web2'), ed)).toBe('unknown');
    expect(await verdict(await target('web1'), world.hostKey)).toBe('changed');
    expect(await verdict(await target('web1'), rsa)).toBe('changed');
  });

  it('reads hashed names', async () => {
    write(`web1 ${ed.publicLine}`, `[web1]:2200 ${rsa.publicLine}`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', world.knownHosts], { stdio: 'ignore' });
    expect(readFileSync(world.knownHosts, 'utf8')).not.toContain('web1');
    expect(await verdict(await target('web1'), ed)).toBe('known');
    expect(await verdict(await target('web1', 2200), rsa)).toBe('known');
    expect(await verdict(await target('web1', 2200), ecdsa)).toBe('changed');
    expect(await verdict(await target('web2'), ed)).toBe('unknown');
  });

  it('keeps ports apart, and takes an entry without port as OpenSSH does', async () => {
    write(`web1 ${ed.publicLine}`);
    expect(await verdict(await target('web1', 2200), ed)).toBe('known');
    // Another service on another port says nothing against this one.
    expect(await verdict(await target('web1', 2200), rsa)).toBe('unknown');
    write(`[web1]:2201 ${rsa.publicLine}`);
    expect(await verdict(await target('web1'), rsa)).toBe('changed');
  });

  it('honours patterns and negations', async () => {
    write(`*.mia.example,!db.mia.example ${ed.publicLine}`);
    expect(await verdict(await target('web.mia.example'), ed)).toBe('known');
    expect(await verdict(await target('db.mia.example'), ed)).toBe('unknown');
  });

  it('lets a revoked key outweigh everything', async () => {
    write(`web1 ${ed.publicLine}`, `@revoked * ${ed.publicLine}`, `web1 ${rsa.publicLine}`);
    expect(await verdict(await target('web1'), ed)).toBe('revoked');
    expect(await verdict(await target('web1'), rsa)).toBe('known');
  });

  it('notes a certificate authority, and does not take it for a host key', async () => {
    write(`@cert-authority * ${ed.publicLine}`);
    const known = await lookUpKnownHost(await target('web1'));
    expect(judgeHostKey(keyOf(ed), known)).toEqual({ verdict: 'unknown' });
    expect(known.notes).toEqual([expect.stringContaining('line 1 names a certificate authority')]);
  });

  it('looks into all files, and only at the alias where there is one', async () => {
    const second = world.path('second');
    writeFileSync(second, `\nalias ${rsa.publicLine}\n`);
    write(`web1 ${ed.publicLine}`);
    const configFile = world.path('two');
    writeFileSync(
      configFile,
      `Host aliased\n  HostName web1\n  Port 2200\n  HostKeyAlias alias\nHost *\n  UserKnownHostsFile ${world.path('absent')} ${world.knownHosts} ${second}\n`,
    );
    expect(await verdict(await resolveSsh({ address: 'web1', configFile }), ed)).toBe('known');
    const aliased = await lookUpKnownHost(await resolveSsh({ address: 'aliased', configFile }));
    expect(judgeHostKey(keyOf(rsa), aliased)).toMatchObject({
      verdict: 'known',
      key: { file: second, line: 2 },
    });
    expect(judgeHostKey(keyOf(ed), aliased)).toMatchObject({ verdict: 'changed' });
  });

  it('never writes the file', async () => {
    write(`web1 ${ed.publicLine}`);
    chmodSync(world.knownHosts, 0o600);
    const before = readFileSync(world.knownHosts);
    await verdict(await target('web1'), rsa);
    await verdict(await target('web9'), rsa);
    expect(readFileSync(world.knownHosts)).toEqual(before);
  });
});

describe('host key algorithms', () => {
  it('put the known types first and keep the others', async () => {
    write(`web1 ${rsa.publicLine}`);
    const known = await lookUpKnownHost(await target('web1'));
    expect(hostKeyAlgorithms(known, [])).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
    ]);
    expect(hostKeyAlgorithms(known, ['ssh-ed25519', 'rsa-sha2-256', 'sk-ssh-ed25519@openssh.com'])).toEqual([
      'rsa-sha2-256',
      'ssh-ed25519',
    ]);
    const pinned = pinnedHost(await target('web1'), ecdsa.publicLine);
    expect(hostKeyAlgorithms(pinned, [])[0]).toBe('ecdsa-sha2-nistp256');
  });
});

describe('public keys', () => {
  it('have the fingerprint that ssh-keygen prints', () => {
    for (const key of [ed, ecdsa, rsa]) {
      const printed = execFileSync('ssh-keygen', ['-l', '-f', `${key.path}.pub`])
        .toString()
        .split(' ')[1];
      expect(fingerprint(keyOf(key))).toBe(printed);
    }
  });

  it('are refused where type and content differ', () => {
    const base64 = ed.publicLine.split(' ')[1];
    expect(parsePublicKey(`ssh-rsa ${base64}`)).toBeUndefined();
    for (const text of ['', 'ssh-ed25519', 'ssh-ed25519 !!!', 'ssh-ed25519 AAAA'])
      expect(parsePublicKey(text)).toBeUndefined();
  });
});
