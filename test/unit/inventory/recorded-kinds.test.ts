import { describe, expect, it } from 'vitest';
import { type GuestReading, readGuest } from '../../../src/inventory/guest/guest.ts';
import { decodeSections, type Sections } from '../../../src/inventory/guest/sections.ts';
import { readSurvey } from '../../../src/inventory/survey/survey.ts';
import { collectorOutput, recordedGuest } from '../../support/recorded-host.ts';

const sectionsOf = (name: string): Sections => decodeSections(collectorOutput(recordedGuest(name)), name);
const read = (name: string): GuestReading => readGuest(sectionsOf(name), name);

describe('recorded guests of other kinds', () => {
  it('alpine-3.20: busybox alone, read from the tables of the kernel', () => {
    const { facts, macs, rsync } = read('alpine-3.20');
    expect(facts.os).toEqual({ id: 'alpine', version: '3.20.3', pretty: 'Alpine Linux v3.20' });
    expect(facts.fileSystems.map(fs => [fs.mountpoint, fs.device, fs.used, fs.inodesUsed])).toEqual([
      ['/', '/dev/vda3', 412_344 * 1024, 19_872],
      ['/boot', '/dev/vda1', 31_264 * 1024, 324],
    ]);
    expect(facts.machineId).toBe('');
    expect(facts.addresses).toEqual(['10.10.0.53']);
    expect(macs).toEqual(['52:54:00:a1:00:01']);
    expect(rsync).toMatchObject({ version: '3.3.0', acls: true });
  });

  it('sles-15: each subvolume of btrfs by its own name, numbers in quotes, wicked', () => {
    const { facts } = read('sles-15');
    expect(facts.bootMode).toBe('uefi');
    expect(facts.fileSystems.map(fs => [fs.mountpoint, fs.type])).toEqual([
      ['/', 'btrfs'],
      ['/.snapshots', 'btrfs'],
      ['/boot/efi', 'vfat'],
      ['/boot/grub2/x86_64-efi', 'btrfs'],
      ['/home', 'btrfs'],
      ['/opt', 'btrfs'],
      ['/var', 'btrfs'],
      ['/hana/data', 'xfs'],
    ]);
    expect(facts.fileSystems[0]?.device).toBe('/dev/vda2');
    expect(facts.fileSystems.at(-1)?.used).toBe(64_424_509_440);
    expect(facts.network).toMatchObject([{ interface: 'eth0', addresses: ['10.10.0.75/24'] }]);
  });

  it('ubuntu-zfs: datasets have names where others have devices', () => {
    const { facts, rsync } = read('ubuntu-zfs');
    expect(facts.fileSystems.map(fs => [fs.mountpoint, fs.device, fs.type])).toEqual([
      ['/', 'rpool/ROOT/ubuntu_k7x2fq', 'zfs'],
      ['/srv', 'rpool/ROOT/ubuntu_k7x2fq/srv', 'zfs'],
      ['/boot', 'bpool/BOOT/ubuntu_k7x2fq', 'zfs'],
      ['/boot/efi', '/dev/vda1', 'vfat'],
    ]);
    expect(facts.blocks.filter(({ fstype }) => fstype === 'zfs_member')).toHaveLength(2);
    expect(rsync).toBeUndefined();
  });

  it('debian-12-localized: what is a number or a device is read, words of another language are not taken for facts', () => {
    const { facts, rsync } = read('debian-12-localized');
    expect(facts.hostname).toBe('büro1');
    expect(facts.fileSystems.map(fs => [fs.mountpoint, fs.used])).toEqual([
      ['/', 2_318_556 * 1024],
      ['/srv/Große Daten', 0],
    ]);
    expect(facts.addresses).toEqual(['10.10.0.49']);
    expect(rsync).toBeUndefined();
  });

  it('debian-12-luks: a volume group on an encrypted disk is read whole, and the place of its key stays at home', () => {
    const { facts } = read('debian-12-luks');
    expect(
      facts.volumeGroups?.map(({ name, physical }) => [name, physical.map(each => each.device)]),
    ).toEqual([
      ['vg_data', ['/dev/vdb1']],
      ['vg_vault', ['/dev/mapper/vault']],
    ]);
    expect(facts.blocks.find(({ device }) => device === '/dev/vdc')?.fstype).toBe('crypto_LUKS');
    expect(facts.blocks.find(({ type }) => type === 'crypt')?.parent).toBe('/dev/vdc');
    expect(facts.fileSystems.at(-1)).toMatchObject({
      ...{ mountpoint: '/srv2/contracts', device: '/dev/mapper/vg_vault-contracts' },
    });
    expect(JSON.stringify([...sectionsOf('debian-12-luks')])).not.toContain('vault.key');
  });

  it('debian-12-docker: a container with the places that it writes, the rules that Docker made, a database', () => {
    const { survey } = readSurvey(sectionsOf('debian-12-docker'));
    expect(survey.gaps).toEqual([]);
    expect(survey.containers).toMatchObject([
      {
        ...{ engine: 'docker', name: 'cache', image: 'shop/cache:1.4', state: 'running' },
        restart: 'unless-stopped',
      },
    ]);
    expect(survey.containers?.[0]?.volumes.join()).toMatch(/^\/srv\/cache:.*,.*cache-data/);
    expect(survey.firewall).toMatchObject({ kind: 'nftables', addresses: ['172.17.0.0/16', '172.17.0.2'] });
    expect(survey.dataServices).toMatchObject([{ engine: 'MariaDB', process: 'mariadbd' }]);
    expect(survey.packages).toMatchObject({ manager: 'dpkg', count: 223 });
  });

  it('debian-12-dead-nfs: a share that nobody wrote down and whose server is silent, btrfs, an expired certificate', () => {
    const { facts } = read('debian-12-dead-nfs');
    expect(facts.fileSystems.map(fs => [fs.mountpoint, fs.device, fs.type])).toEqual([
      ['/', '/dev/vda2', 'ext4'],
      ['/srv/photos', '/dev/vdb', 'btrfs'],
      ['/srv/2026', '/dev/vdb', 'btrfs'],
    ]);
    const { survey, peers } = readSurvey(sectionsOf('debian-12-dead-nfs'));
    expect(survey.shares).toMatchObject([
      {
        ...{ mountpoint: '/srv/www/theme', type: 'nfs4', server: '10.77.1.1', path: '/export/theme' },
        ...{ state: 'mounted', undocumented: true, answers: false },
      },
    ]);
    expect(peers?.peers).toContainEqual(
      expect.objectContaining({ direction: 'out', address: '10.77.1.1', port: 2049 }),
    );
    expect(survey.hardAddresses).toContainEqual({
      ...{ file: '/etc/shop/shop.conf', line: 5, address: '10.77.1.77', setting: 'archive_server' },
    });
    expect(survey.certificates).toMatchObject([
      { path: '/etc/shop/tls/shop.pem', notAfter: Date.UTC(2021, 0, 1) },
    ]);
    expect(survey.schedules).toContainEqual(
      expect.objectContaining({ where: '/etc/cron.d/daily-figures', mails: true }),
    );
  });
});
