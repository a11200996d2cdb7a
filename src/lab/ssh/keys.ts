import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ssh2 from 'ssh2';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { locate } from '../hosts/real-tools.ts';

export interface KeyPair {
  /** OpenSSH private key file. */
  readonly private: string;
  /** One line: type, base64, comment. */
  readonly public: string;
}

/** ssh-keygen makes them, because ssh2 now and then writes an ed25519 key that it cannot read itself. */
export function makeHostKey(comment: string): KeyPair {
  const keygen = locate('ssh-keygen');
  if (keygen === undefined) throw new Error('the lab needs ssh-keygen of OpenSSH');
  const directory = mkdtempSync(path.join(tmpdir(), 'landfall-key-'));
  try {
    const file = path.join(directory, 'key');
    execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
    return { private: readFileSync(file, 'utf8'), public: readFileSync(`${file}.pub`, 'utf8').trim() };
  } finally {
    removeTreeSync(directory, tmpdir());
  }
}

/** The public half of a private key, as in a .pub file. */
export function publicHalf(privateKey: string): string {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined) throw new Error('no key in the file');
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}
