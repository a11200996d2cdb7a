import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeTree } from '../../src/foundation/remove-tree.ts';
import {
  formatBytes,
  formatDuration,
  parseDuration,
  parseRate,
  parseSize,
} from '../../src/foundation/units.ts';
import { openLab } from '../../src/lab/client.ts';
import { MACHINE_NAMES } from '../../src/lab/machine-names.ts';
import { conditions } from './conditions.ts';
import { type Measured, measureLandfall, writeOn } from './fleet-landfall.ts';
import { copyOnce, openDoors, pooled, untilNothingChanges } from './fleet-script.ts';
import { prepare } from './prepared.ts';

const HELP = `scripts/bench/fleet: how long until a whole fleet has converged, by landfall and by hand

Usage: scripts/bench/fleet [OPTIONS]

The same fleet in a pocket lab of its own for each contender: the same trees, the same writer, the same line between the
sites. What lies at the target at the start is the same for all, too: the files of the clone.

  script    rsync -aHAX --delete --numeric-ids, one host after the other, round after round until nothing changes
  xargs     the same, four hosts at a time
  files     landfall, every machine by its files
  blocks    landfall, the machines that can by blocks, the others by their files; below the table stands which and why

Counted from the first byte on: building targets and opening doors is done before. Each is held against what the line
alone would need for the bytes that were new (bytes / link). A last round with the writer at rest shows what a pass costs
that has nothing to do, and one more a pass over a known change: a new file of random bytes on every machine, held against
what the line alone would need for it. landfall compares contents afterwards; the time of that is told apart, the scripts
do not. Disks of a pocket lab are no real qcow2: scripts/bench/blocks measures those.

Options:
  --machines LIST   of ${MACHINE_NAMES.join(', ')} (default all)
  --scale X         size of the trees, 0.01 to 10 (default 1)
  --link RATE       limit of the line (default "100 Mbit/s")
  --round-trip T    of connections between the sites, as "30ms" (default none)
  --contenders LIST of script, xargs, files, blocks (default all)
  --written SIZE    bytes of the known change, on each machine (default 8 MiB)
  --json            one JSON object on stdout
  -h, --help        this text

Nothing is asserted: the exit code is 0 when it could measure.
`;

const CONTENDERS = ['script', 'xargs', 'files', 'blocks'] as const;
type Contender = (typeof CONTENDERS)[number];

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: MACHINE_NAMES.join(',') },
    scale: { type: 'string', default: '1' },
    link: { type: 'string', default: '100 Mbit/s' },
    'round-trip': { type: 'string', default: '0ms' },
    contenders: { type: 'string', default: CONTENDERS.join(',') },
    written: { type: 'string', default: '8 MiB' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const SMALL = 1024 ** 2;
const AT_MOST = 10;

interface Terms {
  readonly bytesPerSecond: number;
  readonly roundTripMs: number;
  /** Of the known change, on each machine. */
  readonly writtenBytes: number;
}

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const bytesPerSecond = parseRate(values.link);
  const roundTripMs = /^\d+ms$/.test(values['round-trip'])
    ? Number.parseInt(values['round-trip'], 10)
    : parseDuration(values['round-trip']);
  const writtenBytes = parseSize(values.written);
  if (bytesPerSecond === undefined || roundTripMs === undefined || writtenBytes === undefined)
    throw new Error('no rate, no time, or no size: see --help');
  const terms: Terms = { bytesPerSecond, roundTripMs, writtenBytes };
  const wanted = CONTENDERS.filter(name => values.contenders.split(',').includes(name));
  const around = await conditions();
  const home = await mkdtemp(join(tmpdir(), 'landfall-fleet-'));
  const results: Partial<Record<Contender, Measured>> = {};
  try {
    for (const contender of wanted) {
      process.stderr.write(`${contender}\n`);
      results[contender] = await measure(join(home, contender), contender, terms);
    }
  } finally {
    await removeTree(home, tmpdir());
  }
  if (values.json) {
    const record = { v: 1, type: 'bench.fleet', options: values, conditions: around, results };
    process.stdout.write(`${JSON.stringify(record)}\n`);
    return;
  }
  process.stdout.write(
    `\n${values.machines}, scale ${values.scale}, line ${values.link}, round trip ${roundTripMs} ms; ` +
      `${around.cores} cores, load ${around.loadBefore.toFixed(1)} at the start, ${around.rsync.split(' ').slice(0, 3).join(' ')}\n\n`,
  );
  const rows = Object.entries(results).map(([name, result]) => shown(name, result, bytesPerSecond));
  process.stdout.write(
    `${['contender', 'first copies', 'new bytes', 'of the line', 'converged', 'rounds', 'nothing to do', 'a known change', 'of the line', 'compared'].map(pad).join('')}\n`,
  );
  for (const row of rows) process.stdout.write(`${row.map(pad).join('')}\n`);
  const { blocks, script } = results;
  if (blocks !== undefined) {
    process.stdout.write(`\nby blocks: ${blocks.byBlocks?.join(', ') || 'none of them'}\n`);
    for (const [machine, why] of Object.entries(blocks.notByBlocks ?? {}))
      process.stdout.write(`  ${machine} by its files: ${why}\n`);
  }
  if (script === undefined) return;
  for (const [name, result] of Object.entries(results)) {
    if (name === 'script' || result.convergedMs === undefined || script.convergedMs === undefined) continue;
    process.stdout.write(
      `\n${name}: first copies ${(script.firstMs / result.firstMs).toFixed(2)}x the script's speed, ` +
        `converged ${(script.convergedMs / result.convergedMs).toFixed(2)}x, ` +
        `a pass with nothing to do takes ${(result.noopMs / script.noopMs).toFixed(2)} of the script's round`,
    );
    for (const { pass, errors } of result.forecasts ?? [])
      process.stdout.write(
        `\n  forecasts of pass ${pass}: off by ${errors.map(e => `${Math.round(e * 100)} %`).join(', ')}`,
      );
  }
  process.stdout.write('\n');
}

function pad(cell: string): string {
  return cell.padEnd(15);
}

function shown(name: string, result: Measured, bytesPerSecond: number): string[] {
  const share = (bytes: number, ms: number): string => (bytes / (ms / 1000) / bytesPerSecond).toFixed(2);
  return [
    name,
    formatDuration(result.firstMs),
    formatBytes(result.firstBytes),
    share(result.firstBytes, result.firstMs),
    result.convergedMs === undefined ? 'never' : formatDuration(result.convergedMs),
    String(result.rounds),
    formatDuration(result.noopMs),
    formatDuration(result.writtenMs),
    share(result.writtenBytes, result.writtenMs),
    result.verifiedMs === undefined ? '-' : formatDuration(result.verifiedMs),
  ];
}

/** One contender in a lab of its own. */
async function measure(root: string, contender: Contender, terms: Terms): Promise<Measured> {
  const lab = await openLab(join(root, 'lab'), {
    name: 'bench-fleet',
    machines: values.machines.split(','),
    scale: Number(values.scale),
    linkBytesPerSecond: terms.bytesPerSecond,
  });
  try {
    // Building is not what is measured: it has the line to itself.
    await lab.setLinkRate(null);
    const mover = contender === 'blocks' ? 'blocks' : 'files';
    await using prepared = await prepare(lab, root, values.machines.split(',')[0] ?? '', mover);
    await lab.setLinkRate(terms.bytesPerSecond);
    await lab.setRoundTrip(terms.roundTripMs);
    if (contender === 'files' || contender === 'blocks')
      return await measureLandfall(lab, prepared, terms.writtenBytes);
    const places = await openDoors(prepared);
    const atOnce = contender === 'xargs' ? 4 : 1;
    const rounds = await untilNothingChanges(lab, prepared, places, {
      atOnce,
      small: SMALL,
      atMost: AT_MOST,
    });
    await lab.writer.stop();
    await pooled(places, atOnce, place => copyOnce(lab, prepared, place));
    const began = performance.now();
    await pooled(places, atOnce, place => copyOnce(lab, prepared, place));
    const noopMs = performance.now() - began;
    await writeOn(
      prepared,
      places.map(({ machine }) => machine),
      terms.writtenBytes,
    );
    const written = performance.now();
    await pooled(places, atOnce, place => copyOnce(lab, prepared, place));
    return {
      ...rounds,
      noopMs,
      writtenMs: performance.now() - written,
      writtenBytes: terms.writtenBytes * places.length,
    };
  } finally {
    await lab.shutdown();
  }
}
