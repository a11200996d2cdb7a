import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { makeHostKey } from '../ssh/keys.ts';
import { copyTree } from '../trees/copy-tree.ts';
import type { AttachedDisk, World } from '../world/world.ts';

/** What a receiver is on its own: its disk and its files, before it boots. */

/** The receiver's own disk: one partition, its files on the host's root directory. */
export function rootDisk(bytes: number, root: string): AttachedDisk['disk'] {
  const sectors = Math.max(2048, bytes / 512 - 4096);
  const fs = { type: 'ext4', uuid: '7a1d0d5e-5b1c-4c57-a1d5-3b7f4c2d9e10', label: null, directory: root };
  return {
    bytes,
    table: { label: 'gpt', id: '9B1C0D5E-5B1C-4C57-A1D5-3B7F4C2D9E10', firstLba: 34 },
    partitions: [
      {
        number: 1,
        start: 2048,
        sectors,
        type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
        partuuid: '5c1c0d5e-5b1c-4c57-a1d5-3b7f4c2d9e10',
        fs,
      },
    ],
    fs: null,
  };
}

/** First boot: a copy of the golden tree with an identity of its own. */
export async function install(
  world: World,
  directory: string,
  root: string,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  removeTreeSync(directory, world.directory);
  mkdirSync(path.join(directory, 'fs'), { recursive: true });
  await copyTree(path.join(world.directory, 'golden', 'root'), root, signal);
  const key = makeHostKey(id.replace('.', '-'));
  const ssh = path.join(root, 'etc', 'ssh');
  mkdirSync(ssh, { recursive: true });
  writeFileSync(path.join(ssh, 'ssh_host_ed25519_key'), key.private, { mode: 0o600 });
  writeFileSync(path.join(ssh, 'ssh_host_ed25519_key.pub'), `${key.public}\n`);
  const machineId = path.join(root, 'etc', 'machine-id');
  rmSync(machineId, { force: true });
  writeFileSync(machineId, `${randomBytes(16).toString('hex')}\n`);
  chmodSync(machineId, 0o444);
  writeFileSync(path.join(root, 'etc', 'hostname'), `${id.replace('.', '-')}\n`);
  writeFileSync(path.join(directory, 'installed'), '');
}
