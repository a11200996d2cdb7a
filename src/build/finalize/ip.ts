import { isIP } from 'node:net';

/** Addresses and networks of both families as numbers. */

export interface Network {
  readonly bits: 32 | 128;
  /** The first address. */
  readonly base: bigint;
  readonly length: number;
}

export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Undefined where the text is no address; a scope (`%eth0`) is none. */
export function parseAddress(text: string): Address | undefined {
  const family = isIP(text);
  if (family === 4) {
    const value = text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
    return { bits: 32, value };
  }
  return family === 6 && !text.includes('%') ? { bits: 128, value: parseSix(text) } : undefined;
}

function parseSix(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted?.[1] !== undefined && dotted[2] !== undefined) {
    const low = parseAddress(dotted[2])?.value ?? 0n;
    return parseSix(`${dotted[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`);
  }
  const [head = '', tail] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [front, back] = [groups(head), tail === undefined ? [] : groups(tail)];
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array<string>(zeros).fill('0'), ...back].reduce(
    (sum, group) => sum * 65_536n + BigInt(`0x${group}`),
    0n,
  );
}

/** As RFC 5952 wants an address of the sixth version written. */
export function formatAddress({ bits, value }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
  );
  const text = groups.join(':');
  const runs = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)];
  const longest = runs.reduce((best, run) => (run[0].length > best.length ? run[0] : best), '');
  if (longest === '') return text;
  const at = runs.find(run => run[0] === longest)?.index ?? 0;
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}

/** `10.20.0.0/24`; undefined where it is no network. */
export function parseNetwork(text: string): Network | undefined {
  const [head = '', tail = ''] = text.split('/');
  const address = parseAddress(head);
  const length = Number(tail);
  if (address === undefined || !/^\d{1,3}$/.test(tail) || length > address.bits) return undefined;
  return { bits: address.bits, base: address.value & ~hostMask(address.bits, length), length };
}

export const hostMask = (bits: number, length: number): bigint => (1n << BigInt(bits - length)) - 1n;

export const contains = (network: Network, address: Address): boolean =>
  network.bits === address.bits && (address.value & ~hostMask(network.bits, network.length)) === network.base;

export const overlap = (a: Network, b: Network): boolean =>
  contains(a, { bits: b.bits, value: b.base }) || contains(b, { bits: a.bits, value: a.base });

export const lastOf = (network: Network): Address => ({
  bits: network.bits,
  value: network.base | hostMask(network.bits, network.length),
});

/** `255.255.255.0` for 24. */
export const netmask = (length: number): string =>
  formatAddress({ bits: 32, value: 0xffff_ffffn & ~hostMask(32, length) });
