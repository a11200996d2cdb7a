import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Draft } from '../draft.ts';
import { caution, type Finding, fault } from '../finding.ts';

/** Networks that are none, and networks of one site that lie upon each other. */
export function lintNetworks(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  const sound: { readonly name: string; readonly site: string; readonly cidr: string }[] = [];
  for (const [name, { cidr, site }] of draft.networks.entries) {
    if (cidr === undefined) continue;
    const path = ['networks', name, 'cidr'];
    const [address = '', length = ''] = cidr.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    if (family === 0) {
      findings.push(
        fault(path, 'this is no IP address', { value: cidr, suggestion: 'write it like 10.20.0.0/24' }),
      );
      continue;
    }
    if (Number(length) > most) {
      findings.push(fault(path, `a prefix is at most /${most} here`, { value: cidr }));
      continue;
    }
    const start = isIPv4(address) ? networkAddress(address, Number(length)) : address;
    if (start !== address) {
      findings.push(
        fault(path, 'this is the address of a host, not of a network', {
          value: cidr,
          suggestion: `write ${start}/${length}`,
        }),
      );
      continue;
    }
    const other = sound.find(known => known.site === site && overlap(known.cidr, cidr));
    if (other !== undefined) {
      findings.push(caution(path, `this overlaps ${other.cidr} ("${other.name}") at the same site`));
    }
    sound.push({ name, site, cidr });
  }
  return findings;
}

/** The first address of an IPv4 network. */
function networkAddress(address: string, length: number): string {
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const block = 2 ** (32 - length);
  const start = Math.floor(bits / block) * block;
  return [24, 16, 8, 0].map(shift => Math.floor(start / 2 ** shift) % 256).join('.');
}

/** Two networks overlap exactly when one holds the first address of the other. */
function overlap(a: string, b: string): boolean {
  return holds(a, b) || holds(b, a);
}

function holds(cidr: string, other: string): boolean {
  const [network = '', length = ''] = cidr.split('/');
  const [address = ''] = other.split('/');
  if (isIP(network) !== isIP(address)) return false;
  const type = isIPv4(network) ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(length), type);
  return list.check(address, type);
}
