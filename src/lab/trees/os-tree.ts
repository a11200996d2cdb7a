import { addSystemFiles } from './system-files.ts';
import type { TreeBuilder } from './tree-builder.ts';

/** A small Debian 12: the files that machines and the golden image have in common. */

const PACKAGES = [
  ...[
    'apt',
    'base-files',
    'bash',
    'bsdutils',
    'coreutils',
    'cron',
    'dash',
    'dbus',
    'debconf',
    'dpkg',
    'e2fsprogs',
  ],
  ...[
    'findutils',
    'gcc-12-base',
    'grep',
    'gzip',
    'hostname',
    'init',
    'iproute2',
    'kmod',
    'libc6',
    'login',
    'mount',
  ],
  ...[
    'ncurses-base',
    'openssh-server',
    'passwd',
    'perl-base',
    'procps',
    'python3',
    'rsync',
    'sed',
    'sudo',
    'systemd',
  ],
  ...['tar', 'tzdata', 'udev', 'util-linux', 'vim-tiny', 'zlib1g'],
];

const OS_RELEASE = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
`;

/** At full scale. */
const FILES_PER_PACKAGE = 62;

export function addOperatingSystem(tree: TreeBuilder, scale: number): void {
  const { random } = tree;
  const directories = [
    ...[
      'boot',
      'etc',
      'home',
      'media',
      'mnt',
      'opt',
      'srv',
      'usr',
      'var',
      'etc/ssh',
      'etc/default',
      'etc/cron.d',
    ],
    ...['etc/systemd', 'etc/systemd/system', 'etc/apt', 'etc/apt/sources.list.d', 'etc/network', 'usr/bin'],
    ...['usr/sbin', 'usr/lib', 'usr/lib/x86_64-linux-gnu', 'usr/lib/modules', 'usr/share', 'usr/share/doc'],
    ...['usr/share/man', 'usr/share/zoneinfo', 'usr/local', 'usr/local/bin', 'usr/local/sbin', 'var/backups'],
    ...[
      'var/cache',
      'var/cache/apt',
      'var/lib',
      'var/lib/dpkg',
      'var/lib/dpkg/info',
      'var/lib/systemd',
      'var/log',
    ],
    ...['var/mail', 'var/opt', 'var/spool', 'var/spool/cron', 'usr/games', 'usr/share/locale'],
  ];
  tree.dir('root', { mode: 0o700 });
  for (const directory of directories) tree.dir(directory);
  tree.dir('var/tmp', { mode: 0o1777 });
  tree.dir('var/local', { mode: 0o2775, owner: 50 });
  tree.dir('root/.ssh', { mode: 0o700 });
  for (const name of ['bin', 'sbin', 'lib']) tree.symlink(name, `usr/${name}`);

  tree.file('usr/lib/os-release', OS_RELEASE);
  tree.symlink('etc/os-release', '../usr/lib/os-release');
  tree.symlink('etc/localtime', '/usr/share/zoneinfo/Etc/UTC');
  tree.symlink('etc/mtab', '../proc/self/mounts');
  tree.file('etc/debian_version', '12.11\n');
  tree.file('etc/passwd', 'root:x:0:0:root:/root:/bin/bash\nops:x:1000:1000:Ops,,,:/home/ops:/bin/bash\n');
  tree.file('etc/group', 'root:x:0:\nshadow:x:42:\nops:x:1000:\n');
  tree.file('etc/shadow', 'root:*:19800:0:99999:7:::\nops:!:19800:0:99999:7:::\n', {
    mode: 0o640,
    owner: 42,
  });
  tree.file('etc/sudoers', 'root ALL=(ALL:ALL) ALL\n', { mode: 0o440 });
  tree.file('usr/bin/sudo', 180_000, { mode: 0o4755 });
  tree.file('usr/bin/passwd', 68_000, { mode: 0o4755 });
  tree.file('usr/bin/chage', 72_000, { mode: 0o2755, owner: 42 });
  tree.hardlink('usr/bin/perl5.36.0', 'usr/bin/passwd');

  addSystemFiles(tree);

  const perPackage = Math.max(2, Math.round(FILES_PER_PACKAGE * scale));
  for (const name of PACKAGES) {
    tree.dir(`usr/share/doc/${name}`);
    tree.dir(`usr/lib/${name}`);
    tree.file(`usr/share/doc/${name}/copyright`, 900 + random.below(4000));
    tree.file(`var/lib/dpkg/info/${name}.list`, 300 + random.below(3000));
    tree.file(`usr/bin/${name}-tool`, Math.round((20_000 + random.below(120_000)) * Math.sqrt(scale)), {
      mode: 0o755,
    });
    for (let index = 0; index < perPackage; index += 1) {
      const large = random.next() < 0.03;
      const size = large ? 40_000 + random.below(160_000) : 200 + random.below(6000);
      tree.file(
        `usr/lib/${name}/${name}-${index}.${index % 3 === 0 ? 'so' : 'dat'}`,
        Math.round(size * (large ? scale : 1)),
      );
    }
    if (random.next() < 0.5) tree.symlink(`usr/lib/${name}/current.so`, `${name}-0.so`);
    if (random.next() < 0.2) tree.hardlink(`usr/bin/${name}-alias`, `usr/bin/${name}-tool`);
  }
}
