import { BlockList, isIP, isIPv4 } from 'node:net';
import { parseXml, type XmlNode } from './libvirt-xml.ts';

export interface NetworkXml {
  readonly name: string;
  readonly bridge: string | undefined;
  /** The IPv4 network that libvirt manages, as `10.20.4.0/24`; otherwise the first one it has. */
  readonly cidr: string | undefined;
  /** All of them. */
  readonly cidrs: readonly string[];
  /** The host's own address there, and those reserved for guests. */
  readonly taken: readonly string[];
}

/** How domains of a network reach others: `nat`, `route`, `bridge`, `open` …; `isolated` where they do not. Undefined where the text is no network. */
export function forwardOf(xml: string): string | undefined {
  const network = parseXml(xml)?.child('network');
  if (network?.exists !== true) return undefined;
  const forward = network.child('forward');
  return forward.exists ? (forward.attribute('mode') ?? 'nat') : 'isolated';
}

/** `virsh net-dumpxml`. */
export function parseNetwork(xml: string): NetworkXml | undefined {
  const network = parseXml(xml)?.child('network');
  const name = network?.child('name').text;
  if (network === undefined || name === undefined) return undefined;
  const blocks = network.children('ip');
  const cidrs = blocks.flatMap(block => cidrOf(block) ?? []);
  const taken = blocks.flatMap(block => [
    block.attribute('address'),
    ...block
      .child('dhcp')
      .children('host')
      .map(host => host.attribute('ip')),
  ]);
  return {
    name,
    bridge: network.child('bridge').attribute('name'),
    cidr: cidrs.find(cidr => cidr.includes('.')) ?? cidrs[0],
    cidrs,
    taken: taken.flatMap(address => (address !== undefined && isIP(address) !== 0 ? [address] : [])),
  };
}

/** libvirt tells the host's address and either a prefix length or a netmask; the network is what both have in common. */
function cidrOf(block: XmlNode): string | undefined {
  const address = block.attribute('address') ?? '';
  if (!isIPv4(address)) return isIP(address) === 6 ? ipv6Network(block, address) : undefined;
  const prefix = block.attribute('prefix');
  const length = prefix === undefined ? prefixOf(block.attribute('netmask') ?? '') : Number(prefix);
  if (length === undefined || !Number.isInteger(length) || length < 1 || length > 32) return undefined;
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - length);
  const start = Math.floor(bits / size) * size;
  return `${[24, 16, 8, 0].map(shift => Math.floor(start / 2 ** shift) % 256).join('.')}/${length}`;
}

/** Only what needs no arithmetic: an address that ends in `::` or `::N` of a network of at most 112 bits. */
function ipv6Network(block: XmlNode, address: string): string | undefined {
  const length = Number(block.attribute('prefix') ?? Number.NaN);
  const [, head] = /^(.*::)[0-9a-fA-F]{0,4}$/.exec(address) ?? [];
  return head === undefined || !(length >= 1 && length <= 112) ? undefined : `${head}/${length}`;
}

function prefixOf(netmask: string): number | undefined {
  if (!isIPv4(netmask)) return undefined;
  const bits = netmask
    .split('.')
    .map(part => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined;
}

/** `virsh domifaddr`: addresses without prefix length; those that work on one link only are left out. */
export function interfaceAddresses(table: string): string[] {
  const found = table.split(/\r?\n/).flatMap(line => {
    const [, address] = /\sipv[46]\s+([0-9a-fA-F.:]+)\/\d+\s*$/.exec(line) ?? [];
    return address !== undefined && isIP(address) !== 0 && !isLocal(address) ? [address] : [];
  });
  return [...new Set(found)];
}

function isLocal(address: string): boolean {
  const local = new BlockList();
  local.addSubnet('169.254.0.0', 16, 'ipv4');
  local.addSubnet('fe80::', 10, 'ipv6');
  return local.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
