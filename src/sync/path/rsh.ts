import type { Word } from '../../step/action.ts';
import { join } from '../../step/action.ts';
import { STANDBY } from '../names.ts';

/**
 * The remote shell of a pass, on the source: ssh with the key and the host key of this one path and nothing from the
 * machine's own configuration. Its directory comes from `$0`, because /run may be mounted noexec and the script is
 * started through `sh`.
 */
export interface RshFacts {
  readonly alias: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
}

/** The cipher that costs least comes first (facts of the disk, 3.4); the others keep old peers working. */
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes256-ctr',
];

/** Plan values are words without quotes, blanks or wildcards (plan/schema.ts), so they stand in the script as they are. */
export function rshScript({ alias, address, port, user }: RshFacts): string {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'PreferredAuthentications=publickey',
    'StrictHostKeyChecking=yes',
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'CheckHostIP=no',
    `HostKeyAlias=${alias}`,
    `HostName=${address}`,
    `Port=${port}`,
    `User=${user}`,
    'ConnectTimeout=15',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=4',
    // One connection a run: several runs over one connection would share one window and one thread.
    'ControlMaster=no',
    'ControlPath=none',
    'ClearAllForwardings=yes',
    'ForwardAgent=no',
    'Compression=no',
    'RequestTTY=no',
    `Ciphers=${CIPHERS.join(',')}`,
  ];
  return `#!/bin/sh
# landfall: how the passes of this machine reach their receiver, which rsync calls "${STANDBY}".
here=\${0%/*}
exec ssh -F none -i "$here/key" \\
  -o "UserKnownHostsFile=\\"$here/known_hosts\\"" \\
${options.map(option => `  -o ${option} \\`).join('\n')}
  "$@"
`;
}

/** The only key that the path accepts: read through the hypervisor, never taken on trust at the first contact. */
export function knownHostsLine(alias: string, hostKey: Word): Word {
  return join(`${alias} `, hostKey, '\n');
}
