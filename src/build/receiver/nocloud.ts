import type { StaticAddress } from './address.ts';
import type { IsoFile } from './iso9660.ts';

/** What a receiver's cloud-init is told at its first boot: who may log in, and which address it has. No password. */
export interface SeedWish {
  /** Anything that is another for another receiver: cloud-init does its work once for each. */
  readonly instance: string;
  readonly hostname: string;
  readonly user: string;
  /** Public keys. */
  readonly keys: readonly string[];
  readonly mac: string;
  /** Without it the interface asks DHCP. */
  readonly address: StaticAddress | undefined;
}

/** The label by which cloud-init's NoCloud finds the disk. */
export const SEED_LABEL = 'cidata';

/** The files of a NoCloud disk. JSON is YAML, and needs no quoting rules of its own. */
export function seedFiles({ instance, hostname, user, keys, mac, address }: SeedWish): IsoFile[] {
  const account = {
    name: user,
    lock_passwd: true,
    ssh_authorized_keys: keys,
    ...(user === 'root' ? {} : { sudo: 'ALL=(ALL) NOPASSWD:ALL' }),
  };
  const instructions = {
    users: [account],
    disable_root: false,
    ssh_pwauth: false,
    // The host key is read from the console where the image has no guest agent.
    ssh: { emit_keys_to_console: true },
    package_update: false,
    package_upgrade: false,
  };
  return [
    { name: 'user-data', content: `#cloud-config\n${json(instructions)}` },
    { name: 'meta-data', content: json({ 'instance-id': instance, 'local-hostname': hostname }) },
    {
      name: 'network-config',
      content: json({
        version: 2,
        ethernets: { receiver: { match: { macaddress: mac }, ...configOf(address) } },
      }),
    },
  ];
}

function configOf(address: StaticAddress | undefined): object {
  if (address === undefined) return { dhcp4: true };
  const isV6 = address.address.includes(':');
  return {
    dhcp4: false,
    addresses: [`${address.address}/${address.prefix}`],
    ...(address.gateway === undefined
      ? {}
      : { routes: [{ to: isV6 ? '::/0' : '0.0.0.0/0', via: address.gateway }] }),
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** The ed25519 host key in what cloud-init prints on the console; the last boot counts. */
export function hostKeyOnConsole(console: string): string | undefined {
  const blocks = [
    ...console.matchAll(/-----BEGIN SSH HOST KEY KEYS-----([\s\S]*?)-----END SSH HOST KEY KEYS-----/g),
  ];
  const lines = (blocks.at(-1)?.[1] ?? '').split(/\r?\n/);
  return lines
    .map(line => /\b(ssh-ed25519) ([A-Za-z0-9+/]{60,}=*)/.exec(line))
    .map(match => (match === null ? undefined : `${match[1]} ${match[2]}`))
    .find(key => key !== undefined);
}
