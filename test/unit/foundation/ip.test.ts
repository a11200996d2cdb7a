import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isInNetwork, parseIp } from '../../../src/foundation/ip.ts';

const ip4 = fc.ipV4();
const ip6 = fc.ipV6();

it('reads every address that Node reads, and no other text', () => {
  fc.assert(
    fc.property(fc.oneof(ip4, ip6, fc.string({ unit: fc.constantFrom(...'0123456789abf:.') })), text => {
      // Node takes no leading zeros in IPv4, which some tools write.
      fc.pre(!/(?:^|[.:])0\d/.test(text));
      expect(parseIp(text) !== undefined).toBe(isIP(text) !== 0);
    }),
    { numRuns: 500 },
  );
});

it('agrees with Node on what lies in a network', () => {
  const of = (family: 'ipv4' | 'ipv6', bits: number) =>
    fc.tuple(family === 'ipv4' ? ip4 : ip6, family === 'ipv4' ? ip4 : ip6, fc.integer({ min: 0, max: bits }));
  for (const [family, bits] of [
    ['ipv4', 32],
    ['ipv6', 128],
  ] as const)
    fc.assert(
      fc.property(of(family, bits), ([address, network, prefix]) => {
        fc.pre(isIP(address) !== 0 && isIP(network) !== 0);
        const list = new BlockList();
        list.addSubnet(network, prefix, family);
        expect(isInNetwork(address, `${network}/${prefix}`)).toBe(list.check(address, family));
        expect(isInNetwork(network, `${network}/${prefix}`)).toBe(true);
      }),
    );
});

it('says nothing of names, of two families, and of networks that are none', () => {
  for (const [address, cidr] of [
    ['web1', '10.0.0.0/8'],
    ['10.0.0.1', 'fd00::/8'],
    ['10.0.0.1', '10.0.0.0/33'],
    ['10.0.0.1', '10.0.0.0'],
  ] as const)
    expect(isInNetwork(address, cidr)).toBeUndefined();
});
