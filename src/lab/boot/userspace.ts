import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isMasked, wantedUnits } from '../hosts/units.ts';
import type { MachineFacts } from '../world/layout.ts';
import { type FoundFileSystem, findSpec } from './early.ts';

/** What systemd of Debian 12 makes of a root: pure but for reading files below it. */

export interface FstabMount {
  readonly path: string;
  readonly device: FoundFileSystem;
}

export interface Fstab {
  readonly mounts: readonly FstabMount[];
  /** Entries that are needed and name nothing that is there. */
  readonly missing: readonly { readonly spec: string; readonly path: string; readonly isSwap: boolean }[];
}

export function readFstab(root: string, found: readonly FoundFileSystem[]): Fstab {
  const file = path.join(root, 'etc/fstab');
  const mounts: FstabMount[] = [];
  const missing: Fstab['missing'][number][] = [];
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    const [spec = '#', at = '', type = '', options = ''] = line.trim().split(/\s+/);
    if (spec.startsWith('#') || at === '') continue;
    const words = options.split(',');
    const device = findSpec(spec, found);
    if (device !== undefined && type !== 'swap') mounts.push({ path: at, device });
    if (device === undefined && !words.includes('noauto') && !words.includes('nofail')) {
      missing.push({ spec, path: at, isSwap: type === 'swap' });
    }
  }
  return { mounts, missing };
}

/** A path as systemd writes it in the name of a unit. */
export const unitPath = (name: string): string =>
  name
    .replace(/^\/+|\/+$/g, '')
    .split('/')
    .map(part => part.replaceAll('-', '\\x2d'))
    .join('-') || '-';

const deviceOf = (spec: string): string => {
  const [tag = '', value] = spec.split('=');
  return value === undefined ? spec : `/dev/disk/by-${tag.toLowerCase()}/${value}`;
};

export function missingLines(entry: Fstab['missing'][number]): string[] {
  const device = deviceOf(entry.spec);
  const unit = `${unitPath(device)}.device`;
  const waited = [`[ TIME ] Timed out waiting for device ${unit} - ${device}.`];
  if (entry.isSwap) {
    return [
      ...waited,
      `[DEPEND] Dependency failed for ${unitPath(device)}.swap - ${device}.`,
      '[DEPEND] Dependency failed for swap.target - Swaps.',
    ];
  }
  return [
    ...waited,
    `[DEPEND] Dependency failed for ${unitPath(entry.path)}.mount - ${entry.path}.`,
    '[DEPEND] Dependency failed for local-fs.target - Local File Systems.',
  ];
}

export const EMERGENCY = [
  '[  OK  ] Stopped systemd-ask-password-console.path - Dispatch Password Requests to Console Directory Watch.',
  '[  OK  ] Started emergency.service - Emergency Shell.',
  '[  OK  ] Reached target emergency.target - Emergency Mode.',
  'You are in emergency mode. After logging in, type "journalctl -xb" to view',
  'system logs, "systemctl reboot" to reboot, "systemctl default" or "exit"',
  'to boot into default mode.',
  '',
  'Cannot open access to console, the root account is locked.',
  'See sulogin(8) man page for more details.',
  '',
  'Press Enter to continue.',
  '',
];

export interface ConfiguredNic {
  readonly name: string;
  readonly address: string;
}

/** Static addresses of ifupdown and of systemd-networkd; the lab's machines have no others. */
export function configuredNics(root: string): ConfiguredNic[] {
  const read = (file: string): string =>
    existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : '';
  const ifupdown = [
    ...read('etc/network/interfaces').matchAll(/^iface\s+(\S+)\s+inet\s+static((?:\n[ \t]+.*)*)/gm),
  ];
  const networkd = read('etc/systemd/network/10-wired.network');
  const name = /^Name=(.+)$/m.exec(networkd)?.[1];
  const address = /^Address=(.+)$/m.exec(networkd)?.[1];
  return [
    ...ifupdown.map(([, nic = '', body = '']) => ({
      name: nic,
      address: /address\s+(\S+)/.exec(body)?.[1] ?? '',
    })),
    ...(name === undefined || address === undefined ? [] : [{ name, address }]),
  ];
}

/** What networking.service or networkd is called where it is enabled. */
export const networkService = (root: string): string =>
  existsSync(path.join(root, 'etc/systemd/network/10-wired.network')) ? 'systemd-networkd' : 'networking';

/** A unit's own unit file would only say how; its settings file is what an editor may have spoilt. */
const isSpoilt = (root: string, service: string): boolean => {
  const file = path.join(root, 'etc/default', service);
  return existsSync(file) && readFileSync(file, 'utf8').includes('SYNTAX ERROR');
};

export interface Started {
  readonly running: readonly string[];
  readonly failed: readonly string[];
  /** Enabled, but held by a mask. */
  readonly masked: readonly string[];
}

/** Services that nothing enables because everything needs them. */
const STATIC = ['dbus', 'systemd-journald'];

/** Which of the machine's services come up in this copy of it. */
export function startServices(root: string, machine: MachineFacts): Started {
  const units = path.join(root, 'etc/systemd/system');
  const wanted = new Set(wantedUnits(units).map(({ unit }) => unit));
  const enabled = machine.services.filter(name => STATIC.includes(name) || wanted.has(`${name}.service`));
  const masked = enabled.filter(name => isMasked(units, `${name}.service`));
  const started = enabled.filter(name => !masked.includes(name));
  const failed = started.filter(name => isSpoilt(root, name));
  return { running: started.filter(name => !failed.includes(name)), failed, masked };
}
