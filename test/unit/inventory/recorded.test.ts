import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../../src/estate/guest/findings.ts';
import { parseDf, parseOsRelease } from '../../../src/inventory/guest/guest.ts';
import { readDomain } from '../../../src/inventory/machine/domain.ts';
import { refuseStranger } from '../../../src/inventory/machine/step.ts';
import { domainFacts, guestFacts } from '../../../src/journal/facts.ts';
import { guestDevices } from '../../../src/tools/disk-map.ts';
import { unsupportedLayout } from '../../../src/tools/unsupported.ts';
import { factsOf, RECORDED, recordedHost } from '../../support/recorded-host.ts';

describe('recorded hosts', () => {
  it.each(RECORDED)('%s gives facts that the journal accepts', name => {
    const { domain, guest } = factsOf(name);
    expect(domainFacts.parse(domain)).toEqual(domain);
    expect(guestFacts.parse(guest)).toEqual(guest);
  });

  it('debian-12: mounts of its own only, the swap file, sockets once', () => {
    const { domain, guest, reading } = factsOf('debian-12');
    expect(guest.fileSystems.map(fs => [fs.mountpoint, fs.type, fs.inodesUsed])).toEqual([
      ['/', 'ext4', 68_211],
      ['/boot/efi', 'vfat', 0],
    ]);
    expect(guest.blocks.map(b => b.device)).toEqual(['/dev/vda', '/dev/vda1', '/dev/vda14', '/dev/vda15']);
    expect(guest.blocks[1]?.parent).toBe('/dev/vda');
    expect(guest.swap).toEqual([{ path: '/var/swap file', size: 1_048_572 * 1024 }]);
    expect(guest.sockets).toContainEqual({ protocol: 'tcp', address: '::', port: 22, process: 'sshd' });
    expect(guest.services).toEqual(['chrony.service', 'nginx.service', 'ssh.service']);
    expect(guest.addresses).toEqual(['10.10.0.21']);
    expect(reading.macs).toEqual(['52:54:00:0a:0b:0c']);
    expect(guest.bootMode).toBe('bios');
    expect(guest.rsync).toMatchObject({ version: '3.2.7', protocol: 31, nanoseconds: true, acls: true });
    expect(guest.rsync.checksums).toEqual(['xxh128', 'xxh3', 'xxh64', 'md5', 'md4', 'sha1', 'none']);
    expect(domain.disks.map(d => d.target)).toEqual(['vda']);
    expect(domain).toMatchObject({ firmware: 'bios', memory: 4 * 1024 ** 3, vcpus: 2 });
    expect(domain.uuid).toBe(guest.productUuid);
    expect(domain.interfaces).toEqual([{ mac: '52:54:00:0a:0b:0c', network: 'prod', model: 'virtio' }]);
    expect(unsupportedLayout(domain, guest)).toEqual([]);
  });

  it('ubuntu-24.04: UEFI, a disk told by its serial, several kinds of interface, no escape sequence', () => {
    const { domain, guest } = factsOf('ubuntu-24.04');
    expect(domain.firmware).toBe('uefi');
    expect(domain.vcpus).toBe(4);
    expect(domain.disks.map(d => d.source)).toEqual(['default/files1.qcow2', '/dev/vg0/files1-data']);
    expect(domain.interfaces.map(i => i.network)).toEqual(['br0', 'eno2']);
    expect(guestDevices(domain, guest.blocks)).toEqual(
      new Map([
        ['sda', '/dev/sda'],
        ['vda', '/dev/vda'],
      ]),
    );
    expect(guest.bootMode).toBe('uefi');
    expect(guest.fileSystems.map(fs => fs.mountpoint)).toEqual(['/', '/boot', '/boot/efi', '/srv/shares']);
    expect(guest.swap).toEqual([
      { path: '/dev/vda4', size: 1_046_524 * 1024, uuid: 'e0c1b2a3-1234-4cde-8f01-23456789ab04' },
    ]);
    expect(guest.sockets.map(s => s.process)).toEqual(['systemd-resolve', 'smbd', 'agent\\x1b[31m']);
    expect(guest.services).toContain('smbd.service');
    expect(Object.keys(guest.partitionTables)).toEqual(['/dev/vda']);
    expect(unsupportedLayout(domain, guest)).toEqual([]);
  });

  it('alma-9: XFS, a drive without a medium is no disk', () => {
    const { domain, guest } = factsOf('alma-9');
    expect(domain.disks.map(d => [d.target, d.capacity])).toEqual([['sda', 42_949_672_960]]);
    expect(domain.firmware).toBe('uefi');
    expect(guest.fileSystems.map(fs => [fs.type, fs.label])).toEqual([
      ['xfs', 'root'],
      ['xfs', undefined],
      ['vfat', 'EFI'],
    ]);
    expect(unsupportedLayout(domain, guest)).toEqual([]);
  });

  it('centos-7: everything the long way round, because its tools speak no JSON', () => {
    const { domain, guest, reading } = factsOf('centos-7');
    expect(guest.fileSystems).toEqual([
      {
        mountpoint: '/',
        device: '/dev/vda3',
        type: 'xfs',
        uuid: '07070707-0000-4000-8000-000000000003',
        size: 28_298_752 * 1024,
        used: 9_123_456 * 1024,
        inodesUsed: 81_234,
      },
      {
        mountpoint: '/boot',
        device: '/dev/vda1',
        type: 'ext4',
        uuid: '07070707-0000-4000-8000-000000000001',
        size: 999_320 * 1024,
        used: 153_600 * 1024,
        inodesUsed: 340,
      },
    ]);
    expect(guest.addresses).toEqual(['10.10.0.51']);
    expect(reading.macs).toEqual(['52:54:00:c7:00:01']);
    expect(guest.productUuid).toBe(domain.uuid);
    expect(guest.rsync).toMatchObject({
      version: '3.1.2',
      nanoseconds: false,
      compress: ['zlib'],
      checksums: ['md5', 'md4'],
      acls: true,
      xattrs: true,
    });
    expect(domain.memory).toBe(2 * 1024 ** 3);
    expect(unsupportedLayout(domain, guest)).toEqual([]);
  });

  it('debian-12-lvm: a volume group with all it takes to make it again, and what acts twice', () => {
    const { domain, guest } = factsOf('debian-12-lvm');
    const [group] = guest.volumeGroups ?? [];
    expect(group).toMatchObject({
      name: 'vg_data',
      uuid: 'eQzG69-sCMG-B98S-4M7o-LGk0-bAxe-rX0YWZ',
      physical: [{ device: '/dev/vdb1', uuid: 'sT1lhd-uQMA-hEbn-Ciz3-KEPR-He76-soo3uB' }],
      logical: [
        { device: '/dev/mapper/vg_data-archive', kind: 'linear', size: 536_870_912 },
        { device: '/dev/mapper/vg_data-srv', kind: 'linear', size: 1_073_741_824 },
      ],
    });
    expect(group?.backup).toMatch(/^vg_data \{\nid = "eQzG69-[\s\S]*contents = "Text Format Volume Group"/);
    expect(guest.fileSystems.map(fs => fs.device)).toEqual([
      '/dev/vda1',
      '/dev/mapper/vg_data-srv',
      '/dev/mapper/vg_data-archive',
    ]);
    expect(unsupportedLayout(domain, guest)).toEqual([]);
    expect(guest.boot).toMatchObject({
      loader: 'grub',
      kernels: [
        {
          version: '6.1.0-50-cloud-amd64',
          drivers: { virtio_blk: 'included', virtio_pci: 'included', virtio_net: 'included' },
        },
      ],
    });
    expect(guest.boot?.tools).toContain('update-initramfs');
    expect(guest.network).toEqual([
      {
        ...{ manager: 'ifupdown', file: '/etc/network/interfaces', interface: 'enp1s0', dhcp: false },
        ...{ addresses: ['10.77.1.12/24'], gateway: '10.77.1.254' },
      },
    ]);
    expect(guest.links).toEqual([
      { name: 'enp1s0', mac: '52:54:00:77:01:12', addresses: ['10.77.1.12/24'], up: true },
    ]);
    expect(guest.hostKeys).toHaveLength(3);
    expect(guest.enabledUnits).toContain('ssh.service');
    expect(guest.failedUnits).toEqual([]);
    expect(guest.actsTwice?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'cron cron.service',
      'timer scrub-drawings.timer',
      'cron /etc/cron.d/nightly-backup',
      'update /etc/cron.daily/apt-compat',
    ]);
    expect(findingsOf(guest)).toEqual([]);
  });

  it('debian-12-netplan: the same from netplan', () => {
    const { domain, guest } = factsOf('debian-12-netplan');
    expect(guest.network).toMatchObject([
      { manager: 'netplan', interface: 'enp1s0', addresses: ['10.77.1.13/24'], gateway: '10.77.1.254' },
    ]);
    expect(guest.volumeGroups).toEqual([]);
    expect(guest.actsTwice?.map(({ name }) => name)).toContain('mail-queue.timer');
    expect(unsupportedLayout(domain, guest)).toEqual([]);
    expect(findingsOf(guest)).toEqual([]);
  });

  it('rocky-8-lvm: read in full, refused with what was found; no root, so known by its MAC', () => {
    const { domain, guest, reading } = factsOf('rocky-8-lvm');
    expect(guest.blocks.map(b => b.device)).toContain('/dev/mapper/rl-root');
    expect(guest.fileSystems[0]).toMatchObject({ device: '/dev/mapper/rl-root', used: 20_401_094_656 });
    expect(guest.rsync).toMatchObject({ acls: false, xattrs: true, nanoseconds: true });
    expect(domain.disks[0]?.source).toBe('rbd:vms/db1');
    expect(unsupportedLayout(domain, guest).map(f => f.found)).toEqual([
      'LVM on /dev/vda2, /dev/mapper/rl-root, /dev/mapper/rl-swap that could not be read',
    ]);
    expect(guest.productUuid).toBeUndefined();
    expect(() => refuseStranger(domain, reading, 'db1')).not.toThrow();
  });
});

describe('who answered', () => {
  it('refuses a guest with another UUID, even when a MAC is shared', () => {
    const { domain, reading } = factsOf('debian-12');
    const other = { ...domain, uuid: '00000000-0000-4000-8000-000000000000' };
    expect(() => refuseStranger(other, reading, 'web1')).toThrow(
      expect.objectContaining({ code: 'identity.mismatch' }),
    );
  });

  it('refuses a guest without UUID that shares no MAC with the domain', () => {
    const { domain } = factsOf('debian-12');
    const { reading } = factsOf('rocky-8-lvm');
    expect(() => refuseStranger(domain, reading, 'web1')).toThrow(
      expect.objectContaining({ code: 'identity.mismatch' }),
    );
  });
});

describe('single answers', () => {
  it('reads os-release in all its quotings', () => {
    expect(parseOsRelease(`ID='alpine'\nVERSION_ID=3.20\nPRETTY_NAME="A \\"q\\" \u001b[2J"`)).toEqual({
      id: 'alpine',
      version: '3.20',
      pretty: 'A "q" \\x1b[2J',
    });
    expect(parseOsRelease('')).toEqual({ id: 'linux', version: '', pretty: 'linux' });
  });

  it('reads df with mount points that hold spaces', () => {
    const text = 'Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/vdb 10 3 7 30% /srv/a b\n';
    expect(parseDf(text)).toEqual(new Map([['/srv/a b', { total: 10, used: 3 }]]));
  });

  it('takes no other XML for a domain', () => {
    expect(readDomain('<pool><name>x</name></pool>', '', 'running')).toBeUndefined();
    expect(readDomain('<domain><name>x', '', 'running')).toBeUndefined();
    expect(readDomain(recordedHost('debian-12').dumpxml, '', 'running')?.disks[0]?.capacity).toBe(0);
  });
});
