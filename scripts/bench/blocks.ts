import { parseArgs } from 'node:util';
import {
  formatBytes,
  formatDuration,
  parseDuration,
  parseRate,
  parseSize,
} from '../../src/foundation/units.ts';
import { noLibvirtBecause } from '../../test/support/own-libvirt.ts';
import { BlocksSite, type Pass } from './blocks-site.ts';
import { conditions } from './conditions.ts';

const HELP = `scripts/bench/blocks: what a pass by blocks costs, with real libvirt, QEMU, qcow2 and SSH

Usage: scripts/bench/blocks [OPTIONS]

One guest whose disk is a real qcow2 image; it stands still, and what it "writes" is written by its QEMU. Its blocks go through
a real sshd behind a line of that rate and distance, as landfall sends them: backup with a checkpoint, piece, rsync with its
forced command, merge into the replica. Beside it, in the same run and over the same line, an engineer's copy of the image:
rsync -a --inplace --no-W, which reads the whole image on both sides.

Passes: the first copy, some with nothing written since, and two with known amounts of random bytes. Each is held against what
the line alone would need for those bytes (bytes / link); what the larger of the two takes more than the smaller shows
whether anything but the bytes counts. With nothing written the copy by hand looks at size and time only, which a guest that
runs would not leave alone; of such a guest it would be no copy of one instant, either. At the end the replica is compared
with the disk, bit for bit.

Options:
  --disk SIZE       of the disk (default 2 GiB)
  --filled SIZE     what it holds (default 64 MiB)
  --written SIZE    the larger known amount; the other is a quarter of it (default 32 MiB)
  --link RATE       limit of the line (default "100 Mbit/s")
  --round-trip T    as "30ms" (default 30ms)
  --json            one JSON object on stdout
  -h, --help        this text

Needs root, libvirtd, QEMU, qemu-img and sshd on this machine. Nothing is asserted but that the copy is the same: the exit
code is 0 when it could measure and it is.
`;

const { values } = parseArgs({
  options: {
    disk: { type: 'string', default: '2 GiB' },
    filled: { type: 'string', default: '64 MiB' },
    written: { type: 'string', default: '32 MiB' },
    link: { type: 'string', default: '100 Mbit/s' },
    'round-trip': { type: 'string', default: '30ms' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const MIB = 1024 ** 2;
const IDLE_PASSES = 3;

interface Row {
  readonly what: string;
  /** Random bytes that were written since the pass before. */
  readonly written: number;
  readonly blocks: Pass;
  readonly byHand: Pass;
}

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const [disk, filled, written] = [values.disk, values.filled, values.written].map(parseSize);
  const rate = parseRate(values.link);
  const trip = values['round-trip'];
  const roundTripMs = /^\d+ms$/.test(trip) ? Number.parseInt(trip, 10) : parseDuration(trip);
  if ([disk, filled, written, rate, roundTripMs].includes(undefined))
    throw new Error('no size, no rate, or no time: see --help');
  const missing = process.getuid?.() === 0 ? noLibvirtBecause() : 'only root may do it';
  if (missing !== undefined) throw new Error(`cannot measure here: ${missing}`);
  const around = await conditions();
  const { rows, verdict } = await measure({
    ...{ disk: disk ?? 0, filled: filled ?? 0, written: written ?? 0 },
    ...{ rate: rate ?? 0, roundTripMs: roundTripMs ?? 0 },
  });
  if (values.json) {
    const record = { v: 1, type: 'bench.blocks', options: values, conditions: around, rows, verdict };
    process.stdout.write(`${JSON.stringify(record)}\n`);
  } else {
    process.stdout.write(
      `\ndisk of ${values.disk} with ${values.filled} in it, line ${values.link}, round trip ${trip}; ` +
        `${around.cores} cores, load ${around.loadBefore.toFixed(1)} at the start\n\n`,
    );
    const head = [
      'pass',
      'line alone',
      'blocks',
      'new bytes',
      'of the line',
      'by hand',
      'new bytes',
      'blocks are',
    ];
    for (const cells of [head, ...rows.map(row => shown(row, rate ?? 1))])
      process.stdout.write(
        `${cells
          .map(cell => cell.padEnd(18))
          .join('')
          .trimEnd()}\n`,
      );
    const [few, many] = rows.slice(-2);
    if (few !== undefined && many !== undefined)
      process.stdout.write(`\n${marginal(few, many, rate ?? 1)}\n`);
    process.stdout.write(`\nreplica and disk: ${verdict}\n`);
  }
  if (verdict !== 'Images are identical.') process.exitCode = 1;
}

function shown({ what, written, blocks, byHand }: Row, rate: number): string[] {
  const alone = (written / rate) * 1000;
  return [
    what,
    formatDuration(alone),
    formatDuration(blocks.ms),
    formatBytes(blocks.newBytes),
    written === 0 ? '-' : (alone / blocks.ms).toFixed(2),
    formatDuration(byHand.ms),
    formatBytes(byHand.newBytes),
    `${(byHand.ms / blocks.ms).toFixed(2)}x as fast`,
  ];
}

/** What the bytes themselves cost, the cost of a pass taken out. */
function marginal(few: Row, many: Row, rate: number): string {
  const bytes = many.written - few.written;
  const took = Math.max(1, many.blocks.ms - few.blocks.ms);
  const alone = (bytes / rate) * 1000;
  return `${formatBytes(bytes)} more took ${formatDuration(took)} more, the line alone needs ${formatDuration(alone)}: ${(alone / took).toFixed(2)} of the line`;
}

interface Terms {
  readonly disk: number;
  readonly filled: number;
  readonly written: number;
  readonly rate: number;
  readonly roundTripMs: number;
}

async function measure(terms: Terms): Promise<{ rows: Row[]; verdict: string }> {
  const site = new BlocksSite();
  try {
    await using _line = await site.start(terms.disk, terms.rate, terms.roundTripMs);
    const rows: Row[] = [];
    const row = async (what: string, written: number, at: number): Promise<void> => {
      process.stderr.write(`${what}\n`);
      site.fill(at, written);
      // Both after the same writes: the one that comes second finds the image in the cache.
      rows.push({ what, written, blocks: await site.timed(), byHand: await site.byHand() });
    };
    await row('first copy', terms.filled, 0);
    for (let idle = 1; idle <= IDLE_PASSES; idle += 1) await row(`nothing written ${idle}`, 0, 0);
    const few = Math.ceil(terms.written / 4 / MIB) * MIB;
    await row(`${formatBytes(few)} written`, few, 0);
    await row(`${formatBytes(terms.written)} written`, terms.written, Math.floor(terms.disk / 2));
    return { rows, verdict: site.compare('vda', 0) };
  } finally {
    await site.close();
  }
}
