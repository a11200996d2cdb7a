import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  directoryAction,
  formatAction,
  mountAction,
  partitionAction,
} from '../../../src/build/replica/deeds.ts';
import { layoutOf } from '../../../src/build/replica/layout.ts';
import { rewriteDump } from '../../../src/build/replica/partition-table.ts';
import type { DomainFacts, GuestFacts } from '../../../src/journal/facts.ts';
import { isUnknown, describe as line } from '../../../src/step/action.ts';
import { factsOf } from '../../support/recorded-host.ts';

const HOST = 'web1.receiver';

/** Everything a layout would do, one line each, in the order of the preview. */
function lines(domain: DomainFacts, guest: GuestFacts, devices?: Record<string, string>): string[] {
  const layout = layoutOf('web1', domain, guest, devices);
  return [
    ...layout.disks.flatMap(disk => partitionAction(HOST, disk) ?? []),
    ...layout.formats.map(format => formatAction(HOST, format)),
    ...layout.mounts.flatMap(mount => [directoryAction(HOST, mount), mountAction(HOST, mount, undefined)]),
  ].map(action => line(action).replace(/^flock -w 600 \/run\/landfall-build\.lock /, ''));
}

describe('layoutOf', () => {
  it('debian-12', () => {
    const { domain, guest } = factsOf('debian-12');
    expect(lines(domain, guest, { vda: '/dev/vdb' })).toEqual([
      'sfdisk --wipe always /dev/vdb',
      'mkfs.ext4 -q -F -U 3f2f0a3e-52a5-4bd5-9f8e-0d6c6c8f1b11 /dev/vdb1',
      'mkfs.vfat -i 9A1F77C2 /dev/vdb15',
      'mkdir -p /mnt/t',
      'mount /dev/vdb1 /mnt/t',
      'mkdir -p /mnt/t/boot/efi',
      'mount /dev/vdb15 /mnt/t/boot/efi',
    ]);
  });

  it('ubuntu-24.04: two disks, the second whole; found by what the receiver calls them', () => {
    const { domain, guest } = factsOf('ubuntu-24.04');
    expect(lines(domain, guest, { vda: '/dev/vdc', sda: '/dev/vdb' })).toEqual([
      'sfdisk --wipe always /dev/vdc',
      'mkfs.vfat -i C0DE4F11 -n EFI /dev/vdc1',
      'mkfs.ext4 -q -F -U 1f4a60c3-2f3a-46ab-93a6-0d3f5b2c7e02 -L boot /dev/vdc2',
      'mkfs.ext4 -q -F -U 7d1c9a42-8f0b-4a37-b7de-2a7d6a1c9e03 /dev/vdc3',
      'mkswap -U e0c1b2a3-1234-4cde-8f01-23456789ab04 /dev/vdc4',
      'mkfs.xfs -q -f -m uuid=c6ef0b14-90fd-4d6a-8b5c-6a2f1d3e4f55 -L shares /dev/vdb',
      'mkdir -p /mnt/t',
      'mount /dev/vdc3 /mnt/t',
      'mkdir -p /mnt/t/boot',
      'mount /dev/vdc2 /mnt/t/boot',
      'mkdir -p /mnt/t/boot/efi',
      'mount /dev/vdc1 /mnt/t/boot/efi',
      'mkdir -p /mnt/t/srv/shares',
      'mount /dev/vdb /mnt/t/srv/shares',
    ]);
  });

  it('names what it waits for while the receiver has not been looked at', () => {
    const { domain, guest } = factsOf('debian-12');
    expect(lines(domain, guest).slice(0, 2)).toEqual([
      'sfdisk --wipe always ‹device with serial lf-vda›',
      'mkfs.ext4 -q -F -U 3f2f0a3e-52a5-4bd5-9f8e-0d6c6c8f1b11 ‹partition 1 of the device with serial lf-vda›',
    ]);
  });

  it('refuses what the inventory should have refused', () => {
    const { domain, guest } = factsOf('rocky-8-lvm');
    expect(() => layoutOf('db1', domain, guest, { vda: '/dev/vdb' })).toThrow(
      expect.objectContaining({ code: 'bug' }),
    );
  });
});

const segment = fc.stringMatching(/^[a-zA-Z0-9 ._-]{1,8}$/).filter(text => !/^\.+$/.test(text));
const mountpoint = fc.array(segment, { minLength: 1, maxLength: 4 }).map(parts => `/${parts.join('/')}`);

/** Machines of one to four disks, each a whole file system, mounted anywhere, in any order. */
const machines = fc
  .tuple(fc.uniqueArray(mountpoint, { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 1000 }))
  .map(([points, turn]) => {
    const { domain, guest } = factsOf('debian-12');
    const all = ['/', ...points];
    const name = (index: number): string => `vd${String.fromCharCode(97 + index)}`;
    const size = (index: number): number => (index + 1) * 1024 ** 3;
    const uuid = (index: number): string => `00000000-0000-4000-8000-00000000000${index}`;
    const order = all.map((_, index) => (index + turn) % all.length);
    return {
      domain: {
        ...domain,
        disks: order.map(index => ({
          target: name(index),
          source: `/images/${index}`,
          format: 'qcow2',
          bus: 'virtio',
          capacity: size(index),
          allocation: 0,
        })),
      },
      guest: {
        ...guest,
        partitionTables: {},
        blocks: all.map((_, index) => ({
          device: `/dev/${name(index)}`,
          type: 'disk',
          size: size(index),
          fstype: 'ext4',
          uuid: uuid(index),
        })),
        fileSystems: order.map(index => ({
          mountpoint: all[index] ?? '/',
          device: `/dev/${name(index)}`,
          type: 'ext4',
          uuid: uuid(index),
          size: size(index),
          used: 0,
          inodesUsed: 0,
        })),
      },
    };
  });

describe('any layout', () => {
  it('mounts parents before children, below /mnt/t only', () => {
    fc.assert(
      fc.property(machines, ({ domain, guest }) => {
        const devices = Object.fromEntries(domain.disks.map((d, i) => [d.target, `/dev/vd${'bcdefghi'[i]}`]));
        const { mounts } = layoutOf('web1', domain, guest, devices);
        expect(mounts).toHaveLength(guest.fileSystems.length);
        for (const [index, mount] of mounts.entries()) {
          expect(mount.path === '/mnt/t' || mount.path.startsWith('/mnt/t/')).toBe(true);
          for (const later of mounts.slice(index + 1)) {
            expect(mount.path.startsWith(`${later.path}/`)).toBe(false);
          }
        }
      }),
    );
  });

  it('writes each file system to the disk that bears its serial', () => {
    fc.assert(
      fc.property(machines, ({ domain, guest }) => {
        const devices = Object.fromEntries(domain.disks.map((d, i) => [d.target, `/dev/vd${'bcdefghi'[i]}`]));
        const layout = layoutOf('web1', domain, guest, devices);
        for (const format of layout.formats) {
          const source = guest.fileSystems.find(fs => fs.uuid === format.uuid)?.device;
          expect(format.device).toBe(devices[source?.slice('/dev/'.length) ?? '']);
          expect(format.argv.at(-1)).toBe(format.device);
          expect(format.argv).toContain(format.uuid);
          expect(format.argv.some(isUnknown)).toBe(false);
        }
        expect(new Set(layout.formats.map(f => f.device)).size).toBe(layout.formats.length);
      }),
    );
  });
});

describe('rewriteDump', () => {
  it('changes names and nothing else', () => {
    const { guest } = factsOf('alma-9');
    const dump = guest.partitionTables['/dev/sda'] ?? '';
    expect(rewriteDump(dump, '/dev/sda', '/dev/vdb').trim()).toBe(
      dump.replaceAll('/dev/sda', '/dev/vdb').trim(),
    );
  });

  it('drops the empty slots and comments of old dumps', () => {
    const { guest } = factsOf('centos-7');
    expect(rewriteDump(guest.partitionTables['/dev/vda'] ?? '', '/dev/vda', '/dev/vdc')).toBe(
      [
        'unit: sectors',
        '',
        '/dev/vdc1 : start=     2048, size=  2097152, Id=83, bootable',
        '/dev/vdc2 : start=  2099200, size=  4194304, Id=82',
        '/dev/vdc3 : start=  6293504, size= 56621056, Id=83',
        '',
      ].join('\n'),
    );
  });

  it('knows disks whose partitions carry a p', () => {
    const dump =
      'label: gpt\ndevice: /dev/nvme0n1\n\n/dev/nvme0n1p2 : start=1, size=2, name="/dev/nvme0n1p2"\n';
    expect(rewriteDump(dump, '/dev/nvme0n1', '/dev/vdb')).toBe(
      'label: gpt\ndevice: /dev/vdb\n\n/dev/vdb2 : start=1, size=2, name="/dev/nvme0n1p2"\n',
    );
  });
});
