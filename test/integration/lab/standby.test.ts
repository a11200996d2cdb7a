import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Door } from '../../../src/lab/hosts/doors.ts';
import { differences, walk } from '../../support/walk.ts';
import {
  type Outcome,
  openTestLab,
  type Receiver,
  run,
  startReceiver,
  type TestLab,
  virsh,
  words,
} from './harness.ts';

let site: TestLab;
let receiver: Receiver;
beforeAll(async () => {
  site = await openTestLab({ machines: ['web1', 'app1'] });
  receiver = await startReceiver(site, 'web1', []);
  await prepareOverlay();
}, 60_000);
afterAll(() => site[Symbol.asyncDispose]());

const REPLICA = 'landfall-t-web1-vda.qcow2';
const OVERLAY = 'landfall-t-web1-live-vda.qcow2';
const ADDRESS = '127.77.2.16';

const target = (...args: string[]) => virsh(site, 'dal-kvm1', ...args);
const source = (...args: string[]) => virsh(site, 'mia-kvm1', ...args);
const ok = (outcome: Outcome) => expect(outcome).toMatchObject({ code: 0 });

const writing = (file: string, text: string): string =>
  words('sh', '-c', 'echo "$2" > "$1"', 'sh', file, text);

async function put(file: string, content: string): Promise<string> {
  await site.ssh('dal-kvm1', words('sh', '-c', 'mkdir -p "${1%/*}" && cat > "$1"', 'sh', file), content);
  return file;
}

const diskFile = (name: string) =>
  put(
    `/run/landfall/t/${name}.xml`,
    `<disk type="volume" device="disk"><driver name="qemu" type="qcow2"/><source pool="default" volume="${name}"/>
    <target dev="sda" bus="scsi"/><serial>lf-vda</serial></disk>`,
  );

/** What passes and fix-ups leave: a replica of web1, and an overlay that would boot with its new address. */
async function prepareOverlay(): Promise<void> {
  const create = (name: string, ...more: string[]) =>
    target('vol-create-as', 'default', name, String(15 * 1024 ** 3), '--format', 'qcow2', ...more);
  ok(await create(REPLICA));
  ok(await target('attach-device', receiver.domain, await diskFile(REPLICA), '--live'));
  const dump = (await site.ssh('web1', 'sfdisk --dump /dev/vda')).stdout.replaceAll('/dev/vda', '/dev/sda');
  ok(await receiver.ssh('sfdisk --wipe always /dev/sda', dump));
  const uuid = /UUID=(\S+) \/ /.exec((await site.ssh('web1', 'cat /etc/fstab')).stdout)?.[1] ?? '';
  ok(await receiver.ssh(`mkfs.ext4 -q -F -U ${uuid} /dev/sda2 && mkdir -p /mnt/t && mount /dev/sda2 /mnt/t`));
  const from = site.lab.treeOf('web1')[0]?.sourceDirectory ?? '';
  const to = site.lab.replicaOf('web1')[0]?.replicaDirectory ?? '';
  ok(await run('rsync', ['-aHAX', `${from}/`, `${to}/`]));
  ok(await receiver.ssh('umount /mnt/t'));
  ok(await target('detach-device', receiver.domain, await diskFile(REPLICA), '--live'));

  ok(await create(OVERLAY, '--backing-vol', REPLICA, '--backing-vol-format', 'qcow2'));
  ok(await target('attach-device', receiver.domain, await diskFile(OVERLAY), '--live'));
  ok(await receiver.ssh('mount /dev/sda2 /mnt/t'));
  const root = site.lab.mountsOf('web1.receiver').find(mount => mount.path === '/mnt/t')?.directory ?? '';
  const interfaces = path.join(root, 'etc/network/interfaces');
  writeFileSync(interfaces, readFileSync(interfaces, 'utf8').replaceAll('127.77.1.', '127.77.2.'));
  ok(await receiver.ssh('chroot /mnt/t grub-install --target=i386-pc --recheck /dev/sda'));
  ok(await receiver.ssh('umount -R /mnt/t'));
  ok(await target('detach-device', receiver.domain, await diskFile(OVERLAY), '--live'));
  const uuidOf = /<uuid>(.+)<\/uuid>/.exec((await source('dumpxml', 'web1')).stdout)?.[1] ?? '';
  await put(
    '/run/landfall/t/live.xml',
    `<domain type='kvm'><name>web1</name><uuid>${uuidOf}</uuid>
    <devices>
    <disk type='volume' device='disk'><source pool='default' volume='${OVERLAY}'/><target dev='vda' bus='virtio'/></disk>
    <interface type='network'><mac address='52:54:00:aa:bb:cc'/><source network='dal-servers'/>
      <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></interface>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    </devices></domain>`,
  );
  ok(await target('define', '--validate', '/run/landfall/t/live.xml'));
}

const doorOf = (host: string, port: number): Door | undefined =>
  site.lab.doors().find(door => door.host === host && door.port === port);

async function page(door: Door | undefined, name: string): Promise<string> {
  if (door === undefined) throw new Error('nothing listens');
  const response = await fetch(`http://${door.address}:${door.realPort}${name}`);
  return response.ok ? response.text() : `status ${response.status}`;
}

/** Logs in at the standby's address; whoever answers must have the source's host key. */
function standby(command: string): Promise<Outcome> {
  const key = readFileSync(
    `${site.lab.directory}/hosts/web1/fs/root/etc/ssh/ssh_host_ed25519_key.pub`,
    'utf8',
  );
  const known = path.join(site.lab.directory, 'known-standby');
  writeFileSync(known, `[${ADDRESS}]:${site.lab.port} ${key}`);
  return run('ssh', ['-F', site.lab.paths.sshConfig, '-o', `UserKnownHostsFile=${known}`, ADDRESS, command]);
}

test('units of a source stop and start, and with them what they write and serve', async () => {
  const { lab } = site;
  const list =
    'systemctl list-units --type=service,timer,socket,path --state=active,activating,reloading --all --no-legend --no-pager --plain --full';
  const running = (await site.ssh('web1', list)).stdout;
  expect(running).toMatch(/^nginx\.service +loaded active running nginx$/m);
  expect(running).toMatch(/^certbot\.timer +loaded active waiting certbot\.timer$/m);
  expect(await page(doorOf('web1', 80), '/000/page-0.html')).toBe(
    readFileSync(
      path.join(lab.treeOf('web1')[0]?.sourceDirectory ?? '', 'var/www/html/000/page-0.html'),
      'utf8',
    ),
  );

  lab.writer.resume();
  const log = path.join(lab.treeOf('web1')[0]?.sourceDirectory ?? '', 'var/log/access.log');
  await site.until('the web server to write', () => existsSync(log) && readFileSync(log).length > 0);
  ok(await site.ssh('web1', 'systemctl stop certbot.timer'));
  ok(await site.ssh('web1', 'systemctl stop nginx.service cron.service'));
  const quiet = walk(lab.treeOf('web1')[0]?.sourceDirectory ?? '');
  const { operations } = lab.writer.status();
  await site.until('others to write', () => lab.writer.status().operations > operations + 20);
  expect(differences(quiet, walk(lab.treeOf('web1')[0]?.sourceDirectory ?? ''))).toEqual([]);
  await lab.writer.pause();

  expect(await site.ssh('web1', 'systemctl is-active nginx.service ssh.service')).toMatchObject({
    code: 3,
    stdout: 'inactive\nactive\n',
  });
  expect(doorOf('web1', 80)).toBeUndefined();
  expect((await site.ssh('web1', 'ss -H -tulnp')).stdout).not.toContain(':80 ');
  expect((await site.ssh('web1', list)).stdout).not.toMatch(/nginx|certbot/);
  expect((await site.ssh('web1', 'systemctl list-timers --all --no-legend')).stdout).not.toContain('certbot');
  expect(await site.ssh('web1', 'systemctl stop nothing.service')).toMatchObject({ code: 5 });
  expect((await site.ssh('web1', 'systemctl mask nginx.service')).code).toBe(1);

  ok(await site.ssh('web1', 'systemctl start nginx.service cron.service'));
  ok(await site.ssh('web1', 'systemctl start certbot.timer'));
  expect((await site.ssh('web1', 'systemctl is-active nginx.service certbot.timer')).code).toBe(0);
  expect(await page(doorOf('web1', 443), '/')).toBe('web1 nginx\n');
});

test('a source that is shut down is gone, and comes back with files, units and SSH', async () => {
  expect((await source('-r', 'dominfo', 'app1')).stdout).toMatch(
    /State: +running\n[\s\S]*Autostart: +enable\n/,
  );
  ok(await source('autostart', '--disable', 'app1'));
  ok(await site.ssh('app1', writing('/etc/marker', 'kept')));
  ok(await site.ssh('app1', writing('/run/marker', 'lost')));
  ok(await site.ssh('app1', 'systemctl stop orders.service'));
  site.lab.faults.shutdownHangs('app1');
  ok(await source('shutdown', 'app1'));
  site.lab.faults.shutdownWorks('app1');
  expect((await source('domstate', 'app1')).stdout).toBe('running\n\n');
  ok(await source('shutdown', 'app1'));
  await site.until('the power to go', async () =>
    (await source('domstate', 'app1')).stdout.startsWith('shut off'),
  );
  expect((await source('dominfo', 'app1')).stdout).toMatch(/State: +shut off\n[\s\S]*Autostart: +disable\n/);
  expect((await site.ssh('app1', 'true')).code).toBe(255);
  expect(site.lab.processesOf('app1')).toEqual([]);
  expect((await source('shutdown', 'app1')).stderr).toContain('domain is not running');

  ok(await source('start', 'app1'));
  ok(await source('autostart', 'app1'));
  await site.until('it to answer', async () => (await site.ssh('app1', 'true')).code === 0);
  expect((await site.ssh('app1', 'cat /etc/marker')).stdout).toBe('kept\n');
  expect((await site.ssh('app1', 'cat /run/marker')).code).toBe(1);
  expect((await site.ssh('app1', 'systemctl is-active orders.service')).stdout).toBe('active\n');
  expect(site.lab.violations()).toEqual([]);
});

test('a standby boots its overlay, serves, writes above the replica, and becomes the machine', async () => {
  const { lab } = site;
  const replica = () => lab.replicaOf('web1')[0]?.replicaDirectory ?? '';
  const pristine = walk(replica());
  // Both at once would be the end of both.
  expect((await target('start', 'web1')).stderr).toContain('web1 runs at the source');
  expect(lab.violations().at(-1)?.why).toContain('it would be there twice');
  ok(await source('shutdown', 'web1'));
  await site.until('the source to be off', async () => (await site.ssh('web1', 'true')).code === 255);
  expect((await target('start', 'web1')).stderr).toContain('landfall-t-web1-receiver has the address');
  ok(await target('shutdown', receiver.domain));
  await site.until('the receiver to be off', async () =>
    (await target('domstate', receiver.domain)).stdout.startsWith('shut off'),
  );

  lab.faults.standbyBroken('web1');
  expect((await target('start', 'web1')).stderr).toContain('Cannot allocate memory');
  lab.faults.standbyMended('web1');
  ok(await target('start', 'web1'));
  await site.until('the standby to answer', async () => (await standby('true')).code === 0);
  expect((await standby('hostname; cat /etc/machine-id')).stdout).toBe(
    `web1\n${readFileSync(path.join(replica(), 'etc/machine-id'), 'utf8')}`,
  );
  expect((await target('domifaddr', 'web1', '--source', 'agent', '--full')).stdout).toContain(
    `${ADDRESS}/24`,
  );
  expect((await standby('systemctl is-active nginx.service')).stdout).toBe('active\n');
  expect(await page(doorOf('web1.standby', 80), '/000/page-0.html')).toBe(
    readFileSync(path.join(replica(), 'var/www/html/000/page-0.html'), 'utf8'),
  );

  ok(await standby(writing('/var/www/html/dallas.html', 'from Dallas')));
  expect(await page(doorOf('web1.standby', 80), '/dallas.html')).toBe('from Dallas\n');
  expect(differences(pristine, walk(replica()))).toEqual([]);

  expect((await target('blockcommit', 'web1', 'vda', '--pivot', '--wait')).stderr).toContain(
    'requires active flag',
  );
  ok(await target('blockcommit', 'web1', 'vda', '--active', '--pivot', '--wait'));
  expect((await target('dumpxml', 'web1')).stdout).toContain(REPLICA);
  expect((await target('dumpxml', '--inactive', 'web1')).stdout).not.toContain(OVERLAY);
  expect(readFileSync(path.join(replica(), 'var/www/html/dallas.html'), 'utf8')).toBe('from Dallas\n');
  ok(await target('vol-delete', OVERLAY, '--pool', 'default'));
  expect((await standby('cat /var/www/html/dallas.html')).stdout).toBe('from Dallas\n');
  ok(await standby(writing('/var/www/html/later.html', 'later')));
  expect(existsSync(path.join(replica(), 'var/www/html/later.html'))).toBe(true);

  ok(await target('shutdown', 'web1'));
  await site.until('the standby to be off', async () =>
    (await target('domstate', 'web1')).stdout.startsWith('shut'),
  );
  expect(site.lab.doors().filter(door => door.host === 'web1.standby')).toEqual([]);
  ok(await target('start', 'web1'));
  await site.until('the standby to answer', async () => (await standby('true')).code === 0);
  ok(await target('destroy', 'web1'));
  expect((await standby('true')).code).toBe(255);
});

test('a lost site is gone with everything that ran there; the other one goes on', async () => {
  const job = site.ssh('app1', 'sleep 60');
  await site.until('the command to run', () => site.lab.processesOf('app1').length > 0);
  await site.lab.faults.siteLost();
  expect((await job).code).toBe(255);
  expect(site.lab.processesOf('app1')).toEqual([]);
  for (const host of ['app1', 'mia-kvm1', 'mia-kvm2']) expect((await site.ssh(host, 'true')).code).toBe(255);
  const before = walk(site.lab.treeOf('app1')[0]?.sourceDirectory ?? '');
  const { operations } = site.lab.writer.status();
  site.lab.writer.resume();
  await new Promise(resolve => setImmediate(resolve));
  await site.lab.writer.pause();
  expect(site.lab.writer.status().operations).toBe(operations);
  expect(differences(before, walk(site.lab.treeOf('app1')[0]?.sourceDirectory ?? ''))).toEqual([]);
  expect(site.lab.faults.active()).toEqual(['site-lost']);
  ok(await target('list', '--all', '--name'));
});
