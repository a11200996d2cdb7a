import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openDataPath, openTestLab, rsyncPush, startReceiver, type TestLab, words } from './harness.ts';

const NO_LIMIT = null;
let site: TestLab;
beforeAll(async () => {
  site = await openTestLab({ machines: ['app1'] });
  await openDataPath(site, 'app1', await startReceiver(site, 'app1'));
});
afterAll(() => site[Symbol.asyncDispose]());
afterEach(() => {
  site.lab.faults.clear();
  site.lab.link.setRate(NO_LIMIT);
});

/** New bytes on the source, and how fast they may travel. */
function prepare(bytes: number, bytesPerSecond: number | null): void {
  const directory = path.join(site.lab.treeOf('app1')[0]?.sourceDirectory ?? '', 'opt');
  writeFileSync(path.join(directory, 'big file'), randomBytes(bytes));
  site.lab.link.setRate(bytesPerSecond);
}

const push = () => site.ssh('app1', rsyncPush('app1', '/opt/', '/mnt/t/', '--whole-file'));

test('the line keeps to its rate, and the rate can be changed while bytes travel', async () => {
  prepare(3_000_000, 2_000_000);
  const before = site.lab.link.bytes;
  const started = performance.now();
  expect(await push()).toMatchObject({ code: 0 });
  const seconds = (performance.now() - started) / 1000;
  const rate = (site.lab.link.bytes - before) / seconds;
  expect(rate).toBeGreaterThan(900_000);
  expect(rate).toBeLessThan(2_400_000);

  site.lab.link.setRate(20_000);
  writeFileSync(
    path.join(site.lab.treeOf('app1')[0]?.sourceDirectory ?? '', 'opt', 'more'),
    Buffer.alloc(2_000_000, 'x'),
  );
  const slow = push();
  await site.until('the line to be in use', () => site.lab.link.connections > 0);
  site.lab.link.setRate(null);
  expect(await slow).toMatchObject({ code: 0 });
});

test('a dropped line ends the pass and refuses the next until it is healed', async () => {
  prepare(4_000_000, 400_000);
  const pass = push();
  const start = site.lab.link.bytes;
  await site.until('bytes to travel', () => site.lab.link.bytes > start + 100_000);
  site.lab.faults.linkDrop();
  expect([10, 12, 255]).toContain((await pass).code);
  expect([10, 12, 255]).toContain((await push()).code);
  site.lab.faults.linkHeal();
  site.lab.link.setRate(null);
  expect(await push()).toMatchObject({ code: 0, stderr: '' });
});

test('a full replica makes rsync itself end with 11 and say that there is no space', async () => {
  prepare(12_000_000, 8_000_000);
  site.lab.faults.targetFull('app1', 200_000);
  const pass = await push();
  expect(pass.stderr).toContain('No space left on device (28)');
  expect(pass.stderr).not.toContain('File too large');
  expect(pass.code).toBe(11);
  site.lab.faults.targetHeal('app1');
  expect(await push()).toMatchObject({ code: 0, stderr: '' });
});

test('a killed rsync is gone, a host with another key is refused', async () => {
  prepare(4_000_000, 400_000);
  const pass = push();
  const start = site.lab.link.bytes;
  await site.until('bytes to travel', () => site.lab.link.bytes > start + 50_000);
  expect(site.lab.faults.killRsync('app1')).toBeGreaterThan(0);
  // Its ssh has bytes in hand still; they need not take their time.
  site.lab.link.setRate(null);
  expect(await pass).not.toMatchObject({ code: 0 });

  site.lab.faults.hostKey('app1');
  const refused = await site.ssh('app1', 'true');
  expect(refused).toMatchObject({
    code: 255,
    stderr: expect.stringContaining('HOST IDENTIFICATION HAS CHANGED'),
  });
  site.lab.faults.hostKeyHeal('app1');
  expect((await site.ssh('app1', 'true')).code).toBe(0);
});

test('a frozen host stops with all it runs, and goes on when thawed', async () => {
  const ticking = site.ssh(
    'app1',
    words('sh', '-c', 'i=0; while [ $i -lt 20 ]; do i=$((i+1)); sleep 0.02; done; echo $i'),
  );
  await site.until('the command to run', () => site.lab.processesOf('app1').length > 0);
  site.lab.faults.freeze('app1');
  const stat = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0] ?? '';
  const stopped = site.lab.processesOf('app1');
  expect(stopped.length).toBeGreaterThan(0);
  // A shell that was stopped between vfork and exec of its child waits for it in the kernel (D): it does nothing either.
  expect(stopped.map(({ pid }) => stat(pid)).filter(state => state !== 'D')).toContain('T');
  expect(stopped.map(({ pid }) => stat(pid)).filter(state => !['T', 'D'].includes(state))).toEqual([]);
  const waiting = site.ssh('app1', 'echo later');
  expect(site.lab.faults.active()).toEqual(['freeze app1']);
  site.lab.faults.thaw('app1');
  expect(await ticking).toMatchObject({ code: 0, stdout: '20\n' });
  expect(await waiting).toMatchObject({ code: 0, stdout: 'later\n' });
});

test('a torn file keeps its size and its times, and only a checksum finds it', async () => {
  prepare(50_000, NO_LIMIT);
  expect((await push()).code).toBe(0);
  const copy = path.join(
    site.lab.mountsOf('app1.receiver').find(mount => mount.path === '/mnt/t')?.directory ?? '',
    'big file',
  );
  const before = statSync(copy, { bigint: true });
  site.lab.faults.tearFile(copy);
  const after = statSync(copy, { bigint: true });
  expect([after.size, after.mtimeNs]).toEqual([before.size, before.mtimeNs]);
  expect((await site.ssh('app1', rsyncPush('app1', '/opt/', '/mnt/t/', '-n', '-i'))).stdout).toBe('');
  expect((await site.ssh('app1', rsyncPush('app1', '/opt/', '/mnt/t/', '-n', '-i', '-c'))).stdout).toMatch(
    /^<fc\S+ big file\n$/,
  );
});
