import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../directory/write-whole.ts';
import type { SimHost } from '../world/world.ts';
import { shellMap } from './mounts.ts';
import { locate } from './real-tools.ts';
import { realShim, SUDO_SHIM, simulatedShim, WORDS_SH } from './shim-scripts.ts';

/**
 * The `bin` directory of a simulated host. A shim is a small sh script that maps the paths among its words and then
 * becomes the real tool; for a simulated tool it looks for a prepared answer and else asks the lab. What has no shim
 * does not exist on the host.
 */

const REAL_TOOLS: readonly string[] = [
  'awk base64 basename cat chmod cksum cut date dd dirname env false find grep head id ionice kill ln mkdir mv nice',
  'nohup od printf ps readlink rm rsync sed setsid sh sha256sum sleep sort ssh ssh-keygen stat tail tee test [',
  'timeout touch tr true wc xargs',
].flatMap(line => line.split(' '));

const GUEST_TOOLS: readonly string[] = [
  'findmnt lsblk df uname hostname ip ss systemctl mountpoint sync blockdev',
  'sfdisk mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.vfat mkswap mount umount',
].flatMap(line => line.split(' '));

const HYPERVISOR_TOOLS: readonly string[] = ['virsh', 'uname', 'hostname', 'df', 'sync'];

export const simulatedTools = (host: Pick<SimHost, 'role'>): readonly string[] =>
  host.role === 'hypervisor' ? HYPERVISOR_TOOLS : GUEST_TOOLS;

/** The parts that all hosts share. `toolSocket` is where simulated tools reach the lab. */
export function writeSharedShims(lab: string, toolSocket: string): void {
  mkdirSync(path.join(lab, 'lib'), { recursive: true });
  writeWhole(path.join(lab, 'lib', 'words.sh'), WORDS_SH);
  writeWhole(path.join(lab, 'lib', 'tool-socket'), toolSocket);
}

export function writeMap(host: SimHost, lab: string): void {
  mkdirSync(path.join(host.directory, 'lib'), { recursive: true });
  writeWhole(path.join(host.directory, 'lib', 'map.sh'), shellMap(lab, host.mounts));
}

/** Writes the whole `bin` of a host. */
export function writeShims(host: SimHost, lab: string): void {
  const bin = path.join(host.directory, 'bin');
  mkdirSync(bin, { recursive: true });
  mkdirSync(path.join(host.directory, 'answers'), { recursive: true });
  writeMap(host, lab);
  for (const tool of REAL_TOOLS) {
    const real = locate(tool);
    if (real !== undefined) writeWhole(path.join(bin, tool), realShim(host, tool, real, lab), 0o755);
  }
  for (const tool of simulatedTools(host)) {
    writeWhole(path.join(host.directory, 'answers', `${tool}.sh`), ':\n');
    writeWhole(path.join(bin, tool), simulatedShim(host, tool, lab), 0o755);
  }
  writeWhole(path.join(bin, 'sudo'), SUDO_SHIM, 0o755);
}
