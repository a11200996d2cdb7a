import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../../src/build/replica/layout.ts';
import { remaining, replicaDevices } from '../../../src/build/replica/remaining.ts';
import type { BlockFacts } from '../../../src/journal/facts.ts';
import { factsOf } from '../../support/recorded-host.ts';

const { domain, guest } = factsOf('debian-12');
const layout = layoutOf('web1', domain, guest, { vda: '/dev/vdb' });
const disk: BlockFacts = { device: '/dev/vdb', type: 'disk', size: 21_474_836_480, serial: 'lf-vda' };

/** The receiver's view of the replica, from the source's own blocks. */
const partitions = (withFileSystems: boolean): BlockFacts[] =>
  guest.blocks
    .filter(block => block.type === 'part')
    .map(({ fstype, uuid, ...block }) => ({
      ...block,
      device: block.device.replace('vda', 'vdb'),
      parent: '/dev/vdb',
      ...(withFileSystems && fstype !== undefined ? { fstype } : {}),
      ...(withFileSystems && uuid !== undefined ? { uuid } : {}),
    }));

const todo = (blocks: BlockFacts[]): [number, number] => {
  const { partition, format } = remaining(layout, blocks, 'web1.receiver');
  return [partition.length, format.length];
};

const foreign = expect.objectContaining({ code: 'build.foreign-object' });

describe('remaining', () => {
  it('asks for everything on an empty disk, for the rest on a half-made one, for nothing on a finished one', () => {
    expect(todo([disk])).toEqual([1, 2]);
    expect(todo([disk, ...partitions(false)])).toEqual([0, 2]);
    expect(todo([disk, ...partitions(true)])).toEqual([0, 0]);
    const [root, ...rest] = partitions(true);
    if (root === undefined) throw new Error('the fixture has partitions');
    const { fstype: _fstype, uuid: _uuid, ...bare } = root;
    expect(remaining(layout, [disk, bare, ...rest], 'web1.receiver').format.map(f => f.device)).toEqual([
      '/dev/vdb1',
    ]);
  });

  it('refuses a file system on the whole disk', () => {
    expect(() => todo([{ ...disk, fstype: 'ext4', uuid: 'x' }])).toThrow(foreign);
  });

  it('refuses other partitions, other file systems, and file systems where none belongs', () => {
    const [root, bios, efi] = partitions(true);
    if (root === undefined || bios === undefined || efi === undefined) throw new Error('three partitions');
    expect(() => todo([disk, root])).toThrow(foreign);
    expect(() => todo([disk, { ...root, size: root.size - 512 }, bios, efi])).toThrow(foreign);
    expect(() => todo([disk, { ...root, partuuid: 'another' }, bios, efi])).toThrow(foreign);
    expect(() => todo([disk, { ...root, uuid: 'another' }, bios, efi])).toThrow(foreign);
    expect(() => todo([disk, { ...root, fstype: 'xfs' }, bios, efi])).toThrow(foreign);
    expect(() => todo([disk, root, { ...bios, fstype: 'ext4' }, efi])).toThrow(foreign);
  });
});

describe('replicaDevices', () => {
  const disks = [{ disk: 'vda', capacity: 100 }];
  const mismatch = expect.objectContaining({ code: 'identity.mismatch' });

  it('goes by serial, not by name', () => {
    const blocks: BlockFacts[] = [
      { device: '/dev/vda', type: 'disk', size: 100 },
      { device: '/dev/vdz', type: 'disk', size: 100, serial: 'lf-vda' },
    ];
    expect(replicaDevices(disks, blocks, 'r')).toEqual({ vda: '/dev/vdz' });
  });

  it('refuses a missing, a doubled and a smaller disk', () => {
    const one: BlockFacts = { device: '/dev/vdb', type: 'disk', size: 100, serial: 'lf-vda' };
    expect(() => replicaDevices(disks, [], 'r')).toThrow(mismatch);
    expect(() => replicaDevices(disks, [one, { ...one, device: '/dev/vdc' }], 'r')).toThrow(mismatch);
    expect(() => replicaDevices(disks, [{ ...one, size: 99 }], 'r')).toThrow(mismatch);
  });
});
