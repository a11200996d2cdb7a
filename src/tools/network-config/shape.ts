import { isIP } from 'node:net';
import { harmless } from '../../foundation/text.ts';
import type { NetworkConfigFacts } from '../../journal/facts.ts';

/** What all readers of network configuration share. None of them throws: a file that says nothing gives no facts. */

export type NetworkConfig = Omit<NetworkConfigFacts, 'manager' | 'file'>;

/** Facts with those keys left out that a file did not set; values that cannot be an address or a MAC are dropped. */
export function networkConfig(raw: {
  readonly interface?: string | undefined;
  readonly mac?: string | undefined;
  readonly addresses?: readonly string[];
  readonly gateway?: string | undefined;
  readonly dhcp?: boolean;
}): NetworkConfig {
  const mac = raw.mac?.trim().toLowerCase();
  const gateway = raw.gateway?.trim();
  return {
    ...(raw.interface ? { interface: harmless(raw.interface) } : {}),
    ...(mac !== undefined && /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(mac) ? { mac } : {}),
    addresses: [...new Set((raw.addresses ?? []).map(address => address.trim()).filter(isAddress))],
    ...(gateway !== undefined && isIP(gateway) !== 0 ? { gateway } : {}),
    dhcp: raw.dhcp ?? false,
  };
}

/** An address, perhaps with a prefix length. */
function isAddress(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  return isIP(address) !== 0 && rest.length === 0 && (prefix === undefined || /^\d{1,3}$/.test(prefix));
}

/** `10.0.0.5` and `255.255.255.0` or `24` as `10.0.0.5/24`; what already has a prefix stays. */
export function withPrefix(address: string, mask: string | undefined): string {
  if (address.includes('/') || mask === undefined) return address;
  if (/^\d{1,3}$/.test(mask)) return `${address}/${mask}`;
  if (isIP(mask) !== 4) return address;
  const bits = mask
    .split('.')
    .map(part => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? `${address}/${bits.replaceAll('0', '').length}` : address;
}

/** `KEY=value` lines by section, in order; values without their quotes. Lines before the first section have none. */
export function iniSections(text: string): { readonly name: string; readonly values: [string, string][] }[] {
  const sections: { name: string; values: [string, string][] }[] = [{ name: '', values: [] }];
  for (const line of text.split('\n')) {
    const name = /^\s*\[([^\]]*)\]\s*$/.exec(line)?.[1];
    if (name !== undefined) sections.push({ name: name.trim(), values: [] });
    const [, key, value] = /^\s*([A-Za-z][A-Za-z0-9_-]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) {
      sections.at(-1)?.values.push([key, value.replace(/^(["'])(.*)\1$/, '$2')]);
    }
  }
  return sections;
}
