import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/foundation/clock.ts';
import { LandfallError } from '../../../src/foundation/errors.ts';
import { discoverSite, previewDiscovery } from '../../../src/inventory/discover/discover.ts';
import { nameHypervisors, nameSites, planName } from '../../../src/inventory/discover/names.ts';
import { type PlanWishes, proposePlan, sameHost } from '../../../src/inventory/discover/plan.ts';
import type {
  DomainFinding,
  HypervisorFindings,
  SiteFindings,
} from '../../../src/inventory/discover/shape.ts';
import type { NewPlan } from '../../../src/plan/template.ts';
import { newPlan } from '../../../src/plan/template.ts';
import { recordedHost } from '../../support/recorded-host.ts';
import { scriptedHost } from '../../support/scripted-host.ts';
import { problemsOf } from '../plan/sound-plan.ts';

const debian = recordedHost('debian-12');

/** Time passes only while somebody sleeps. */
let time = 0;
const quick: Clock = {
  now: () => time,
  monotonic: () => time,
  sleep: async ms => {
    time += ms;
  },
};

/** Counters of web1, which writes 2 MB a second. */
const domstats = (): string => `Domain: 'web1'
  state.state=1
  state.reason=1
  block.count=1
  block.0.name=vda
  block.0.rd.bytes=5000
  block.0.wr.bytes=${time * 2000}
`;

/** A hypervisor with one good domain, one that has just gone, and a pool that libvirt cannot read. */
const host = scriptedHost('kvm1', line => {
  const verb = line.replace('virsh -r -c qemu:///system ', '');
  const answers: Record<
    string,
    Parameters<typeof scriptedHost>[1] extends (l: string) => infer R ? R : never
  > = {
    'cat /etc/machine-id': 'C0FFEE00c0ffee00c0ffee00c0ffee00\n',
    version: 'Using library: libvirt 9.0.0\nRunning hypervisor: QEMU 7.2.22\n',
    nodeinfo: 'CPU(s):              16\nMemory size:         131891452 KiB\n',
    'list --all --name': 'web1\ngone\n\n',
    'list --all --name --autostart': 'web1\n\n',
    'domstats --raw --state --vcpu --balloon --block --nowait': domstats(),
    'domstate web1': 'running\n',
    'dumpxml web1': debian.dumpxml,
    'domblkinfo web1 --all': debian.domblkinfo,
    'domifaddr web1 --source lease': {
      code: 1,
      stderr: 'error: Failed to query for interfaces addresses\n',
    },
    'domifaddr web1 --source arp': ` Name       MAC address          Protocol     Address
---------------------------------------------------------
 vnet0      52:54:00:aa:00:01    ipv4         10.10.4.51/0
 -          -                    ipv6         fe80::5054:ff:feaa:1/0
`,
    'domstate gone': { code: 1, stderr: 'error: Domain not found: no domain with matching name\n' },
    'net-list --all --name': 'servers\n',
    'net-dumpxml servers': `<network><name>servers</name><bridge name='virbr1'/>
      <ip address='10.10.4.1' netmask='255.255.255.0'><dhcp><range start='10.10.4.100' end='10.10.4.200'/>
      <host mac='52:54:00:aa:00:02' name='db1' ip='10.10.4.21'/></dhcp></ip></network>`,
    'pool-list --all --name': 'broken\ndefault\n',
    'pool-dumpxml broken': { code: 1, stderr: 'error: Storage pool not found\n' },
    'pool-dumpxml default':
      "<pool><name>default</name><capacity unit='bytes'>1000</capacity><available unit='bytes'>600</available><target><path>/vm</path></target></pool>",
    'vol-list default': ' Name           Path\n-----------------------\n golden.qcow2   /vm/golden.qcow2\n',
    'vol-dumpxml --pool default golden.qcow2':
      "<volume><name>golden.qcow2</name><capacity unit='bytes'>500</capacity><allocation unit='bytes'>200</allocation><target><path>/vm/golden.qcow2</path><format type='qcow2'/></target></volume>",
  };
  return answers[verb];
});

const unreachable = new LandfallError('ssh.unreachable', { what: 'kvm2 does not answer', next: ['look'] });
const signal = new AbortController().signal;

describe('discovery', () => {
  test('tells what is there, what could not be read, and why; one host hides no other', async () => {
    const { hypervisors } = await discoverSite(
      [
        { name: 'kvm1', address: 'kvm1' },
        { name: 'kvm2', address: 'kvm2' },
      ],
      {
        hostOf: name => (name === 'kvm1' ? Promise.resolve(host) : Promise.reject(unreachable)),
        volumes: true,
        watch: quick,
        signal,
      },
    );
    const [first, second] = hypervisors;
    expect(first).toMatchObject({
      reached: true,
      hostId: 'c0ffee00c0ffee00c0ffee00c0ffee00',
      version: 'libvirt 9.0.0, QEMU 7.2.22',
      cpus: 16,
      domains: [
        {
          ...{ state: 'running', addresses: ['10.10.4.51'], system: 'debian 12', autostart: true },
          writing: { bytesPerSecond: 2_000_000, seconds: 5 },
        },
      ],
      networks: [
        { name: 'servers', bridge: 'virbr1', cidr: '10.10.4.0/24', taken: ['10.10.4.1', '10.10.4.21'] },
      ],
      pools: [
        {
          name: 'default',
          available: 600,
          volumes: [{ name: 'golden.qcow2', format: 'qcow2', capacity: 500, overlay: false }],
        },
      ],
    });
    expect(first?.domains[0]?.disks.length).toBeGreaterThan(0);
    expect(first?.troubles.map(({ subject, error }) => [subject, error.code])).toEqual([
      ['the domain gone', 'remote.command-failed'],
      ['the pool broken', 'remote.command-failed'],
    ]);
    expect(second).toMatchObject({
      reached: false,
      domains: [],
      troubles: [{ subject: 'kvm2', error: { code: 'ssh.unreachable' } }],
    });
  });

  test('asks only what its preview announced, and only reads', () => {
    const announced = previewDiscovery(
      { name: 'kvm1', address: 'kvm1' },
      { volumes: true, watched: true },
    ).map(action =>
      action.kind === 'exec'
        ? action.argv.map(word => (typeof word === 'string' ? word : '*')).join(' ')
        : 'something else',
    );
    const pattern = (line: string): RegExp => new RegExp(`^${line.replaceAll('*', '\\S+')}$`);
    for (const line of host.asked) {
      expect(
        announced.some(known => pattern(known).test(line)),
        line,
      ).toBe(true);
      expect(line).toMatch(/^(?:cat |virsh -r )/);
    }
    expect(host.asked.length).toBeGreaterThan(10);
  });

  test('an engineer who stops it stops it', async () => {
    const stopped = new LandfallError('cancelled', { what: 'cancelled', next: [] });
    await expect(
      discoverSite([{ name: 'kvm1', address: 'kvm1' }], {
        hostOf: () => Promise.reject(stopped),
        volumes: false,
        signal,
      }),
    ).rejects.toBe(stopped);
  });
});

describe('names', () => {
  test.each([
    [
      ['kvm1.miami.example', 'kvm1.dallas.example'],
      ['kvm1-miami', 'kvm1-dallas'],
    ],
    [
      ['mia-kvm1', 'dal-kvm1'],
      ['mia-kvm1', 'dal-kvm1'],
    ],
    [
      ['kvm1.a.example', 'kvm2.a.example'],
      ['kvm1', 'kvm2'],
    ],
    [
      ['10.10.0.11', '10.20.0.11'],
      ['10-10-0-11', '10-20-0-11'],
    ],
    [
      ['KVM', 'kvm'],
      ['kvm', 'kvm-2'],
    ],
  ])('of hypervisors %j', (addresses, names) => {
    expect(nameHypervisors(addresses).map(({ name }) => name)).toEqual(names);
  });

  test('of sites come from the addresses where they tell them apart', () => {
    expect(nameSites(['kvm1.miami.example', 'kvm2.miami.example'], ['kvm1.dallas.example'])).toEqual({
      source: 'miami',
      target: 'dallas',
    });
    expect(nameSites(['mia1.example.com'], ['dal1.example.com'])).toEqual({
      source: 'source',
      target: 'target',
    });
    expect(nameSites(['10.1.2.3'], ['10.2.2.3'])).toEqual({ source: 'source', target: 'target' });
  });

  test('of machines keep to the alphabet of plans', () => {
    expect(planName('App_2 (old)', 'x')).toBe('app-2-old');
    expect(planName('___', 'machine')).toBe('machine');
    expect(planName('a'.repeat(80), 'x')).toHaveLength(63);
  });
});

const domain = (name: string, more: Partial<DomainFinding> = {}): DomainFinding => ({
  name,
  uuid: '00000000-0000-4000-8000-000000000000',
  state: 'running',
  memory: 4e9,
  vcpus: 2,
  machineType: 'q35',
  firmware: 'bios',
  disks: [],
  interfaces: [{ mac: '52:54:00:00:00:01', network: 'mia-servers', model: 'virtio' }],
  addresses: [],
  ...more,
});

const hypervisor = (name: string, more: Partial<HypervisorFindings> = {}): HypervisorFindings => ({
  name,
  address: `${name}.example`,
  reached: true,
  hostId: name,
  memory: 100e9,
  domains: [],
  networks: [],
  pools: [],
  troubles: [],
  ...more,
});

const volume = (name: string, more: object = {}) => ({
  name,
  path: `/vm/${name}`,
  format: 'qcow2',
  capacity: 4e9,
  allocation: 1e9,
  overlay: false,
  ...more,
});
const pool = (...volumes: ReturnType<typeof volume>[]) => ({
  name: 'default',
  path: '/vm',
  capacity: 1e12,
  available: 1e12,
  volumes,
});
const network = (name: string, cidr?: string) => ({ name, cidr, taken: [] });

const source: SiteFindings = {
  hypervisors: [
    hypervisor('mia1', {
      domains: [
        domain('web1', { addresses: ['10.10.4.51'] }),
        domain('DB_1', { addresses: ['10.10.4.21'] }),
        domain('old', { state: 'shut off' }),
        domain('bad name; rm'),
        domain('mia1'),
      ],
      networks: [network('mia-servers', '10.10.4.0/24'), network('unused')],
    }),
  ],
};
const target: SiteFindings = {
  hypervisors: ['dal1', 'dal2'].map(name =>
    hypervisor(name, {
      networks: [network('dal-servers', '10.20.4.0/24'), network('dal-dmz'), network('default')],
      pools: [
        pool(
          volume('other.qcow2'),
          volume('golden-debian12.qcow2'),
          volume('disk.qcow2', { usedBy: 'x' }),
          volume('overlay.qcow2', { overlay: true }),
          volume('landfall-old-web1-vda.qcow2'),
          volume('debian.iso', { format: 'raw' }),
        ),
      ],
    }),
  ),
};
const wishes: PlanWishes = {
  name: 'storm',
  schema: './plan.schema.json',
  about: [],
  siteNames: { source: 'miami', target: 'dallas' },
  deadline: { earliest: 'in 3d', expected: 'in 4d' },
};
const byMachine = ({ machines }: NewPlan) => Object.fromEntries(machines.map(each => [each.name, each]));

describe('a proposed plan', () => {
  const plan = proposePlan({ source, target }, wishes);
  const machines = byMachine(plan);

  test('takes every machine that runs, under a name that a plan can have', () => {
    expect(Object.keys(machines)).toEqual(['db-1', 'mia1-2', 'web1']);
    expect(machines['db-1']?.source).toMatchObject({ domain: 'DB_1', address: '10.10.4.21' });
    expect(machines['web1']?.source.domain).toBeUndefined();
    expect(plan.leftOut.map(({ name }) => name)).toEqual(['old', 'bad name; rm']);
  });

  test('finds the image and the network, and spreads machines over hypervisors', () => {
    expect(plan.images.map(({ name }) => name)).toEqual([
      'golden-debian12',
      'golden-debian12-2',
      'other',
      'other-2',
    ]);
    expect(new Set(plan.machines.map(each => each.target.hypervisor))).toEqual(new Set(['dal1', 'dal2']));
    for (const { target: at } of plan.machines) {
      expect(at.network).toBe('dal-servers');
      expect(plan.images.find(({ name }) => name === at.image)?.hypervisor).toBe(at.hypervisor);
    }
    expect(plan.networks).toContainEqual(
      expect.objectContaining({ name: 'dal-servers', replaces: 'mia-servers' }),
    );
    expect(plan.networks.map(({ name }) => name)).not.toContain('unused');
  });

  test('leaves open what only the engineer can know, with a hint', () => {
    expect(machines['web1']?.target.address).toBeUndefined();
    expect(machines['web1']?.target.note).toContain('10.20.4.51 if it is free');
    const open = problemsOf(newPlan(plan)).map(({ path }) => path);
    expect(open).toEqual([
      'machines.db-1.target.address',
      'machines.mia1-2.source.address',
      'machines.mia1-2.target.address',
      'machines.web1.target.address',
    ]);
  });

  test('says of each machine what it is and does, as far as that was seen', () => {
    const seen: Partial<DomainFinding> = { system: 'debian 12', autostart: false };
    const writing = { bytesPerSecond: 2_000_000, seconds: 5 };
    const from: SiteFindings = {
      hypervisors: [
        hypervisor('mia1', {
          domains: [
            domain('a', { ...seen, writing }),
            domain('b', { autostart: true, writing: { bytesPerSecond: 0, seconds: 5 } }),
            domain('c', { ...seen, state: 'shut off' }),
            domain('d'),
          ],
        }),
      ],
    };
    const text = newPlan(proposePlan({ source: from, target }, wishes));
    expect(text.match(/^.* {4}source:.*$/gm)).toEqual([
      '    source:                       # made as debian 12, does not start with its host, wrote 2.00 MB/s for 5 s',
      '    source:                       # starts with its host, wrote nothing in 5 s',
      '    source:',
      '#     source:                       # made as debian 12, does not start with its host',
    ]);
  });

  test('prefers the name by which ssh reaches a machine', () => {
    const addresses = new Map([['web1', 'web1.example']]);
    const named = proposePlan({ source, target }, { ...wishes, addresses });
    expect(byMachine(named)['web1']?.source.address).toBe('web1.example');
  });

  test('takes what is asked for, by either name, running or not; a slip is named', () => {
    const some = proposePlan({ source, target }, { ...wishes, machines: ['old', 'DB_1'] });
    expect(some.machines.map(({ name }) => name)).toEqual(['db-1', 'old']);
    expect(byMachine(some)['old']?.note).toContain('SHUT OFF');
    expect(() => proposePlan({ source, target }, { ...wishes, machines: ['wbe1'] })).toThrow(
      /no hypervisor of the source has a machine "wbe1"/,
    );
  });

  test('gives no address twice and confuses no networks of one name', () => {
    const twice: SiteFindings = {
      hypervisors: [
        hypervisor('mia1', {
          domains: [
            domain('a', { addresses: ['10.0.0.1'], interfaces: [{ mac: '', network: 'br0', model: '' }] }),
            domain('b', { addresses: ['10.0.0.1'], interfaces: [{ mac: '', network: 'br0', model: '' }] }),
          ],
          networks: [network('br0')],
        }),
      ],
    };
    const there: SiteFindings = { hypervisors: [hypervisor('dal1', { networks: [network('br0')] })] };
    const made = proposePlan({ source: twice, target: there }, wishes);
    expect(made.machines.map(each => each.source.address)).toEqual(['10.0.0.1', undefined]);
    expect(made.networks.map(({ name }) => name)).toEqual(['miami-br0', 'dallas-br0']);
    expect(made.machines[0]?.target).toMatchObject({ network: 'dallas-br0', image: undefined });
  });

  test('is not made for two names of one host', () => {
    const twin = { hypervisors: [hypervisor('dal1', { hostId: 'mia1' })] };
    expect(sameHost({ source, target: twin })).toEqual(['mia1', 'dal1']);
    expect(sameHost({ source, target })).toBeUndefined();
  });
});

describe('whatever hosts call their things', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('null', 'web1', 'WEB1', 'web_1', '-x', 'a: b', '#x', 'mia1', '__proto__', '1e3'),
  );
  const address = fc.constantFrom('10.10.4.9', '10.10.4.10', 'fd00::9');

  test('the proposed plan is YAML whose only problems are its open places', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, name, fc.array(address, { maxLength: 2 })), { maxLength: 5 }),
        fc.array(name, { maxLength: 3 }),
        fc.array(name, { maxLength: 3 }),
        (machines, networks, volumes) => {
          const from: SiteFindings = {
            hypervisors: [
              hypervisor('mia1', {
                domains: machines.map(([domainName, network, addresses]) =>
                  domain(domainName, { addresses, interfaces: [{ mac: '', network, model: '' }] }),
                ),
                networks: machines.map(([, network]) => ({ name: network, taken: [] })),
              }),
            ],
          };
          const to: SiteFindings = {
            hypervisors: [
              hypervisor('dal1', {
                networks: networks.map(each => ({ name: each, taken: [] })),
                pools: [pool(...volumes.map(each => volume(each)))],
              }),
            ],
          };
          const text = newPlan(proposePlan({ source: from, target: to }, wishes));
          const lines = text.split('\n');
          for (const { line, message } of problemsOf(text)) {
            expect(message).toContain('nothing is written after');
            expect(lines[line - 1]).toContain('# FILL IN: ');
          }
        },
      ),
    );
  });
});
