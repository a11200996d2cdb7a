import { fileSystemsOn } from '../world/block-devices.ts';
import type { MachineFacts } from '../world/layout.ts';
import { addBootFiles, addOwnSystem } from './system-files.ts';
import type { TreeBuilder } from './tree-builder.ts';

/** What each machine has beyond the operating system. Paths are those of the machine's own file systems. */

export interface TreesOf {
  /** The builder for the file system mounted at a path. */
  at(mountpoint: string): TreeBuilder;
  readonly scale: number;
}

const count = (full: number, scale: number, least = 3): number => Math.max(least, Math.round(full * scale));
const kib = (full: number, scale: number): number => Math.max(512, Math.round(full * 1024 * scale));

function spread(
  tree: TreeBuilder,
  directory: string,
  files: number,
  bytes: number,
  name: (at: number) => string,
): void {
  const perDirectory = 60;
  for (let index = 0; index < files; index += 1) {
    const place = `${directory}/${String(Math.floor(index / perDirectory)).padStart(3, '0')}`;
    if (index % perDirectory === 0) tree.dir(place);
    tree.file(`${place}/${name(index)}`, Math.max(64, Math.round(bytes * (0.4 + tree.random.next() * 1.2))));
  }
}

function db1({ at, scale }: TreesOf): void {
  const tree = at('/var/lib/mysql');
  tree.dir('shop', { mode: 0o750, owner: 106 });
  tree.file('ibdata1', kib(12 * 1024, scale), { mode: 0o660, owner: 106 });
  tree.file('ib_logfile0', kib(8 * 1024, scale), { mode: 0o660, owner: 106 });
  tree.file('aria_log_control', 52, { mode: 0o660, owner: 106 });
  for (const table of ['orders', 'order_lines', 'customers', 'payments', 'stock', 'prices']) {
    tree.file(`shop/${table}.ibd`, kib(4 * 1024, scale), { mode: 0o660, owner: 106 });
    tree.file(`shop/${table}.frm`, 1200, { mode: 0o660, owner: 106 });
  }
  const root = at('/');
  root.dir('var/backups/mysql');
  spread(root, 'var/backups/mysql', count(60, scale), kib(60, scale), index => `shop-${index}.sql.gz`);
}

function app(name: string, archive?: string) {
  return ({ at, scale }: TreesOf): void => {
    const tree = at('/');
    if (archive !== undefined)
      spread(at(archive), 'archive', count(60, scale), kib(20, scale), index => `orders-${index}.xml`);
    tree.dir(`opt/${name}`);
    tree.dir(`opt/${name}/lib`);
    tree.dir(`var/lib/${name}`);
    tree.dir(`var/lib/${name}/sessions`);
    tree.file(`opt/${name}/${name}.jar`, kib(6 * 1024, scale));
    spread(tree, `opt/${name}/lib`, count(250, scale), kib(24, scale), index => `library-${index}.jar`);
    spread(tree, `var/lib/${name}/sessions`, count(200, scale), 900, index => `session ${index}`);
  };
}

function mail1({ at, scale }: TreesOf): void {
  const tree = at('/');
  tree.dir('var/vmail');
  tree.dir('var/spool/mail');
  tree.dir('var/spool/mail/queue', { mode: 0o700 });
  for (const user of ['anna', 'björn', 'c.diaz', "d'angelo", 'eve smith']) {
    tree.dir(`var/vmail/${user}`);
    tree.dir(`var/vmail/${user}/cur`);
    spread(
      tree,
      `var/vmail/${user}/cur`,
      count(340, scale),
      6000,
      index => `${1_760_000_000 + index}.M${index}P77.mail1:2,S`,
    );
  }
  for (let index = 0; index < 8; index += 1) tree.file(`var/spool/mail/queue/hot-${index}`, kib(400, scale));
}

function files1({ at, scale }: TreesOf): void {
  const tree = at('/srv');
  for (const share of ['accounting', 'legal', 'projects 2026', 'scans']) {
    tree.dir(share, { mode: 0o2770 });
    spread(
      tree,
      share,
      count(620, scale),
      kib(12, scale),
      index => `Document ${index} (final, v${index % 7}).pdf`,
    );
  }
  tree.file('scans/site survey.tif', kib(30 * 1024, scale));
  tree.sparse('projects 2026/machine image.raw', kib(48 * 1024, scale), [
    [0, kib(512, scale)],
    [kib(20 * 1024, scale), kib(256, scale)],
  ]);
}

function web1({ at, scale }: TreesOf): void {
  const tree = at('/');
  tree.dir('var/www');
  tree.dir('var/www/html');
  tree.dir('etc/nginx');
  tree.dir('var/cache/nginx');
  tree.file('etc/nginx/nginx.conf', 1400);
  spread(tree, 'var/www/html', count(1300, scale), 9000, index => `page-${index}.html`);
}

const OWN: Readonly<Record<string, (trees: TreesOf) => void>> = {
  db1,
  app1: app('orders'),
  app2: app('payments', '/srv'),
  mail1,
  files1,
  web1,
};

/** Machines whose home directories hold the odd names. */
const ODD = ['web1', 'files1', 'app1'];
export const hasOddNames = (machine: string): boolean => ODD.includes(machine);

function fstabOf(machine: MachineFacts): string {
  const swaps = machine.disks
    .flatMap(({ disk }) => fileSystemsOn(disk))
    .filter(({ fs }) => fs.type === 'swap')
    .map(({ fs }) => `UUID=${fs.uuid} none swap sw 0 0`);
  const mounts = machine.mounts.map(({ path, device, fs }) => {
    // The installer of Debian names logical volumes by their path.
    const spec = device.startsWith('/dev/mapper/') ? device : `UUID=${fs.uuid}`;
    return `${spec} ${path} ${fs.type} ${path === '/' ? 'errors=remount-ro' : 'defaults'} 0 ${path === '/' ? 1 : 2}`;
  });
  return `${[...mounts, ...swaps].join('\n')}\n`;
}

export function addMachine(machine: MachineFacts, trees: TreesOf): void {
  const root = trees.at('/');
  root.file('etc/hostname', `${machine.name}\n`);
  root.file('etc/hosts', `127.0.0.1 localhost\n${machine.address} ${machine.name}\n`);
  root.file('etc/machine-id', `${machine.machineId}\n`, { mode: 0o444 });
  root.file('etc/fstab', fstabOf(machine));
  root.dir('home/ops', { owner: 1000 });
  root.file('home/ops/.bashrc', 3500, { owner: 1000 });
  root.file('var/log/syslog', 40_000, { mode: 0o640 });
  root.file('var/log/auth.log', 9_000, { mode: 0o640 });
  addOwnSystem(machine, root);
  addBootFiles(machine, trees.at, trees.scale);
  OWN[machine.name]?.(trees);
}
