import { parseArgs } from 'node:util';
import { type Event, JOURNAL_VERSION } from '../../src/journal/events.ts';
import { fold } from '../../src/journal/fold.ts';
import type { State } from '../../src/journal/state.ts';
import { type Plan, planSchema } from '../../src/plan/schema.ts';
import { triageOf } from '../../src/readiness/triage/index.ts';
import { shown, spread } from './figures.ts';

const HELP = `scripts/bench/triage: how long triage takes to answer

Usage: scripts/bench/triage [OPTIONS]

Fleets with sizes and tiers of a fixed pseudo-random row, every fifth machine waiting for another, on a link that is
worth all of them, half of them, a tenth of them. Folding the journal is not counted, everything else is: remaining work,
the best set, the order, and every change that is tried as advice.

Options:
  --machines N   size of the fleet (default 500)
  --rounds N     answers that are timed for each link (default 9)
  --json         one JSON object on stdout
  -h, --help     this text

Nothing is asserted: the exit code is 0 when it could measure.
`;

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const NOW = Date.UTC(2026, 10, 22, 12);
const HOUR = 3600e3;

if (values.help) print(HELP.trimEnd());
else {
  const count = Number(values.machines);
  const state = stateOf(count);
  const bytes = Array.from({ length: count }, (_, i) => sizeOf(i)).reduce((a, b) => a + b, 0);
  const results = [1.3, 0.5, 0.1].map(part => {
    const plan = planOf(count, (bytes * part) / (96 * 3600));
    triageOf({ plan, state }, NOW);
    const times = Array.from({ length: Number(values.rounds) }, () => {
      const began = performance.now();
      triageOf({ plan, state }, NOW);
      return performance.now() - began;
    });
    const { line, exact, savers } = triageOf({ plan, state }, NOW);
    return { part, ms: spread(times), line, exact, savers: savers.length };
  });
  if (values.json) print(JSON.stringify({ machines: count, results }));
  else
    for (const { part, ms, line, exact, savers } of results)
      print(
        `link for ${part} of ${count} machines: ${shown(ms, 1)} ms; ${line}; ${exact ? 'exact' : 'by rule of thumb'}, ${savers} savers`,
      );
}

function sizeOf(index: number): number {
  return (20 + ((index * 7919) % 4001)) * 1e9;
}

function planOf(count: number, bytesPerSecond: number): Plan {
  const machines = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `m${index}`,
      {
        tier: `t${1 + (index % 3)}`,
        source: { hypervisor: 'mia', address: '10.20.0.11', user: 'root' },
        target: { hypervisor: 'dal', image: 'golden', network: 'servers', address: '10.30.0.11' },
        after: index % 5 === 4 ? [`m${(index * 31) % (index + 1)}`] : [],
      },
    ]),
  );
  const tier = (priority: number) => ({ priority, rpo: '1h', rto: '4h', cost_per_hour: 1000 / priority });
  return planSchema.parse({
    version: 1,
    name: 'fleet',
    deadline: { earliest: 'in 4d', expected: 'in 5d' },
    link: { limit: `${Math.round((bytesPerSecond * 8) / 1e6)} Mbit/s`, streams: 1 },
    sites: { miami: { role: 'source' }, dallas: { role: 'target' } },
    hypervisors: {
      mia: { site: 'miami', address: '10.20.0.1', user: 'root' },
      dal: { site: 'dallas', address: '10.30.0.1', user: 'root' },
    },
    networks: { servers: { site: 'dallas', libvirt: 'servers' } },
    images: { golden: { hypervisor: 'dal', volume: 'golden.qcow2' } },
    tiers: { t1: tier(1), t2: tier(2), t3: tier(3) },
    machines,
  });
}

function stateOf(count: number): State {
  const bodies = [
    {
      type: 'evacuation.created' as const,
      ...{ name: 'fleet', planHash: 'h', rehearsal: false, lab: false, landfall: '0' },
      deadline: { earliest: NOW + 96 * HOUR, expected: NOW + 120 * HOUR },
      machines: Array.from({ length: count }, (_, index) => `m${index}`),
      databases: [],
    },
    ...Array.from({ length: count }, (_, index) => observed(index)),
  ];
  const events: Event[] = bodies.map((body, index) => ({
    ...body,
    v: JOURNAL_VERSION,
    seq: index + 1,
    at: NOW,
    by: 'bench',
  }));
  return fold(events);
}

function observed(index: number) {
  const used = sizeOf(index);
  return {
    type: 'machine.observed' as const,
    machine: `m${index}`,
    digest: 'd',
    domain: {
      ...{ name: `m${index}`, uuid: `u${index}`, state: 'running', memory: 4e9, vcpus: 2 },
      ...{ machineType: 'q35', firmware: 'bios' as const, disks: [], interfaces: [] },
    },
    guest: {
      ...{ hostname: `m${index}`, machineId: 'i', kernel: '6', architecture: 'x86_64' },
      os: { id: 'debian', version: '12', pretty: 'Debian' },
      ...{ bootMode: 'bios' as const, blocks: [], swap: [], partitionTables: {}, addresses: [] },
      ...{ sockets: [], services: [], actsTwice: [] },
      fileSystems: [
        {
          ...{ mountpoint: '/', device: '/dev/vda1', type: 'ext4', uuid: 'u' },
          ...{ size: used * 2, used, inodesUsed: 1000 },
        },
      ],
      rsync: {
        ...{ version: '3.2.7', protocol: 31, nanoseconds: true, acls: true, xattrs: true },
        ...{ compress: ['zstd'], checksums: ['xxh128'] },
      },
    },
  };
}
