import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../../src/build/replica/layout.ts';
import { sharedIdentifiers } from '../../../src/build/replica/shared-identifiers.ts';
import { factsOf } from '../../support/recorded-host.ts';

const { domain, guest } = factsOf('debian-12');
const layout = layoutOf('web1', domain, guest, { vda: '/dev/vdb' });
const root = guest.fileSystems.find(fs => fs.mountpoint === '/');

/** The receiver's own disk, and the replica beside it. */
const blocks = (uuid: string, partuuid: string) => [
  { device: '/dev/vda', type: 'disk', size: 5e9 },
  { device: '/dev/vda1', type: 'part', size: 4e9, parent: '/dev/vda', fstype: 'ext4', uuid, partuuid },
  { device: '/dev/vdb', type: 'disk', size: 2e10 },
  { device: '/dev/vdb1', type: 'part', size: 2e10, parent: '/dev/vdb', uuid: root?.uuid ?? '' },
];

describe('identifiers that a receiver shares with its replica', () => {
  it('are found where both come from one image, by UUID and by partition GUID', () => {
    const partition = layout.disks[0]?.partitions[0]?.partuuid ?? '';
    const found = sharedIdentifiers(layout, guest, blocks(root?.uuid.toUpperCase() ?? '', partition), []);
    expect(found).toEqual([root?.uuid, partition].filter(name => name !== '').sort());
  });

  it('are found by the label of the mounted root', () => {
    const labelled = {
      ...guest,
      fileSystems: guest.fileSystems.map(fs => ({ ...fs, label: 'cloudimg-rootfs' })),
    };
    const mounts = [
      {
        target: '/',
        source: '/dev/vda1',
        fstype: 'ext4',
        uuid: 'x',
        label: 'cloudimg-rootfs',
        size: 1,
        used: 1,
      },
    ];
    expect(sharedIdentifiers(layout, labelled, blocks('x', 'y'), mounts)).toEqual(['cloudimg-rootfs']);
  });

  it('are none where the image is another, and the replica itself does not count', () => {
    expect(sharedIdentifiers(layout, guest, blocks('x', 'y'), [])).toEqual([]);
  });
});
