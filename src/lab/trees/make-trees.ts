import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { machineMounts } from '../hosts/base-files.ts';
import { makeHostKey } from '../ssh/keys.ts';
import { hostDirectory, type MachineFacts } from '../world/layout.ts';
import { seeded } from '../world/random.ts';
import { addLostAndFound } from './lost-found.ts';
import { addMachine, hasOddNames } from './machine-trees.ts';
import { addOddNames } from './odd-names.ts';
import { addOperatingSystem } from './os-tree.ts';
import { createTreeBuilder, type TreeBuilder } from './tree-builder.ts';

/** Makes each tree once: a stamp says that it is whole, and what has none is made anew. */
async function once(place: string, make: () => void | Promise<void>): Promise<boolean> {
  const stamp = path.join(place, 'made');
  if (existsSync(stamp)) return false;
  removeTreeSync(path.join(place, 'fs'), place);
  mkdirSync(place, { recursive: true });
  await make();
  writeFileSync(stamp, '');
  return true;
}

/** The golden image has the operating system of most machines, made on its own from the same seed. */
async function makeGolden(lab: string, seed: number, scale: number): Promise<void> {
  const place = path.join(lab, 'golden');
  await once(place, async () => {
    removeTreeSync(path.join(place, 'root'), place);
    const tree = createTreeBuilder(path.join(place, 'root'), seeded(seed, 'os'));
    addOperatingSystem(tree, scale);
    tree.file('etc/hostname', 'golden\n');
    tree.file('etc/machine-id', '', { mode: 0o444 });
    tree.finish();
    await turn();
  });
}

/** The trees of one source machine; answers how many extended attributes had to be left out. */
async function makeMachine(
  lab: string,
  seed: number,
  scale: number,
  machine: MachineFacts,
): Promise<{ readonly made: boolean; readonly xattrsSkipped: number }> {
  const place = hostDirectory(lab, machine.name);
  let xattrsSkipped = 0;
  const made = await once(place, async () => {
    const mounts = machineMounts(machine, place).filter(({ source }) => source.startsWith('/dev/'));
    const builders = new Map<string, TreeBuilder>(
      mounts.map(({ path: at, directory }) => [
        at,
        // The operating system's part of the root comes from the seed of the golden image.
        createTreeBuilder(directory, at === '/' ? seeded(seed, 'os') : seeded(seed, `${machine.name}${at}`)),
      ]),
    );
    const at = (mountpoint: string): TreeBuilder => {
      const found = builders.get(mountpoint);
      if (found === undefined) throw new RangeError(`${machine.name} has no file system at ${mountpoint}`);
      return found;
    };
    const root = at('/');
    addOperatingSystem(root, scale);
    for (const { path: mountpoint } of mounts)
      if (mountpoint !== '/' && mountpoint !== '/boot' && mountpoint !== '/srv')
        root.dir(mountpoint.slice(1));
    await turn();
    addMachine(machine, { at, scale });
    if (hasOddNames(machine.name)) addOddNames(root, 'home/ops/odd names');
    const key = makeHostKey(machine.name);
    root.file('etc/ssh/ssh_host_ed25519_key', key.private, { mode: 0o600 });
    root.file('etc/ssh/ssh_host_ed25519_key.pub', `${key.public}\n`);
    for (const mount of mounts) addLostAndFound(mount);
    for (const builder of builders.values()) xattrsSkipped += builder.finish().xattrsSkipped;
    await turn();
  });
  return { made, xattrsSkipped };
}

export interface TreeWishes {
  readonly seed: number;
  readonly scale: number;
  readonly machines: readonly MachineFacts[];
  readonly log: (line: string) => void;
}

/** Makes the trees of the lab that are not there yet. */
export async function makeTrees(lab: string, { seed, scale, machines, log }: TreeWishes): Promise<void> {
  await makeGolden(lab, seed, scale);
  for (const machine of machines) {
    const { made, xattrsSkipped } = await makeMachine(lab, seed, scale, machine);
    if (made && xattrsSkipped > 0)
      log(`${machine.name}: ${xattrsSkipped} extended attributes left out: not possible here`);
  }
}
