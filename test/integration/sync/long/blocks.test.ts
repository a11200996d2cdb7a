import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlocksWorld } from '../../../support/blocks-world.ts';
import { noLibvirtBecause } from '../../../support/own-libvirt.ts';
import { rejection } from '../../../support/ssh-world.ts';

/** A real libvirt and a real qemu: what the guest writes arrives in the replica, whatever is broken off in between. */
describe.skipIf(noLibvirtBecause() !== undefined)('passes by blocks', () => {
  const world = new BlocksWorld();
  const write = (command: string): void => world.virt.write('web1', 0, command);
  let number = 0;
  const next = async (): Promise<void> => {
    number = world.next();
    await world.pass(number);
  };
  const lastPass = () => world.machine?.passes.at(-1);

  beforeAll(async () => {
    await world.open(64, 16);
    write('write -P 0x33 10M 1280k');
    world.virt.write('web1', 1, 'write -P 0x44 1M 64k');
  }, 60_000);

  afterAll(() => world.close());

  const isWhole = (): void => {
    expect(world.compare('vda', 0)).toBe('Images are identical.');
    expect(world.compare('vdb', 1)).toBe('Images are identical.');
    expect(world.pieces('mia-kvm1')).toEqual([]);
    expect(world.pieces('dal-kvm1')).toEqual([]);
    expect(world.checkpoints()).toEqual([`landfall-miami-to-dallas-p${number}`]);
    expect(world.machine?.checkpoints?.map(({ checkpoint }) => checkpoint)).toEqual(world.checkpoints());
  };

  it('a full copy takes the place of the empty replica, deltas are merged into it', async () => {
    await next();
    expect(lastPass()).toMatchObject({
      kind: 'full',
      mover: 'blocks',
      reason: 'the first copy',
      ended: { consistency: 'crash' },
    });
    expect(world.machine?.advanced).toMatchObject({ pass: 1, replaced: true });
    isWhole();
    for (const at of [22, 23]) {
      write(`write -P 0x5${at % 10} ${at}M 64k`);
      write('write -z 10M 128k');
      await next();
      expect(lastPass()).toMatchObject({ pass: number, kind: 'delta' });
      isWhole();
    }
    const runs = lastPass()?.ended?.runs;
    expect(runs?.map(({ disk, mountpoint, code }) => [disk, mountpoint, code])).toEqual([
      ['vda', 'vda', 0],
      ['vdb', 'vdb', 0],
    ]);
    expect(runs?.[0]?.sentBytes).toBeGreaterThan(64 * 1024);
    // 64 KiB at a new place, and 128 KiB of zeroes.
    expect(world.machine?.dirty?.bytes).toBe(3 * 64 * 1024);
  }, 90_000);

  it.each(['pass.started', 'checkpoint.made', 'replica.advanced', 'pass.ended', 'checkpoint.removed'])(
    'landfall may die before it records %s',
    async type => {
      write('write -P 0x71 30M 192k');
      world.diesBefore = type;
      number = world.next();
      await expect(world.pass(number)).rejects.toThrow('the process died');
      // What the guest writes meanwhile belongs to the next pass, or to this one made again.
      write('write -P 0x72 31M 64k');
      await world.run(world.step(`pass-${number}`));
      expect(lastPass()).toMatchObject({ pass: number, kind: 'delta', judged: {} });
    },
    90_000,
  );

  it('nothing of it was forgotten: one more delta makes both the same', async () => {
    await next();
    expect(lastPass()).toMatchObject({ pass: number, kind: 'delta' });
    isWhole();
  }, 90_000);

  it('a link that was cut goes on with the pieces that are there', async () => {
    write('write -P 0x73 32M 64k');
    writeFileSync(world.virt.path('run/cut'), '');
    number = world.next();
    expect(await rejection(world.pass(number))).toMatchObject({ code: 'sync.link-lost' });
    rmSync(world.virt.path('run/cut'));
    const before = world.ran.length;
    await world.run(world.step(`pass-${number}`));
    expect(world.ran.slice(before)).not.toContain(`job web1-p${number}-backup`);
    isWhole();
  }, 90_000);

  it('a piece that arrived damaged is not merged, and travels again', async () => {
    write('write -P 0x74 33M 64k');
    world.diesBefore = 'checkpoint.made';
    number = world.next();
    await expect(world.pass(number)).rejects.toThrow('the process died');
    const sums = `${world.scratch('mia-kvm1')}/miami-to-dallas/web1-p${number}-vda.qcow2.sha256`;
    const right = readFileSync(sums);
    writeFileSync(sums, `${'0'.repeat(64)}  web1-p${number}-vda.qcow2\n`);
    expect(await rejection(world.run(world.step(`pass-${number}`)))).toMatchObject({
      code: 'blocks.damaged-piece',
    });
    writeFileSync(sums, right);
    await world.run(world.step(`pass-${number}`));
    isWhole();
  }, 90_000);

  it('a pause in the middle leaves nothing going, and the pass goes on', async () => {
    write('write -P 0x75 34M 64k');
    world.diesBefore = 'replica.advanced';
    number = world.next();
    await expect(world.pass(number)).rejects.toThrow('the process died');
    const step = world.step(`pass-${number}`);
    await world.halt(step);
    await world.run(step);
    isWhole();
  }, 90_000);

  it('a pass that is half in the replica is finished there, also where its source has forgotten it', async () => {
    write('write -P 0x78 37M 64k');
    world.diesBefore = 'replica.advanced';
    number = world.next();
    await expect(world.pass(number)).rejects.toThrow('the process died');
    // The source was started anew: jobs and pieces are gone there.
    for (const name of readdirSync(world.virt.path('run/mia-kvm1')).filter(each => each.startsWith('web1-p')))
      rmSync(world.virt.path('run/mia-kvm1', name), { recursive: true });
    for (const disk of ['vda', 'vdb'])
      rmSync(`${world.scratch('mia-kvm1')}/miami-to-dallas/web1-p${number}-${disk}.qcow2`);
    rmSync(`${world.scratch('dal-kvm1')}/miami-to-dallas/.marks-web1/web1-p${number}-vdb.qcow2.applied`);
    const before = world.ran.length;
    await world.run(world.step(`pass-${number}`));
    expect(world.ran.slice(before)).not.toContain(`job web1-p${number}-backup`);
    isWhole();
  }, 90_000);

  it('a replica that somebody has written to takes no delta: a full copy says why', async () => {
    world.virt.run('qemu-io', '-f', 'qcow2', '-c', 'write -P 0x99 5M 64k', world.replica('vda'));
    await next();
    expect(lastPass()).toMatchObject({
      kind: 'full',
      reason: 'somebody has written to the replica since the last pass',
    });
    isWhole();
  }, 90_000);

  it('another domain that has taken the name is not copied', async () => {
    const { story } = world;
    const observed = story.state.machines['web1']?.observed;
    if (observed === undefined) throw new Error('not observed');
    const { at, ...rest } = observed;
    const tell = (uuid: string) =>
      story.tell({ type: 'machine.observed', machine: 'web1', ...rest, domain: { ...rest.domain, uuid } });
    tell('00000000-0000-0000-0000-000000000000');
    number = world.next();
    const error = await rejection(world.pass(number));
    expect(error).toMatchObject({ code: 'blocks.impossible' });
    tell(rest.domain.uuid);
    await world.run(world.step(`pass-${number}`));
    isWhole();
  }, 90_000);

  it('checkpoints of others are never touched', async () => {
    world.virt.virsh('checkpoint-create-as', 'web1', 'nightly', '--diskspec', 'vda');
    write('write -P 0x76 35M 64k');
    await next();
    expect(world.checkpoints()).toContain('nightly');
    expect(world.machine?.blocks?.foreignCheckpoints).toEqual(['nightly']);
    world.virt.virsh('checkpoint-delete', 'web1', 'nightly');
    isWhole();
  }, 90_000);

  it('a backup of somebody else is left alone, and said', async () => {
    const scratch = world.virt.path('run/other.scratch');
    const socket = world.virt.path('run/other.sock');
    writeFileSync(
      world.virt.path('other.xml'),
      `<domainbackup mode='pull'><server transport='unix' socket='${socket}'/><disks><disk name='vda' type='file'><scratch file='${scratch}'/></disk></disks></domainbackup>`,
    );
    world.virt.virsh('backup-begin', 'web1', world.virt.path('other.xml'));
    number = world.next();
    expect(await rejection(world.pass(number))).toMatchObject({ code: 'blocks.foreign-job' });
    expect(world.virt.virsh('backup-dumpxml', 'web1')).toContain('other.sock');
    world.virt.virsh('domjobabort', 'web1');
    await world.run(world.step(`pass-${number}`));
    isWhole();
  }, 90_000);

  it('a killed QEMU breaks the bitmap: a full copy says why, and comes beside the replica', async () => {
    process.kill(Number(readFileSync(world.virt.path('run/libvirt/qemu/run/web1.pid'), 'utf8')), 'SIGKILL');
    while (!world.virt.virsh('domstate', 'web1').includes('shut off'))
      await new Promise(resolve => setImmediate(resolve));
    number = world.next();
    expect(await rejection(world.pass(number))).toMatchObject({ code: 'blocks.impossible' });
    world.virt.virsh('start', 'web1', '--paused');
    write('write -P 0x77 36M 64k');
    await world.run(world.step(`pass-${number}`));
    expect(lastPass()).toMatchObject({ kind: 'full' });
    expect(lastPass()?.reason).toMatch(/^the bitmap of landfall-miami-to-dallas-p\d+ on vda is broken/);
    expect(world.machine?.advanced).toMatchObject({ pass: number, replaced: true });
    expect(existsSync(`${world.replica('vda')}.incoming`)).toBe(false);
    isWhole();
    await next();
    expect(lastPass()).toMatchObject({ kind: 'delta' });
    isWhole();
  }, 90_000);
});
