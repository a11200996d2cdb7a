import { copyFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differences, walk } from '../../support/walk.ts';
import { type Outcome, openTestLab, type TestLab, virsh, words } from './harness.ts';

const SCRATCH = '/var/lib/libvirt/landfall/t';
const POOL = '/var/lib/libvirt/images';
const REPLICA = `${POOL}/landfall-t-mail1-vda.qcow2`;
const SOURCE = `${POOL}/mail1-vda.qcow2`;

let site: TestLab;
beforeAll(async () => {
  site = await openTestLab({ machines: ['mail1', 'web1', 'files1'] });
  for (const host of ['mia-kvm2', 'dal-kvm1']) await site.ssh(host, words('mkdir', '-p', SCRATCH));
}, 60_000);
afterAll(() => site[Symbol.asyncDispose]());

const source = (...args: string[]): Promise<Outcome> => virsh(site, 'mia-kvm2', ...args);
const target = (...args: string[]): Promise<Outcome> => virsh(site, 'dal-kvm1', ...args);
const ok = (outcome: Outcome): Outcome => {
  expect(outcome).toMatchObject({ code: 0 });
  return outcome;
};
const real = (host: string, file: string): string =>
  path.join(site.lab.directory, 'hosts', host, 'fs/root', file);

const put = (file: string, content: string) =>
  site.ssh('mia-kvm2', words('sh', '-c', 'mkdir -p "${1%/*}" && cat > "$1"', 'sh', file), content);

async function push(pass: number, base?: number, disk = 'vda'): Promise<Outcome> {
  const incremental = base === undefined ? '' : `<incremental>landfall-t-p${base}</incremental>`;
  await put(
    '/run/landfall/t/backup.xml',
    `<domainbackup mode='push'>${incremental}<disks><disk name='${disk}' backup='yes' type='file'><target file='${SCRATCH}/p${pass}.qcow2'/><driver type='qcow2'/></disk></disks></domainbackup>`,
  );
  await put(
    '/run/landfall/t/checkpoint.xml',
    `<domaincheckpoint><name>landfall-t-p${pass}</name><disks><disk name='${disk}' checkpoint='bitmap'/></disks></domaincheckpoint>`,
  );
  return source('backup-begin', 'mail1', '/run/landfall/t/backup.xml', '/run/landfall/t/checkpoint.xml');
}

async function ended(): Promise<string> {
  await site.until('the end of the job', async () =>
    (await source('domjobinfo', 'mail1', '--rawstats')).stdout.startsWith('Job type: 0'),
  );
  return (await source('domjobinfo', 'mail1', '--completed', '--keep-completed', '--rawstats')).stdout;
}

/** Without the wire: what rsync does is tested where landfall does it. */
const carry = (pass: number): void =>
  copyFileSync(real('mia-kvm2', `${SCRATCH}/p${pass}.qcow2`), real('dal-kvm1', `${SCRATCH}/p${pass}.qcow2`));

async function dirty(checkpoint: string): Promise<number | undefined> {
  const { stdout } = ok(await source('checkpoint-dumpxml', 'mail1', checkpoint, '--size', '--no-domain'));
  const size = /size='(\d+)'/.exec(stdout)?.[1];
  return size === undefined ? undefined : Number(size);
}

const unlike = (): string[] => {
  const [{ sourceDirectory = '', replicaDirectory = '' } = {}] = site.lab.replicaOf('mail1');
  return differences(walk(sourceDirectory), walk(replicaDirectory));
};

const spool = (name: string): string =>
  path.join(site.lab.treeOf('mail1')[0]?.sourceDirectory ?? '', 'var/spool/mail', name);

/** As a script of landfall does it: the directory is an argument. */
const inside = (host: string, directory: string, script: string, ...args: string[]): Promise<Outcome> =>
  site.ssh(host, words('sh', '-c', `cd -- "$1" && shift && ${script}`, 'sh', directory, ...args));

const commit = (pass: number): Promise<Outcome> =>
  inside(
    'dal-kvm1',
    SCRATCH,
    'qemu-img rebase -u -f qcow2 -F qcow2 -b "$1" "$2" && qemu-img check -q -f qcow2 "$2" && qemu-img commit -q -f qcow2 "$2"',
    REPLICA,
    `p${pass}.qcow2`,
  );

describe('disks as blocks in the lab', () => {
  test('a full copy is moved into place, deltas are merged, and the replica is the source of that instant', async () => {
    ok(await push(1));
    const stats = await ended();
    expect(stats).toMatch(/^Job type: 3\n\noperation: 9\n/);
    expect(stats).toContain(`disk_total: ${2 * 1024 ** 3}`);
    expect((await source('checkpoint-list', 'mail1', '--name')).stdout).toBe('landfall-t-p1\n\n');
    expect(await dirty('landfall-t-p1')).toBe(0);
    carry(1);
    ok(await site.ssh('dal-kvm1', words('mv', '-f', `${SCRATCH}/p1.qcow2`, `${REPLICA}.incoming`)));
    ok(await site.ssh('dal-kvm1', words('mv', '-f', `${REPLICA}.incoming`, REPLICA)));
    // libvirt does not know the file before somebody tells it to look.
    expect((await target('vol-dumpxml', '--pool', 'default', path.basename(REPLICA))).code).toBe(1);
    ok(await target('pool-refresh', 'default'));
    expect(ok(await target('vol-list', '--pool', 'default')).stdout).toContain(REPLICA);
    expect(unlike()).toEqual([]);

    writeFileSync(spool('new mail'), 'x'.repeat(5000));
    expect(unlike().length).toBeGreaterThan(0);
    expect(await dirty('landfall-t-p1')).toBe(2 * 65_536);
    ok(await push(2, 1));
    await ended();
    expect(statSync(real('mia-kvm2', `${SCRATCH}/p2.qcow2`)).size).toBeLessThan(64 * 1024);
    const info = JSON.parse(
      ok(
        await site.ssh(
          'mia-kvm2',
          words('qemu-img', 'info', '-U', '--backing-chain', '--output=json', `${SCRATCH}/p2.qcow2`),
        ),
      ).stdout,
    );
    expect(info).toMatchObject([{ 'backing-filename': SOURCE }, { filename: SOURCE, format: 'qcow2' }]);
    carry(2);
    // It still names a file of the other site.
    const early = await site.ssh('dal-kvm1', words('qemu-img', 'check', `${SCRATCH}/p2.qcow2`));
    expect(early).toMatchObject({ code: 1 });
    expect(early.stderr).toContain('Could not open backing file');
    ok(await commit(2));
    expect(unlike()).toEqual([]);
    // The same once more changes nothing.
    ok(await commit(2));
    expect(unlike()).toEqual([]);
    ok(await source('checkpoint-delete', 'mail1', 'landfall-t-p1'));
    expect((await source('checkpoint-list', 'mail1', '--name')).stdout).toBe('landfall-t-p2\n\n');
    expect(site.lab.violations()).toEqual([]);
  });

  test('both sides look the same byte by byte, and the bitmap tells what does not', async () => {
    const directory = `${SCRATCH}/.compare`;
    await put(
      `${directory}/backup.xml`,
      `<domainbackup mode='pull'><incremental>landfall-t-p2</incremental><server transport='unix' socket='${directory}/s'/><disks><disk name='vda' backup='yes' type='file' exportname='vda' exportbitmap='backup-vda'><driver type='qcow2'/><scratch file='${directory}/scratch-vda'/></disk></disks></domainbackup>`,
    );
    const place = (host: string): string => (host === 'dal-kvm1' ? SCRATCH : directory);
    const at = (host: string, options: string): Promise<Outcome> =>
      inside(host, place(host), 'qemu-img map --output=json --image-opts "$1"', options);
    const sums = async (host: string, options: string): Promise<string> => {
      const shared = host === 'dal-kvm1' ? '-U' : '';
      const script = `qemu-img convert ${shared} -O raw --image-opts "$1" piece && sha256sum < piece`;
      return ok(await inside(host, place(host), script, options)).stdout;
    };
    const range = `offset=0,size=${64 * 1024 ** 2}`;
    const exported = `driver=raw,${range},file.driver=nbd,file.server.type=unix,file.server.path=s,file.export=vda`;
    const replica = `driver=raw,${range},file.driver=qcow2,file.file.driver=file,file.file.filename=${REPLICA}`;
    const bitmap =
      'driver=nbd,server.type=unix,server.path=s,export=vda,x-dirty-bitmap=qemu:dirty-bitmap:backup-vda';

    ok(await source('backup-begin', 'mail1', `${directory}/backup.xml`));
    const clean: { data: boolean }[] = JSON.parse(ok(await at('mia-kvm2', bitmap)).stdout);
    expect(clean.map(({ data }) => data)).toEqual([true]);
    expect(await sums('mia-kvm2', exported)).toBe(await sums('dal-kvm1', replica));
    // Nobody else begins one meanwhile, and who ends it may begin again.
    expect((await push(9)).stderr).toContain('cannot acquire state change lock');
    ok(await source('domjobabort', 'mail1'));
    expect((await source('domjobinfo', 'mail1', '--completed')).stdout).toContain('Operation canceled');

    writeFileSync(spool('newer mail'), 'y');
    ok(await source('backup-begin', 'mail1', `${directory}/backup.xml`));
    const written: { start: number; length: number; data: boolean }[] = JSON.parse(
      ok(await at('mia-kvm2', bitmap)).stdout,
    );
    expect(written.filter(({ data }) => !data).length).toBeGreaterThan(0);
    expect(await sums('mia-kvm2', exported)).not.toBe(await sums('dal-kvm1', replica));
    ok(await source('domjobabort', 'mail1'));
  });

  test('a machine that stands still is not written on, and a stuck freeze is thawed all the same', async () => {
    site.lab.writer.resume();
    expect(ok(await source('domfsfreeze', 'mail1')).stdout).toBe('Froze 1 filesystem(s)\n\n');
    expect((await source('domfsfreeze', 'mail1')).stderr).toContain('has been disabled');
    const frozen = walk(site.lab.treeOf('mail1')[0]?.sourceDirectory ?? '');
    const before = site.lab.writer.status().operations;
    await site.until('others going on', () => site.lab.writer.status().operations > before + 5);
    expect(differences(frozen, walk(site.lab.treeOf('mail1')[0]?.sourceDirectory ?? ''))).toEqual([]);
    expect(ok(await source('domfsthaw', 'mail1')).stdout).toBe('Thawed 1 filesystem(s)\n\n');
    expect(ok(await source('domfsthaw', 'mail1')).stdout).toBe('Thawed 0 filesystem(s)\n\n');
    await site.lab.writer.pause();

    site.lab.faults.freezeHangs('mail1');
    const hung = source('domfsfreeze', 'mail1');
    await site.until('the freeze', async () =>
      (await source('domfsthaw', 'mail1')).stdout.includes('Thawed 1'),
    );
    site.lab.faults.freezeWorks('mail1');
    expect((await hung).stderr).toContain('Guest agent is not responding');
  });

  test('what was killed is broken, in the words of libvirt, and shows no size', async () => {
    await site.lab.faults.qemuKilled('mail1');
    expect(await dirty('landfall-t-p2')).toBeUndefined();
    const refused = await push(3, 2);
    expect(refused.stderr).toBe(
      "error: checkpoint inconsistent: missing or broken bitmap 'landfall-t-p2' for disk 'vda'\n",
    );
    expect((await source('checkpoint-delete', 'mail1', 'landfall-t-p2')).stderr).toContain(
      'not found in backing chain',
    );
    ok(await source('checkpoint-delete', 'mail1', 'landfall-t-p2', '--metadata'));
    expect((await source('checkpoint-list', 'mail1', '--name')).stdout).toBe('\n');
  });

  test('a piece that does not continue what is there ruins the replica, and the lab says so', async () => {
    ok(await push(4));
    await ended();
    writeFileSync(spool('a third'), 'z');
    ok(await push(5, 4));
    await ended();
    carry(5);
    ok(await commit(5));
    expect(site.lab.violations().map(({ why }) => why)).toEqual([
      'the piece does not continue what is in landfall-t-mail1-vda.qcow2: it is ruined by this',
    ]);
  });

  test('a disk without room ends the job, and says why', async () => {
    site.lab.faults.scratchFull('mail1');
    const free = await site.ssh('mia-kvm2', words('df', '-B1', '--output=avail', '/var/lib/libvirt'));
    expect(free.stdout).toMatch(/^\s+Avail\n98304\n$/);
    ok(await push(6));
    const stats = await ended();
    expect(stats).toContain('Job type: 4');
    expect(stats).toContain('No space left on device');
    site.lab.faults.scratchHeal('mail1');
  });

  test('disks that cannot be tracked, and jobs and checkpoints of others, are told', async () => {
    const info = async (host: string, file: string) =>
      JSON.parse(
        ok(await site.ssh(host, words('qemu-img', 'info', '-U', '--backing-chain', '--output=json', file)))
          .stdout,
      );
    expect(await info('mia-kvm1', `${POOL}/web1-vda.qcow2`)).toMatchObject([
      { format: 'qcow2', 'format-specific': { data: { compat: '0.10' } } },
    ]);
    expect(await info('mia-kvm2', `${POOL}/files1-vda.img`)).toMatchObject([{ format: 'raw' }]);
    expect((await site.ssh('mia-kvm2', words('qemu-img', 'info', SOURCE))).stderr).toContain(
      'Failed to get shared "write" lock',
    );
    await put('/run/landfall/t/c.xml', '<domaincheckpoint><name>landfall-t-p1</name></domaincheckpoint>');
    expect((await source('checkpoint-create', 'files1', '/run/landfall/t/c.xml')).stderr).toBe(
      'error: unsupported configuration: checkpoint for disk vda unsupported for storage type raw\n',
    );

    site.lab.faults.foreignJob('mail1');
    site.lab.faults.foreignCheckpoint('mail1');
    expect((await source('checkpoint-list', 'mail1', '--name')).stdout).toContain('nightly-0001\n');
    expect((await source('backup-dumpxml', 'mail1')).stdout).toContain('/backup/nightly/mail1-vda.qcow2');
    expect((await push(7)).stderr).toContain('cannot acquire state change lock');
    site.lab.faults.clear();
    expect((await source('backup-dumpxml', 'mail1')).stderr).toContain('no domain backup job present');
    expect(readdirSync(real('mia-kvm2', SCRATCH))).not.toContain('p7.qcow2');
  });
});
