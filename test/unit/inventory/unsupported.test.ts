import { describe, expect, it } from 'vitest';
import { unsupportedLayout } from '../../../src/inventory/unsupported.ts';
import type { BlockFacts, GuestFacts } from '../../../src/journal/facts.ts';
import { factsOf } from '../../support/recorded-host.ts';

const { domain, guest } = factsOf('debian-12');
const withBlock = (block: BlockFacts): GuestFacts => ({ ...guest, blocks: [...guest.blocks, block] });
const found = (facts: GuestFacts): string[] => unsupportedLayout(domain, facts).map(f => f.found);

describe('unsupportedLayout', () => {
  it.each([
    ['md', { type: 'raid1', device: '/dev/md0', size: 1 }, 'software RAID (md) on /dev/md0'],
    [
      'md member',
      { type: 'part', device: '/dev/vda9', size: 1, fstype: 'linux_raid_member' },
      'software RAID (md) on /dev/vda9',
    ],
    [
      'LUKS',
      { type: 'crypt', device: '/dev/mapper/luks', size: 1 },
      'disk encryption (dm-crypt) on /dev/mapper/luks',
    ],
    ['btrfs', { type: 'disk', device: '/dev/vdz', size: 1, fstype: 'btrfs' }, 'btrfs on /dev/vdz'],
    ['ZFS', { type: 'part', device: '/dev/vda9', size: 1, fstype: 'zfs_member' }, 'ZFS on /dev/vda9'],
    ['bcache', { type: 'disk', device: '/dev/bcache0', size: 1, fstype: 'bcache' }, 'bcache on /dev/bcache0'],
    [
      'multipath',
      { type: 'mpath', device: '/dev/mapper/mpatha', size: 1 },
      'multipath on /dev/mapper/mpatha',
    ],
  ] as const)('names %s', (_name, block, sentence) => {
    expect(found(withBlock(block))).toContain(sentence);
  });

  it('names a file system that nobody mounted: its copy would be empty', () => {
    const facts = withBlock({
      device: '/dev/vda2',
      type: 'part',
      size: 5,
      parent: '/dev/vda',
      fstype: 'ext4',
      uuid: 'u',
    });
    expect(found(facts)).toEqual(['a file system of type ext4 on /dev/vda2 that is not mounted']);
  });

  it('names a partition table that could not be read', () => {
    expect(found({ ...guest, partitionTables: {} })).toEqual([
      'a partition table on /dev/vda that sfdisk could not read',
    ]);
  });

  it('names a file system without a usable UUID and one of another type', () => {
    const [root, ...rest] = guest.fileSystems;
    if (root === undefined) throw new Error('the fixture has a root');
    expect(found({ ...guest, fileSystems: [{ ...root, uuid: '' }, ...rest] })).toEqual([
      'no usable UUID for the file system at / (/dev/vda1)',
    ]);
    expect(found({ ...guest, fileSystems: [{ ...root, type: 'f2fs' }, ...rest] })).toContain(
      'a file system of type f2fs at /',
    );
  });

  it('names disks that the guest shows as something else', () => {
    const [disk] = domain.disks;
    if (disk === undefined) throw new Error('the fixture has a disk');
    const grown = { ...domain, disks: [{ ...disk, capacity: disk.capacity + 512 }] };
    const sentences = unsupportedLayout(grown, guest).map(f => f.found);
    expect(sentences).toEqual([
      'disk vda of the domain (/var/lib/libvirt/images/web1.qcow2) cannot be told apart inside the guest',
      '/dev/vda inside the guest is no disk of the domain (iSCSI, NBD or passed through)',
    ]);
  });

  it('refuses mount points that could climb out or break a line', () => {
    const [root] = guest.fileSystems;
    if (root === undefined) throw new Error('the fixture has a root');
    for (const mountpoint of ['/srv/a\nb', '/srv/\u001b[2J']) {
      const fileSystems = [...guest.fileSystems, { ...root, mountpoint }];
      expect(found({ ...guest, fileSystems })).toContain('a mount point with an unusable name on /dev/vda1');
    }
  });
});
