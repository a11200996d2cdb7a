import { isIP, isIPv4 } from 'node:net';

/** An address or a network as it is written; undefined where it is neither, or says `everything` or `this machine`. */
export function addressOrNetwork(word: string): string | undefined {
  const [address = '', bits, ...rest] = word.split('/');
  if (rest.length > 0 || isIP(address) === 0 || address.length > 64) return undefined;
  if (bits !== undefined && !/^\d{1,3}$/.test(bits) && !isIPv4(bits)) return undefined;
  const everything = bits === '0' || bits === '0.0.0.0' || address === '0.0.0.0' || address === '::';
  if (everything || /^127\./.test(address) || address === '::1') return undefined;
  const one = isIPv4(address) ? ['32', '255.255.255.255'] : ['128'];
  return bits !== undefined && one.includes(bits) ? address : word;
}

/** All addresses and networks among the words of a text. */
export function addressesIn(text: string): string[] {
  return (text.match(/[0-9A-Fa-f][0-9A-Fa-f.:]{1,62}(?:\/[0-9.]{1,15})?/g) ?? []).flatMap(
    word => addressOrNetwork(word) ?? [],
  );
}
