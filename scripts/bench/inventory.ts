import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeTree } from '../../src/foundation/remove-tree.ts';
import { counted, formatDuration } from '../../src/foundation/units.ts';
import { openLab } from '../../src/lab/client.ts';
import { conditions } from './conditions.ts';
import { shown, spread } from './figures.ts';
import { planOfMany } from './inventory-hosts.ts';
import {
  type Alone,
  collectorAlone,
  type Measured,
  measureInventory,
  program,
} from './inventory-measured.ts';
import { silentHost } from './inventory-silent.ts';

const HELP = `scripts/bench/inventory: many hosts at once, one of them dead

Usage: scripts/bench/inventory [OPTIONS]

One "landfall inventory PLAN --json" looks at so many machines, and the first of the plan is dead: it takes connections
and never says a word. The same without the dead one takes turns with it. Told: the most memory that the control process
ever had, how long until the last living machine was surveyed, with and without the dead one, and as the physical limit
the processor time of the collector on each host alone, by OpenSSH, summed over the machines and shared among all cores.

The machines are the six hosts of a pocket lab and its two hypervisors, again and again under other names: each has an
SSH connection and a real run of the collector of its own, but the hosts live on this machine and share its cores with landfall. A fleet of real
hosts works at the same time; here they queue, so the times say nothing of it. The memory and the ratios do.

Options:
  --hosts N    machines, the dead one counted (default 50)
  --rounds N   pairs of runs (default 3)
  --json       one JSON object on stdout
  -h, --help   this text

Nothing is asserted: the exit code is 0 when it could measure.
`;

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const ASKED_PEAK_MB = 300;

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const living = Number(values.hosts) - 1;
  const rounds = Number(values.rounds);
  if (!Number.isInteger(living) || living < 1 || !Number.isInteger(rounds) || rounds < 1)
    throw new Error('--hosts is 2 or more, --rounds 1 or more: see --help');
  const around = await conditions();
  const home = await mkdtemp(join(tmpdir(), 'landfall-inventory-'));
  try {
    const lab = await openLab(join(home, 'lab'), { name: 'bench-inventory', scale: 0.05 });
    try {
      await lab.writer.stop();
      await using dead = await silentHost();
      const one = async (name: string, isWithDead: boolean): Promise<Measured> => {
        const silent = isWithDead ? { dead: { port: dead.port } } : {};
        process.stderr.write(`${name}\n`);
        return measureInventory(await planOfMany(lab, home, { name, living, ...silent }), name, home);
      };
      const warm = await planOfMany(lab, home, { name: 'alone', living });
      const hosts = [...new Map([...warm.living].map(([machine, host]) => [host, machine])).entries()];
      const alone = new Map<string, Alone>();
      for (const [host, machine] of hosts) alone.set(host, await collectorAlone(warm, machine, lab.pid));
      const pairs: { readonly without: Measured; readonly withDead: Measured }[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        // Who comes first has the colder caches: they take turns at that, too.
        const first = await one(`round-${round}-a`, round % 2 === 0);
        const second = await one(`round-${round}-b`, round % 2 === 1);
        pairs.push(
          round % 2 === 1 ? { without: first, withDead: second } : { without: second, withDead: first },
        );
      }
      const sum = (pick: (each: Alone) => number): number =>
        [...warm.living.values()].reduce((all, host) => {
          const each = alone.get(host);
          return each === undefined ? all : all + pick(each);
        }, 0);
      const limitMs = sum(({ cpuMs }) => cpuMs) / around.cores;
      const aloneMs = sum(({ wallMs }) => wallMs) / living;
      const hypervisors = warm.hypervisors;
      tell({ around, living, hypervisors, pairs, limitMs, aloneMs, reached: dead.connections() });
    } finally {
      await lab.shutdown();
    }
  } finally {
    await removeTree(home, tmpdir());
  }
}

interface Result {
  readonly around: Awaited<ReturnType<typeof conditions>>;
  readonly living: number;
  readonly pairs: readonly { readonly without: Measured; readonly withDead: Measured }[];
  readonly hypervisors: number;
  /** Processor time of the collectors, shared among all cores. */
  readonly limitMs: number;
  readonly aloneMs: number;
  /** Connections that the dead host took. */
  readonly reached: number;
}

function tell({ around, living, hypervisors, pairs, limitMs, aloneMs, reached }: Result): void {
  const ratio = spread(pairs.map(({ without, withDead }) => withDead.livingMs / without.livingMs));
  const ofLimit = spread(pairs.map(({ without }) => without.livingMs / limitMs));
  const runs = pairs.flatMap(({ without, withDead }) => [without, withDead]);
  const peakMB = Math.max(...runs.map(run => run.peakMB));
  if (values.json) {
    const record = {
      v: 1,
      type: 'bench.inventory',
      options: values,
      conditions: around,
      program,
      living,
      pairs,
    };
    process.stdout.write(
      `${JSON.stringify({ ...record, limitMs, aloneMs, reached, ratio, ofLimit, peakMB })}\n`,
    );
    return;
  }
  const median = (pick: (pair: (typeof pairs)[number]) => number): number => spread(pairs.map(pick)).median;
  process.stdout.write(
    [
      '',
      `${living} living machines (the 6 hosts of a pocket lab under ${living} names, ${hypervisors} hypervisors) and a dead one; ${counted(pairs.length, 'pair')} of runs`,
      `  dead host delays the living by   ${shown(ratio, 3)}  time until the last living one, with / without it`,
      `  of the physical limit            ${shown(ofLimit, 2)}  time without the dead one / processor time of ${living} collectors on ${around.cores} cores`,
      `  control process at most          ${peakMB.toFixed(0)} MB resident; asked for are less than ${ASKED_PEAK_MB}`,
      `  its own processor time           ${(median(({ withDead }) => withDead.cpuMs / withDead.livingMs) * 100).toFixed(0)} % of a core while the living are looked at`,
      '',
      `of that day: last living one after ${formatDuration(median(({ without }) => without.livingMs))} without and ${formatDuration(median(({ withDead }) => withDead.livingMs))} with the dead one;`,
      `  the collector alone takes ${formatDuration(aloneMs)} a host; all ${living} keep ${around.cores} cores busy for ${formatDuration(limitMs)};`,
      `  the dead one is given up after ${formatDuration(median(({ withDead }) => withDead.wallMs))}, it took ${reached} connections in ${counted(pairs.length, 'run')}`,
      `  load ${around.loadBefore.toFixed(1)} at the start, ${around.cores} cores shared by hosts and landfall; ${program.at(-1)}`,
      ...(around.loadBefore > around.cores
        ? ['  the machine was busy with other work: the ratios of times swing with it, the memory does not']
        : []),
      '',
    ].join('\n'),
  );
}
