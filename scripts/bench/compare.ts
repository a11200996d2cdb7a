import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { LabClient } from '../../src/lab/client.ts';
import { isUnknown } from '../../src/step/action.ts';
import { passStep } from '../../src/sync/passes.ts';
import type { PassPlan } from '../../src/sync/plan-passes.ts';
import { openBare } from './bare.ts';
import { type Spread, spread } from './figures.ts';
import { prepare } from './prepared.ts';

/** landfall's pass (A) and the bare command (B) in turns, each pair over the same replica in the same state. */

export interface Compared {
  readonly what: 'full' | 'delta';
  readonly landfallMs: readonly number[];
  readonly bareMs: readonly number[];
  readonly landfall: Spread;
  readonly bare: Spread;
  /** Of the two times of each pair. */
  readonly ratio: Spread;
  /** landfall's time less the bare one, in ms, of each pair: the cost that does not grow with the pass. */
  readonly added: Spread;
}

export interface Limits {
  /** A local rsync of the same trees into an empty directory. */
  readonly localRsyncMs: number;
  /** Reading every byte of the same trees once. */
  readonly readMs: number;
  readonly channelMBs: number;
}

export interface Comparison {
  readonly entries: number;
  readonly bytes: number;
  readonly fileSystems: readonly string[];
  readonly full: Compared;
  readonly delta: Compared;
  readonly limits: Limits;
}

export interface CompareOptions {
  readonly lab: LabClient;
  readonly root: string;
  readonly machine: string;
  readonly pairs: number;
  readonly say: (line: string) => void;
}

interface Tree {
  readonly source: string;
  readonly replica: string;
  /** The replica as it was before the first pass. */
  readonly saved: string;
}

export async function compare({ lab, root, machine, pairs, say }: CompareOptions): Promise<Comparison> {
  await lab.writer.stop();
  say(`evacuating ${machine} up to its first pass`);
  await using prepared = await prepare(lab, root, machine);
  await using bare = await openBare(lab.paths.sshConfig, machine, root);
  const trees = await treesOf(lab, root, machine);
  for (const { replica, saved } of trees) await mirror(replica, saved);

  let pass = 0;
  let endedAt = 0;
  prepared.onPassEnded(() => {
    endedAt = performance.now();
  });

  /** From the moment the step may run until `pass.ended` is on disk. */
  const landfall = async (plan: PassPlan): Promise<number> => {
    const step = passStep(prepared.view, machine, plan);
    const began = performance.now();
    await prepared.conduct(() => [{ ...step, needs: [] }]);
    return endedAt - began;
  };
  /** The commands come from the preview of the very step, so they cannot drift from what landfall runs. */
  const commands = async (plan: PassPlan): Promise<number> => {
    const jobs = passStep(prepared.view, machine, plan)
      .preview(prepared.view)
      .filter(action => action.kind === 'job');
    let ms = 0;
    for (const { job, argv } of jobs) {
      const words = argv.flatMap(word => (isUnknown(word) ? [] : [word]));
      if (words.length < argv.length) throw new Error('a fact of the command is not recorded');
      // A delta pass logs into the directory of its job, which only landfall makes.
      const directory = `/run/landfall/${prepared.view.plan.name}/${job}`;
      await bare.time(['mkdir', '-p', directory]);
      ms += await bare.time(words);
      await bare.time(['rm', '-r', directory]);
    }
    return ms;
  };
  const rounds = async (what: 'full' | 'delta'): Promise<Compared> => {
    const times = { landfall: [] as number[], bare: [] as number[] };
    // One pair more, first, which warms the caches and is not counted.
    for (let pair = 0; pair <= pairs; pair += 1) {
      for (const side of ['landfall', 'bare'] as const) {
        if (what === 'full') for (const { replica, saved } of trees) await mirror(saved, replica);
        await execa('sync');
        pass += 1;
        const plan: PassPlan = { pass, kind: what, reason: 'measurement', checksum: what === 'full' };
        const ms = await (side === 'landfall' ? landfall(plan) : commands(plan));
        if (pair > 0) times[side].push(ms);
        say(`${what} pass, ${side}${pair === 0 ? ' (not counted)' : ''}: ${(ms / 1000).toFixed(2)} s`);
      }
    }
    const ratios = times.landfall.map((ms, index) => ms / (times.bare[index] ?? Number.NaN));
    return {
      what,
      landfallMs: times.landfall,
      bareMs: times.bare,
      landfall: spread(times.landfall),
      bare: spread(times.bare),
      ratio: spread(ratios),
      added: spread(times.landfall.map((ms, index) => ms - (times.bare[index] ?? Number.NaN))),
    };
  };

  const full = await rounds('full');
  const delta = await rounds('delta');
  const { entries, bytes } = await sizeOf(trees);
  return {
    entries,
    bytes,
    fileSystems: (await lab.trees()).filter(tree => tree.machine === machine).map(tree => tree.mountpoint),
    full,
    delta,
    limits: await limitsOf(trees, root, bare.throughput(256e6)),
  };
}

async function treesOf(lab: LabClient, root: string, machine: string): Promise<Tree[]> {
  const trees = (await lab.trees()).filter(tree => tree.machine === machine);
  return Promise.all(
    trees.map(async ({ sourceDirectory, replicaDirectory, mountpoint }, index) => {
      if (replicaDirectory === undefined) throw new Error(`${machine}:${mountpoint} has no replica`);
      const saved = join(root, 'saved', String(index));
      await mkdir(saved, { recursive: true });
      return { source: sourceDirectory, replica: replicaDirectory, saved };
    }),
  );
}

/** Makes `to` exactly what `from` is. */
const mirror = (from: string, to: string) => execa('rsync', ['-aHAXS', '--delete', `${from}/`, `${to}/`]);

async function sizeOf(trees: readonly Tree[]): Promise<{ entries: number; bytes: number }> {
  let entries = 0;
  let bytes = 0;
  for (const { source } of trees) {
    const { stdout } = await execa('find', [source, '-printf', '%y %s\\n']);
    for (const line of stdout.split('\n')) {
      const [type, size] = line.split(' ');
      entries += 1;
      if (type === 'f') bytes += Number(size);
    }
  }
  return { entries, bytes };
}

async function limitsOf(trees: readonly Tree[], root: string, channel: Promise<number>): Promise<Limits> {
  const channelMBs = await channel;
  const copies = join(root, 'local');
  await mkdir(copies);
  const timed = async (run: (tree: Tree, index: number) => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    for (const [index, tree] of trees.entries()) await run(tree, index);
    return performance.now() - began;
  };
  return {
    localRsyncMs: await timed(({ source }, index) =>
      execa('rsync', ['-aHAXS', `${source}/`, join(copies, String(index))]),
    ),
    readMs: await timed(({ source }) =>
      execa('tar', ['-cf', '-', '-C', source, '.'], { buffer: false }).pipe('wc', ['-c'], {
        stdout: 'ignore',
      }),
    ),
    channelMBs,
  };
}
