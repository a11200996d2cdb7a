import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextFor } from '../../../src/evacuation/context.ts';
import { systemClock } from '../../../src/foundation/clock.ts';
import type { Host } from '../../../src/remote/host.ts';
import { verifyBlocksStep } from '../../../src/sync/movers/blocks/compare/verify.ts';
import { noLibvirtBecause, OwnLibvirt } from '../../support/own-libvirt.ts';
import { createSshWorld, rejection, type SshWorld } from '../../support/ssh-world.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';

/**
 * A real libvirt and a real qemu, reached over real SSH: what the source writes is told from what is damaged in the replica.
 */
const MIB = 1024 ** 2;
const CHECKPOINT = 'landfall-miami-to-dallas-p1';

describe.skipIf(noLibvirtBecause() !== undefined)('disks against their replica', () => {
  let virt: OwnLibvirt;
  let world: SshWorld;
  const hosts = new Map<string, Host>();
  const replica = (disk: string): string => virt.path(`replica-${disk}.qcow2`);

  beforeAll(async () => {
    virt = new OwnLibvirt();
    world = createSshWorld();
    await virt.start('web1', 200, 70);
    virt.write('web1', 0, 'write -P 0x33 10M 128k');
    virt.write('web1', 0, 'write -P 0x44 130M 64k');
    virt.write('web1', 1, 'write -P 0x55 1M 1M');
    const server = await world.server({ env: virt.env });
    world.trust(server);
    for (const id of ['mia-kvm1', 'dal-kvm1'])
      hosts.set(
        id,
        await world.connect(server, {
          id,
          runtime: { evacuation: 'miami-to-dallas', root: virt.path('run', id) },
        }),
      );
    const disks = ['vda', 'vdb'].map(
      disk =>
        `<disk name='${disk}' backup='yes' type='file'><target file='${replica(disk)}'/><driver type='qcow2'/></disk>`,
    );
    const write = hosts.get('mia-kvm1');
    await write?.write(
      virt.path('run/full.xml'),
      `<domainbackup mode='push'><disks>${disks.join('')}</disks></domainbackup>`,
      0o644,
    );
    await write?.write(
      virt.path('run/checkpoint.xml'),
      `<domaincheckpoint><name>${CHECKPOINT}</name></domaincheckpoint>`,
      0o644,
    );
    virt.virsh('backup-begin', 'web1', virt.path('run/full.xml'), virt.path('run/checkpoint.xml'));
    while (!virt.virsh('domjobinfo', 'web1').includes('None'))
      await new Promise(resolve => setImmediate(resolve));
  }, 60_000);

  afterAll(async () => {
    await world.close();
    await virt.dispose();
  });

  function story(verify: { share?: number } = {}, space: string | undefined = '1 MiB'): Story {
    const plan = planOf({
      machines: { web1: machinePlan({ mover: 'blocks' }) },
      hypervisors: {
        'mia-kvm1': {
          site: 'miami',
          address: '10.20.0.1',
          user: 'root',
          uri: 'qemu:///session',
          scratch: virt.path('run/mia'),
        },
        'dal-kvm1': {
          site: 'dallas',
          address: '10.30.0.1',
          user: 'root',
          uri: 'qemu:///session',
          scratch: virt.path('run/dal'),
        },
      },
      verify,
      care: { space },
    });
    const story = new Story(plan);
    const disks = [
      { disk: 'vda', capacity: 200 * MIB },
      { disk: 'vdb', capacity: 70 * MIB },
    ];
    story.begin().tell(
      {
        type: 'replica.created',
        machine: 'web1',
        volumes: disks.map(({ disk, capacity }) => ({
          disk,
          pool: 'default',
          volume: `${disk}.qcow2`,
          capacity,
          path: replica(disk),
        })),
      },
      {
        type: 'pass.started',
        machine: 'web1',
        pass: 1,
        kind: 'full',
        mover: 'blocks',
        reason: 'r',
        checksum: false,
      },
      { type: 'checkpoint.made', machine: 'web1', pass: 1, checkpoint: CHECKPOINT, disks },
      { type: 'replica.advanced', machine: 'web1', pass: 1, checkpoint: CHECKPOINT, replaced: false },
      {
        type: 'pass.ended',
        machine: 'web1',
        pass: 1,
        kind: 'full',
        mover: 'blocks',
        consistency: 'crash',
        startedAt: story.now,
        ms: 1,
        runs: [],
        hot: [],
      },
    );
    return story;
  }

  async function verify(told: Story) {
    const step = verifyBlocksStep(told.view, 'web1', 1);
    const context = contextFor(step, {
      plan: told.plan,
      evacuation: told.plan.name,
      state: () => told.state,
      host: id => Promise.resolve(hosts.get(id) ?? Promise.reject(new Error(`no host ${id}`))),
      emit: async event => void told.tell(event),
      onSample: () => undefined,
      keepLog: async () => undefined,
      clock: systemClock,
      random: { next: () => 0.5, bytes: count => new Uint8Array(count) },
    });
    const signal = new AbortController().signal;
    if (await step.done(context, signal)) throw new Error('nothing to do');
    await step.run(context, signal);
    return told.state.machines['web1']?.verified;
  }

  const isAtRest = (): void => {
    expect(virt.virsh('domjobinfo', 'web1')).toMatch(/Job type:\s+None/);
    expect(existsSync(virt.path('run/mia/miami-to-dallas/.compare-web1'))).toBe(false);
    expect(existsSync(virt.path('run/dal/miami-to-dallas/.compare-web1'))).toBe(false);
  };

  it('what is equal is equal, and what the source has written since is no damage', async () => {
    virt.write('web1', 0, 'write -P 0x66 10M 4k');
    virt.write('web1', 0, 'write -P 0x66 199M 1M');
    const verified = await verify(story());
    expect(verified).toMatchObject({ mismatches: [], live: 2, disks: ['vda', 'vdb'], filesCompared: 0 });
    // All but the granules of the bitmap that were written.
    expect(verified?.bytesCompared).toBe(270 * MIB - 64 * 1024 - MIB);
    expect(verified?.sample).toBeUndefined();
    isAtRest();
  });

  it('damage in the replica is found where it is, also beside what was written since', async () => {
    virt.run('qemu-io', '-f', 'qcow2', '-c', 'write -P 0x99 130M 512', replica('vda'));
    virt.run('qemu-io', '-f', 'qcow2', '-c', 'write -P 0x99 69M 512', replica('vdb'));
    expect((await verify(story()))?.mismatches).toEqual([
      'vda at offset 134217728 (67.1 MB): source and replica differ',
      'vdb at offset 67108864 (6.29 MB): source and replica differ',
    ]);
    isAtRest();
  });

  it('a sample says how much it is worth, and the next one takes another part', async () => {
    const told = story({ share: 0.5 });
    const first = await verify(told);
    expect(first?.sample).toMatchObject({ of: 6, unit: 'piece', rotation: { round: 0, of: 2 } });
    // Both ends of each disk are always among it.
    expect(first?.sample?.compared).toBeGreaterThanOrEqual(4);
  });

  it('a job of somebody else is left alone, and said', async () => {
    await hosts
      .get('mia-kvm1')
      ?.write(
        virt.path('run/other.xml'),
        `<domainbackup mode='pull'><server transport='unix' socket='${virt.path('run/other.sock')}'/><disks><disk name='vdb' type='file'><scratch file='${virt.path('run/other.scratch')}'/></disk></disks></domainbackup>`,
        0o644,
      );
    virt.virsh('backup-begin', 'web1', virt.path('run/other.xml'));
    expect(await rejection(verify(story()))).toMatchObject({ code: 'blocks.refused' });
    expect(virt.virsh('backup-dumpxml', 'web1')).toContain('other.sock');
    virt.virsh('domjobabort', 'web1');
    isAtRest();
  });

  it('without room for what the guest overwrites nothing is compared, and the backup is over', async () => {
    expect(await rejection(verify(story({}, '1000 TiB')))).toMatchObject({ code: 'blocks.scratch-full' });
    isAtRest();
  });
});
