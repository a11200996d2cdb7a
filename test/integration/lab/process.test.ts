import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { removeTreeSync } from '../../../src/foundation/remove-tree.ts';
import { type LabClient, openLab, shutdownLab } from '../../../src/lab/client.ts';
import { readLabFile } from '../../../src/lab/directory/lab-file.ts';
import { startTicks } from '../../../src/lab/hosts/processes.ts';
import { isAwake, run, siteOf, startReceiver, temporaryDirectory, words } from './harness.ts';

const directories: string[] = [];
const roots: string[] = [];
afterEach(async () => {
  for (const directory of directories.splice(0)) await shutdownLab(directory);
  for (const root of roots.splice(0)) removeTreeSync(root, tmpdir());
});

async function open(directory: string): Promise<LabClient> {
  return openLab(directory, {
    scale: 0.02,
    seed: 5,
    machines: ['web1'],
    linkBytesPerSecond: 5_000_000,
  });
}

function freshDirectory(...below: string[]): string {
  const root = temporaryDirectory();
  roots.push(root);
  const directory = path.join(root, ...below);
  directories.push(directory);
  return directory;
}

test('a lab process is started once, is found again, and ends on request', async () => {
  // Longer than a Unix socket path may be.
  const directory = freshDirectory('a'.repeat(80), 'b'.repeat(60));
  const first = await open(directory);
  const second = await open(directory);
  expect(second.pid).toBe(first.pid);
  expect(await first.status()).toMatchObject({
    machines: ['web1'],
    scale: 0.02,
    link: { bytesPerSecond: 5_000_000 },
    writer: { state: 'paused' },
    violations: 0,
  });
  await first.writer.resume();
  expect((await second.status()).writer.state).toBe('running');
  await second.writer.stop();
  expect((await first.trees())[0]).toMatchObject({ machine: 'web1', mountpoint: '/' });
  await first.fault('host-key', 'web1', true);
  expect((await second.status()).faults).toEqual(['host-key web1']);
  await expect(first.fault('freeze', 'nobody', true)).rejects.toMatchObject({ code: 'lab.unavailable' });
  const ssh = await run('ssh', ['-F', first.paths.sshConfig, 'mia-kvm1', 'hostname']);
  expect(ssh.stdout).toBe('mia-kvm1\n');

  second.close();
  await first.shutdown();
  expect(startTicks(first.pid)).toBeUndefined();
  expect(readLabFile(directory)?.process).toBeNull();
});

test('a killed lab is opened again with its files, and its jobs have gone on', async () => {
  const directory = freshDirectory();
  const first = await open(directory);
  const ssh = (client: LabClient, command: string) =>
    run('ssh', ['-F', client.paths.sshConfig, 'web1', command]);
  const job =
    'mkdir -p "$1" && setsid sh -c \'sleep 0.5; echo done > "$1/out"; sleep 30\' sh "$1" </dev/null >/dev/null 2>&1 &';
  await ssh(first, words('sh', '-c', job, 'sh', '/run/landfall/job'));
  const tree = (await first.trees())[0]?.sourceDirectory ?? '';
  const before = readFileSync(path.join(tree, 'etc/ssh/ssh_host_ed25519_key'));
  const { port } = await first.status();
  process.kill(first.pid, 'SIGKILL');

  const again = await open(directory);
  expect(again.pid).not.toBe(first.pid);
  expect((await again.status()).port).toBe(port);
  expect(readFileSync(path.join(tree, 'etc/ssh/ssh_host_ed25519_key'))).toEqual(before);
  const seen = await ssh(
    again,
    words('sh', '-c', 'until [ -s "$1" ]; do sleep 0.02; done; cat "$1"', 'sh', '/run/landfall/job/out'),
  );
  expect(seen.stdout).toBe('done\n');
  expect(existsSync(path.join(directory, 'lab.log'))).toBe(true);
});

test('a lab that was made otherwise is refused with the reason', async () => {
  const directory = freshDirectory();
  const client = await open(directory);
  await client.shutdown();
  await expect(openLab(directory, { scale: 0.02, seed: 6, machines: ['web1'] })).rejects.toMatchObject({
    code: 'lab.unavailable',
    facts: {
      what: expect.stringContaining('made with another seed'),
      evidence: ['there: seed 5; asked: seed 6'],
    },
  });
});

test('a lab that nobody needs ends by itself', async () => {
  const directory = freshDirectory();
  const client = await openLab(directory, { scale: 0.02, machines: ['web1'], idleMs: 100 });
  client.close();
  const gone = Date.now() + 10_000;
  while (startTicks(client.pid) !== undefined && Date.now() < gone)
    await new Promise(resolve => setTimeout(resolve, 20));
  expect(startTicks(client.pid)).toBeUndefined();
});

test('two processes that open one directory at the same moment get the same lab', async () => {
  const directory = freshDirectory();
  const [one, other] = await Promise.all([open(directory), open(directory)]);
  expect(other.pid).toBe(one.pid);
  expect(await other.status()).toMatchObject({ pid: one.pid });
});

test('a lab that is opened while it ends is waited for and started anew', async () => {
  const directory = freshDirectory();
  const first = await open(directory);
  const ending = first.shutdown();
  const again = await open(directory);
  await ending;
  expect(again.pid).not.toBe(first.pid);
  expect(await again.status()).toMatchObject({ pid: again.pid });
});

test('a lab whose directory was deleted ends by itself, and the directory can be opened again', async () => {
  const directory = freshDirectory();
  const first = await open(directory);
  removeTreeSync(directory, tmpdir());
  const again = await open(directory);
  expect(startTicks(first.pid)).toBeUndefined();
  expect(again.pid).not.toBe(first.pid);
  expect(await run('ssh', ['-F', again.paths.sshConfig, 'web1', 'hostname'])).toMatchObject({
    stdout: 'web1\n',
  });
});

test('a killed lab comes back with its receiver running, and with what was mounted there', async () => {
  const directory = freshDirectory();
  const first = await open(directory);
  const { port, pid } = await first.status();
  const receiver = await startReceiver(siteOf({ directory, paths: first.paths, port }), 'web1');
  await receiver.ssh(words('mkfs.ext4', '-q', '-F', '/dev/vdb'));
  await receiver.ssh(words('mkdir', '-p', '/mnt/t'));
  await receiver.ssh(words('mount', '/dev/vdb', '/mnt/t'));
  await receiver.ssh(words('touch', '/mnt/t/marker'));
  process.kill(pid, 'SIGKILL');

  const again = await open(directory);
  expect(await isAwake(siteOf({ directory, paths: again.paths, port }), receiver.domain)).toBe(true);
  expect(await receiver.ssh('mountpoint -q /mnt/t && cat /mnt/t/marker')).toMatchObject({ code: 0 });
  expect(await again.violations()).toEqual([]);
});
