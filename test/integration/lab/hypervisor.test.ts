import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { planSchema } from '../../../src/plan/schema.ts';
import {
  agent,
  openDataPath,
  openTestLab,
  receiverXml,
  rsyncPush,
  startReceiver,
  type TestLab,
  temporaryDirectory,
  virsh,
  words,
} from './harness.ts';

let site: TestLab;
beforeAll(async () => {
  site = await openTestLab({ machines: ['db1', 'web1', 'mail1'] });
});
afterAll(() => site[Symbol.asyncDispose]());

const read = async (...args: string[]): Promise<string> =>
  (await site.ssh('mia-kvm1', words('virsh', '-r', '-c', 'qemu:///system', ...args))).stdout;

test('the plan of the lab is a plan', () => {
  const plan = planSchema.parse(parse(readFileSync(site.lab.paths.plan, 'utf8')));
  expect(plan).toMatchObject({ lab: true, rehearsal: true, name: 'pocket-rehearsal' });
  expect(plan.deadline).toEqual({
    earliest: { kind: 'in', ms: 76 * 3_600_000 },
    expected: { kind: 'in', ms: 102 * 3_600_000 },
    reason: expect.any(String),
  });
  expect(Object.keys(plan.machines)).toEqual(['db1', 'mail1', 'web1']);
});

test('virsh on a source answers as libvirt does', async () => {
  expect(await read('list', '--all', '--name')).toBe('db1\nweb1\n\n');
  expect(await read('domstate', 'db1')).toBe('running\n\n');
  expect(await read('domblkinfo', 'db1', '--all')).toMatch(
    /^ Target {3}Capacity +Allocation +Physical\n-+\n vda {6}21474836480 +\d+ +\d+\n vdb {6}53687091200 +\d+ +\d+\n\n$/,
  );
  const xml = await read('dumpxml', 'db1');
  const uuid = /<uuid>(.*)<\/uuid>/.exec(xml)?.[1];
  expect((await site.ssh('db1', 'cat /sys/class/dmi/id/product_uuid')).stdout).toBe(`${uuid}\n`);
  expect(await site.ssh('mia-kvm1', 'virsh -r -c qemu:///system domstate nope')).toMatchObject({
    code: 1,
    stderr:
      "error: failed to get domain 'nope'\nerror: Domain not found: no domain with matching name 'nope'\n",
  });
});

test('what the guest says about its disks agrees with itself', async () => {
  const lsblk = JSON.parse(
    (await site.ssh('db1', 'lsblk -J -b -o NAME,PATH,TYPE,SIZE,FSTYPE,UUID,PARTUUID,SERIAL,PKNAME')).stdout,
  );
  const findmnt = JSON.parse(
    (await site.ssh('db1', 'findmnt -J -b --real -o TARGET,SOURCE,FSTYPE,UUID,LABEL,SIZE,USED')).stdout,
  );
  const parts = lsblk.blockdevices.flatMap((disk: { children?: object[] }) => disk.children ?? []);
  const [root] = findmnt.filesystems;
  expect(root).toMatchObject({
    target: '/',
    fstype: 'ext4',
    children: [{ target: '/var/lib/mysql', fstype: 'xfs', label: 'mysql' }],
  });
  expect(root.used).toBeGreaterThan(100_000);
  for (const mount of [root, ...root.children]) {
    expect(parts).toContainEqual(
      expect.objectContaining({ path: mount.source, uuid: mount.uuid, type: 'part' }),
    );
  }
  const dump = (await site.ssh('db1', 'sfdisk --dump /dev/vda')).stdout;
  expect(dump).toMatch(
    /^label: gpt\nlabel-id: [0-9A-F-]{36}\ndevice: \/dev\/vda\nunit: sectors\nfirst-lba: 34\nlast-lba: \d+\nsector-size: 512\n\n\/dev\/vda1 : start= {8}2048, size= +2048, type=/,
  );
  expect((await site.ssh('mail1', 'sfdisk --dump /dev/vda')).stdout).toContain(', type=83, bootable\n');
  // The same question from within a script is answered from a prepared file: it must be the same answer.
  const inScript = await site.ssh(
    'db1',
    words(
      'sh',
      '-c',
      'lsblk -J -b -o NAME,PATH,TYPE,SIZE,FSTYPE,UUID,PARTUUID,SERIAL,PKNAME; sfdisk --dump "$1"; cat "$2"',
      'sh',
      '/dev/vda',
      '/proc/swaps',
    ),
  );
  expect(inScript.stdout).toContain(dump);
  expect(JSON.parse(inScript.stdout.slice(0, inScript.stdout.indexOf('label: gpt')))).toEqual(lsblk);
  expect(inScript.stdout).toContain('/dev/vda3 ');
  // A script that is given the root of the host, and goes on from there.
  const fromRoot = await site.ssh(
    'db1',
    words('sh', '-c', 'cat "${1%/}/proc/swaps" "${1%/}/sys/class/dmi/id/product_uuid"', 'sh', '/'),
  );
  expect(fromRoot).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/\/dev\/vda3 .*\n[0-9a-f-]{36}\n$/),
  });
});

test('a receiver is defined, starts, is reached, is mounted, is destroyed', async () => {
  const receiver = await startReceiver(site, 'db1', ['vda', 'vdb']);
  expect(await virsh(site, 'dal-kvm1', 'start', receiver.domain)).toMatchObject({
    code: 1,
    stderr: 'error: Domain is already active\n',
  });
  const interfaces = JSON.stringify(
    await agent(site, receiver.domain, { execute: 'guest-network-get-interfaces' }),
  );
  expect(interfaces).toContain(`"ip-address":"${receiver.address}"`);
  const identity = (await receiver.ssh('cat /etc/machine-id')).stdout;
  expect(identity).toMatch(/^[0-9a-f]{32}\n$/);
  expect(identity).not.toBe((await site.ssh('db1', 'cat /etc/machine-id')).stdout);

  const lsblk = (await receiver.ssh('lsblk -J -b -o NAME,PATH,SERIAL')).stdout;
  expect(lsblk).toContain('"serial": "lf-vdb"');
  const dump = (await site.ssh('db1', 'sfdisk --dump /dev/vda')).stdout.replaceAll('/dev/vda', '/dev/vdb');
  expect(await receiver.ssh('sfdisk --wipe always /dev/vdb', dump)).toMatchObject({ code: 0 });
  expect((await receiver.ssh('sfdisk --dump /dev/vdb')).stdout).toBe(dump);
  const uuid = '0f3e98a0-e4e6-4d65-a8c6-ff889c6475f1';
  expect(await receiver.ssh(`mkfs.ext4 -q -F -U ${uuid} -L data /dev/vdb2`)).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect(await receiver.ssh(`mkswap -U ${uuid} /dev/vdb3`)).toMatchObject({ code: 0 });
  expect(await receiver.ssh('mount /dev/vdb2 /mnt/t')).toMatchObject({
    code: 32,
    stderr: 'mount: /mnt/t: mount point does not exist.\n',
  });
  expect((await receiver.ssh('mountpoint -q /mnt/t')).code).toBe(32);
  // The same through a script, where the paths were mapped on their way.
  const script =
    'mkdir -p "$2" && mount "$1" "$2" && mountpoint -q "$2/" && findmnt -J -b --real -o TARGET,SOURCE,FSTYPE,UUID,LABEL,SIZE,USED';
  const mounted = await receiver.ssh(words('sh', '-c', script, 'sh', '/dev/vdb2', '/mnt/t'));
  expect(mounted).toMatchObject({ code: 0, stdout: expect.stringContaining(uuid) });
  await receiver.ssh(words('touch', '/mnt/t/marker'));
  expect(site.lab.replicaOf('db1')[0]?.replicaDirectory).toBe(
    site.lab.mountsOf('db1.receiver').find(mount => mount.path === '/mnt/t')?.directory,
  );

  const sleeper = receiver.ssh('sleep 300');
  await site.until('the command to run', () => site.lab.processesOf('db1.receiver').length > 0);
  expect(await virsh(site, 'dal-kvm1', 'destroy', receiver.domain)).toMatchObject({
    code: 0,
    stdout: `Domain '${receiver.domain}' destroyed\n\n`,
  });
  expect((await sleeper).code).toBe(255);
  expect(site.lab.processesOf('db1.receiver')).toEqual([]);

  await virsh(site, 'dal-kvm1', 'start', receiver.domain);
  await site.until('the agent', () =>
    agent(site, receiver.domain, { execute: 'guest-ping' }).then(
      () => true,
      () => false,
    ),
  );
  expect((await receiver.ssh('mountpoint -q /mnt/t')).code).toBe(32);
  await receiver.ssh('mount /dev/vdb2 /mnt/t');
  expect((await receiver.ssh('cat /mnt/t/marker')).code).toBe(0);
  expect((await receiver.ssh('cat /etc/machine-id')).stdout).toBe(identity);
  await virsh(site, 'dal-kvm1', 'destroy', receiver.domain);
  expect(await virsh(site, 'dal-kvm1', 'undefine', receiver.domain)).toMatchObject({ code: 0 });
  expect(
    await virsh(site, 'dal-kvm1', 'vol-delete', '--pool', 'default', 'landfall-t-db1-vda.qcow2'),
  ).toMatchObject({ code: 0 });
  expect(
    (await virsh(site, 'dal-kvm1', 'vol-dumpxml', '--pool', 'default', 'landfall-t-db1-vda.qcow2')).stderr,
  ).toContain('Storage volume not found');
  expect(site.lab.violations()).toEqual([]);
});

test('the agent is silent when a fault says so', async () => {
  const receiver = await startReceiver(site, 'web1');
  site.lab.faults.agentSilent('web1');
  await expect(agent(site, receiver.domain, { execute: 'guest-ping' })).rejects.toThrow(
    'Guest agent is not responding: QEMU guest agent is not connected',
  );
  site.lab.faults.agentHeal('web1');
  await expect(agent(site, receiver.domain, { execute: 'guest-ping' })).resolves.toEqual({});
});

test('the agent is not connected before the receiver has booted', async () => {
  await using slow = await openTestLab({ machines: ['web1'], bootMs: 2_000 });
  const starting = startReceiver(slow, 'web1');
  const domain = 'landfall-t-web1-receiver';
  await slow.until(
    'the domain to run',
    async () => (await virsh(slow, 'dal-kvm1', 'domstate', domain)).stdout === 'running\n\n',
  );
  await expect(agent(slow, domain, { execute: 'guest-ping' })).rejects.toThrow('not connected');
  await starting;
});

test('whatever would change the source is refused and remembered', async () => {
  const standby = receiverXml('mail1', ['vda'])
    .replace('-receiver</name>', '</name>')
    .replace(/<metadata>.*<\/metadata>/, '');
  await virsh(
    site,
    'dal-kvm1',
    'vol-create-as',
    'default',
    'landfall-t-mail1-vda.qcow2',
    '1000000',
    '--format',
    'qcow2',
  );
  await virsh(
    site,
    'dal-kvm1',
    'vol-create-as',
    'default',
    'landfall-t-mail1-receiver.qcow2',
    '1000000',
    '--format',
    'qcow2',
  );
  const file = path.join('/run', 'standby.xml');
  await site.ssh('dal-kvm1', words('sh', '-c', 'cat > "$1"', 'sh', file), standby);
  await virsh(site, 'dal-kvm1', 'define', file);

  const before = site.lab.violations().length;
  expect((await virsh(site, 'mia-kvm1', 'destroy', 'db1')).code).toBe(1);
  expect((await site.ssh('web1', 'mkfs.ext4 -q -F /dev/vda2')).code).toBe(1);
  expect((await site.ssh('web1', 'mount /dev/vda2 /mnt')).code).toBe(32);
  expect((await virsh(site, 'dal-kvm1', 'start', 'landfall-t-mail1')).code).toBe(1);
  expect(
    site.lab
      .violations()
      .slice(before)
      .map(({ host, command }) => `${host}: ${command}`),
  ).toEqual([
    'mia-kvm1: virsh -c qemu:///system destroy db1',
    'web1: mkfs.ext4 -q -F /dev/vda2',
    'web1: mount /dev/vda2 /mnt',
    'dal-kvm1: virsh start landfall-t-mail1',
  ]);
});

test('a lab that is opened again has its receivers, mounts and files back', async () => {
  const directory = temporaryDirectory();
  const first = await openTestLab({ machines: ['web1'], directory });
  const receiver = await startReceiver(first, 'web1');
  await openDataPath(first, 'web1', receiver);
  await receiver.ssh(words('touch', '/mnt/t/marker'));
  await first[Symbol.asyncDispose]();

  await using again = await openTestLab({ machines: ['web1'], directory });
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  expect((await receiver.ssh('cat /mnt/t/marker')).code).toBe(0);
  expect((await again.ssh('web1', rsyncPush('web1', '/etc/', '/mnt/t/'))).code).toBe(0);
  expect(await agent(again, receiver.domain, { execute: 'guest-ping' })).toEqual({});
});
