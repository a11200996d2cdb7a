import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EDIT_SCRIPT } from '../../../../src/build/finalize/perform-scripts.ts';
import { planFixups } from '../../../../src/build/finalize/plan.ts';
import { decodeTree } from '../../../../src/build/finalize/tree.ts';
import type { FileEdit, Fixup } from '../../../../src/journal/proof-facts.ts';
import { guestFacts } from '../../../support/state.ts';
import { PROOF, RealTree, wishOf } from './support.ts';

/** The scripts that read and change a copied system, run by a real sh on real directories. */

const fixup = (...edits: FileEdit[]): Fixup => ({
  id: 'test',
  title: 'test',
  why: 'test',
  edits,
  commands: [],
  warnings: [],
});
const write = (path: string, after: string, mode = 0o644): Fixup => fixup({ path, mode, after });

describe('reading', () => {
  test('finds texts, modes, links and absences', () => {
    const tree = new RealTree({ '/etc/fstab': 'UUID=a / ext4 defaults 0 1\n', '/usr/sbin/grub-install': '' });
    chmodSync(tree.at('/usr/sbin/grub-install'), 0o755);
    mkdirSync(tree.at('/etc/systemd/system'), { recursive: true });
    symlinkSync('/dev/null', tree.at('/etc/systemd/system/cron.service'));
    const { entries, programs } = tree.read();
    expect(entries.get('/etc/fstab')).toEqual({
      real: '/etc/fstab',
      kind: 'file',
      mode: 0o644,
      text: 'UUID=a / ext4 defaults 0 1\n',
    });
    expect(entries.get('/etc/systemd/system/cron.service')).toMatchObject({ link: '/dev/null' });
    expect(entries.has('/etc/crypttab')).toBe(false);
    expect([...programs]).toEqual(['grub-install']);
  });

  test('follows links as the copy would, never out of it', () => {
    const tree = new RealTree({ '/data/fstab': 'mine\n', '/etc/passwd': 'passwd of the copy\n' });
    // On the host, these would lead to the host's own files.
    symlinkSync('/data/fstab', tree.at('/etc/fstab'));
    symlinkSync('../../../../../../../../etc/passwd', tree.at('/etc/crypttab'));
    symlinkSync('/etc/hostname', tree.at('/etc/hosts'));
    symlinkSync('resolv.conf', tree.at('/etc/resolv.conf'));
    symlinkSync('/usr/lib', tree.at('/etc/netplan'));
    const { entries } = tree.read();
    expect(entries.get('/etc/fstab')).toMatchObject({
      real: '/data/fstab',
      text: 'mine\n',
      link: '/data/fstab',
    });
    expect(entries.get('/etc/crypttab')).toMatchObject({ real: '/etc/passwd', text: 'passwd of the copy\n' });
    expect(entries.get('/etc/hosts')).toMatchObject({ kind: 'other', link: '/etc/hostname' });
    expect(entries.get('/etc/hosts')?.text).toBeUndefined();
    expect(entries.has('/etc/resolv.conf')).toBe(false);
    expect([...entries.keys()].filter(path => path.startsWith('/etc/netplan'))).toEqual([]);
  });

  test('hands out no text that an edit would damage', () => {
    const tree = new RealTree();
    tree.write('/etc/fstab', Buffer.from([0x23, 0xff, 0x0a]));
    tree.write('/boot/grub/grub.cfg', 'x'.repeat(300_000));
    expect(tree.read().entries.get('/etc/fstab')).toMatchObject({ kind: 'file' });
    expect(tree.read().entries.get('/etc/fstab')?.text).toBeUndefined();
    expect(tree.read().entries.get('/boot/grub/grub.cfg')?.text).toBeUndefined();
  });

  test('takes odd names as they are', () => {
    const name = '/etc/NetworkManager/system-connections/Wired "1" \\ änd.nmconnection';
    const tree = new RealTree({ [name]: '[ipv4]\n' });
    expect(tree.read().entries.get(name)?.text).toBe('[ipv4]\n');
  });

  test('refuses an answer that was cut off', () => {
    expect(() => decodeTree('{"program":"dracut"}\n', 'web1.receiver', [])).toThrow(
      /could not be read to its end/,
    );
  });
});

describe('editing', () => {
  test('gives a file its mode and every byte of its new text', () => {
    const tree = new RealTree({ '/etc/fstab': 'old\n' });
    fc.assert(
      fc.property(
        fc
          .array(fc.constantFrom('a', '\n', '\r', '\0', '\\', "'", '$x', 'ä', '😀', ' '))
          .map(parts => parts.join('')),
        text => {
          tree.perform([fixup({ path: '/etc/fstab', mode: 0o600, after: text })]);
          expect(readFileSync(tree.at('/etc/fstab'), 'utf8')).toBe(text);
          expect(statSync(tree.at('/etc/fstab')).mode & 0o7777).toBe(0o600);
        },
      ),
      { numRuns: 5 },
    );
  });

  test('makes files, links and directories, and takes files away', () => {
    const tree = new RealTree({ '/etc/blkid.tab': 'x' });
    tree.perform([
      write('/etc/landfall/proof.sh', '#!/bin/sh\n', 0o700),
      fixup({ path: '/etc/systemd/system/cron.service', mode: 0o120777, after: '/dev/null' }),
      fixup({ path: '/tmp', mode: 0o041777, after: '' }),
      fixup({ path: '/etc/blkid.tab', mode: 0o644, before: 'x', after: null }),
    ]);
    expect(statSync(tree.at('/etc/landfall/proof.sh')).mode & 0o7777).toBe(0o700);
    expect(statSync(tree.at('/etc/landfall')).mode & 0o7777).toBe(0o755);
    expect(readlinkSync(tree.at('/etc/systemd/system/cron.service'))).toBe('/dev/null');
    expect(statSync(tree.at('/tmp')).mode & 0o7777).toBe(0o1777);
    expect(() => lstatSync(tree.at('/etc/blkid.tab'))).toThrow(/ENOENT/);
  });

  test('replaces a link itself, and writes nothing where it led', () => {
    const outside = new RealTree({ '/victim': 'untouched\n' });
    const tree = new RealTree({ '/etc/hostname': 'x' });
    symlinkSync(outside.at('/victim'), tree.at('/etc/fstab'));
    tree.perform([write('/etc/fstab', 'new\n')]);
    expect(readFileSync(outside.at('/victim'), 'utf8')).toBe('untouched\n');
    expect(lstatSync(tree.at('/etc/fstab')).isSymbolicLink()).toBe(false);
  });

  test.each(['/etc/x/fstab', '/etc/x/new/fstab'])(
    'refuses %s where a directory on the way is a link',
    path => {
      const outside = new RealTree({ '/fstab': 'untouched\n' });
      const tree = new RealTree({ '/etc/hostname': 'x' });
      symlinkSync(outside.root, tree.at('/etc/x'));
      expect(() => tree.perform([write(path, 'new\n')])).toThrow(/symbolic link is on the way/);
      expect(() => tree.perform([fixup({ path, mode: 0o644, after: null })])).toThrow(/symbolic link/);
      expect(readFileSync(outside.at('/fstab'), 'utf8')).toBe('untouched\n');
    },
  );

  test('a link planted under the temporary name of an edit is not followed', () => {
    const outside = new RealTree({ '/victim': 'untouched\n' });
    const tree = new RealTree({ '/etc/hostname': 'x' });
    // exec keeps the number of the process, which is part of that name.
    const planted = 'ln -s "$1" "$2.landfall-$$" && shift 2 && exec "$@"';
    const edit = ['sh', '-c', EDIT_SCRIPT, 'sh', tree.root, 'etc/fstab', 'file', '0644'];
    const argv = ['-c', planted, 'sh', outside.at('/victim'), tree.at('/etc/fstab'), ...edit];
    execFileSync('sh', argv, { input: 'new\n' });
    expect(readFileSync(outside.at('/victim'), 'utf8')).toBe('untouched\n');
    expect(lstatSync(tree.at('/etc/fstab')).isSymbolicLink()).toBe(false);
    expect(readFileSync(tree.at('/etc/fstab'), 'utf8')).toBe('new\n');
  });

  test('leaves nothing behind of an edit that fails', () => {
    const tree = new RealTree({ '/etc/fstab/sub': 'a directory where a file should be' });
    expect(() => tree.perform([write('/etc/fstab', 'new\n')])).toThrow(/directory/);
    expect(tree.read().entries.get('/etc/fstab')?.kind).toBe('directory');
  });
});

test('a tree that was given its fix-ups needs none', () => {
  const tree = new RealTree({
    '/etc/fstab': '# comment\n/dev/sda1 / ext4 errors=remount-ro 0 1\n',
    '/etc/crypttab': '',
    '/etc/lvm/devices/system.devices': 'VERSION=1.1.1\n',
    '/etc/blkid.tab': 'x',
    '/etc/cloud/cloud.cfg': 'users: []\n',
    '/boot/grub/grub.cfg':
      "menuentry 'Debian' {\n\tlinux\t/vmlinuz root=UUID=AAAA-1 ro  quiet\n\tinitrd\t/initrd.img\n}\n",
    '/usr/lib/systemd/systemd': '',
    '/etc/systemd/system/mailer.service': '[Service]\nExecStart=/bin/mailer\n',
  });
  const wish = wishOf({
    guest: guestFacts({ actsTwice: [] }),
    proof: { ...PROOF, hold: ['cron.service', 'mailer.service'] },
  });
  const plan = planFixups(tree.read(), wish);
  expect(plan.filter(each => each.edits.length > 0).map(each => each.id)).toEqual([
    'empty-dirs',
    'fstab',
    'lvm-devices',
    'cloud-init',
    'caches',
    'console',
    'hold',
    'proof-unit',
  ]);
  tree.perform(plan.map(each => ({ ...each, commands: [] })));
  const again = planFixups(tree.read(), wish);
  expect(again.flatMap(each => each.edits)).toEqual([]);
  expect(readFileSync(tree.at('/etc/fstab'), 'utf8')).toBe(
    '# comment\nUUID=AAAA-1 / ext4 errors=remount-ro 0 1\n',
  );
});
