import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeTree } from '../../src/foundation/remove-tree.ts';
import { formatBytes, parseRate } from '../../src/foundation/units.ts';
import { type OpenLabOptions, openLab } from '../../src/lab/client.ts';
import { MACHINE_NAMES } from '../../src/lab/machine-names.ts';
import { type Compared, type Comparison, compare } from './compare.ts';
import { type Conditions, conditions } from './conditions.ts';
import { shown } from './figures.ts';
import { type Footprint, footprint } from './footprint.ts';

const HELP = `scripts/bench/passes: what landfall adds to the rsync command that it runs, on the pocket lab

Usage: scripts/bench/passes [OPTIONS]

A is a pass by landfall: from the moment its step may start until pass.ended is durable in the journal. That counts
asking for an old job, checking who the host is, writing the exclude list, starting the detached job, following it,
reading its item log, keeping its log and the fsync of every event. SSH connections are open already, as in a run.
B is the very command of A, taken from the step's own preview, in an SSH session of OpenSSH's client whose connection
is open already, too; one after the other for each file system, as in A. No nice and ionice, no detaching, no log.

A and B take turns. Before each, the replica is put back to what the clone had (full pass, compared by contents) or left
as it is (delta pass with nothing to do). A first pair is not counted. The writer of the lab stands still.

Beside them: a local rsync of the same trees, reading them once, and the raw rate of one SSH channel of the lab.
Then a whole run of six machines: most memory and processor time of the control process alone.

Options:
  --machine NAME    one of ${MACHINE_NAMES.join(', ')} (default files1)
  --scale X         size of its trees, 0.01 to 10 (default 1)
  --link RATE       limit of the simulated link, as "100 Mbit/s" (default none)
  --pairs N         counted pairs of A and B (default 5)
  --run-scale X     size of the trees in the run of six machines (default 0.3)
  --no-run          leave the run of six machines out
  --no-passes       leave the comparison out
  --json            one JSON object on stdout
  -h, --help        this text

Nothing is asserted: the exit code is 0 when it could measure.
`;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    machine: { type: 'string', default: 'files1' },
    scale: { type: 'string', default: '1' },
    link: { type: 'string' },
    pairs: { type: 'string', default: '5' },
    'run-scale': { type: 'string', default: '0.3' },
    run: { type: 'boolean', default: true },
    passes: { type: 'boolean', default: true },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const limit = values.link === undefined ? null : parseRate(values.link);
  if (limit === undefined) throw new Error(`"${values.link}" is no rate; write it like "100 Mbit/s"`);
  const around = await conditions();
  // In memory or on disk: wherever temporary files are, because a pass over either has the same command.
  const home = await mkdtemp(join(tmpdir(), 'landfall-bench-'));
  try {
    const comparison = values.passes ? await comparePasses(home, limit) : undefined;
    const run = values.run ? await measureRun(home, limit) : undefined;
    if (values.json)
      print(
        JSON.stringify({ v: 1, type: 'bench.passes', options: values, conditions: around, comparison, run }),
      );
    else show(around, comparison, run);
  } finally {
    await removeTree(home, tmpdir());
  }
}

/** A lab for one measurement; it ends with it. */
async function inLab<T>(
  root: string,
  options: OpenLabOptions,
  measure: (lab: Awaited<ReturnType<typeof openLab>>) => Promise<T>,
): Promise<T> {
  const lab = await openLab(join(root, 'lab'), options);
  try {
    return await measure(lab);
  } finally {
    await lab.shutdown();
  }
}

function comparePasses(home: string, linkBytesPerSecond: number | null): Promise<Comparison> {
  const { machine } = values;
  const root = join(home, 'passes');
  const options = { name: 'bench', machines: [machine], scale: Number(values.scale), linkBytesPerSecond };
  return inLab(root, options, lab => compare({ lab, root, machine, pairs: Number(values.pairs), say }));
}

function measureRun(home: string, linkBytesPerSecond: number | null): Promise<Footprint> {
  const root = join(home, 'run');
  say(`landfall run over ${MACHINE_NAMES.length} machines`);
  const options = { name: 'bench-run', scale: Number(values['run-scale']), linkBytesPerSecond };
  return inLab(root, options, lab => footprint(lab, root, MACHINE_NAMES.length));
}

function show(around: Conditions, comparison: Comparison | undefined, run: Footprint | undefined): void {
  print(
    `\nconditions: ${around.at}, ${around.cores} cores (${around.cpu}), ${around.memoryGB} GB, Linux ${around.kernel}`,
  );
  print(
    `            load ${around.loadBefore.toFixed(1)} at the start, Node ${around.node}, ${around.rsync}, ${around.ssh}`,
  );
  if (comparison !== undefined) showComparison(comparison);
  if (run === undefined) return;
  print(
    `\nlandfall run, ${run.machines} machines, link ${values.link ?? 'unlimited'}, the writer running, exit code ${run.exitCode}`,
  );
  print(`  control process: ${run.peakMB.toFixed(0)} MB at most (VmHWM)`);
  print(
    `                   ${(run.cpuMs / 1000).toFixed(1)} s of processor in ${(run.wallMs / 1000).toFixed(1)} s: ${(run.cpuShare * 100).toFixed(0)} % of one core`,
  );
}

function showComparison({ full, delta, limits, fileSystems, entries, bytes }: Comparison): void {
  const seconds = ({ median, min, max }: Compared['bare']): string =>
    shown({ median: median / 1000, min: min / 1000, max: max / 1000 }, 2);
  print(
    `\n${values.machine}: ${entries} entries, ${formatBytes(bytes)} in ${fileSystems.join(' and ')}; ` +
      `link ${values.link ?? 'unlimited'}; ${full.bareMs.length} pairs; median (least … most)`,
  );
  for (const { what, landfall, bare, ratio, added } of [full, delta]) {
    print(`  ${what.padEnd(5)}  landfall ${seconds(landfall)} s   bare ${seconds(bare)} s`);
    print(`         ratio ${shown(ratio, 3)}   landfall adds ${seconds(added)} s`);
  }
  print(
    `  limits: local rsync of the trees ${(limits.localRsyncMs / 1000).toFixed(2)} s, reading them ${(limits.readMs / 1000).toFixed(2)} s, ` +
      `one SSH channel of the lab ${limits.channelMBs.toFixed(0)} MB/s`,
  );
}
