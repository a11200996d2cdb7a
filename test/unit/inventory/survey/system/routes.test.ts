import { describe, expect, it } from 'vitest';
import {
  parseKernelRoutes,
  parsePlainRoutes,
  parseRoutes,
  readRoutes,
} from '../../../../../src/inventory/survey/system/routes.ts';
import { answersOf } from '../answers.ts';

const JSON_ROUTES = `[{"dst":"default","gateway":"10.0.0.1","dev":"eth0","protocol":"dhcp","flags":[]},
{"dst":"10.77.0.0/16","flags":[],"nexthops":[{"gateway":"10.5.0.3","dev":"d0","weight":1},{"gateway":"10.5.0.4","dev":"d0","weight":1}]},
{"type":"blackhole","dst":"10.66.0.0/16","flags":[]},
{"type":"local","dst":"127.0.0.1","dev":"lo","table":"local"},{"dst":"fe80::/64","dev":"eth0"},
{"type":"unreachable","dst":"default","dev":"lo","metric":4294967295},
{"dst":"192.168.0.0/24","via":{"family":"inet6","host":"fd00::1"},"dev":"eth1","table":100}]`;
const TOLD = [
  { to: 'default', via: '10.0.0.1', device: 'eth0' },
  { to: '10.77.0.0/16', via: '10.5.0.3', device: 'd0' },
  { to: '10.77.0.0/16', via: '10.5.0.4', device: 'd0' },
  { to: '10.66.0.0/16', device: 'blackhole' },
  { to: '192.168.0.0/24', via: 'fd00::1', device: 'eth1' },
];
const PLAIN = `default via 10.0.0.1 dev eth0 proto dhcp metric 100
10.77.0.0/16
\tnexthop via 10.5.0.3 dev d0 weight 1
\tnexthop via 10.5.0.4 dev d0 weight 1
blackhole 10.66.0.0/16
local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1
broadcast 10.0.0.255 dev eth0 table local
fe80::/64 dev eth0 proto kernel
unreachable default dev lo table unspec proto kernel
192.168.0.0/24 via inet6 fd00::1 dev eth1 table 100
`;

describe('routes', () => {
  it('leaves out the tables of own addresses and keeps every way of a route with several', () => {
    expect(parseRoutes(JSON_ROUTES)).toEqual(TOLD);
  });

  it('reads the plain form of an ip that takes -j and ignores it (iproute2 4.15)', () => {
    expect(parseRoutes(PLAIN)).toEqual(TOLD);
    expect(parsePlainRoutes('Usage: ip [ OPTIONS ]\n')).toBeUndefined();
  });

  it("reads the kernel's own table, the least byte of an address first", () => {
    const table = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth1\t0500000A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0
eth1\t0600000A\t00000000\t0004\t0\t0\t0\tFFFFFFFF\t0\t0\t0
`;
    expect(parseKernelRoutes(table)).toEqual([
      { to: 'default', via: '192.0.2.1', device: 'eth0' },
      { to: '192.0.2.0/24', device: 'eth0' },
      { to: '10.0.0.5', device: 'eth1' },
    ]);
    const answers = answersOf({ routes: 127, 'routes-kernel': table });
    expect(readRoutes(answers)).toHaveLength(3);
    expect(answers.gaps).toEqual([{ what: 'routes of IPv6 and of other tables', why: 'no-tool' }]);
  });

  it('bounds the table of a router and says how many it left out', () => {
    const many = Array.from({ length: 350 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24 dev eth0`).join('\n');
    const answers = answersOf({ routes: many });
    expect(readRoutes(answers)).toHaveLength(300);
    expect(answers.gaps).toEqual([{ what: 'routes: 50 more than the 300 that are kept', why: 'cut-short' }]);
  });

  it('tells a table that was cut off as a gap', () => {
    const answers = answersOf({ routes: JSON_ROUTES.slice(0, 200) });
    expect(readRoutes(answers)).toBeUndefined();
    expect(answers.gaps[0]).toMatchObject({ what: 'routes', why: 'unreadable' });
    expect(readRoutes(answersOf({}))).toBeUndefined();
  });
});
