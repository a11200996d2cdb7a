import { describe, expect, it } from 'vitest';
import { findingsOf, type GuestFinding } from '../../../../src/estate/guest/findings.ts';
import type { FstabEntry, GuestFacts, NetworkConfigFacts } from '../../../../src/journal/facts.ts';
import { parseFstab } from '../../../../src/tools/fstab.ts';
import { factsOf, RECORDED } from '../../../support/recorded-host.ts';

const { guest } = factsOf('debian-12-lvm');
const checks = (facts: GuestFacts): GuestFinding['check'][] => findingsOf(facts).map(({ check }) => check);
const withLines = (...lines: readonly string[]): GuestFacts => {
  const before: readonly FstabEntry[] = guest.fstab ?? [];
  return { ...guest, fstab: [...before, ...parseFstab(lines.join('\n'))] };
};

it.each(RECORDED)('%s raises no alarm', name => {
  expect(findingsOf(factsOf(name).guest)).toEqual([]);
});

describe('fstab', () => {
  it('says which line would stop a restart, and that it would at the source', () => {
    const facts = withLines('UUID=11111111-2222-4333-8444-555555555555 /data ext4 defaults 0 2');
    expect(findingsOf(facts)).toEqual([
      {
        check: 'fstab-uuid',
        found:
          'line 1 of /etc/fstab (/data) wants UUID 11111111-2222-4333-8444-555555555555, which no device has: this machine would not survive a restart, not even at the source',
        help: expect.stringContaining('blkid'),
      },
    ]);
  });

  it.each([
    ['UUID=00000000-1111-4222-8333-444444444444 none swap sw 0 0', 'fstab-uuid'],
    ['PARTUUID=00000000-07 /data ext4 defaults', 'fstab-uuid'],
    ['/dev/disk/by-uuid/00000000-1111-4222-8333-444444444444 /data ext4', 'fstab-uuid'],
    ['/dev/vdz1 /data ext4 defaults', 'fstab-device'],
    ['/dev/mapper/vg_data-gone /data ext4 defaults', 'fstab-device'],
    ['/dev/vg_data/gone /data ext4 defaults', 'fstab-device'],
  ])('%s is missed', (line, check) => {
    expect(checks(withLines(line))).toEqual([check]);
  });

  it.each([
    'UUID=00000000-1111-4222-8333-444444444444 /data ext4 noauto 0 0',
    'UUID=00000000-1111-4222-8333-444444444444 /data ext4 defaults,nofail 0 0',
    'UUID=00000000-1111-4222-8333-444444444444 /data ext4 x-systemd.automount 0 0',
    'UUID=91432A60-1218-45D1-B7B8-353B60B0B2CC none swap sw 0 0',
    'UUID="2cb3214e-8b58-4115-8eb1-8f299b9a98fb" /srv/archive ext4 defaults',
    'LABEL=anything /data ext4 defaults',
    'PARTLABEL=anything /data ext4 defaults',
    '/dev/disk/by-id/virtio-x /data ext4 defaults',
    '/dev/disk/by-label/x /data ext4 defaults',
    '/dev/vg_data/srv /srv ext4 defaults',
    '/dev/vda1 / ext4 defaults',
    '/dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0',
    '/dev/cdrom /mnt iso9660 ro 0 0',
    'nas:/export /mnt/nfs nfs defaults 0 0',
    '//nas/share /mnt/cifs cifs credentials=/root/x 0 0',
    'tmpfs /tmp tmpfs defaults 0 0',
    '/srv/a /srv/b none bind 0 0',
    '/swapfile none swap sw 0 0',
    'user@host:/x /mnt/ssh fuse.sshfs defaults 0 0',
  ])('%s raises no alarm', line => {
    expect(checks(withLines(line))).toEqual([]);
  });

  it('does not judge by identifiers that nobody could read', () => {
    const blocks = guest.blocks.map(({ uuid: _uuid, partuuid: _part, ...block }) => block);
    expect(checks({ ...guest, blocks })).toEqual([]);
  });

  it('names what was mounted by hand, but nothing that a mount unit does', () => {
    const fstab = (guest.fstab ?? []).filter(entry => entry.mountpoint !== '/srv/archive');
    expect(checks({ ...guest, fstab })).toEqual(['mount-by-hand']);
    const enabledUnits = [...(guest.enabledUnits ?? []), 'srv-archive.mount'];
    expect(checks({ ...guest, fstab, enabledUnits })).toEqual([]);
  });
});

describe('boot', () => {
  const boot = guest.boot;
  const [kernel] = boot?.kernels ?? [];
  if (boot === undefined || kernel === undefined) throw new Error('the fixture has a kernel');
  const without = (change: Partial<typeof kernel>): GuestFacts => ({
    ...guest,
    boot: { ...boot, kernels: [{ ...kernel, ...change }] },
  });
  const drivers = { ...kernel.drivers, virtio_blk: 'missing' as const };

  it('names the driver without which the root is not found, and how to put it in', () => {
    expect(findingsOf(without({ drivers }))).toEqual([
      {
        check: 'initramfs-virtio',
        found:
          'the initramfs of kernel 6.1.0-50-cloud-amd64 lacks virtio_blk: it cannot mount a root on a virtio disk',
        help: expect.stringContaining('update-initramfs -u -k 6.1.0-50-cloud-amd64'),
      },
    ]);
  });

  it('says nothing of drivers that nobody could look for, of old kernels, and of other disks', () => {
    const unknown = Object.fromEntries(Object.keys(kernel.drivers).map(name => [name, 'unknown' as const]));
    expect(checks(without({ drivers: unknown }))).toEqual([]);
    const old = { ...kernel, version: '6.1.0-9-cloud-amd64', drivers };
    expect(checks({ ...guest, boot: { ...boot, kernels: [old, kernel] } })).toEqual([]);
    const blocks = guest.blocks.map(block => ({ ...block, device: block.device.replace('/vd', '/sd') }));
    const sata = { ...without({ drivers }), blocks, fstab: [] };
    expect(checks(sata)).toEqual([]);
  });

  it('takes the newest kernel by its numbers, not by its letters', () => {
    const newest = { ...kernel, version: '6.1.0-100-cloud-amd64', drivers };
    expect(checks({ ...guest, boot: { ...boot, kernels: [newest, kernel] } })).toEqual(['initramfs-virtio']);
  });

  it('names a machine that something outside starts', () => {
    expect(checks({ ...guest, boot: { ...boot, loader: 'none' } })).toEqual(['boot-loader']);
    expect(checks({ ...guest, boot: { ...boot, loader: 'unknown' } })).toEqual([]);
  });
});

describe('network', () => {
  const [config] = guest.network ?? [];
  if (config === undefined) throw new Error('the fixture has a configuration');
  const withConfig = (...more: readonly Partial<NetworkConfigFacts>[]): GuestFacts => ({
    ...guest,
    network: [config, ...more.map(change => ({ ...config, ...change }))],
  });

  it('names an interface that the machine does not have', () => {
    const facts = { ...guest, network: [{ ...config, interface: 'eth0' }] };
    expect(findingsOf(facts).map(({ found }) => found)).toEqual([
      '/etc/network/interfaces configures eth0, which this machine does not have (it has enp1s0)',
    ]);
    expect(checks({ ...guest, network: [{ ...config, mac: '52:54:00:00:00:99' }] })).toEqual(['nic-mac']);
  });

  it.each([
    ['a second address', { interface: 'enp1s0:1' }],
    ['a VLAN', { interface: 'enp1s0.12' }],
    ['a bridge', { interface: 'br0' }],
    ['a bond', { interface: 'bond0' }],
    ['no address wanted', { interface: 'eth7', addresses: [], dhcp: false }],
    ['an old profile of NetworkManager', { interface: 'eth7', manager: 'networkmanager' }],
  ] as const)('%s raises no alarm', (_name, change) => {
    expect(checks(withConfig(change as Partial<NetworkConfigFacts>))).toEqual([]);
  });

  it('says nothing without a list of interfaces', () => {
    const facts = { ...guest, network: [{ ...config, interface: 'eth0' }], links: [] };
    expect(checks(facts)).toEqual([]);
  });
});

it('tells what failed already, and that host keys are elsewhere', () => {
  expect(checks({ ...guest, failedUnits: ['a.service'], hostKeys: [] })).toEqual([
    'failed-units',
    'host-keys',
  ]);
});
