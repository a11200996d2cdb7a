import { readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, open, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeTree } from '../../src/foundation/remove-tree.ts';
import { formatBytes, formatCount, formatDuration, parseSize } from '../../src/foundation/units.ts';
import { openLab } from '../../src/lab/client.ts';
import { conditions } from './conditions.ts';
import { footprint } from './footprint.ts';

const HELP = `scripts/bench/scale: a million files and one huge sparse file, through landfall

Usage: scripts/bench/scale [OPTIONS]

One machine of the pocket lab gets so many files, and one sparse file with a little data at both ends. Then the built
landfall evacuates it, all contents compared. Told: the most memory that the control process ever had, its processor
time, the size of the journal, and what the sparse file takes at the target.

Options:
  --files N       (default 1000000)
  --sparse SIZE   (default "50 GiB"; rsync reads it whole, twice with the comparison)
  --json          one JSON object on stdout
  -h, --help      this text

It takes minutes, some 5 GB below ${tmpdir()}, and as many inodes as files, twice. Nothing is asserted.
`;

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '1000000' },
    sparse: { type: 'string', default: '50 GiB' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** In one directory: as many as a mail spool or a session store keeps. */
const PER_DIRECTORY = 1000;
const MACHINE = 'web1';

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const files = Number(values.files);
  const sparse = parseSize(values.sparse);
  if (!Number.isInteger(files) || sparse === undefined) throw new Error('no number, or no size: see --help');
  const around = await conditions();
  const home = await mkdtemp(join(tmpdir(), 'landfall-scale-'));
  try {
    const lab = await openLab(join(home, 'lab'), { name: 'bench-scale', machines: [MACHINE], scale: 0.05 });
    try {
      await lab.writer.stop();
      const root = (await lab.trees()).find(tree => tree.mountpoint === '/')?.sourceDirectory;
      if (root === undefined) throw new Error(`${MACHINE} has no root file system`);
      process.stderr.write(`making ${formatCount(files)} files and a sparse one of ${formatBytes(sparse)}\n`);
      await makeFiles(join(root, 'srv/many'), files);
      await makeSparse(join(root, 'srv/huge.img'), sparse);
      process.stderr.write('landfall run\n');
      const run = await footprint(lab, home, 1);
      const journal = statSync(join(home, 'evacuations/bench-scale/journal.jsonl')).size;
      const copies = (await lab.trees()).flatMap(({ replicaDirectory }) => replicaDirectory ?? []);
      const copied = copies
        .map(directory => join(directory, 'srv/huge.img'))
        .map(sizeOf)
        .find(size => size !== undefined);
      const record = { v: 1, type: 'bench.scale', files, sparse, conditions: around, run, journal, copied };
      if (values.json) process.stdout.write(`${JSON.stringify(record)}\n`);
      else
        process.stdout.write(
          `\n${formatCount(files)} files and a sparse file of ${formatBytes(sparse)}: exit code ${run.exitCode} in ${formatDuration(run.wallMs)}\n` +
            `  control process: ${run.peakMB.toFixed(0)} MB at most, ${(run.cpuMs / 1000).toFixed(1)} s of processor (${(run.cpuShare * 100).toFixed(0)} % of a core)\n` +
            `  journal: ${formatBytes(journal)}\n` +
            `  the sparse file at the target: ${copied === undefined ? 'missing' : `${formatBytes(copied.size)}, ${formatBytes(copied.allocated)} allocated`}\n` +
            `  load ${around.loadBefore.toFixed(1)} at the start, ${around.cores} cores\n`,
        );
      if (run.exitCode !== 0) process.stderr.write(logOf(home));
    } finally {
      await lab.shutdown();
    }
  } finally {
    await removeTree(home, tmpdir());
  }
}

async function makeFiles(directory: string, count: number): Promise<void> {
  for (let made = 0; made < count; made += PER_DIRECTORY) {
    const place = join(directory, `d${made / PER_DIRECTORY}`);
    await mkdir(place, { recursive: true });
    const here = Math.min(PER_DIRECTORY, count - made);
    await Promise.all(Array.from({ length: here }, (_, i) => writeFile(join(place, `session-${i}`), '')));
  }
}

async function makeSparse(file: string, size: number): Promise<void> {
  const handle = await open(file, 'w');
  await handle.write(Buffer.alloc(4096, 1), 0, 4096, 0);
  await handle.close();
  await truncate(file, size - 4096);
  const end = await open(file, 'r+');
  await end.write(Buffer.alloc(4096, 2), 0, 4096, size - 4096);
  await end.close();
}

function sizeOf(file: string): { readonly size: number; readonly allocated: number } | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? undefined : { size: found.size, allocated: found.blocks * 512 };
}

function logOf(home: string): string {
  return readFileSync(join(home, 'evacuations/bench-scale/logs/engine.log'), 'utf8')
    .split('\n')
    .slice(-20)
    .join('\n');
}
