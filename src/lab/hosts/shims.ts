import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../directory/write-whole.ts';
import type { SimHost } from '../world/world.ts';
import { shellMap } from './mounts.ts';
import { locate } from './real-tools.ts';
import { realShim, SUDO_SHIM, simulatedShim, UNSHARE_SHIM, WORDS_SH } from './shim-scripts.ts';

/**
 * The `bin` directory of a simulated host. A shim is a small sh script that maps the paths among its words and then
 * becomes the real tool; for a simulated tool it looks for a prepared answer and else asks the lab. What has no shim
 * does not exist on the host.
 */

const words = (...lines: string[]): string[] => lines.flatMap(line => line.split(' '));

const REAL_TOOLS = words(
  'awk base64 basename cat chmod chown cksum cmp cp cut date dd dirname env false find flock grep head id ionice kill ln',
  'mkdir mkfifo mktemp mv nice nohup od printf ps readlink rm rmdir rsync sed setsid sh sha256sum sleep sort ssh ssh-keygen',
  'stat tail tee test [ timeout touch tr true truncate wc xargs',
);
/** A copy is alone: it has nothing to reach others with. */
const NOT_IN_COPIES = ['ssh', 'rsync'];

const GUEST_TOOLS = words(
  'findmnt lsblk df uname hostname ip ss systemctl journalctl mountpoint sync blockdev',
  'sfdisk mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.vfat mkswap mount umount',
  'grub-install update-initramfs update-grub pvs vgs lvs pvcreate vgcfgrestore vgchange pvck lvcreate lvremove chroot lsinitramfs ssh-keyscan',
);
/** What the checks of a proof and of a cutover use. */
const COPY_TOOLS = words('ping nc');

const HYPERVISOR_TOOLS = words('virsh qemu-img uname hostname ip df sync');

export function simulatedTools({ role }: Pick<SimHost, 'role'>): readonly string[] {
  if (role === 'hypervisor') return HYPERVISOR_TOOLS;
  return role === 'copy' || role === 'standby' ? [...GUEST_TOOLS, ...COPY_TOOLS] : GUEST_TOOLS;
}

/** The parts that all hosts share. `toolSocket` is where simulated tools reach the lab. */
export function writeSharedShims(lab: string, toolSocket: string): void {
  mkdirSync(path.join(lab, 'lib'), { recursive: true });
  writeWhole(path.join(lab, 'lib', 'words.sh'), WORDS_SH);
  writeWhole(path.join(lab, 'lib', 'tool-socket'), toolSocket);
}

export function writeMap(host: SimHost, lab: string): void {
  mkdirSync(path.join(host.directory, 'lib'), { recursive: true });
  writeWhole(path.join(host.directory, 'lib', 'map.sh'), shellMap(lab, host.mounts));
  const table = host.mounts.map(({ source, path: at, type }) => `${source} ${at} ${type} rw,relatime 0 0\n`);
  for (const name of ['mounts', 'self/mounts']) {
    const file = path.join(host.directory, 'fs', 'proc', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeWhole(file, table.filter(line => !line.startsWith('proc /proc/')).join(''));
  }
}

/** Writes the whole `bin` of a host. */
export function writeShims(host: SimHost, lab: string): void {
  const bin = path.join(host.directory, 'bin');
  mkdirSync(bin, { recursive: true });
  mkdirSync(path.join(host.directory, 'answers'), { recursive: true });
  writeMap(host, lab);
  const has = (tool: string): boolean => host.role !== 'copy' || !NOT_IN_COPIES.includes(tool);
  for (const tool of REAL_TOOLS.filter(has)) {
    const real = locate(tool);
    if (real !== undefined) writeWhole(path.join(bin, tool), realShim(host, tool, real, lab), 0o755);
  }
  for (const tool of simulatedTools(host)) {
    writeWhole(path.join(host.directory, 'answers', `${tool}.sh`), ':\n');
    writeWhole(path.join(bin, tool), simulatedShim(host, tool, lab), 0o755);
  }
  writeWhole(path.join(bin, 'sudo'), SUDO_SHIM, 0o755);
  if (host.role !== 'hypervisor') writeWhole(path.join(bin, 'unshare'), UNSHARE_SHIM, 0o755);
}
