import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestLab, type TestLab, words } from './harness.ts';

let test: TestLab;
beforeAll(async () => {
  test = await openTestLab({ machines: ['app2'] });
});
afterAll(() => test[Symbol.asyncDispose]());

/** `/srv` of app2 is a volume of the group app2-vg, which has 3 GiB that no volume has. */
const srv = (name: string): string => {
  const found = test.lab.mountsOf('app2').find(mount => mount.path === '/srv')?.directory;
  if (found === undefined) throw new Error('app2 has no /srv');
  return path.join(found, name);
};

const NAME = 'landfall-t-p1-1';
const PLACE = '/run/landfall/t/snap-app2/1';
const take = (room: string): string => words('lvcreate', '-s', '-L', room, '-n', NAME, 'app2-vg/srv');
const mount = words(
  'mount',
  '-t',
  'ext4',
  '-o',
  'ro,noload',
  '/dev/mapper/app2--vg-landfall--t--p1--1',
  PLACE,
);

describe('snapshots on a source of the lab', () => {
  it('hold one instant, take room of their group, and go without a trace', async () => {
    writeFileSync(srv('a'), 'before');
    const before = await test.ssh('app2', 'vgs --noheadings --units b --nosuffix -o vg_name,vg_free');
    expect(await test.ssh('app2', take('134217728b'))).toMatchObject({ code: 0 });
    writeFileSync(srv('a'), 'after');
    await test.ssh('app2', words('mkdir', '-p', PLACE));
    expect(await test.ssh('app2', mount)).toMatchObject({ code: 0, stderr: '' });
    expect((await test.ssh('app2', words('cat', `${PLACE}/a`))).stdout).toBe('before');
    expect((await test.ssh('app2', 'cat /srv/a')).stdout).toBe('after');
    const during = await test.ssh('app2', 'vgs --noheadings --units b --nosuffix -o vg_name,vg_free');
    const free = (text: string): number => Number(text.trim().split(/\s+/)[1]);
    expect(free(before.stdout) - free(during.stdout)).toBe(128 * 1024 * 1024);
    expect((await test.ssh('app2', `lvs --noheadings -o lv_attr app2-vg/${NAME}`)).stdout.trim()).toBe(
      'swi-aos---',
    );

    expect((await test.ssh('app2', `lvremove -f app2-vg/${NAME}`)).stderr).toContain('in use');
    expect(await test.ssh('app2', words('umount', PLACE))).toMatchObject({ code: 0 });
    expect(await test.ssh('app2', `lvremove -f app2-vg/${NAME}`)).toMatchObject({ code: 0 });
    expect((await test.ssh('app2', 'lvs --noheadings -o lv_name')).stdout).not.toContain('landfall');
    const after = await test.ssh('app2', 'vgs --noheadings --units b --nosuffix -o vg_name,vg_free');
    expect(after.stdout).toBe(before.stdout);
    expect(test.lab.violations()).toEqual([]);
  });

  it('run full where more is written than they have room for, and cannot be read then', async () => {
    await test.ssh('app2', take('4194304b'));
    await test.ssh('app2', words('mkdir', '-p', PLACE));
    await test.ssh('app2', mount);
    appendFileSync(srv('big'), Buffer.alloc(5 * 1024 * 1024));
    const lvs = await test.ssh('app2', `lvs --noheadings -o lv_attr,data_percent app2-vg/${NAME}`);
    expect(lvs.stdout.trim().split(/\s+/)).toEqual(['swi-Ios---', '100.00']);
    expect((await test.ssh('app2', words('find', PLACE, '-type', 'f'))).code).not.toBe(0);
    await test.ssh('app2', words('umount', PLACE));
    expect((await test.ssh('app2', `lvremove -f app2-vg/${NAME}`)).code).toBe(0);
  });

  it('need room, and nothing else on a source is made, removed or mounted', async () => {
    expect((await test.ssh('app2', take('9999999999b'))).stderr).toContain('insufficient free space');
    expect(
      (await test.ssh('app2', words('lvcreate', '-s', '-L', '4m', '-n', 'mine', 'app2-vg/srv'))).code,
    ).toBe(5);
    expect((await test.ssh('app2', 'lvremove -f app2-vg/srv')).code).toBe(5);
    expect((await test.ssh('app2', 'mount /dev/mapper/app2--vg-srv /run')).code).toBe(32);
    expect(test.lab.violations().map(({ command }) => command.split(' ')[0])).toEqual([
      'lvcreate',
      'lvremove',
      'mount',
    ]);
  });
});
