import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { AnyAuthMethod, BaseAgent, ParsedKey } from 'ssh2';
import ssh2 from 'ssh2';
import { harmless } from '../foundation/text.ts';
import { fingerprint } from './host-keys.ts';
import { singleKeyAgent } from './single-key-agent.ts';
import type { SshTarget } from './ssh-config.ts';

/** One key that can be offered to a server. */
export interface Candidate {
  /** For people: where the key is, its type and fingerprint. */
  readonly label: string;
  readonly method: (user: string) => AnyAuthMethod;
}

export interface Identities {
  readonly candidates: readonly Candidate[];
  /** Keys and agents that exist and cannot be used, each with the reason. */
  readonly skipped: readonly string[];
  /** Configured key files that are not there; OpenSSH's defaults are mostly among them. */
  readonly absent: readonly string[];
}

/** The agent that holds for this target: its own IdentityAgent, or the one landfall was started with. */
export function agentSocketOf(target: SshTarget, agentSocket: string | undefined): string | undefined {
  if (target.identityAgent === 'none') return undefined;
  return target.identityAgent === 'default' ? agentSocket : target.identityAgent;
}

/** Everything that can be tried, in OpenSSH's order: agent keys that are also configured, other agent keys, files. */
export async function gatherIdentities(
  target: SshTarget,
  agentSocket: string | undefined,
): Promise<Identities> {
  const skipped: string[] = [];
  const absent: string[] = [];
  const files: FileKey[] = [];
  for (const path of target.identityFiles) {
    const key = await loadKeyFile(path);
    if (key.state === 'absent') absent.push(path);
    else files.push(key);
  }

  const configured = new Set(files.flatMap(file => (file.publicKey ? [blobOf(file.publicKey)] : [])));
  const socket = agentSocketOf(target, agentSocket);
  const agentKeys = socket === undefined ? [] : await listAgent(socket, skipped);
  const offered = agentKeys.filter(({ key }) => !target.identitiesOnly || configured.has(blobOf(key)));
  offered.sort((a, b) => Number(configured.has(blobOf(b.key))) - Number(configured.has(blobOf(a.key))));
  const inAgent = new Set(offered.map(({ key }) => blobOf(key)));

  const candidates: Candidate[] = offered.map(({ key, agent }) => ({
    label: `agent: ${describeKey(key)}`,
    method: username => ({ type: 'agent', username, agent: singleKeyAgent(agent, key) }),
  }));
  for (const file of files) {
    if (file.publicKey && inAgent.has(blobOf(file.publicKey))) continue;
    if (file.state === 'unusable') skipped.push(`${file.path}: ${file.reason}`);
    if (file.state !== 'usable') continue;
    const { key } = file;
    candidates.push({
      label: `${file.path}: ${describeKey(key)}`,
      method: username => ({ type: 'publickey', username, key }),
    });
  }
  return { candidates, skipped, absent };
}

type FileKey =
  | { readonly state: 'absent' | 'public'; readonly path: string; readonly publicKey?: ParsedKey }
  | {
      readonly state: 'usable';
      readonly path: string;
      readonly key: ParsedKey;
      readonly publicKey: ParsedKey;
    }
  | {
      readonly state: 'unusable';
      readonly path: string;
      readonly reason: string;
      readonly publicKey?: ParsedKey;
    };

async function loadKeyFile(path: string): Promise<FileKey> {
  const publicKey = await readPublic(`${path}.pub`);
  const known = publicKey === undefined ? {} : { publicKey };
  let text: Buffer;
  try {
    const facts = await stat(path);
    if (facts.uid === userInfo().uid && (facts.mode & 0o077) !== 0) {
      const mode = (facts.mode & 0o777).toString(8).padStart(4, '0');
      return { state: 'unusable', path, reason: `others can read it (mode ${mode}); chmod 600 it`, ...known };
    }
    text = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    // With only the public half here, the private one may be in the agent.
    if (code === 'ENOENT') return { state: 'absent', path, ...known };
    return { state: 'unusable', path, reason: `cannot be read (${code})`, ...known };
  }
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) {
    const encrypted = /encrypted/i.test(key.message);
    const reason = encrypted
      ? 'encrypted, and not in the agent; ssh-add it'
      : `not a usable private key (${harmless(key.message)})`;
    return { state: 'unusable', path, reason, ...known };
  }
  return key.isPrivateKey()
    ? { state: 'usable', path, key, publicKey: key }
    : { state: 'public', path, publicKey: key };
}

async function readPublic(path: string): Promise<ParsedKey | undefined> {
  try {
    const key = ssh2.utils.parseKey(await readFile(path));
    return key instanceof Error ? undefined : key;
  } catch {
    // Optional: it only helps to recognise the key inside the agent.
    return undefined;
  }
}

/** An agent that does not answer (a dead forwarded socket) must not hold up a login for ever. */
const AGENT_PATIENCE_MS = 5000;

async function listAgent(socket: string, skipped: string[]): Promise<{ key: ParsedKey; agent: BaseAgent }[]> {
  const agent = ssh2.createAgent(socket);
  try {
    const keys = await new Promise<ParsedKey[]>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('does not answer')), AGENT_PATIENCE_MS);
      agent.getIdentities((error, listed) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve((listed ?? []).flatMap(parsedKey));
      });
    });
    if (keys.length === 0) skipped.push(`agent at ${socket}: holds no key`);
    return keys.map(key => ({ key, agent }));
  } catch (error) {
    skipped.push(`agent at ${socket}: ${harmless(error instanceof Error ? error.message : String(error))}`);
    return [];
  }
}

type ListedKey = Parameters<typeof ssh2.utils.parseKey>[0] | { pubKey: unknown };

function parsedKey(listed: ListedKey): ParsedKey[] {
  if (typeof listed === 'object' && 'pubKey' in listed) return [];
  const key = ssh2.utils.parseKey(listed);
  return key instanceof Error ? [] : [key];
}

const blobOf = (key: ParsedKey): string => key.getPublicSSH().toString('base64');

function describeKey(key: ParsedKey): string {
  const comment = key.comment ? ` ${harmless(key.comment)}` : '';
  return `${key.type} ${fingerprint({ type: key.type, blob: key.getPublicSSH() })}${comment}`;
}
