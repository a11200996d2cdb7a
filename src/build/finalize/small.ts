import type { Fixup } from '../../journal/proof-facts.ts';
import { absent, directory, file, fixupOf } from './edit.ts';
import type { Tree } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

/** Fix-ups that only put a file there or take one away. */

/** With the file LVM takes only devices that it lists, by names and numbers of the source's hardware. */
export function lvmDevicesFixup(tree: Tree): Fixup | undefined {
  return fixupOf(
    {
      id: 'lvm-devices',
      title: 'let LVM look at every disk',
      why: 'The list of devices names disks of the source; a volume group on others would not be found.',
    },
    { edits: [absent(tree, '/etc/lvm/devices/system.devices')] },
  );
}

/** cloud-init takes a machine at another site for a new one: other host keys, another network configuration. */
export function cloudInitFixup(tree: Tree): Fixup | undefined {
  if (!tree.entries.has('/etc/cloud/cloud.cfg')) return undefined;
  return fixupOf(
    {
      id: 'cloud-init',
      title: 'keep cloud-init from making a new machine of it',
      why: 'Without its data source it would make new host keys and another network configuration.',
    },
    {
      edits: [
        file(tree, '/etc/cloud/cloud-init.disabled', ''),
        file(tree, '/etc/cloud/cloud.cfg.d/99-landfall.cfg', 'network: {config: disabled}\n'),
      ],
    },
  );
}

export function cachesFixup(tree: Tree): Fixup | undefined {
  const caches = ['/etc/blkid.tab', '/etc/blkid/blkid.tab', '/etc/lvm/cache/.cache'];
  return fixupOf(
    {
      id: 'caches',
      title: 'forget what was known of the disks of the source',
      why: 'These caches name devices that the copy does not have.',
    },
    { edits: caches.map(path => absent(tree, path)) },
  );
}

const MOUNT_POINTS: readonly (readonly [string, number])[] = [
  ['/proc', 0o555],
  ['/sys', 0o555],
  ['/dev', 0o755],
  ['/run', 0o755],
  ['/tmp', 0o1777],
  ['/var/tmp', 0o1777],
];

/** Passes leave out what is virtual; only a directory that is missing, or a /tmp that is not for all, is set right. */
export function emptyDirsFixup(tree: Tree): Fixup | undefined {
  const edits = MOUNT_POINTS.map(([path, mode]) =>
    tree.entries.has(path) && !path.endsWith('tmp') ? undefined : directory(tree, path, mode),
  );
  return fixupOf(
    {
      id: 'empty-dirs',
      title: 'make the directories that the kernel mounts over',
      why: 'They hold nothing that is copied, and nothing starts without them.',
    },
    { edits },
  );
}

/** Attributes that could not travel have to be set again before anything is allowed to read its own files. */
export function relabelFixup(tree: Tree, { guest }: FinalizeWish): Fixup | undefined {
  const enforced = guest.selinux === 'enforcing' || guest.selinux === 'permissive';
  if (!enforced || guest.rsync?.xattrs !== false) return undefined;
  return fixupOf(
    {
      id: 'selinux',
      title: 'have SELinux label every file at the first start',
      why: 'The rsync of the source has no extended attributes, so labels did not travel; the machine restarts once more.',
    },
    { edits: [tree.entries.has('/.autorelabel') ? undefined : file(tree, '/.autorelabel', '')] },
  );
}
