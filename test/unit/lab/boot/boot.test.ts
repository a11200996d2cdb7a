import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findSpec, visibleFileSystems } from '../../../../src/lab/boot/early.ts';
import { firmware } from '../../../../src/lab/boot/firmware.ts';
import { commandsOf } from '../../../../src/lab/boot/instruments.ts';
import {
  configuredNics,
  missingLines,
  readFstab,
  startServices,
  unitPath,
} from '../../../../src/lab/boot/userspace.ts';
import { hostDirectory, machineFacts } from '../../../../src/lab/world/layout.ts';
import type { Disk } from '../../../../src/lab/world/world.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'lf-boot-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

const diskWith = (bootCode: string | null): Disk => ({
  bytes: 1e9,
  table: null,
  partitions: [],
  fs: { type: 'ext4', uuid: '1234-root', label: 'system', directory: root },
  bootCode,
});
const attached = (disk: Disk, bus = 'virtio') => ({ target: 'vda', serial: null, disk, bus });

const MENU = `menuentry 'Debian' {
	search --no-floppy --fs-uuid --set=root 1234-root
	linux	/boot/vmlinuz root=UUID=1234-root ro quiet
	initrd	/boot/initrd
}
menuentry 'other' {
	linux	/boot/older
}
`;

describe('from power-on to the kernel', () => {
  test('a disk without boot code, a loader without files, and a missing kernel end on the screen', () => {
    expect(firmware([attached(diskWith(null))])).toMatchObject({
      lines: expect.arrayContaining(['No bootable device.']),
    });
    expect(firmware([attached(diskWith('9999-gone'))])).toMatchObject({
      lines: expect.arrayContaining(['error: no such device: 9999-gone.', 'grub rescue> ']),
    });
    expect(firmware([attached(diskWith('1234-root'))])).toMatchObject({
      lines: expect.arrayContaining(['grub> ']),
    });
    put('boot/grub/grub.cfg', MENU);
    expect(firmware([attached(diskWith('1234-root'))])).toMatchObject({
      lines: expect.arrayContaining(["error: file `/boot/vmlinuz' not found."]),
    });
  });

  test('the first entry boots', () => {
    put('boot/grub/grub.cfg', MENU);
    put('boot/vmlinuz', '');
    put('boot/initrd', 'archive');
    expect(firmware([attached(diskWith('1234-root'))])).toEqual({
      kind: 'kernel',
      cmdline: 'BOOT_IMAGE=/boot/vmlinuz root=UUID=1234-root ro quiet',
      initramfs: Buffer.from('archive'),
    });
  });

  test('a disk is seen with the drivers of its bus only', () => {
    const disks = [attached(diskWith('x'))];
    expect(visibleFileSystems(disks, ['virtio_pci'])).toEqual([]);
    const found = visibleFileSystems(disks, ['virtio_pci', 'virtio_blk']);
    for (const spec of ['UUID=1234-root', 'LABEL=system', '/dev/vda', '/dev/disk/by-uuid/1234-root']) {
      expect(findSpec(spec, found)?.device, spec).toBe('/dev/vda');
    }
    expect(findSpec('UUID=other', found)).toBeUndefined();
    expect(visibleFileSystems([attached(diskWith('x'), 'sata')], [])).toHaveLength(1);
  });
});

describe('from the root to the services', () => {
  test('an entry of fstab that names nothing is missed, unless it need not be there', () => {
    const found = visibleFileSystems([attached(diskWith('x'))], ['virtio_pci', 'virtio_blk']);
    put(
      'etc/fstab',
      '# comment\nUUID=1234-root / ext4 defaults 0 1\nUUID=gone /srv ext4 defaults 0 2\nUUID=gone /mnt/usb vfat noauto 0 0\n/dev/sdx /data xfs nofail 0 0\nUUID=swap none swap sw 0 0\n',
    );
    const fstab = readFstab(root, found);
    expect(fstab.mounts.map(({ path: at }) => at)).toEqual(['/']);
    expect(fstab.missing).toEqual([
      { spec: 'UUID=gone', path: '/srv', isSwap: false },
      { spec: 'UUID=swap', path: 'none', isSwap: true },
    ]);
    expect(fstab.missing.flatMap(missingLines)).toEqual(
      expect.arrayContaining([
        '[DEPEND] Dependency failed for srv.mount - /srv.',
        '[DEPEND] Dependency failed for swap.target - Swaps.',
      ]),
    );
    expect(unitPath('/var/lib/my-sql')).toBe('var-lib-my\\x2dsql');
  });

  test('both network configurations of the lab are read', () => {
    put(
      'etc/network/interfaces',
      'auto lo\niface lo inet loopback\n\niface enp1s0 inet static\n\taddress 127.77.1.11/24\n',
    );
    expect(configuredNics(root)).toEqual([{ name: 'enp1s0', address: '127.77.1.11/24' }]);
    put('etc/systemd/network/10-wired.network', '[Match]\nName=lan0\n\n[Network]\nAddress=127.77.1.12/24\n');
    expect(configuredNics(root)).toContainEqual({ name: 'lan0', address: '127.77.1.12/24' });
  });

  test('what is masked does not start, and what cannot read its settings fails', () => {
    const [machine] = machineFacts(1, hostDirectory('/nowhere', 'x'), ['mail1']);
    if (machine === undefined) throw new Error('the lab has mail1');
    const units = path.join(root, 'etc/systemd/system');
    mkdirSync(path.join(units, 'multi-user.target.wants'), { recursive: true });
    for (const name of ['cron', 'ssh', 'postfix', 'dovecot']) {
      symlinkSync(`../${name}.service`, path.join(units, 'multi-user.target.wants', `${name}.service`));
    }
    symlinkSync('/dev/null', path.join(units, 'cron.service'));
    put('etc/default/postfix', 'SYNTAX ERROR\n');
    expect(startServices(root, machine)).toEqual({
      running: ['dbus', 'dovecot', 'ssh', 'systemd-journald'],
      failed: ['postfix'],
      masked: ['cron'],
    });
  });

  test('the commands of a unit are read by the quoting of systemd', () => {
    const unit =
      '[Service]\nExecStart=-/bin/sh -c "exec > /dev/ttyS0; echo word"\nExecStart=/bin/true \'a b\' c\n';
    expect(commandsOf(unit)).toEqual([
      ['/bin/sh', '-c', 'exec > /dev/ttyS0; echo word'],
      ['/bin/true', 'a b', 'c'],
    ]);
  });
});
