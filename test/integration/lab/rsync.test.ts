import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attributes, differences, walk } from '../../support/walk.ts';
import { openDataPath, openTestLab, rsyncPush, startReceiver, type TestLab, words } from './harness.ts';

let site: TestLab;
beforeAll(async () => {
  site = await openTestLab({ machines: ['web1', 'db1', 'app1'] });
});
afterAll(() => site[Symbol.asyncDispose]());

test('a pass over a tree with every odd name ends identical, through the forced command', async () => {
  const receiver = await startReceiver(site, 'web1');
  await openDataPath(site, 'web1', receiver);

  const pass = await site.ssh('web1', rsyncPush('web1', '/', '/mnt/t/', '--delete'));
  expect(pass).toMatchObject({ code: 0, stderr: '' });

  const [tree] = site.lab.replicaOf('web1');
  const replica = site.lab.directory;
  expect(tree?.mountpoint).toBe('/');
  // The harness puts a file system on the whole disk, so the comparison goes through the receiver's own mount.
  const copy =
    site.lab.mountsOf('web1.receiver').find(mount => mount.path === '/mnt/t')?.directory ?? replica;
  const source = tree?.sourceDirectory ?? '';
  expect(differences(walk(source), walk(copy))).toEqual([]);
  expect(walk(source).size).toBeGreaterThan(300);
  expect(attributes(copy)).toBe(attributes(source));

  const again = await site.ssh('web1', rsyncPush('web1', '/', '/mnt/t/', '--delete', '-i', '-c'));
  expect(again).toMatchObject({ code: 0, stdout: '' });
});

test('the forced command decides what may run, and -x stays on its file system', async () => {
  const receiver = await startReceiver(site, 'db1', ['vda', 'vdb']);
  await openDataPath(site, 'db1', receiver);
  const elsewhere = await site.ssh('db1', rsyncPush('db1', '/etc/', '/mnt/'));
  // Which of the two codes rsync ends with is a race inside rsync; the refusal itself is in the text.
  expect([12, 98]).toContain(elsewhere.code);
  expect(elsewhere.stderr).toContain('not mounted');
  const shell = await site.ssh(
    'db1',
    words('sh', '/run/landfall/t/path-db1/rsh', 'standby', 'cat', '/etc/passwd'),
  );
  expect(shell).toMatchObject({ code: 97, stdout: '' });

  const pass = await site.ssh('db1', rsyncPush('db1', '/', '/mnt/t/'));
  expect(pass.code).toBe(0);
  const find = await receiver.ssh(words('sh', '-c', 'cd "$1" && find var/lib/mysql', 'sh', '/mnt/t'));
  expect(find.stdout).toBe('var/lib/mysql\n');
});

test('the seed from the golden image leaves little to send', async () => {
  const receiver = await startReceiver(site, 'app1');
  await openDataPath(site, 'app1', receiver);
  const seed = await receiver.ssh(words('rsync', '-aHAXx', '--numeric-ids', '/', '/mnt/t/'));
  expect(seed).toMatchObject({ code: 0, stderr: '' });
  const pass = await site.ssh('app1', rsyncPush('app1', '/', '/mnt/t/', '--delete', '-i'));
  expect(pass).toMatchObject({ code: 0, stderr: '' });
  const sent = pass.stdout.split('\n').filter(line => line.startsWith('<f'));
  expect(sent.length).toBeGreaterThan(10);
  expect(sent.filter(line => line.includes(' usr/'))).toEqual([]);
  expect(existsSync(path.join(site.lab.directory, 'hosts', 'app1.receiver', 'fs', 'root', 'etc'))).toBe(true);
  expect(readFileSync(site.lab.paths.plan, 'utf8')).toContain('lab: true');
});
