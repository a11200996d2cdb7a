import { describe, expect, it } from 'vitest';
import { lvmTwins, neededPrograms, parsePvs } from '../../../src/build/receiver/receiver-tools.ts';
import { groupDeeds, mountAction } from '../../../src/build/replica/deeds.ts';
import { layoutOf } from '../../../src/build/replica/layout.ts';
import { refuseOverCopy, remaining } from '../../../src/build/replica/remaining.ts';
import { sharedIdentifiers } from '../../../src/build/replica/shared-identifiers.ts';
import { lvmConfig } from '../../../src/build/replica/volume-groups.ts';
import type { BlockFacts, GuestFacts } from '../../../src/journal/facts.ts';
import { describe as line } from '../../../src/step/action.ts';
import { factsOf } from '../../support/recorded-host.ts';
import { Story } from '../../support/state.ts';

const recorded = factsOf('rocky-8-lvm');
const PV = 'Zk3aYt-qqqq-wwww-eeee-rrrr-tttt-yyyyyy';
const group = {
  name: 'rl',
  uuid: 'VGUUID',
  physical: [{ device: '/dev/vda2', uuid: PV, size: 52_612_300_800 }],
  logical: [
    { name: 'root', device: '/dev/mapper/rl-root', uuid: 'LV1', size: 39_724_253_184, kind: 'linear' },
    { name: 'swap', device: '/dev/mapper/rl-swap', uuid: 'LV2', size: 5_368_709_120, kind: 'linear' },
  ],
  backup: 'rl { id = "VGUUID" }\n',
};
const guest: GuestFacts = { ...recorded.guest, volumeGroups: [group] };
const layout = layoutOf('db1', recorded.domain, guest, { vda: '/dev/sda' });
const view = new Story().view;

describe('a volume group of the replica', () => {
  it('is restored with its identifiers, and its volumes are formatted and mounted as on the source', () => {
    const [only] = layout.groups;
    if (only === undefined) throw new Error('one group');
    const { backup, create, restore, activate, deactivate } = groupDeeds(view, 'db1', layout, only);
    const filter = '["a|^/dev/sda2$|","r|.*|"]';
    const config = `'devices{use_devicesfile=0 filter=${filter} global_filter=${filter}}'`;
    const lock = 'flock -o -w 600 /run/landfall-build.lock';
    const file = '/run/landfall/miami-to-dallas/lvm-rl';
    expect([backup, ...create.map(({ action }) => action), restore, activate, deactivate].map(line)).toEqual([
      `write ${file} (mode 0600)`,
      `${lock} pvcreate --config ${config} --yes --uuid ${PV} --restorefile ${file} /dev/sda2`,
      `${lock} vgcfgrestore --config ${config} --file ${file} rl`,
      `vgchange --config ${config} -ay rl`,
      `vgchange --config 'devices{use_devicesfile=0}' -an rl`,
    ]);
    expect(backup.content).toBe(group.backup);
    expect(layout.formats.map(format => format.argv.join(' '))).toEqual([
      'mkfs.xfs -q -f -m uuid=a0000000-0000-4000-8000-000000000002 /dev/sda1',
      'mkfs.xfs -q -f -m uuid=a0000000-0000-4000-8000-000000000001 /dev/mapper/rl-root',
      'mkswap -U a0000000-0000-4000-8000-000000000003 /dev/mapper/rl-swap',
    ]);
    expect(layout.mounts.map(mount => line(mountAction('r', mount, [])))).toEqual([
      'mount /dev/mapper/rl-root /mnt/t',
      'mount /dev/sda1 /mnt/t/boot',
    ]);
  });

  it('is limited to disks that are known, and says which it waits for', () => {
    expect(lvmConfig(layoutOf('db1', recorded.domain, guest, undefined).groups)).toMatchObject({
      unknown: expect.stringContaining('lf-vda'),
      from: 'build/db1/attach',
    });
  });

  it.each([
    [
      'a kind whose truth is not in the backup',
      { ...group, logical: [{ ...group.logical[0], kind: 'thin' }] },
    ],
    ['a backup that could not be read', { ...group, backup: '' }],
    [
      'a disk that is none of the machine',
      { ...group, physical: [{ ...group.physical[0], device: '/dev/vdz' }] },
    ],
  ])('is refused with %s', (_what, odd) => {
    const broken = { ...guest, volumeGroups: [odd] } as GuestFacts;
    expect(() => layoutOf('db1', recorded.domain, broken, { vda: '/dev/sda' })).toThrow();
  });

  it('that is half made is completed, and a whole one is left alone', () => {
    const disk: BlockFacts = { device: '/dev/sda', type: 'disk', size: 53_687_091_200, serial: 'lf-vda' };
    const part = (number: number, more: Partial<BlockFacts> = {}): BlockFacts => {
      const source = guest.blocks.find(block => block.device === `/dev/vda${number}`);
      if (source === undefined) throw new Error('no such partition');
      const { fstype: _f, uuid: _u, ...bare } = source;
      return { ...bare, device: `/dev/sda${number}`, parent: '/dev/sda', ...more };
    };
    const boot = { fstype: 'xfs', uuid: 'a0000000-0000-4000-8000-000000000002' };
    const member = { fstype: 'LVM2_member', uuid: PV };
    const volume = (name: string, fstype: string, uuid: string): BlockFacts => ({
      device: `/dev/mapper/rl-${name}`,
      type: 'lvm',
      size: 1,
      parent: '/dev/sda2',
      fstype,
      uuid,
    });
    const volumes = [
      volume('root', 'xfs', 'a0000000-0000-4000-8000-000000000001'),
      volume('swap', 'swap', 'a0000000-0000-4000-8000-000000000003'),
    ];
    const todo = (...blocks: BlockFacts[]): [number, number, number] => {
      const { partition, physical, format } = remaining(layout, blocks, 'r');
      return [partition.length, physical.length, format.length];
    };
    expect(todo(disk)).toEqual([1, 1, 3]);
    expect(todo(disk, part(1), part(2))).toEqual([0, 1, 3]);
    expect(todo(disk, part(1, boot), part(2, member))).toEqual([0, 0, 2]);
    expect(todo(disk, part(1, boot), part(2, member), ...volumes)).toEqual([0, 0, 0]);
    const foreign = expect.objectContaining({ code: 'build.foreign-object' });
    expect(() => todo(disk, part(1, boot), part(2, { ...member, uuid: 'another' }))).toThrow(foreign);
    expect(() => todo(disk, part(1, boot), part(2, boot))).toThrow(foreign);
    const copied = new Story().observe('web1').startPass('web1', 1).state.machines['web1'];
    const bare = remaining(layout, [disk, part(1, boot), part(2)], 'r');
    expect(() => refuseOverCopy(copied, bare, 'r')).toThrow(foreign);
  });

  it('does not count as the receiver’s own when names are compared', () => {
    const blocks: BlockFacts[] = [
      { device: '/dev/vda', type: 'disk', size: 1 },
      { device: '/dev/sda', type: 'disk', size: 1 },
      { device: '/dev/sda2', type: 'part', size: 1, parent: '/dev/sda', fstype: 'LVM2_member', uuid: PV },
      {
        device: '/dev/mapper/rl-root',
        type: 'lvm',
        size: 1,
        parent: '/dev/sda2',
        uuid: 'a0000000-0000-4000-8000-000000000001',
      },
    ];
    expect(sharedIdentifiers(layout, guest, blocks, [])).toEqual([]);
  });
});

describe('what the image must bring', () => {
  it('follows from the layout of the source', () => {
    expect(neededPrograms(guest)).toEqual([
      'rsync',
      'flock',
      'sfdisk',
      'mkfs.xfs',
      'mkswap',
      'pvcreate',
      'vgcfgrestore',
      'vgchange',
      'pvs',
    ]);
    expect(neededPrograms(factsOf('debian-12').guest)).toEqual([
      'rsync',
      'flock',
      'sfdisk',
      'mkfs.ext4',
      'mkfs.vfat',
    ]);
  });

  it('must not be a volume group or a physical volume of the same name', () => {
    const rows = parsePvs(
      '{"report":[{"pv":[{"pv_name":"/dev/vda3","pv_uuid":"own","vg_name":"rl"},{"pv_name":"/dev/sda2","pv_uuid":"x","vg_name":"rl"}]}]}',
    );
    if (rows === undefined) throw new Error('a report');
    expect(lvmTwins(guest, rows, ['/dev/sda'])).toEqual(['volume group rl']);
    expect(lvmTwins(guest, rows.slice(1), ['/dev/sda'])).toEqual([]);
    expect(lvmTwins(guest, [{ device: '/dev/vda3', uuid: PV, group: 'other' }], [])).toEqual([
      `physical volume ${PV}`,
    ]);
  });
});

it('XFS is mounted beside a twin of the receiver only where there is one', () => {
  const [root] = layout.mounts;
  if (root === undefined) throw new Error('a root');
  expect(line(mountAction('r', root, [root.uuid.toUpperCase()]))).toBe(
    'mount -o nouuid /dev/mapper/rl-root /mnt/t',
  );
  expect(line(mountAction('r', { ...root, fstype: 'ext4' }, [root.uuid]))).toBe(
    'mount /dev/mapper/rl-root /mnt/t',
  );
});
