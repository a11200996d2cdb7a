import { describe, expect, it } from 'vitest';
import {
  parseKernelLinks,
  parseLinks,
  readVirtualLinks,
} from '../../../../../src/inventory/survey/system/links.ts';
import { parseHosts, readStaticNames } from '../../../../../src/inventory/survey/system/names.ts';
import { answersOf } from '../answers.ts';

const LINKS = JSON.stringify([
  { ifname: 'lo', link_type: 'loopback' },
  {},
  { ifname: 'eth0', master: 'bond0' },
  { ifname: 'eth1', master: 'bond0' },
  { ifname: 'bond0', linkinfo: { info_kind: 'bond', info_data: { mode: 'active-backup' } } },
  { ifname: 'bond0.5', link: 'bond0', master: 'br0', linkinfo: { info_kind: 'vlan', info_data: { id: 5 } } },
  { ifname: 'br0', linkinfo: { info_kind: 'bridge' } },
  { ifname: 'veth1', link: null, master: 'br0', linkinfo: { info_kind: 'veth' } },
  { ifname: 'vnet0', master: 'br0', linkinfo: { info_kind: 'tun', info_data: { type: 'tap' } } },
  { ifname: 'wg0', linkinfo: { info_kind: 'wireguard' } },
  { ifname: 'sit0', linkinfo: { info_kind: 'sit' } },
]);
const TOLD = [
  { name: 'bond0', kind: 'bond', over: ['eth0', 'eth1'] },
  { name: 'bond0.5', kind: 'vlan', over: ['bond0'] },
  { name: 'br0', kind: 'bridge', over: ['bond0.5'] },
  { name: 'wg0', kind: 'wireguard', over: [] },
];

describe('interfaces that are made of others', () => {
  it('tells what lies over what, without what containers and guests plug in', () => {
    expect(readVirtualLinks(answersOf({ links: LINKS }))).toEqual(TOLD);
    expect(parseLinks('Option "-j" is unknown, try "ip -help".')).toBeUndefined();
  });

  it('takes it from /sys and /proc where ip knows no details (busybox, CentOS 7)', () => {
    const text = `/sys/class/net/bond0/lower_eth0
/sys/class/net/br0/lower_bond0.5
/sys/class/net/br0/lower_vnet0
/sys/class/net/br0/uevent DEVTYPE=bridge
/sys/class/net/wg0/uevent DEVTYPE=wireguard
/sys/class/net/wlan0/uevent DEVTYPE=wlan
/proc/net/bonding/bond0 eth1
vlan bond0.5          bond0
`;
    expect(readVirtualLinks(answersOf({ links: 255, 'links-kernel': text }))).toEqual(TOLD);
    expect(parseKernelLinks('')).toEqual([]);
  });

  it('tells a gap where neither answered', () => {
    const answers = answersOf({ links: 127 });
    expect(readVirtualLinks(answers)).toBeUndefined();
    expect(answers.gaps).toMatchObject([{ what: 'bridges, bonds and VLANs', why: 'cut-short' }]);
  });
});

describe('names in /etc/hosts', () => {
  it('keeps what is said of others, and of a loopback address what is no name of its own', () => {
    const hosts = `127.0.0.1 localhost app1 app1.corp.example
127.0.1.1 app1
127.0.0.1 api.vendor.example
::1 ip6-localhost ip6-loopback
10.0.0.5 app1.corp.example app1
10.0.0.9 db db.corp.example
10.0.0.10 app1
garbage here
`;
    const ip = JSON.stringify([{ ifname: 'eth0', addr_info: [{ local: '10.0.0.5', prefixlen: 24 }] }]);
    const answers = answersOf({ 'static-names': hosts, hostname: 'app1\n', ip });
    expect(readStaticNames(answers)).toEqual([
      { address: '127.0.0.1', names: ['api.vendor.example'] },
      { address: '10.0.0.9', names: ['db', 'db.corp.example'] },
    ]);
    expect(answers.gaps).toEqual([]);
  });

  it('understands an empty file, and no other language', () => {
    expect(parseHosts('\n  \n')).toEqual([]);
    expect(parseHosts('Datei nicht gefunden')).toBeUndefined();
  });
});
