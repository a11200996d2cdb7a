import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlocksWorld } from '../../support/blocks-world.ts';
import { noLibvirtBecause } from '../../support/own-libvirt.ts';

/** The core of it with a real libvirt and a real qemu; every way in which it is broken off is in long/blocks.test.ts. */
describe.skipIf(noLibvirtBecause() !== undefined)('a machine by blocks', () => {
  const world = new BlocksWorld();

  beforeAll(async () => {
    await world.open(16);
    world.virt.write('web1', 0, 'write -P 0x33 2M 192k');
  }, 60_000);

  afterAll(() => world.close());

  it('a full copy, then a delta that is finished after landfall has died with it half recorded', async () => {
    await world.pass(world.next());
    expect(world.machine?.passes.at(-1)).toMatchObject({ kind: 'full', reason: 'the first copy' });
    world.virt.write('web1', 0, 'write -P 0x55 4M 64k');
    world.diesBefore = 'replica.advanced';
    const number = world.next();
    await expect(world.pass(number)).rejects.toThrow('the process died');
    await world.run(world.step(`pass-${number}`));
    expect(world.machine?.passes.at(-1)).toMatchObject({ pass: 2, kind: 'delta', judged: {} });
    expect(world.compare('vda', 0)).toBe('Images are identical.');
    expect(world.checkpoints()).toEqual(['landfall-miami-to-dallas-p2']);
    expect([...world.pieces('mia-kvm1'), ...world.pieces('dal-kvm1')]).toEqual([]);
  }, 90_000);
});
