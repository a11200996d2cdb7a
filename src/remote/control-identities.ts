import { readFile } from 'node:fs/promises';
import { LandfallError } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import { parsePublicKey } from './host-keys.ts';
import { agentSocketOf } from './identities.ts';
import { type LocalEnv, runLocal } from './local.ts';
import type { SshTarget } from './ssh-config.ts';

export interface ControlKeysOptions {
  readonly target: SshTarget;
  readonly agentSocket?: string | undefined;
  readonly env?: LocalEnv | undefined;
}

/**
 * The public keys with which this machine logs in to the target: a receiver is told to accept them. Each is
 * `TYPE BASE64`, without its comment. Rejects with `ssh.key-unusable` where there is none.
 */
export async function controlKeys(options: ControlKeysOptions): Promise<string[]> {
  const { target, env } = options;
  const reasons: string[] = [];
  const ofFiles: string[] = [];
  for (const file of target.identityFiles) {
    const key = (await publicHalf(file)) ?? (await derive(file, env, reasons));
    if (key !== undefined) ofFiles.push(key);
  }
  const socket = agentSocketOf(target, options.agentSocket);
  const held = socket === undefined ? [] : await listAgent(socket, env, reasons);
  const ofAgent = target.identitiesOnly ? held.filter(key => ofFiles.includes(key)) : held;
  const keys = [...new Set([...ofAgent, ...ofFiles])];
  if (keys.length > 0) return keys;
  throw new LandfallError('ssh.key-unusable', {
    what: `this machine has no key to log in as ${target.user}@${target.hostname}`,
    why: 'a receiver is built to accept the keys of this machine',
    where: { host: target.address },
    evidence: [...reasons, ...target.identityFiles.map(file => `looked at: ${file}`)],
    next: [
      'load a key into an agent and start landfall with it: eval "$(ssh-agent)" && ssh-add FILE',
      `or name a key: IdentityFile in the Host block of ${target.address} in ssh_config`,
    ],
  });
}

async function publicHalf(file: string): Promise<string | undefined> {
  try {
    return plain(await readFile(`${file}.pub`, 'utf8'));
  } catch {
    // Optional: the private key tells it too.
    return undefined;
  }
}

/** From the private key itself; an encrypted one has to be in the agent. */
async function derive(
  file: string,
  env: LocalEnv | undefined,
  reasons: string[],
): Promise<string | undefined> {
  const answer = await runLocal(['ssh-keygen', '-y', '-P', '', '-f', file], { codes: [0, 1, 255], env });
  if (answer.code === 0) return plain(answer.stdout.toString('utf8'));
  const said = answer.stderr.toString('utf8').trim().split('\n').at(-1) ?? '';
  if (!said.includes('No such file')) reasons.push(harmless(`${file}: ${said}`));
  return undefined;
}

async function listAgent(socket: string, env: LocalEnv | undefined, reasons: string[]): Promise<string[]> {
  // 1: the agent holds no key. 2: there is no agent.
  const answer = await runLocal(['ssh-add', '-L'], {
    codes: [0, 1, 2],
    timeoutMs: 5000,
    env,
    set: { SSH_AUTH_SOCK: socket },
  });
  if (answer.code !== 0) {
    reasons.push(`agent at ${socket}: ${harmless(answer.stderr.toString('utf8').trim() || 'holds no key')}`);
    return [];
  }
  return answer.stdout
    .toString('utf8')
    .split('\n')
    .flatMap(line => plain(line) ?? []);
}

function plain(line: string): string | undefined {
  const key = parsePublicKey(line);
  return key === undefined ? undefined : `${key.type} ${key.blob.toString('base64')}`;
}
