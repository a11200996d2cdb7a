import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootLoaderFixup } from '../../../../src/build/finalize/boot-loader.ts';
import { CONSOLE_WORDS, consoleFixup } from '../../../../src/build/finalize/console.ts';
import { crypttabFixup } from '../../../../src/build/finalize/crypttab.ts';
import { fstabFixup } from '../../../../src/build/finalize/fstab.ts';
import { heldUnits, holdFixup } from '../../../../src/build/finalize/hold.ts';
import { initramfsFixup } from '../../../../src/build/finalize/initramfs.ts';
import { nicNamesFixup } from '../../../../src/build/finalize/nic-names.ts';
import { fixupActions } from '../../../../src/build/finalize/perform.ts';
import { planFixups } from '../../../../src/build/finalize/plan.ts';
import { proofUnitsFixup } from '../../../../src/build/finalize/proof-units.ts';
import { holdsSecret } from '../../../../src/build/finalize/secrets.ts';
import type { Tree } from '../../../../src/build/finalize/tree.ts';
import type { BlockFacts, BootFacts, GuestFacts } from '../../../../src/journal/facts.ts';
import { domainFacts, guestFacts } from '../../../support/state.ts';
import { PROOF, treeOf, wishOf } from './support.ts';

const GB = 1e9;
const fs = (mountpoint: string, device: string, uuid: string, type = 'ext4') => ({
  mountpoint,
  device,
  type,
  uuid,
  size: GB,
  used: 1,
  inodesUsed: 1,
});
const disk = { device: '/dev/vda', type: 'disk', size: 20 * GB };
const part = (number: number, uuid: string) => ({
  device: `/dev/vda${number}`,
  type: 'part',
  size: GB,
  parent: '/dev/vda',
  uuid,
  partuuid: `part-${number}`,
});
const guest = (more: Partial<GuestFacts> = {}): GuestFacts =>
  guestFacts({ fileSystems: [fs('/', '/dev/vda1', 'AAAA-1')], blocks: [disk, part(1, 'AAAA-1')], ...more });

describe('fstab', () => {
  const plan = (line: string, more: Partial<GuestFacts> = {}, rest = {}) =>
    fstabFixup(treeOf({ '/etc/fstab': `${line}\n` }), wishOf({ guest: guest(more), ...rest }));

  test('a disk that came after the last copy keeps the copy in no emergency shell', () => {
    const more = guest({ fileSystems: [fs('/', '/dev/vda1', 'AAAA-1'), fs('/srv', '/dev/vdb', 'BBBB-2')] });
    const text = 'UUID=AAAA-1 / ext4 defaults 0 1\nUUID=BBBB-2 /srv  ext4 defaults 0 2\n';
    const copied = (...blocks: BlockFacts[]) =>
      fstabFixup(treeOf({ '/etc/fstab': text }, { blocks }), wishOf({ guest: more }));
    const found = copied(part(1, 'AAAA-1'));
    expect(found?.edits[0]?.after).toBe(text.replace('/srv  ext4 defaults', '/srv  ext4 defaults,nofail'));
    expect(found?.warnings.join()).toMatch(/line 2 .* came after the last copy/);
    expect(copied(part(1, 'AAAA-1'), part(2, 'bbbb-2'))).toBeUndefined();
    // Where the disks say nothing of what is on them, nothing is changed.
    expect(copied()).toBeUndefined();
  });

  test.each([
    'UUID=AAAA-1 / ext4 defaults 0 1',
    'UUID="aaaa-1" / ext4 defaults 0 1',
    'PARTUUID=part-1 / ext4 defaults 0 1',
    '/dev/vda1 / ext4 defaults 0 1',
    '/dev/disk/by-uuid/AAAA-1 / ext4 defaults 0 1',
    '/dev/disk/by-path/pci-0000:00:04.0-part1 / ext4 defaults 0 1',
    'LABEL=whatever /x ext4 defaults 0 2',
    '/swapfile none swap sw 0 0',
    'tmpfs /tmp tmpfs size=1G 0 0',
    '/home /srv/home none bind 0 0',
    'UUID=gone /x ext4 noauto 0 0',
    'UUID=gone /x ext4 defaults,nofail 0 0',
    'nas:/export /mnt nfs defaults 0 0',
    '# UUID=gone / ext4 defaults 0 1',
    'UUID=incomplete',
    '',
  ])('%j stays and is not told', line => {
    expect(plan(line)).toBeUndefined();
  });

  test.each([
    ['/dev/sda1 / ext4 defaults 0 1', 'UUID=AAAA-1 / ext4 defaults 0 1'],
    ['  /dev/disk/by-id/scsi-0QEMU_disk-part1\t/\text4 ro', '  UUID=AAAA-1\t/\text4 ro'],
    ['UUID=stale / ext4 defaults 0 1', 'UUID=AAAA-1 / ext4 defaults 0 1'],
    ['/dev/sda2 /srv/a\\040b ext4 defaults', 'UUID=BBBB-2 /srv/a\\040b ext4 defaults'],
    ['/dev/sda3 none swap sw 0 0', 'UUID=SWAP-1 none swap sw 0 0'],
  ])('%j becomes %j', (line, after) => {
    const more = {
      fileSystems: [fs('/', '/dev/vda1', 'AAAA-1'), fs('/srv/a b', '/dev/vda2', 'BBBB-2')],
      swap: [{ path: '/dev/vda3', size: GB, uuid: 'SWAP-1' }],
    };
    expect(plan(line, more)?.edits).toEqual([
      { path: '/etc/fstab', mode: 0o644, before: `${line}\n`, after: `${after}\n` },
    ]);
  });

  test('names of LVM are known in both forms', () => {
    const lvm = {
      volumeGroups: [
        {
          name: 'vg-a',
          uuid: 'g',
          physical: [],
          logical: [{ name: 'srv', device: '/dev/mapper/vg--a-srv', uuid: 'l', size: GB, kind: 'linear' }],
          backup: '',
        },
      ],
    };
    expect(plan('/dev/mapper/vg--a-srv /x ext4 defaults 0 0', lvm)).toBeUndefined();
    expect(plan('/dev/vg-a/srv /x ext4 defaults 0 0', lvm)).toBeUndefined();
    expect(plan('/dev/vg-a/gone /x ext4 defaults 0 0', lvm)?.warnings).toHaveLength(1);
  });

  test('a UUID that nobody explains is told with its line, and left', () => {
    const told = plan('# a comment\nUUID=gone /srv ext4 defaults 0 2');
    expect(told?.edits).toEqual([]);
    expect(told?.warnings).toEqual([
      '/etc/fstab, line 2 (UUID=gone at /srv): no disk of the machine has the UUID gone; the machine would not come up, at the source neither. It is left as it is.',
    ]);
  });

  test('any text keeps its lines', () => {
    const field = fc.constantFrom(
      '/dev/sda1',
      'UUID=x',
      '/',
      '/srv',
      'ext4',
      'swap',
      'sw',
      '#',
      ' ',
      '\t',
      'ö',
      '\\040',
    );
    fc.assert(
      fc.property(fc.array(fc.array(field, { maxLength: 9 })), lines => {
        const text = lines.map(line => line.join('')).join('\n');
        const after =
          fstabFixup(treeOf({ '/etc/fstab': text }), wishOf({ guest: guest() }))?.edits[0]?.after ?? text;
        expect(after.split('\n')).toHaveLength(text.split('\n').length);
        const rest = (each: string) => each.replace(/^\s*\S+/, '');
        expect(after.split('\n').map(rest)).toEqual(text.split('\n').map(rest));
      }),
    );
  });
});

test('an encrypted volume without its device is told', () => {
  const text =
    '# name device key options\ncswap /dev/sdb2 /dev/urandom swap\ndata UUID=gone none luks,nofail\nok /dev/vda1 none\n';
  const fixup = crypttabFixup(treeOf({ '/etc/crypttab': text }), wishOf({ guest: guest() }));
  expect(fixup?.warnings).toEqual([
    '/etc/crypttab, line 2 (cswap): the machine has no /dev/sdb2; the boot waits for it, at the source too.',
  ]);
});

describe('the boot loader', () => {
  const grub = (more: Partial<Parameters<typeof treeOf>[1] & object> = {}): Tree =>
    treeOf(
      { '/usr/lib/grub/i386-pc': undefined },
      { programs: ['grub-install'], blocks: [{ ...disk, device: '/dev/sdb', serial: 'lf-vda' }], ...more },
    );
  const told = (tree: Tree, more: Partial<GuestFacts> = {}): string =>
    (bootLoaderFixup(tree, wishOf({ guest: guest(more) }))?.warnings ?? []).join();
  const boot = (loader: BootFacts['loader']): Partial<GuestFacts> => ({
    boot: { loader, cmdline: '', kernels: [], tools: [] },
  });

  test('goes to the disk that plays the first one', () => {
    expect(bootLoaderFixup(grub(), wishOf({ guest: guest() }))).toMatchObject({
      commands: [{ argv: ['grub-install', '--target=i386-pc', '--recheck', '/dev/sdb'] }],
      warnings: [],
    });
  });

  test('of a root on LVM is found by its physical volume', () => {
    const lvm = guest({
      fileSystems: [fs('/', '/dev/mapper/vg-root', 'AAAA-1')],
      volumeGroups: [
        {
          name: 'vg',
          uuid: 'g',
          physical: [{ device: '/dev/vda1', uuid: 'p', size: GB }],
          logical: [{ name: 'root', device: '/dev/mapper/vg-root', uuid: 'l', size: GB, kind: 'linear' }],
          backup: '',
        },
      ],
    });
    expect(bootLoaderFixup(grub(), wishOf({ guest: lvm }))?.commands).toHaveLength(1);
  });

  test('that cannot be written is told with what is missing', () => {
    expect(told(grub({ programs: [] }))).toMatch(/grub-install is missing.*grub-pc-bin/);
    expect(told({ ...grub(), entries: new Map() })).toMatch(/i386-pc modules of GRUB is missing/);
    expect(told(grub({ blocks: [] }))).toMatch(/No disk with the serial of vda/);
    expect(told(grub(), boot('none'))).toMatch(/direct boot/);
    expect(
      told(grub(), { blocks: [{ ...disk, uuid: 'AAAA-1' }], fileSystems: [fs('/', '/dev/vda', 'AAAA-1')] }),
    ).toMatch(/direct boot/);
    expect(told(grub(), boot('extlinux'))).toMatch(/extlinux/);
    expect(told(grub(), { fileSystems: [] })).toMatch(/not known from which disk/);
  });

  const efi = (files: string[], programs: string[] = []) =>
    bootLoaderFixup(
      treeOf(Object.fromEntries(files.map(path => [path, undefined])), { programs }),
      wishOf({
        domain: domainFacts({ firmware: 'uefi' }),
        guest: guest({
          fileSystems: [fs('/', '/dev/vda1', 'AAAA-1'), fs('/boot/efi', '/dev/vda2', 'E-1', 'vfat')],
        }),
      }),
    );

  test('of UEFI is found at the removable path, whatever its case', () => {
    expect(efi(['/boot/efi/EFI/Boot/bootx64.efi'])).toBeUndefined();
    expect(
      efi(['/boot/efi/EFI/systemd/systemd-bootx64.efi'])?.commands.map(each => each.argv.join(' ')),
    ).toEqual([
      'mkdir -p /boot/efi/EFI/BOOT',
      'cp /boot/efi/EFI/systemd/systemd-bootx64.efi /boot/efi/EFI/BOOT/BOOTX64.EFI',
    ]);
    expect(efi(['/usr/lib/grub/x86_64-efi'], ['grub-install'])?.commands[0]?.argv).toContain('--removable');
    expect(efi([])?.warnings.join()).toMatch(/stop in its shell/);
  });
});

describe('the initramfs', () => {
  const kernel = (state: 'missing' | 'included', version = '6.1.0-18-amd64') => ({
    version,
    image: `/boot/vmlinuz-${version}`,
    initramfs: `/boot/initrd.img-${version}`,
    drivers: { virtio_blk: state, virtio_pci: 'builtin' as const },
  });
  const wish = (...kernels: BootFacts['kernels']) =>
    wishOf({ guest: guest({ boot: { loader: 'grub', cmdline: '', tools: [], kernels } }) });
  const modules = { '/etc/initramfs-tools/modules': '# List of modules\nvirtio_net' };

  test('is made again only for kernels that lack a driver', () => {
    const tree = treeOf(modules, { programs: ['update-initramfs'] });
    expect(initramfsFixup(tree, wish(kernel('included')))).toBeUndefined();
    const fixup = initramfsFixup(tree, wish(kernel('included', '6.1.0-17'), kernel('missing')));
    expect(fixup?.edits[0]?.after).toBe('# List of modules\nvirtio_net\nvirtio_blk\n');
    expect(fixup?.commands.map(each => each.argv)).toEqual([
      ['update-initramfs', '-u', '-k', '6.1.0-18-amd64'],
    ]);
  });

  test('is told where nothing can make it', () => {
    expect(initramfsFixup(treeOf(modules), wish(kernel('missing')))?.warnings.join()).toMatch(
      /6\.1\.0-18-amd64 lacks virtio_blk/,
    );
  });

  test('is made by mkinitrd where there is nothing newer', () => {
    const fixup = initramfsFixup(treeOf({}, { programs: ['mkinitrd'] }), wish(kernel('missing')));
    expect(fixup?.commands[0]?.argv[0]).toBe('mkinitrd');
  });
});

describe('the console of a proof', () => {
  const cfg = '/boot/grub/grub.cfg';
  const linux = '\tlinux /vmlinuz root=UUID=a ro quiet';

  test('is heard by every entry, and nothing else changes', () => {
    const text = `set x=1\n${linux}\n\tinitrd /i\n# linux16 is no entry\n\tlinuxefi /v ro  \n`;
    expect(consoleFixup(treeOf({ [cfg]: text }), wishOf({ proof: PROOF }))?.edits[0]?.after).toBe(
      `set x=1\n${linux} ${CONSOLE_WORDS}\n\tinitrd /i\n# linux16 is no entry\n\tlinuxefi /v ro ${CONSOLE_WORDS}\n`,
    );
  });

  test('of a loader with a password is changed without its text in the journal', () => {
    const text = `password_pbkdf2 root grub.pbkdf2.sha512.10000.AB\n${linux}\n`;
    const fixup = consoleFixup(treeOf({ [cfg]: text }), wishOf({ proof: PROOF }));
    expect(fixup?.edits).toEqual([]);
    expect(fixup?.commands).toHaveLength(1);
    expect(JSON.stringify(fixup)).not.toContain('grub.pbkdf2');
  });

  test('is told where no entry is found, and is no matter of a cutover', () => {
    expect(consoleFixup(treeOf({}), wishOf({ proof: PROOF }))?.warnings).toHaveLength(1);
    expect(consoleFixup(treeOf({ [cfg]: linux }), wishOf())).toBeUndefined();
  });
});

describe('what is held', () => {
  test('is what acts twice and what the plan adds; tables hold their daemons', () => {
    const actsTwice: GuestFacts['actsTwice'] = [
      { kind: 'mail', name: 'postfix', unit: 'postfix.service', detail: '' },
      { kind: 'cron', name: '/etc/crontab', file: '/etc/crontab', detail: '' },
    ];
    expect(heldUnits({ actsTwice }, ['worker', 'worker@a.timer'])).toEqual(
      [
        'cron.service',
        'cronie.service',
        'crond.service',
        'postfix.service',
        'worker.service',
        'worker@a.timer',
      ].sort(),
    );
    expect(heldUnits({}, [])).toEqual([]);
  });

  test('is masked in a proof only, and no name leaves the folder of units', () => {
    const proof = { ...PROOF, hold: ['a.service', '../../passwd'] };
    expect(holdFixup(treeOf({}), wishOf({ proof }))).toMatchObject({
      edits: [{ path: '/etc/systemd/system/a.service', mode: 0o120777, after: '/dev/null' }],
      warnings: ['"../../passwd" is no name of a unit and is not held.'],
    });
    expect(holdFixup(treeOf({}), wishOf())).toBeUndefined();
  });
});

describe('the names of interfaces', () => {
  const links = [
    { name: 'ens3', mac: '52:54:00:00:00:01', addresses: [], up: true },
    { name: 'ens3.7', mac: '52:54:00:00:00:01', addresses: [], up: true },
  ];

  test('stay by themselves with the places of the cards, else by MAC address', () => {
    expect(nicNamesFixup(treeOf({}), wishOf({ guest: guest({ links }) }))).toBeUndefined();
    const fixup = nicNamesFixup(treeOf({}), wishOf({ guest: guest({ links }), topologyKept: false }));
    expect(fixup?.edits.map(edit => edit.path)).toEqual(['/etc/systemd/network/10-landfall-ens3.link']);
  });

  test('of cards that nobody has are told', () => {
    const rule = 'SUBSYSTEM=="net", ATTR{address}=="00:16:3e:00:00:09", NAME="eth0"\n# 00:16:3e:00:00:0a\n';
    const tree = treeOf({ '/etc/udev/rules.d/70-persistent-net.rules': rule });
    const network = [
      {
        manager: 'ifupdown' as const,
        file: '/etc/network/interfaces',
        interface: 'eth9',
        addresses: ['10.0.0.1/8'],
        dhcp: false,
      },
    ];
    expect(nicNamesFixup(tree, wishOf({ guest: guest({ links, network }) }))?.warnings).toEqual([
      expect.stringMatching(/card 00:16:3e:00:00:09/),
      expect.stringMatching(/configures eth9/),
    ]);
  });
});

describe('secrets', () => {
  test.each([
    'psk=abc',
    'wifi-sec.psk=abc',
    'PASSWORD: "x"',
    'a b,password=x 0 0',
    'private-key=AAA',
    'secret = x',
    '  wpa-psk hunter22',
    '\twireless-key1 s:abcde',
    'KEY_PASSPHRASE1=hunter2',
    'WIRELESS_KEY_0="abcde"',
    'KEY1=abcdef0123',
    '//nas/x /x cifs user=u,pass=hunter2 0 0',
    'linux /vmlinuz root=/dev/vda1 rd.token=abcd',
    '      key: 4GgaQCy68nzNsUE5aJ9fuLzHhB65tAlwbmA72MWnOm8=',
    '          private: "4GgaQCy68nzNsUE5aJ9fuLzHhB65tAlwbmA72MWnOm8="',
    'preshared-key=AAAA',
  ])('%j is one', text => {
    expect(holdsSecret(text)).toBe(true);
  });
  test.each([
    'credentials=/root/.cred',
    'psk-flags=1',
    'password=',
    '# nothing',
    'psk-flags: 1',
    'passno=2',
    'KEYMAP=us',
    'UUID=8f1b0c1e-1111-4222-8333-444455556666 / ext4 defaults 0 1',
    'linux /vmlinuz root=UUID=8f1b0c1e-1111-4222-8333-444455556666 ro quiet',
    'password_pbkdf2 root ${GRUB2_PASSWORD}',
  ])('%j is none', text => {
    expect(holdsSecret(text)).toBe(false);
  });

  test('are neither recorded nor changed', () => {
    const text = '/dev/sda1 / ext4 defaults 0 1\n//nas/x /x cifs username=u,password=hunter2 0 0\n';
    const plan = planFixups(treeOf({ '/etc/fstab': text }), wishOf({ guest: guest() }));
    expect(JSON.stringify(plan)).not.toContain('hunter2');
    expect(plan.find(each => each.id === 'fstab')?.warnings.join()).toMatch(/holds a secret/);
  });
});

test('a check of the plan with a token is refused before anything is done, not announced in other words than performed', () => {
  const proof = { ...PROOF, script: 'say proof-check:0 fetch http://127.0.0.1/?token=abcdef\n' };
  expect(() => proofUnitsFixup(treeOf({}), wishOf({ proof }))).toThrow(/holds a password or a token/);
});

test('a nonce cannot carry anything into a unit', () => {
  const proof = { ...PROOF, nonce: 'x"; rm' };
  expect(() => proofUnitsFixup(treeOf({}), wishOf({ proof }))).toThrow(/letters, digits and dashes/);
});

test('edits come before commands, and what an earlier attempt left is ended before both', () => {
  const tree = treeOf(
    { '/etc/fstab': '/dev/sda1 / ext4 defaults 0 1\n', '/usr/lib/grub/i386-pc': undefined },
    { programs: ['grub-install'], blocks: [{ ...disk, device: '/dev/sdb', serial: 'lf-vda' }] },
  );
  const actions = fixupActions('web1.receiver', '/mnt/t', planFixups(tree, wishOf({ guest: guest() })));
  expect(actions.map(action => action.note)).toEqual([
    'nothing of an earlier attempt may still run in the copy',
    'writes /etc/fstab',
    'grub-install --target=i386-pc --recheck /dev/sdb: the boot loader of vda',
  ]);
});
