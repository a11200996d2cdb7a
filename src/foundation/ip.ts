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
