import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress, parseNetwork } from '../../../../src/build/finalize/ip.ts';
import {
  IFCFG,
  IFUPDOWN,
  KEYFILE,
  NETWORKD,
  ROUTES,
} from '../../../../src/build/finalize/network/formats.ts';
import { editLines } from '../../../../src/build/finalize/network/lines.ts';
import { Mover, readMoves } from '../../../../src/build/finalize/network/mover.ts';
import { editNetplan } from '../../../../src/build/finalize/network/netplan.ts';
import { networkFixup } from '../../../../src/build/finalize/network/network.ts';
import { networkMoves } from '../../../../src/build/finalize/wish.ts';
import { planOf } from '../../../support/state.ts';
import { PROOF, treeOf, wishOf } from './support.ts';

const MOVE = { source: 'mia', target: 'dal', from: '10.20.0.0/24', to: '10.30.8.0/22', gateway: '10.30.8.1' };
const moverOf = (...moves: (typeof MOVE)[]): Mover => new Mover(readMoves(moves).moves);
const mover = moverOf(MOVE);

describe('addresses', () => {
  test('of both families are read and written the same way', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), text => {
        const address = parseAddress(text);
        if (address === undefined) throw new Error(`${text} was not read`);
        const again = parseAddress(formatAddress(address));
        expect(again).toEqual(address);
        expect(formatAddress(address)).toBe(
          new URL(`http://${text.includes(':') ? `[${text}]` : text}/`).hostname.replace(/[[\]]/g, ''),
        );
      }),
    );
  });

  test.each(['10.20.0', '10.20.0.256', 'fe80::1%eth0', '', 'web1'])('%j is none', text => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test.each(['10.20.0.0', '10.20.0.0/33', '10.20.0.0/x', '/24'])('%j is no network', text => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});

describe('a move', () => {
  test('keeps the host part and changes the length where it was that of the network', () => {
    expect(mover.own('10.20.0.11/24')).toBe('10.30.8.11/22');
    expect(mover.own('10.20.0.11')).toBe('10.30.8.11');
    expect(mover.own('10.20.0.11/32')).toBe('10.30.8.11/32');
    expect(mover.own('10.21.0.11/24')).toBeUndefined();
    expect(mover.router('10.20.0.254')).toBe('10.30.8.1');
    expect(moverOf({ ...MOVE, gateway: '' }).router('10.20.0.254')).toBe('10.30.8.254');
  });

  test('of a host part without room is none', () => {
    const small = moverOf({ ...MOVE, to: '10.30.0.0/28' });
    expect(small.own('10.20.0.11/24')).toBe('10.30.0.11/28');
    expect(small.own('10.20.0.15/24')).toBeUndefined();
    expect(small.own('10.20.0.200/24')).toBeUndefined();
  });

  test('stays in the new network and never meets another address', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 254 }), fc.integer({ min: 1, max: 254 }), (a, b) => {
        const [one, other] = [mover.own(`10.20.0.${a}`), mover.own(`10.20.0.${b}`)];
        expect(one === other).toBe(a === b);
        expect(one).toMatch(/^10\.30\.8\./);
        expect(mover.own(one ?? '')).toBeUndefined();
      }),
    );
  });

  test.each([
    { ...MOVE, to: '10.20.0.128/25' },
    { ...MOVE, from: '10.0.0.0/8' },
    { ...MOVE, to: '2001:db8::/64' },
    { ...MOVE, from: 'nonsense' },
  ])('from $from to $to is refused with words', move => {
    expect(readMoves([move])).toMatchObject({
      moves: [],
      warnings: [expect.stringMatching(/cannot go from mia/)],
    });
  });

  test('comes from the plan where both address ranges are known', () => {
    const networks = {
      mia: { site: 'miami', libvirt: 'a', cidr: '10.20.0.0/24' },
      bare: { site: 'miami', libvirt: 'c' },
      dal: { site: 'dallas', libvirt: 'b', cidr: '10.30.0.0/24', replaces: 'mia', gateway: '10.30.0.1' },
      two: { site: 'dallas', libvirt: 'd', cidr: '10.31.0.0/24', replaces: 'bare' },
      'dal-servers': { site: 'dallas', libvirt: 'servers' },
    };
    expect(networkMoves(planOf({ networks }))).toEqual([
      { source: 'mia', target: 'dal', from: '10.20.0.0/24', to: '10.30.0.0/24', gateway: '10.30.0.1' },
    ]);
  });
});

describe('an editor', () => {
  test('of networkd changes the way out, and no route elsewhere', () => {
    const text =
      '[Match]\nName=ens3\n[Network]\nAddress=10.20.0.11/24\nGateway=10.20.0.254\nDNS=10.20.0.53\n[Route]\nDestination=10.99.0.0/16\nGateway=10.20.0.7\n[Route]\nDestination=0.0.0.0/0\nGateway=10.20.0.254\n';
    expect(editLines(text, NETWORKD, mover)).toBe(
      text.replace('10.20.0.11/24', '10.30.8.11/22').replaceAll('10.20.0.254', '10.30.8.1'),
    );
  });

  test('of keyfiles changes old and new forms', () => {
    const text =
      '[ipv4]\naddress1=10.20.0.11/24,10.20.0.254\naddresses=10.20.0.12/24;10.9.9.9/24;\nroute1=0.0.0.0/0,10.20.0.254,50\nroute2=10.99.0.0/16,10.20.0.7\ndns=10.20.0.53;\n';
    expect(editLines(text, KEYFILE, mover)).toBe(
      text
        .replace('10.20.0.11/24,10.20.0.254', '10.30.8.11/22,10.30.8.1')
        .replace('10.20.0.12/24', '10.30.8.12/22')
        .replace('0.0.0.0/0,10.20.0.254', '0.0.0.0/0,10.30.8.1'),
    );
  });

  test('of ifupdown takes a mask from the stanza that it belongs to', () => {
    const text =
      'iface a inet static\n netmask 255.255.255.0\n address 10.20.0.5\niface b inet static\n address 10.9.9.9\n netmask 255.255.255.0\n';
    expect(editLines(text, IFUPDOWN, mover)).toBe(
      text.replace('255.255.255.0\n address 10.20.0.5', '255.255.252.0\n address 10.30.8.5'),
    );
  });

  const FORMATS = { IFUPDOWN, IFCFG, ROUTES, NETWORKD, KEYFILE };
  const editors = [
    ...Object.entries(FORMATS).map(
      ([name, format]) => [name, (text: string) => editLines(text, format, mover)] as const,
    ),
    ['netplan', (text: string) => editNetplan(text, mover) ?? text] as const,
  ];
  const word = fc.oneof(
    fc.constantFrom(
      'address ',
      'Address=',
      'address1=',
      'IPADDR="',
      'gateway ',
      'NETMASK=',
      'default via ',
      '    - ',
      '[Route]',
      'iface x',
      '  addresses: [',
      'via: ',
      '#',
      '"',
      "'",
      ',',
      ';',
      '/24',
      '\r',
    ),
    fc.ipV4(),
    fc.constantFrom('10.20.0.5', '10.20.0.254', '255.255.255.0'),
    fc.string({ maxLength: 6 }),
  );
  const texts = fc.array(fc.array(word, { maxLength: 5 }), { maxLength: 12 });

  test.each(editors)('of %s keeps every line, and lines without an address to the letter', (_name, edit) => {
    fc.assert(
      fc.property(texts, lines => {
        const text = lines.map(words => words.join('')).join('\n');
        const [before, after] = [text.split('\n'), edit(text).split('\n')];
        expect(after).toHaveLength(before.length);
        before.forEach((line, at) => {
          if (/10\.20\.0|255\.255|24/.test(line)) return;
          expect(after[at]).toBe(line);
        });
        expect(edit(edit(text))).toBe(edit(text));
      }),
    );
  });
});

describe('the network of a copy', () => {
  const files = { '/etc/network/interfaces': 'iface a inet static\n address 10.20.0.5/24\n' };

  test('stays as it is in a proof, which is isolated', () => {
    expect(networkFixup(treeOf(files), wishOf({ moves: [MOVE], proof: PROOF }))).toBeUndefined();
  });

  test('is told where the plan does not say where it goes', () => {
    const guest = {
      ...wishOf().guest,
      network: [{ manager: 'ifupdown' as const, file: 'x', addresses: ['10.20.0.5/24'], dhcp: false }],
    };
    const fixup = networkFixup(treeOf(files), wishOf({ guest }));
    expect(fixup?.edits).toEqual([]);
    expect(fixup?.warnings.join()).toMatch(/does not say where 10\.20\.0\.5\/24 belongs/);
  });

  test('is told where a file cannot be understood', () => {
    const fixup = networkFixup(treeOf({ '/etc/netplan/a.yaml': 'a: [\n' }), wishOf({ moves: [MOVE] }));
    expect(fixup?.warnings.join()).toMatch(/a\.yaml cannot be understood/);
  });
});
