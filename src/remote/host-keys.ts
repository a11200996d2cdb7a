import { createHash } from 'node:crypto';

/**
 * What known_hosts says about a key, as pure decisions. landfall is always strict: only `known` lets a connection
 * go on, and nothing here ever writes a file.
 */

export interface HostKey {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`. */
  readonly type: string;
  /** The key in SSH wire format. */
  readonly blob: Buffer;
}

export interface KnownKey extends HostKey {
  readonly marker?: 'revoked' | 'cert-authority';
  /** The name it is listed under: with its port where that is not 22. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** Everything that is known about one host before it is contacted. */
export interface KnownHost {
  /** The name that is looked up: the alias, or the host name (with its port where that is not 22). */
  readonly name: string;
  readonly keys: readonly KnownKey[];
  /** The files that were looked at; empty for a pinned key. */
  readonly files: readonly string[];
  /** What could not be honoured: a file that cannot be read, a certificate authority. */
  readonly notes: readonly string[];
  /** Where the key was handed over by someone trusted: `the guest agent of web1`. */
  readonly pinned: boolean;
}

export type HostKeyVerdict =
  | { readonly verdict: 'known'; readonly key: KnownKey }
  | { readonly verdict: 'unknown' }
  | { readonly verdict: 'changed'; readonly keys: readonly KnownKey[] }
  | { readonly verdict: 'revoked'; readonly file: string; readonly line?: number };

/** Judges the presented key. Another type than the known ones counts as changed: an attacker chooses the type. */
export function judgeHostKey(presented: HostKey, known: KnownHost): HostKeyVerdict {
  const same = known.keys.filter(key => key.blob.equals(presented.blob));
  const revoked = same.find(key => key.marker === 'revoked');
  if (revoked) return { verdict: 'revoked', file: revoked.file, line: revoked.line };
  const match = same.find(key => key.marker === undefined);
  if (match) return { verdict: 'known', key: match };
  // Entries without the port are accepted as OpenSSH does, but say nothing against a key on another port.
  const against = known.keys.filter(key => key.marker === undefined && key.name === known.name);
  return against.length === 0 ? { verdict: 'unknown' } : { verdict: 'changed', keys: against };
}

/** `ssh-ed25519 AAAA… comment` as a key; undefined where it is none. */
export function parsePublicKey(text: string): HostKey | undefined {
  const [type, base64] = text.trim().split(/\s+/);
  if (type === undefined || base64 === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const blob = Buffer.from(base64, 'base64');
  return typeOfBlob(blob) === type ? { type, blob } : undefined;
}

/** The type that the wire format itself names (RFC 4253 6.6: it begins with a length and a name). */
export function typeOfBlob(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return length > 64 || blob.length < 4 + length ? undefined : blob.toString('latin1', 4, 4 + length);
}

/** As OpenSSH prints it: `SHA256:` and base64 without padding. */
export function fingerprint(key: HostKey): string {
  return `SHA256:${createHash('sha256').update(key.blob).digest('base64').replace(/=+$/, '')}`;
}

/** `host`, or `[host]:port` where the port is not 22; an alias stands for itself (as in OpenSSH). */
export function knownHostName(target: {
  readonly hostname: string;
  readonly port: number;
  readonly hostKeyAlias?: string;
}): string {
  if (target.hostKeyAlias !== undefined) return target.hostKeyAlias;
  const host = target.hostname.toLowerCase();
  return target.port === 22 ? host : `[${host}]:${target.port}`;
}

/** What ssh2 can verify; SHA-1 signatures only where ssh_config still asks for them. */
const VERIFIABLE = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/**
 * Host key algorithms to offer, the types that are known for this host first: a host with several keys must present
 * the one that we can compare. The others stay in the list, so that a replaced key is seen rather than a failed
 * negotiation.
 */
export function hostKeyAlgorithms(known: KnownHost, configured: readonly string[]): string[] {
  const wanted = [...VERIFIABLE, 'ssh-rsa'].filter(name =>
    configured.length === 0 ? name !== 'ssh-rsa' : configured.includes(name),
  );
  const offered = wanted.length === 0 ? [...VERIFIABLE] : wanted;
  const types = new Set(known.keys.filter(key => key.marker === undefined).map(key => key.type));
  const isKnown = (algorithm: string): boolean =>
    types.has(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return [...offered.filter(isKnown), ...offered.filter(name => !isKnown(name))];
}
