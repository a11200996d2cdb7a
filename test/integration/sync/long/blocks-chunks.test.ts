import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlocksWorld } from '../../../support/blocks-world.ts';
import { noLibvirtBecause } from '../../../support/own-libvirt.ts';
import { rejection } from '../../../support/ssh-world.ts';

/** Full copies of a machine whose scratch has no room for whole pieces, with a real libvirt and a real qemu. */
describe.skipIf(noLibvirtBecause() !== undefined)('a full copy in chunks', () => {
  const world = new BlocksWorld();
  const write = (command: string): void => world.virt.write('web1', 0, command);
  const lastPass = () => world.machine?.passes.at(-1);
  const pieces = (id: string): string => `${world.scratch(id)}/miami-to-dallas`;
  let number = 0;

  beforeAll(async () => {
    await world.open(200, 16);
    write('write -P 0x33 1M 40M');
    write('write -P 0x34 100M 40M');
    world.virt.write('web1', 1, 'write -P 0x44 1M 64k');
    // 16 MiB a chunk: a quarter of what is free beyond care.space, which is 1 MiB here.
    world.room(66);
  }, 60_000);

  afterAll(() => world.close());

  const isWhole = (): void => {
    expect(world.compare('vda', 0)).toBe('Images are identical.');
    expect(world.compare('vdb', 1)).toBe('Images are identical.');
    expect(world.pieces('mia-kvm1')).toEqual([]);
    expect(world.pieces('dal-kvm1')).toEqual([]);
    expect(existsSync(`${world.replica('vda')}.incoming`)).toBe(false);
    expect(world.checkpoints()).toEqual([`landfall-miami-to-dallas-p${number}`]);
    expect(world.virt.virsh('domjobinfo', 'web1')).toMatch(/^Job type:\s+None/);
  };

  it('brings one instant, whatever the guest writes meanwhile, and leaves out what is empty', async () => {
    number = 1;
    for (const name of ['blocks-key', 'blocks-path']) await world.run(world.step(name));
    const step = world.step('pass-1');
    // The guest goes on writing over what has not been read yet.
    world.onJob = id => {
      if (id !== 'web1-p1-cut-vda-c1') return;
      write('write -P 0x66 101M 256k');
      write('write -P 0x67 150M 256k');
    };
    await world.run(step);
    world.onJob = undefined;
    expect(lastPass()).toMatchObject({ kind: 'full', ended: { consistency: 'crash' } });
    expect(lastPass()?.reason).toMatch(
      /^the first copy; in chunks: whole pieces need 8\d.*, and 69\.2 MB are free$/,
    );
    const cut = world.ran.filter(each => each.includes('-cut-'));
    // 1 to 41 MiB and 100 to 140 MiB in chunks of 16; the rest of 200 MiB is empty. vdb has one.
    expect(cut).toEqual(
      [0, 1, 2, 6, 7, 8].map(index => `job web1-p1-cut-vda-c${index}`).concat('job web1-p1-cut-vdb-c0'),
    );
    const runs = lastPass()?.ended?.runs;
    expect(runs?.[0]?.literalBytes).toBe(80 * 1024 ** 2);
    expect(runs?.[0]?.sentBytes).toBeGreaterThan(100_000);
    // The instant is that of the beginning: what came later is in the next delta, and in no other.
    expect(world.compare('vda', 0)).toMatch(/^Content mismatch at offset 105906176/);
    world.room(undefined);
    number = world.next();
    await world.pass(number);
    expect(lastPass()).toMatchObject({ kind: 'delta' });
    isWhole();
  }, 120_000);

  /** The next pass is a full one again, and there is no room for whole pieces. */
  const startOver = (): void => {
    const checkpoint = world.machine?.advanced?.checkpoint ?? '';
    world.story.tell({ type: 'checkpoint.removed', machine: 'web1', checkpoint });
    world.room(66);
    number = world.next();
  };
  const once = (job: string, act: () => void): void => {
    world.onJob = id => {
      if (id !== job) return;
      world.onJob = undefined;
      act();
    };
  };
  const backups = (): number => world.ran.filter(each => each === `job web1-p${number}-backup`).length;

  it('goes on with the same instant after a death, a cut, a damaged chunk and a pause', async () => {
    startOver();
    world.diesBefore = 'checkpoint.made';
    await expect(world.pass(number)).rejects.toThrow('the process died');
    write('write -P 0x55 2M 64k');

    const pass = (): ReturnType<typeof world.step> => world.step(`pass-${number}`);
    once(`web1-p${number}-ship-vda-c1`, () => writeFileSync(world.virt.path('run/cut'), ''));
    expect(await rejection(world.run(pass()))).toMatchObject({ code: 'sync.link-lost' });
    rmSync(world.virt.path('run/cut'));

    once(`web1-p${number}-place-vda-c2`, () => {
      const sums = `${pieces('dal-kvm1')}/web1/web1-p${number}-vda-c2.qcow2.sha256`;
      writeFileSync(sums, `${'0'.repeat(64)}  web1-p${number}-vda-c2.qcow2\n`);
    });
    expect(await rejection(world.run(pass()))).toMatchObject({ code: 'blocks.damaged-piece' });

    world.diesBefore = 'replica.advanced';
    const step = pass();
    const cuts = world.ran.length;
    await expect(world.run(step)).rejects.toThrow('the process died');
    // What was in its place before did not travel again.
    expect(world.ran.slice(cuts)).not.toContain(`job web1-p${number}-ship-vda-c0`);
    await world.halt(step);
    await world.run(pass());
    expect(backups()).toBe(1);
    expect(lastPass()).toMatchObject({ pass: number, kind: 'full', judged: {} });

    world.room(undefined);
    number = world.next();
    await world.pass(number);
    isWhole();
  }, 240_000);

  it('ends its export before the scratch is full, and leaves the replica as it was', async () => {
    const before = readFileSync(world.replica('vda'));
    startOver();
    once(`web1-p${number}-cut-vda-c2`, () => world.room(0));
    expect(await rejection(world.pass(number))).toMatchObject({ code: 'blocks.scratch-full' });
    expect(world.virt.virsh('domjobinfo', 'web1')).toMatch(/^Job type:\s+None/);
    expect(readFileSync(world.replica('vda')).equals(before)).toBe(true);
    expect(world.pieces('mia-kvm1')).toEqual([]);
    // Not even for chunks there is room now: it says so, and begins nothing.
    expect(await rejection(world.run(world.step(`pass-${number}`)))).toMatchObject({
      code: 'blocks.scratch-full',
      facts: { evidence: expect.arrayContaining([expect.stringMatching(/^needed: 68/)]) },
    });

    world.room(66);
    once(`web1-p${number}-cut-vda-c2`, () => world.virt.virsh('domjobabort', 'web1'));
    expect(await rejection(world.run(world.step(`pass-${number}`)))).toMatchObject({
      code: 'blocks.broken-off',
    });
    // With room again it goes in whole pieces: nothing of the chunks is in its way.
    world.room(undefined);
    await world.run(world.step(`pass-${number}`));
    expect(lastPass()?.reason).not.toContain('in chunks');
    isWhole();
  }, 240_000);
});
