import { access, constants, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LandfallError } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import { type HostKey, type KnownHost, type KnownKey, knownHostName, parsePublicKey } from './host-keys.ts';
import { type LocalEnv, runLocal } from './local.ts';
import type { SshTarget } from './ssh-config.ts';

/**
 * Looks a host up in its known_hosts files. `ssh-keygen -F` does the matching, so hashed names, patterns and ports
 * mean what they mean to OpenSSH.
 */
export async function lookUpKnownHost(target: SshTarget, env?: LocalEnv): Promise<KnownHost> {
  const name = knownHostName(target);
  const names = [name];
  // OpenSSH also accepts a key that is listed without the port.
  if (target.hostKeyAlias === undefined && target.port !== 22) names.push(target.hostname.toLowerCase());
  // The null device is how ssh_config says that there is no such file.
  const files = [...new Set([...target.userKnownHostsFiles, ...target.globalKnownHostsFiles])].filter(
    file => file !== '/dev/null',
  );
  const keys: KnownKey[] = [];
  const notes: string[] = [];
  for (const file of files) {
    const state = await readable(file);
    if (state !== 'readable') {
      if (state === 'unreadable') notes.push(`${file} cannot be read`);
      continue;
    }
    for (const wanted of names) keys.push(...(await lookUp(wanted, file, env)));
  }
  for (const key of keys) {
    if (key.marker === 'cert-authority') {
      notes.push(
        `${key.file} line ${key.line} names a certificate authority; landfall cannot check certificates`,
      );
    }
  }
  return { name, keys, files, notes, pinned: false };
}

/** One trusted key instead of known_hosts: what the hypervisor's agent told about a receiver. */
export function pinnedHost(target: SshTarget, publicKey: string): KnownHost {
  const key = parsePublicKey(publicKey);
  if (key === undefined) {
    throw new LandfallError('ssh.config', {
      what: `the host key that was pinned for ${target.address} is not a public key`,
      where: { host: target.address },
      evidence: [harmless(publicKey.slice(0, 120))],
      next: ['the key must read like a line of ssh_host_ed25519_key.pub: "ssh-ed25519 AAAA…"'],
    });
  }
  const name = knownHostName(target);
  return { name, keys: [{ ...key, name, file: 'pinned', line: 1 }], files: [], notes: [], pinned: true };
}

/** Whether the file of RevokedHostKeys lists the key; where that cannot be told, the answer is an error. */
export async function isRevoked(key: HostKey, file: string, env?: LocalEnv): Promise<boolean> {
  // ssh-keygen wants the key in a file, and cannot open a standard input that is a socket.
  const directory = await mkdtemp(join(tmpdir(), 'landfall-key-'));
  const pub = join(directory, 'key.pub');
  try {
    await writeFile(pub, `${key.type} ${key.blob.toString('base64')}\n`);
    const answer = await runLocal(['ssh-keygen', '-Q', '-f', file, pub], { codes: [0, 1, 255], env });
    if (answer.code === 255) throw unreadableList(file, answer.stderr.toString('utf8'));
    return answer.code === 1;
  } finally {
    await rm(pub, { force: true });
    await rmdir(directory);
  }
}

function unreadableList(file: string, said: string): LandfallError {
  return new LandfallError('ssh.config', {
    what: `RevokedHostKeys names ${file}, which ssh-keygen cannot read`,
    why: 'without it landfall cannot tell whether a host key was revoked',
    where: { file },
    evidence: [harmless(said.trim())],
    next: [`check it: ssh-keygen -Q -l -f ${file}`, 'or take RevokedHostKeys out of ssh_config'],
  });
}

async function readable(file: string): Promise<'absent' | 'readable' | 'unreadable'> {
  try {
    await access(file, constants.R_OK);
    return 'readable';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'absent' : 'unreadable';
  }
}

async function lookUp(name: string, file: string, env: LocalEnv | undefined): Promise<KnownKey[]> {
  // Exit code 1: nothing found.
  const answer = await runLocal(['ssh-keygen', '-F', name, '-f', file], { codes: [0, 1], env });
  return parseLookUp(answer.stdout.toString('utf8'), name, file);
}

/** `# Host NAME found: line 12 REVOKED`, followed by the entry itself. */
export function parseLookUp(text: string, name: string, file: string): KnownKey[] {
  const keys: KnownKey[] = [];
  let line = 0;
  for (const row of text.split('\n')) {
    const found = /^# Host .* found: line (\d+)/.exec(row);
    if (found) {
      line = Number(found[1]);
      continue;
    }
    const fields = row.trim().split(/\s+/);
    const marker = markerOf(fields[0]);
    const [, type, base64] = marker === undefined ? fields : fields.slice(1);
    const key = type === undefined || base64 === undefined ? undefined : parsePublicKey(`${type} ${base64}`);
    if (key) keys.push({ ...key, ...(marker === undefined ? {} : { marker }), name, file, line });
  }
  return keys;
}

function markerOf(field: string | undefined): 'revoked' | 'cert-authority' | undefined {
  if (field === '@revoked') return 'revoked';
  return field === '@cert-authority' ? 'cert-authority' : undefined;
}
