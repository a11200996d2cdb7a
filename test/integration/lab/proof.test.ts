import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readInitramfs } from '../../../src/lab/trees/initramfs.ts';
import { openTestLab, type Receiver, run, startReceiver, type TestLab, virsh, words } from './harness.ts';

let site: TestLab;
let receiver: Receiver;
let other: Receiver;
beforeAll(async () => {
  site = await openTestLab({ machines: ['web1', 'app2'] });
  receiver = await startReceiver(site, 'web1', []);
  other = await startReceiver(site, 'app2', []);
  for (const name of ['web1', 'app2']) {
    const size = name === 'web1' ? 15 : 20;
    await target('vol-create-as', 'default', volume(name), String(size * 1024 ** 3), '--format', 'qcow2');
  }
});
afterAll(() => site[Symbol.asyncDispose]());

const target = (...args: string[]) => virsh(site, 'dal-kvm1', ...args);
const volume = (machine: string, end = '') => `landfall-t-${machine}-vda${end}.qcow2`;

async function put(file: string, content: string): Promise<void> {
  const script = 'mkdir -p "${1%/*}" && cat > "$1"';
  await site.ssh('dal-kvm1', words('sh', '-c', script, 'sh', file), content);
}

async function diskFile(name: string): Promise<string> {
  const file = `/run/landfall/t/${name}.xml`;
  await put(
    file,
    `<disk type="volume" device="disk"><driver name="qemu" type="qcow2"/><source pool="default" volume="${name}"/>
    <target dev="sda" bus="scsi"/><serial>lf-vda</serial></disk>`,
  );
  return file;
}

const attach = async (domain: string, name: string) =>
  target('attach-device', domain, await diskFile(name), '--live');
const detach = async (domain: string, name: string) =>
  target('detach-device', domain, await diskFile(name), '--live');

/** The files of the source, on a replica with the same identifiers: what passes would leave. */
async function copySource(): Promise<void> {
  const dump = (await site.ssh('web1', 'sfdisk --dump /dev/vda')).stdout.replaceAll('/dev/vda', '/dev/sda');
  expect(await receiver.ssh('flock -w 5 /run/build.lock sfdisk --wipe always /dev/sda', dump)).toMatchObject({
    code: 0,
  });
  const uuid = /UUID=(\S+) \/ /.exec((await site.ssh('web1', 'cat /etc/fstab')).stdout)?.[1] ?? '';
  expect(await receiver.ssh(`mkfs.ext4 -q -F -U ${uuid} /dev/sda2`)).toMatchObject({ code: 0 });
  await receiver.ssh('mkdir -p /mnt/t');
  expect(await receiver.ssh('mount /dev/sda2 /mnt/t')).toMatchObject({ code: 0 });
  const from = site.lab.treeOf('web1')[0]?.sourceDirectory ?? '';
  const to = site.lab.replicaOf('web1')[0]?.replicaDirectory ?? '';
  expect(await run('rsync', ['-aHAX', `${from}/`, `${to}/`])).toMatchObject({ code: 0 });
}

const fingerprint = async (name: string): Promise<string> =>
  (await site.ssh('dal-kvm1', `sha256sum /var/lib/libvirt/images/${name}`)).stdout;

interface Domain {
  readonly network: string;
  readonly link: 'up' | 'down';
  readonly volume: string;
}
const proofXml = ({ network, link, volume: name }: Domain): string => `<domain type='kvm'>
  <name>landfall-t-web1-proof</name>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
  <devices>
    <disk type='volume' device='disk'><source pool='default' volume='${name}'/><target dev='vda' bus='virtio'/></disk>
    <interface type='network'><mac address='52:54:00:aa:bb:cc'/><source network='${network}'/><link state='${link}'/>
      <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></interface>
    <serial type='file'><source path='/run/landfall/t/proof/console.log'/><target port='0'/></serial>
    <serial type='file'><source path='/run/landfall/t/proof/evidence.log'/><target port='1'/></serial>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
  </devices></domain>`;

async function create(wish: Partial<Domain> = {}) {
  const file = '/run/landfall/t/proof/domain.xml';
  await put(file, proofXml({ network: 'island', link: 'down', volume: volume('web1', '-proof'), ...wish }));
  return target('create', file);
}
const onHypervisor = (file: string): string =>
  readFileSync(path.join(site.lab.directory, 'hosts/dal-kvm1/fs/run/landfall/t/proof', file), 'utf8');

test('a disk comes to a running receiver, is seen by its serial, is locked, and goes', async () => {
  const before = await fingerprint(volume('web1'));
  expect(await attach(receiver.domain, volume('web1'))).toMatchObject({
    code: 0,
    stdout: 'Device attached successfully\n\n',
  });
  expect((await receiver.ssh('lsblk -J -b -o PATH,SERIAL')).stdout).toMatch(
    /"path": "\/dev\/sda",\s*"serial": "lf-vda"/,
  );
  expect((await target('dumpxml', receiver.domain)).stdout).toContain('<serial>lf-vda</serial>');
  expect((await target('dumpxml', '--inactive', receiver.domain)).stdout).not.toContain('lf-vda');
  expect((await attach(receiver.domain, volume('web1'))).stderr).toContain(
    'operation failed: target sda already exists',
  );

  expect(await attach(other.domain, volume('web1'))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      `unable to execute QEMU command 'blockdev-add': Failed to get "write" lock`,
    ),
  });
  expect(
    (await site.ssh('dal-kvm1', `qemu-img info /var/lib/libvirt/images/${volume('web1')}`)).stderr,
  ).toContain('Failed to get shared "write" lock');

  await copySource();
  expect(await receiver.ssh('umount -R /mnt/t')).toMatchObject({ code: 0 });
  expect(await detach(receiver.domain, volume('web1'))).toMatchObject({ code: 0 });
  expect((await detach(receiver.domain, volume('web1'))).stderr).toContain(
    'operation failed: disk sda not found',
  );
  expect((await receiver.ssh('lsblk -J -b -o PATH,SERIAL')).stdout).not.toContain('sda');
  expect(await fingerprint(volume('web1'))).not.toBe(before);
  expect(site.lab.violations()).toEqual([]);
});

test('an overlay takes what is written, boots on an island, and leaves its base as it was', async () => {
  const before = await fingerprint(volume('web1'));
  const capacity = String(15 * 1024 ** 3);
  const overlay = ['vol-create-as', 'default', volume('web1', '-proof'), capacity, '--format', 'qcow2'];
  expect(
    await target(...overlay, '--backing-vol', volume('web1'), '--backing-vol-format', 'qcow2'),
  ).toMatchObject({ code: 0 });
  expect((await create()).stderr).toContain("Network not found: no network with matching name 'island'");
  await put(
    '/run/landfall/t/island.xml',
    '<network><name>island</name><bridge stp="off" delay="0"/></network>',
  );
  expect(await target('net-create', '/run/landfall/t/island.xml')).toMatchObject({ code: 0 });
  expect((await target('net-list', '--all', '--name')).stdout).toContain('island\n');

  // Nobody has written a boot loader to it yet.
  expect(await create()).toMatchObject({ code: 0 });
  await site.until('the screen', async () => (await screen()).includes('No bootable device.'));
  expect(onHypervisor('console.log')).toBe('');
  expect(await target('destroy', 'landfall-t-web1-proof')).toMatchObject({ code: 0 });
  expect((await target('domstate', 'landfall-t-web1-proof')).stderr).toContain('Domain not found');

  await attach(receiver.domain, volume('web1', '-proof'));
  await receiver.ssh('mount /dev/sda2 /mnt/t');
  await instrument();
  expect(
    await receiver.ssh(
      'unshare --mount --net --pid --fork sh -c \'mount --rbind /dev "$1/dev" && chroot "$@"\' sh /mnt/t grub-install --target=i386-pc --recheck /dev/sda',
    ),
  ).toMatchObject({ code: 0 });
  expect((await receiver.ssh('head -c 512 /dev/sda')).stdout).toContain('GRUB');
  await receiver.ssh('umount -R /mnt/t');
  await detach(receiver.domain, volume('web1', '-proof'));

  expect(await create()).toMatchObject({ code: 0 });
  await site.until('the evidence', () => onHypervisor('evidence.log').includes('"end"'));
  const console = onHypervisor('console.log');
  expect(console).toContain('Linux version 6.1.0');
  expect(console).toContain('LANDFALL-USERSPACE word');
  expect(console.indexOf('LANDFALL-USERSPACE')).toBeLessThan(
    console.indexOf('Reached target multi-user.target'),
  );
  expect(onHypervisor('evidence.log')).toMatch(/^web1 \/dev\/vda2 nginx.service\n"end"\n$/);
  expect(
    await target('qemu-agent-command', 'landfall-t-web1-proof', '{"execute":"guest-ping"}'),
  ).toMatchObject({ code: 0 });
  expect(await target('domif-setlink', 'landfall-t-web1-proof', '52:54:00:aa:bb:cc', 'up')).toMatchObject({
    code: 0,
  });
  await target('destroy', 'landfall-t-web1-proof');
  expect(await target('net-destroy', 'island')).toMatchObject({ code: 0 });
  expect(await target('vol-delete', volume('web1', '-proof'), '--pool', 'default')).toMatchObject({
    code: 0,
  });
  expect(await fingerprint(volume('web1'))).toBe(before);
  expect(site.lab.processesOf('landfall-t-web1-proof.copy')).toEqual([]);
  expect(site.lab.violations()).toEqual([]);
});

const screen = async (): Promise<string> => {
  const { stdout } = await target(
    'qemu-monitor-command',
    'landfall-t-web1-proof',
    '--hmp',
    'xp /2000hx 0xb8000',
  );
  const cells = [...stdout.matchAll(/0x07([0-9a-f]{2})/g)].map(([, code = '20']) =>
    Number.parseInt(code, 16),
  );
  return String.fromCharCode(...cells);
};

/** A unit that speaks early, one that speaks in the end, and a kernel that uses the serial line. */
async function instrument(): Promise<void> {
  const root = site.lab.mountsOf('web1.receiver').find(mount => mount.path === '/mnt/t')?.directory ?? '';
  const units = path.join(root, 'etc/systemd/system');
  mkdirSync(path.join(units, 'sysinit.target.wants'), { recursive: true });
  const unit = (name: string, target: string, command: string): void => {
    writeFileSync(path.join(units, `${name}.service`), `[Service]\nExecStart=-/bin/sh -c "${command}"\n`);
    symlinkSync(`../${name}.service`, path.join(units, `${target}.wants`, `${name}.service`));
  };
  unit('landfall-early', 'sysinit.target', 'echo LANDFALL-USERSPACE word > /dev/ttyS0');
  unit('landfall-late', 'multi-user.target', 'exec /bin/sh /etc/landfall/proof.sh > /dev/ttyS1');
  mkdirSync(path.join(root, 'etc/landfall'));
  writeFileSync(
    path.join(root, 'etc/landfall/proof.sh'),
    "PATH=$PATH:/usr/bin:/usr/sbin; export PATH\nset -- $(hostname) $(findmnt -n -o SOURCE,SIZE -b / | awk '{ print $1 }') $(systemctl list-units --type=service --state=running --plain --no-legend | awk '/nginx/ { print $1 }')\necho \"$@\"\necho '\"end\"'\n",
  );
  const menu = path.join(root, 'boot/grub/grub.cfg');
  writeFileSync(menu, readFileSync(menu, 'utf8').replaceAll(' quiet', ' console=ttyS0'));
}

test('what must never boot does not, and is remembered', async () => {
  await put('/run/landfall/t/island.xml', '<network><name>island</name></network>');
  await target('net-create', '/run/landfall/t/island.xml');
  const overlay = ['vol-create-as', 'default', volume('web1', '-proof'), '1000000', '--format', 'qcow2'];
  await target(...overlay, '--backing-vol', volume('web1'), '--backing-vol-format', 'qcow2');
  const before = site.lab.violations().length;
  expect((await create({ volume: volume('web1') })).stderr).toContain('a replica itself is never booted');
  expect((await create({ network: 'dal-servers' })).stderr).toContain('which leads somewhere');
  expect((await create({ link: 'up' })).stderr).toContain('the cable of 52:54:00:aa:bb:cc is in');
  await attach(receiver.domain, volume('web1'));
  expect((await create()).stderr).toContain('for writing');
  await receiver.ssh('mount /dev/sda2 /mnt/t');
  await detach(receiver.domain, volume('web1'));
  expect(
    site.lab
      .violations()
      .slice(before)
      .map(({ why }) => why),
  ).toEqual([
    expect.stringContaining('never booted'),
    expect.stringContaining('leads somewhere'),
    expect.stringContaining('the cable'),
    expect.stringContaining('for writing'),
    expect.stringContaining('/mnt/t is mounted from it'),
  ]);
});

test('volume groups of a source are seen, and made again with their identifiers', async () => {
  const report = '--readonly --noheadings --nosuffix --units b -o';
  const [, group = '', id = ''] =
    /(\S+) (\S+)/.exec((await site.ssh('app2', `vgs ${report} vg_name,vg_uuid`)).stdout) ?? [];
  expect(group).toBe('app2-vg');
  const pv = (await site.ssh('app2', `pvs ${report} pv_uuid`)).stdout.trim();
  const backup = (await site.ssh('app2', 'cat /etc/lvm/backup/app2-vg')).stdout;
  expect(backup).toContain(`id = "${id}"`);
  expect((await site.ssh('app2', 'vgchange -an app2-vg')).code).toBe(5);

  const { domain, ssh: appRun } = other;
  expect(await attach(domain, volume('app2'))).toMatchObject({ code: 0 });
  const dump = (await site.ssh('app2', 'sfdisk --dump /dev/vda')).stdout.replaceAll('/dev/vda', '/dev/sda');
  await appRun('sfdisk --wipe always /dev/sda', dump);
  await appRun(words('sh', '-c', 'cat > "$1"', 'sh', '/run/app2-vg'), backup);
  expect((await appRun('vgcfgrestore --file /run/app2-vg app2-vg')).stderr).toContain("Couldn't find device");
  const filter = `--config ${words('devices{use_devicesfile=0 filter=["a|^/dev/sda2$|","r|.*|"] global_filter=["a|^/dev/sda2$|","r|.*|"]}')}`;
  expect(
    await appRun(`pvcreate ${filter} --yes --uuid ${pv} --restorefile /run/app2-vg /dev/sda2`),
  ).toMatchObject({ code: 0 });
  expect(await appRun(`vgcfgrestore ${filter} --file /run/app2-vg app2-vg`)).toMatchObject({ code: 0 });
  expect(await appRun(`vgchange ${filter} -ay app2-vg`)).toMatchObject({ code: 0 });
  expect((await appRun(`vgs ${report} vg_uuid`)).stdout.trim()).toBe(id);
  expect((await appRun('lsblk -J -b -o PATH,TYPE,PKNAME')).stdout).toMatch(
    /"path": "\/dev\/mapper\/app2--vg-srv",\s*"type": "lvm",\s*"pkname": "sda2"/,
  );
  expect(
    (
      await appRun(
        'mkfs.ext4 -q -F /dev/app2-vg/srv && mkdir -p /mnt/t && mount /dev/mapper/app2--vg-srv /mnt/t',
      )
    ).code,
  ).toBe(0);
  expect((await appRun('vgchange -an app2-vg')).stderr).toContain('contains a filesystem in use');
  await appRun('umount /mnt/t');
  expect((await appRun('vgchange -an app2-vg')).code).toBe(0);
  expect(await detach(domain, volume('app2'))).toMatchObject({ code: 0 });
  // udev activates what is complete.
  await attach(domain, volume('app2'));
  expect((await appRun('lsblk -J -b -o PATH,TYPE')).stdout).toContain('/dev/mapper/app2--vg-root');
});

test('the initramfs of a source can be listed, and rebuilt in a copy', async () => {
  const list = await site.ssh('web1', 'lsinitramfs /boot/initrd.img-6.1.0-32-amd64');
  expect(list.stdout).toContain('kernel/drivers/block/virtio_blk.ko\n');
  const file = path.join(site.lab.treeOf('web1')[0]?.sourceDirectory ?? '', 'boot/initrd.img-6.1.0-32-amd64');
  expect(existsSync(file)).toBe(true);
  expect(readInitramfs(readFileSync(file))?.length).toBeGreaterThan(5);
  site.lab.faults.neglect('web1', 'no-virtio');
  expect(
    (await site.ssh('web1', words('sh', '-c', 'lsinitramfs "$1"', 'sh', '/boot/initrd.img-6.1.0-32-amd64')))
      .code,
  ).toBe(0);
  expect((await site.ssh('web1', 'lsinitramfs /boot/initrd.img-6.1.0-32-amd64')).stdout).not.toContain(
    'virtio',
  );
  site.lab.faults.amend('web1', 'no-virtio');
  expect((await site.ssh('web1', 'lsinitramfs /boot/initrd.img-6.1.0-32-amd64')).stdout).toBe(list.stdout);
});

test('a hold keeps a defined domain from starting, and says which', async () => {
  const file = '/run/landfall/t/standby.xml';
  await put(
    file,
    `<domain type='kvm'><name>held</name><devices>
    <disk type='file' device='cdrom'><source file='/landfall-holds-this-standby-until-cutover/t-web1'/><target dev='sdz' bus='sata'/></disk>
    </devices></domain>`,
  );
  const before = site.lab.violations().length;
  expect(await target('define', '--validate', file)).toMatchObject({ code: 0 });
  expect((await target('autostart', '--disable', 'held')).stdout).toBe(
    "Domain 'held' unmarked as autostarted\n\n",
  );
  expect((await target('start', 'held')).stderr).toContain(
    "Cannot access storage file '/landfall-holds-this-standby-until-cutover/t-web1': No such file or directory",
  );
  expect(site.lab.violations().slice(before)).toEqual([]);
});

test('the target tells what it can run', async () => {
  expect((await target('domcapabilities', '--virttype', 'kvm')).stdout).toContain('<domain>kvm</domain>');
  expect((await target('capabilities')).stdout).toContain(
    "<machine canonical='pc-q35-7.2' maxCpus='288'>q35</machine>",
  );
  expect((await target('nodememstats')).stdout).toMatch(/^total {2}: +\d+ KiB\nfree {3}: +\d+ KiB\n/);
});
