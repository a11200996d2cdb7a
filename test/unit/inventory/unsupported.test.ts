import { describe, expect, it } from 'vitest';
import type { BlockFacts, GuestFacts } from '../../../src/journal/facts.ts';
import { unsupportedLayout } from '../../../src/tools/unsupported.ts';
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

  it.each(['x/../../etc/cron.d/y', '', 'vd a', '-x'])('takes no disk that is called %j', target => {
    const disks = domain.disks.map(disk => ({ ...disk, target }));
    const names = unsupportedLayout({ ...domain, disks }, guest).map(each => each.found);
    expect(names.join()).toMatch(/a disk of the domain with an unusable name/);
  });

  it('builds linear and striped volumes; every other kind, and a group that is not whole, is named', () => {
    const lvm = factsOf('debian-12-lvm');
    const [group] = lvm.guest.volumeGroups ?? [];
    const [volume] = group?.logical ?? [];
    if (group === undefined || volume === undefined) throw new Error('the fixture has a volume group');
    const of = (changed: Partial<typeof group>): string[] =>
      unsupportedLayout(lvm.domain, { ...lvm.guest, volumeGroups: [{ ...group, ...changed }] }).map(
        f => f.found,
      );
    const kinds = (kind: string): string[] => of({ logical: [...group.logical, { ...volume, kind }] });
    expect(kinds('striped')).toEqual([]);
    for (const kind of ['thin', 'thin-pool', 'raid1', 'mirror', 'cache', 'snapshot', 'pvmove']) {
      expect(kinds(kind)).toEqual([`a logical volume of kind ${kind} (${volume.device})`]);
    }
    const missing = { device: '[unknown]', uuid: 'u', size: 1 };
    expect(of({ physical: [...group.physical, missing] })).toEqual([
      'volume group vg_data has a physical volume that is no disk or partition of this machine ([unknown])',
    ]);
    const names = (name: string): string[] => of({ name }).filter(line => line.startsWith('a name in LVM'));
    expect(['vg0', 'vg-data', 'a.b+c', '_x'].flatMap(names)).toEqual([]);
    for (const name of ['../../etc/cron.d/x', '..', '-rf', 'a b', '../disk/by-path/pci', ''])
      expect(names(name), name).toHaveLength(1);
    expect(of({ logical: [{ ...volume, name: '../vda' }] }).join()).toMatch(/a name in LVM.*vda/);
    expect(of({ backup: '' })).toEqual(['the metadata of volume group vg_data could not be read']);
    expect(of({ logical: [volume] })).toEqual(['LVM on /dev/mapper/vg_data-srv that could not be read']);
    const { volumeGroups: _unread, ...old } = lvm.guest;
    expect(unsupportedLayout(lvm.domain, old).map(f => f.found)).toEqual([
      'LVM on /dev/vdb1, /dev/mapper/vg_data-srv, /dev/mapper/vg_data-archive that could not be read',
    ]);
  });

  it('follows a volume on two disks to both of them', () => {
    const disk = (name: string, size: number): BlockFacts => ({ device: `/dev/${name}`, type: 'disk', size });
    const facts: GuestFacts = {
      ...guest,
      blocks: [...guest.blocks, disk('vdb', 5), { ...disk('sdx', 6), fstype: 'LVM2_member' }],
      volumeGroups: [
        {
          ...{ name: 'v', uuid: 'u', backup: 'v {}', logical: [] },
          physical: [{ device: '/dev/sdx', uuid: 'p', size: 6 }],
        },
      ],
    };
    expect(found(facts)).toEqual([
      '/dev/sdx inside the guest is no disk of the domain (iSCSI, NBD or passed through)',
    ]);
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
