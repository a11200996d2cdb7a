/** Addresses as numbers: whether one lies in a network. */

export interface Ip {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** An IPv4 or IPv6 address, without prefix length and zone; undefined where it is none (a name, say). */
export function parseIp(text: string): Ip | undefined {
  const bare = text.replace(/%.*$/, '');
  return bare.includes(':') ? parseIp6(bare) : parseIp4(bare);
}

function parseIp4(text: string): Ip | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) <= 255))
    return undefined;
  return { bits: 32, value: parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n) };
}

function parseIp6(text: string): Ip | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<bigint>(missing).fill(0n), ...(tail ?? [])];
  return { bits: 128, value: groups.reduce((value, group) => (value << 16n) | group, 0n) };
}

/** The groups of one half; undefined where one is none. The last may be written as an IPv4 address. */
function groupsOf(half: string): bigint[] | undefined {
  if (half === '') return [];
  const groups: bigint[] = [];
  const words = half.split(':');
  for (const [index, word] of words.entries()) {
    const dotted = index === words.length - 1 ? parseIp4(word) : undefined;
    if (dotted !== undefined) groups.push(dotted.value >> 16n, dotted.value & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(word)) groups.push(BigInt(`0x${word}`));
    else return undefined;
  }
  return groups;
}

/** Whether the address lies in the network `10.20.0.0/24`; undefined where either is none, or they are of two families. */
export function isInNetwork(address: string, cidr: string): boolean | undefined {
  const slash = cidr.indexOf('/');
  const ip = parseIp(address);
  const network = parseIp(cidr.slice(0, slash < 0 ? undefined : slash));
  const prefix = slash < 0 ? Number.NaN : Number(cidr.slice(slash + 1));
  if (ip === undefined || network === undefined || ip.bits !== network.bits) return undefined;
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > ip.bits) return undefined;
  const shift = BigInt(ip.bits - prefix);
  return ip.value >> shift === network.value >> shift;
}

/**
 * The one way to write an address: IPv6 shortest and in small letters, an IPv4 address in IPv6 clothes without them, no
 * zone, no brackets; undefined where it is none.
 */
export function canonicalIp(text: string): string | undefined {
  const ip = parseIp(text.replace(/^\[(.*)\]$/, '$1'));
  if (ip === undefined) return undefined;
  if (ip.bits === 32) return dotted(ip.value);
  if (ip.value >> 32n === 0xffffn) return dotted(ip.value & 0xffffffffn);
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((ip.value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return shortest(groups);
}

const dotted = (value: bigint): string =>
  [24n, 16n, 8n, 0n].map(shift => String((value >> shift) & 0xffn)).join('.');

/** The first longest run of two or more zeros becomes `::`. */
function shortest(groups: readonly string[]): string {
  let best = { at: 0, length: 0 };
  for (let at = 0; at < groups.length; at += 1) {
    let end = at;
    while (groups[end] === '0') end += 1;
    if (end - at > best.length) best = { at, length: end - at };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}

const NEVER_ELSEWHERE = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/127',
  'fe80::/10',
  'ff00::/8',
];
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/** Loopback, link-local, multicast, broadcast, unspecified: such an address leads to no host elsewhere. */
export const leadsNowhere = (address: string): boolean =>
  NEVER_ELSEWHERE.some(cidr => isInNetwork(address, cidr) === true);

/** In a network that nobody routes through the Internet. */
export const isPrivateIp = (address: string): boolean =>
  PRIVATE.some(cidr => isInNetwork(address, cidr) === true);
