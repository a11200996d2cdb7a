import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNetworkFile, readNetworkFiles } from '../../../src/tools/network-config/files.ts';

/** One file, the place where it lies taken off again. */
const read = (file: string, text: string) =>
  readNetworkFile(file, text).map(({ manager: _manager, file: _file, ...config }) => config);

describe('ifupdown', () => {
  it('reads stanzas, their families together', () => {
    const text = `source /etc/network/interfaces.d/*
auto lo
iface lo inet loopback
allow-hotplug ens3
iface ens3 inet static
    address 10.77.1.11
    netmask 255.255.255.0
    gateway 10.77.1.1
iface ens3 inet6 static
    address 2001:db8::5/64
iface ens4 inet dhcp
    hwaddress ether 52:54:00:00:00:01
`;
    expect(read('/etc/network/interfaces', text)).toEqual([
      {
        ...{ interface: 'ens3', addresses: ['10.77.1.11/24', '2001:db8::5/64'], gateway: '10.77.1.1' },
        dhcp: false,
      },
      { interface: 'ens4', addresses: [], dhcp: true },
    ]);
  });
});

describe('netplan', () => {
  it('reads matches, both ways to name a gateway, addresses with options', () => {
    const text = `network:
  version: 2
  ethernets:
    eth0: { dhcp4: true }
    lan:
      match: { macaddress: '52:54:00:AA:00:01' }
      set-name: lan0
      addresses:
        - 10.0.0.5/24
        - 10.0.0.6/24: { label: second }
      routes:
        - to: default
          via: 10.0.0.1
    any:
      match: { name: 'en*' }
      addresses: [10.1.0.5/24]
      gateway4: 10.1.0.1
  vlans:
    v12: { id: 12, link: eth0, addresses: [10.12.0.5/24] }
`;
    expect(read('/etc/netplan/50-cloud-init.yaml', text)).toEqual([
      { interface: 'eth0', addresses: [], dhcp: true },
      {
        ...{ interface: 'lan0', mac: '52:54:00:aa:00:01', addresses: ['10.0.0.5/24', '10.0.0.6/24'] },
        ...{ gateway: '10.0.0.1', dhcp: false },
      },
      { addresses: ['10.1.0.5/24'], gateway: '10.1.0.1', dhcp: false },
      { interface: 'v12', addresses: ['10.12.0.5/24'], dhcp: false },
    ]);
  });

  it.each(['', 'network:', 'network: [1]', 'network:\n  ethernets: 5', 'a: *nowhere', '- x'])(
    'says nothing of %j',
    text => {
      expect(read('/etc/netplan/a.yaml', text)).toEqual([]);
    },
  );
});

describe('keyfiles', () => {
  it('NetworkManager: wired connections, both spellings of an address', () => {
    const text = `[connection]
id=Wired
type=ethernet
interface-name=enp1s0
[ethernet]
mac-address=52:54:00:AA:00:02
[ipv4]
method=manual
address1=10.0.0.5/24,10.0.0.1
[ipv6]
method=auto
`;
    expect(read('/etc/NetworkManager/system-connections/Wired.nmconnection', text)).toEqual([
      {
        ...{ interface: 'enp1s0', mac: '52:54:00:aa:00:02', addresses: ['10.0.0.5/24'] },
        ...{ gateway: '10.0.0.1', dhcp: true },
      },
    ]);
    expect(read('/etc/NetworkManager/system-connections/w', '[connection]\ntype=wifi\n')).toEqual([]);
  });

  it('systemd-networkd: a wildcard matches no interface in particular', () => {
    const text = '[Match]\nName=eth0\n[Network]\nAddress=10.0.0.5/24\nDHCP=no\n[Route]\nGateway=10.0.0.1\n';
    expect(read('/etc/systemd/network/10-eth.network', text)).toEqual([
      { interface: 'eth0', addresses: ['10.0.0.5/24'], gateway: '10.0.0.1', dhcp: false },
    ]);
    expect(read('/etc/systemd/network/a.network', '[Match]\nName=en*\n[Network]\nDHCP=ipv4\n')).toEqual([
      { addresses: [], dhcp: true },
    ]);
  });
});

describe('ifcfg', () => {
  it('Red Hat and SUSE, which has its routes in a file of their own', () => {
    expect(
      read(
        '/etc/sysconfig/network-scripts/ifcfg-eth0',
        'DEVICE="eth0"\nBOOTPROTO=none\nHWADDR=52:54:00:C7:00:01\nIPADDR=10.0.0.5\nPREFIX=24\nGATEWAY=10.0.0.1\n',
      ),
    ).toEqual([
      {
        ...{ interface: 'eth0', mac: '52:54:00:c7:00:01', addresses: ['10.0.0.5/24'] },
        ...{ gateway: '10.0.0.1', dhcp: false },
      },
    ]);
    const suse = `@@ /etc/sysconfig/network/ifcfg-eth1
BOOTPROTO='static'
IPADDR='10.0.0.6/24'
IPADDR_1='10.0.0.7'
NETMASK_1='255.255.255.0'
@@ /etc/sysconfig/network/routes
default 10.0.0.1 - -
`;
    expect(readNetworkFiles(suse)).toEqual([
      {
        ...{ manager: 'wicked', file: '/etc/sysconfig/network/ifcfg-eth1', interface: 'eth1' },
        ...{ addresses: ['10.0.0.6/24', '10.0.0.7/24'], gateway: '10.0.0.1', dhcp: false },
      },
    ]);
  });
});

const PLACES = [
  '/etc/network/interfaces',
  '/etc/netplan/a.yaml',
  '/etc/NetworkManager/system-connections/a.nmconnection',
  '/etc/systemd/network/a.network',
  '/etc/sysconfig/network-scripts/ifcfg-a',
  '/etc/sysconfig/network/ifcfg-a',
];
const LINES = [
  '[connection]',
  'type=ethernet',
  '[ipv4]',
  'method=auto',
  '[Match]',
  '[Network]',
  'iface eth0 inet static',
  'network:',
  '  ethernets:',
  '    eth0:',
];

it('no reader throws, and none tells a secret, wherever it stands', () => {
  const secret = 'Hunter2Hunter2';
  const keys = [
    'psk',
    'password',
    'wpa-psk',
    'private-key',
    'WPA_PSK',
    'key',
    'wireless-key1',
    'leap-password',
  ];
  const line = fc.oneof(
    fc.constantFrom(...LINES),
    fc.string(),
    fc
      .tuple(
        fc.constantFrom(...keys),
        fc.constantFrom('=', ' ', ': ', '='),
        fc.constantFrom('', '  ', '      '),
      )
      .map(([key, between, indent]) => `${indent}${key}${between}${secret}`),
  );
  fc.assert(
    fc.property(fc.constantFrom(...PLACES), fc.array(line, { maxLength: 12 }), (file, lines) => {
      expect(JSON.stringify(readNetworkFile(file, lines.join('\n')))).not.toContain(secret);
    }),
    { numRuns: 400 },
  );
});
