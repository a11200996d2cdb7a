import { LandfallError } from '../foundation/errors.ts';
import { fingerprint, type HostKey, type HostKeyVerdict, type KnownHost } from './host-keys.ts';
import { formatArgv, quote } from './quote.ts';
import type { SshTarget } from './ssh-config.ts';

/** A refused host key as an error that shows both sides and what to do; undefined where the key is known. */
export function hostKeyError(
  id: string,
  target: SshTarget,
  presented: HostKey,
  known: KnownHost,
  verdict: HostKeyVerdict,
): LandfallError | undefined {
  const at = `${target.hostname} port ${target.port}`;
  const shown = `presented: ${presented.type} ${fingerprint(presented)}`;
  const compare = `compare on the console of ${id}, not over SSH: ssh-keygen -lf /etc/ssh/${keyFile(presented)}`;
  switch (verdict.verdict) {
    case 'known':
      return undefined;
    case 'unknown': {
      const file = known.files[0] ?? '~/.ssh/known_hosts';
      const entry = `${known.name} ${presented.type} ${presented.blob.toString('base64')}`;
      return new LandfallError('ssh.host-key-unknown', {
        what: `the host key of ${id} (${at}) is not known here`,
        why: 'without a known key landfall cannot tell this host from another one in its place',
        where: { host: id },
        evidence: [
          shown,
          `looked for: ${known.name}`,
          ...known.files.map(looked => `looked in: ${looked}`),
          ...known.notes,
        ],
        next: [
          compare,
          `only if it is the same, add it: ${formatArgv(['printf', '%s\\n', entry])} >> ${quote(file)}`,
        ],
      });
    }
    case 'changed': {
      const first = verdict.keys[0];
      return new LandfallError('ssh.host-key-changed', {
        what: `${id} (${at}) presents another host key than the one that is ${known.pinned ? 'pinned' : 'known'}`,
        why: 'the host was rebuilt, or somebody stands in between; landfall never accepts a changed key',
        where: {
          host: id,
          file: known.pinned ? undefined : first?.file,
          line: known.pinned ? undefined : first?.line,
        },
        evidence: [
          shown,
          ...verdict.keys.map(
            key =>
              `${known.pinned ? 'pinned' : 'known'}: ${key.type} ${fingerprint(key)}${
                known.pinned ? '' : ` (${key.file} line ${key.line})`
              }`,
          ),
        ],
        next: known.pinned
          ? [
              `check at the hypervisor that ${id} is the machine that landfall built`,
              'build it again if it was replaced',
            ]
          : [
              compare,
              `only if the host was rebuilt on purpose, forget the old key: ${formatArgv(['ssh-keygen', '-R', known.name, '-f', first?.file ?? ''])}`,
            ],
      });
    }
    case 'revoked':
      return new LandfallError('ssh.host-key-revoked', {
        what: `${id} (${at}) presents a host key that was revoked`,
        why: 'whoever revoked it believes that somebody else holds it',
        where: { host: id, file: verdict.file, line: verdict.line },
        evidence: [shown],
        next: [
          `give ${id} a new host key on its console: ssh-keygen -A after removing the old one`,
          'ask who revoked it, and why',
        ],
      });
  }
}

function keyFile(key: HostKey): string {
  const kind = key.type.startsWith('ecdsa-') ? 'ecdsa' : key.type.replace(/^ssh-/, '');
  return `ssh_host_${kind}_key.pub`;
}
