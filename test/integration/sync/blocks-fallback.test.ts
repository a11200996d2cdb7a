import { chmodSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moverOf } from '../../../src/step/mover.ts';
import { syncSteps } from '../../../src/sync/index.ts';
import { BlocksWorld } from '../../support/blocks-world.ts';
import { noLibvirtBecause } from '../../support/own-libvirt.ts';
import { factsOf } from '../../support/recorded-host.ts';

describe.skipIf(noLibvirtBecause() !== undefined)('blocks that become impossible amid an evacuation', () => {
  const world = new BlocksWorld();

  beforeAll(async () => {
    await world.open(16);
    world.begin([16], { mover: 'auto' });
    // A guest whose files could be copied, on the disk of this world.
    const { domain, guest } = factsOf('debian-12');
    const disks = domain.disks.map(disk => ({ ...disk, source: world.virt.disk(0) }));
    const uuid = world.virt.virsh('domuuid', 'web1').trim();
    const facts = { domain: { ...domain, disks, uuid }, guest };
    world.story.tell({ type: 'machine.observed', machine: 'web1', ...facts, digest: 'd1' });
    world.story.tell({
      type: 'mover.chosen',
      machine: 'web1',
      mover: 'blocks',
      decided: 'auto',
      reasons: ['nothing speaks for its files'],
      against: [],
    });
    world.virt.write('web1', 0, 'write -P 0x33 2M 192k');
  }, 60_000);

  afterAll(() => world.close());

  it('the copy that is there stays as it is, and the next pass is one of files, with the reason on record', async () => {
    await world.pass(world.next());
    // The guest of this world is reached where its hypervisor is.
    const source = world.hosts.get('mia-kvm1');
    if (source !== undefined) world.hosts.set('web1', source);
    const qemuImg = world.virt.path('bin/qemu-img');
    writeFileSync(
      qemuImg,
      `#!/bin/sh\n[ "$1" != info ] || { echo 'qemu-img: Could not open it: Permission denied' >&2; exit 1; }\nexec /usr/bin/qemu-img "$@"\n`,
    );
    chmodSync(qemuImg, 0o755);
    world.virt.write('web1', 0, 'write -P 0x55 4M 64k');
    const number = world.next();
    await world.pass(number);

    const machine = world.machine;
    expect(machine?.mover).toMatchObject({ mover: 'files', decided: 'fallback' });
    expect(machine?.mover?.reasons[0]).toContain('Permission denied');
    expect(moverOf(world.story.view, 'web1')).toBe('files');
    expect(machine?.advanced?.pass).toBe(1);
    expect(machine?.passes.at(-1)).toMatchObject({ pass: number, mover: 'blocks' });
    expect(machine?.passes.at(-1)?.ended).toBeUndefined();
    expect(world.checkpoints()).toEqual(['landfall-miami-to-dallas-p1']);
    expect([...world.pieces('mia-kvm1'), ...world.pieces('dal-kvm1')]).toEqual([]);
    const next = syncSteps(world.story.view, 'web1').map(({ id }) => id);
    expect(next).toContain(`sync/web1/pass-${number + 1}`);
    expect(next).not.toContain(`sync/web1/pass-${number}`);
    expect(next.some(id => id.includes('/blocks-'))).toBe(false);
  }, 90_000);
});
