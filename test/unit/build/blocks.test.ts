import { describe, expect, test } from 'vitest';
import { buildSteps, copiedMounts, putIn, putInActions, unfitted } from '../../../src/build/index.ts';
import { attachStep } from '../../../src/build/receiver/attach.ts';
import { detachStep } from '../../../src/build/receiver/detach.ts';
import { layoutOf } from '../../../src/build/replica/layout.ts';
import { prepareStep } from '../../../src/build/replica/prepare.ts';
import { refuseOverCopy, remaining } from '../../../src/build/replica/remaining.ts';
import { replicaStep } from '../../../src/build/replica/replica.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import type { BlockFacts } from '../../../src/journal/facts.ts';
import type { PlanInput } from '../../../src/plan/schema.ts';
import type { Step } from '../../../src/step/step.ts';
import { nextPass } from '../../../src/sync/index.ts';
import { contextOf, PlugLab, story } from '../../support/plug-lab.ts';
import { factsOf } from '../../support/recorded-host.ts';
import type { Reply } from '../../support/scripted-host.ts';
import { domainFacts, machinePlan, Story } from '../../support/state.ts';

const signal = new AbortController().signal;
const GB = 1e9;
const REPLICA = 'landfall-miami-to-dallas-web1-vda.qcow2';
const source = { hypervisor: 'mia-kvm1', address: '10.20.0.11', user: 'root' };
const blocksPlan = (login = true) => ({
  machines: { web1: machinePlan({ mover: 'blocks', source: { ...source, login } }) },
});
const names = (told: Story): string[] =>
  buildSteps(told.view, 'web1').map(({ id }) => id.replace('build/web1/', ''));
const moved = (mover: 'files' | 'blocks'): EventBody => ({
  ...{ type: 'mover.chosen', machine: 'web1', mover, decided: 'engineer', reasons: [], against: [] },
});

describe('what is built', () => {
  test('by who moves the machine', () => {
    expect(names(story())).toEqual(['replica', 'standby', 'receiver', 'access', 'attach', 'prepare']);
    expect(names(story(blocksPlan()))).toEqual(['replica', 'standby', 'receiver', 'access']);
    expect(names(story(blocksPlan(false)))).toEqual(['replica', 'standby']);
  });

  test('a machine that changes to blocks has its replica taken out first, once', async () => {
    const told = story();
    const lab = new PlugLab();
    for (const step of [attachStep(told.plan, 'web1')]) await step.run(contextOf(step, told, lab), signal);
    lab.mounts = [{ device: '/dev/sda1', path: '/mnt/t' }];
    told.tell(moved('blocks'));
    expect(names(told)).toContain('detach');
    const step = detachStep(told.plan, 'web1');
    const context = contextOf(step, told, lab);
    expect(await step.done(context, signal)).toBe(false);
    await step.run(context, signal);
    expect([lab.volumes, lab.mounts]).toEqual([[], []]);
    expect(names(told)).not.toContain('detach');
    expect(await step.done(context, signal)).toBe(true);
    // The bytes stay as they are: nothing was made, deleted or written.
    expect(lab.hypervisor.asked.filter(line => /vol-(?:create|delete|resize)/.test(line))).toEqual([]);
  });

  test('nothing is pulled away from under what uses the replica', async () => {
    const told = story();
    const lab = new PlugLab();
    const attach = attachStep(told.plan, 'web1');
    await attach.run(contextOf(attach, told, lab), signal);
    lab.mounts = [{ device: '/dev/sda1', path: '/mnt/t' }];
    lab.receiver.exec = failing(lab.receiver.exec.bind(lab.receiver), 'umount');
    told.tell(moved('blocks'));
    const step = detachStep(told.plan, 'web1');
    await expect(step.run(contextOf(step, told, lab), signal)).rejects.toMatchObject({
      code: 'job.conflict',
    });
    expect(lab.volumes).toEqual([REPLICA]);
    expect(names(told)).toContain('detach');
  });
});

type Exec = PlugLab['receiver']['exec'];
const failing =
  (exec: Exec, program: string): Exec =>
  (argv, options) =>
    String(argv[0]) === program
      ? Promise.resolve({ code: 32, stdout: Buffer.alloc(0), stderr: Buffer.from('target is busy'), ms: 1 })
      : exec(argv, options);

describe('a machine that changes from blocks to files', () => {
  const overBlocks = (): Story =>
    story(blocksPlan())
      .pass('web1', 1, { mover: 'blocks', mountpoints: ['vda'] })
      .tell({
        ...{ type: 'replica.advanced', machine: 'web1', pass: 1, checkpoint: 'c1', replaced: true },
      });

  test('finds everything done on the disks of the source, formats nothing and seeds nothing', async () => {
    const told = overBlocks().tell(moved('files'));
    expect(names(told).slice(-2)).toEqual(['attach', 'prepare']);
    const lab = new PlugLab();
    for (const step of [attachStep(told.plan, 'web1'), prepareStep(told.plan, 'web1')])
      await step.run(contextOf(step, told, lab), signal);
    expect(lab.mounts).toEqual([{ device: '/dev/sda1', path: '/mnt/t' }]);
    const made = lab.receiver.asked.filter(line => /sfdisk|mkfs|mkswap|rsync -a/.test(line));
    expect(made.filter(line => !line.startsWith('sh -c'))).toEqual([]);
    expect(told.state.machines['web1']?.receiver?.prepared?.seededBytes).toBe(0);
  });

  test('goes on with a delta that compares contents once, and then as always', () => {
    const told = overBlocks().tell(moved('files'));
    const next = nextPass(told.view, 'web1');
    expect(next).toMatchObject({ pass: 2, kind: 'delta', checksum: true });
    expect(next?.reason).toContain('files take over from blocks');
    told.pass('web1', 2, { literal: 5 * GB });
    told.tell({ type: 'pass.requested', machine: 'web1', reason: 'dana asked' });
    expect(nextPass(told.view, 'web1')).toMatchObject({ pass: 3, kind: 'delta', checksum: false });
  });

  test('makes a first copy where nothing of blocks had arrived', () => {
    const told = story(blocksPlan()).startPass('web1', 1, { mover: 'blocks' }).tell(moved('files'));
    expect(nextPass(told.view, 'web1')).toMatchObject({ pass: 2, kind: 'full', reason: 'the first copy' });
  });
});

describe('a disk that bears what its source has', () => {
  const { domain, guest } = factsOf('debian-12');
  const odd = guest.blocks.find(({ type, fstype }) => type === 'part' && fstype === undefined);
  if (odd === undefined) throw new Error('the fixture has a partition without a file system');
  const holding = { ...odd, fstype: 'ext4', uuid: 'unmounted-1' };
  const withOdd = { ...guest, blocks: guest.blocks.map(block => (block === odd ? holding : block)) };
  const shown = (blocks: readonly BlockFacts[]): BlockFacts[] => [
    { device: '/dev/vdb', type: 'disk', size: 21_474_836_480, serial: 'lf-vda' },
    ...blocks
      .filter(({ type }) => type === 'part')
      .map(block => ({ ...block, device: block.device.replace('vda', 'vdb'), parent: '/dev/vdb' })),
  ];
  const layout = layoutOf('web1', domain, withOdd, { vda: '/dev/vdb' });

  test('is finished, also where it holds a file system that nobody mounts', () => {
    const { partition, format } = remaining(layout, shown(withOdd.blocks), 'r');
    expect([partition, format]).toEqual([[], []]);
  });

  test('is refused where that is another one', () => {
    const blocks = shown(withOdd.blocks.map(block => (block === holding ? { ...block, uuid: 'y' } : block)));
    expect(() => remaining(layout, blocks, 'r')).toThrow(
      expect.objectContaining({ code: 'build.foreign-object' }),
    );
  });

  const empty = remaining(layout, [{ device: '/dev/vdb', type: 'disk', size: 21_474_836_480 }], 'r');
  const told = () => new Story().begin().observe('web1');
  const refused = (story: Story) => () => refuseOverCopy(story.state.machines['web1'], empty, 'r');

  test('an empty one is made, although a first pass by blocks has begun beside it', () => {
    expect(refused(told().startPass('web1', 1, { mover: 'blocks' }))).not.toThrow();
    expect(refused(told().startPass('web1', 1))).toThrow('pass 1 has written');
  });

  test('is never formatted once a pass by blocks has arrived, whatever is shown', () => {
    expect(refused(told().pass('web1', 1, { mover: 'blocks' }))).toThrow('pass 1 has written');
    const advanced = told()
      .startPass('web1', 1, { mover: 'blocks' })
      .tell({ type: 'replica.advanced', machine: 'web1', pass: 1, checkpoint: 'c', replaced: true });
    expect(refused(advanced)).toThrow('pass 1 has written');
  });
});

describe('volumes of a machine that blocks move', () => {
  const volume = (capacity: number, name = REPLICA): string =>
    `<volume><name>${name}</name><capacity>${capacity}</capacity><allocation>0</allocation><target><path>/pool/${name}</path><format type='qcow2'/></target></volume>`;
  const absent: Reply = { code: 1, stderr: 'error: Storage volume not found: no storage vol' };

  /** A target hypervisor with these volumes, by name. */
  function poolOf(lab: PlugLab, volumes: Map<string, number>): void {
    const { exec } = lab.hypervisor;
    const answer = (reply: Reply) =>
      typeof reply === 'string'
        ? { code: 0, stdout: reply, stderr: '' }
        : { stdout: '', stderr: '', ...reply };
    lab.hypervisor.exec = (argv, options) => {
      const line = argv.join(' ');
      const name = String(argv.at(-1));
      const capacity = volumes.get(name);
      const reply: Reply | undefined = line.includes('vol-dumpxml')
        ? capacity === undefined
          ? absent
          : volume(capacity, name)
        : line.includes('pool-dumpxml')
          ? "<pool><name>default</name><capacity>1</capacity><available unit='bytes'>900000000000</available><target><path>/pool</path></target></pool>"
          : line.includes('net-list')
            ? 'servers\n'
            : undefined;
      const made = / vol-create-as default (\S+) (\d+) /.exec(line);
      if (made !== null) volumes.set(made[1] ?? '', Number(made[2]));
      if (reply === undefined && made === null) return exec(argv, options);
      const { code, stdout, stderr } = answer(reply ?? '');
      return Promise.resolve({ code, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), ms: 1 });
    };
  }

  const disk = (target: string, capacity: number) => ({
    ...{ target, source: `/pool/${target}`, format: 'qcow2', bus: 'virtio', capacity, allocation: GB },
  });

  async function built(plan: Partial<PlanInput> = blocksPlan()) {
    const told = story(plan);
    const lab = new PlugLab();
    const volumes = new Map<string, number>();
    poolOf(lab, volumes);
    const step = replicaStep(told.plan, 'web1');
    await step.run(contextOf(step, told, lab), signal);
    const again = (): Promise<void> => step.run(contextOf(step, told, lab), signal);
    const done = (): Promise<boolean> => step.done(contextOf(step, told, lab), signal);
    return { told, lab, volumes, again, done };
  }
  const grown = (told: Story, disks = [disk('vda', 30 * GB)]): Story => {
    const guest = told.state.machines['web1']?.observed?.guest;
    return told.observe('web1', guest, domainFacts({ disks }));
  };

  test('stay as they are when the source grows: the full copy that comes is as large as the source', async () => {
    const { told, volumes, done } = await built();
    expect(volumes.get(REPLICA)).toBe(20 * GB);
    grown(told);
    expect(await done()).toBe(true);
  });

  test('of files are refused then, with what to do', async () => {
    const { told, again, done } = await built({ machines: { web1: machinePlan() } });
    grown(told);
    expect(await done()).toBe(false);
    await expect(again()).rejects.toMatchObject({ code: 'build.foreign-object' });
  });

  test('are one more when the source has one more disk, and the copy in the others keeps its worth', async () => {
    const { told, volumes, again, done } = await built();
    told.pass('web1', 1, { mover: 'blocks', mountpoints: ['vda'] }).verify('web1', 1);
    grown(told, [disk('vda', 20 * GB), disk('vdb', 5 * GB)]);
    expect(await done()).toBe(false);
    await again();
    expect([...volumes.values()]).toEqual([20 * GB, 5 * GB]);
    const replica = told.state.machines['web1']?.replica;
    expect(replica?.volumes.map(({ disk: name }) => name)).toEqual(['vda', 'vdb']);
    expect(replica?.afterPass).toBeUndefined();
    expect(await done()).toBe(true);
  });

  test('whose copy is gone are made anew, and say so', async () => {
    const { told, volumes, again } = await built();
    told.pass('web1', 1, { mover: 'blocks', mountpoints: ['vda'] });
    volumes.clear();
    await again();
    expect(told.state.machines['web1']?.replica?.afterPass).toBe(1);
  });
});

describe('overlays in a receiver that no step of the build has looked at', () => {
  const OVERLAY = { disk: 'vda', pool: 'default', volume: 'landfall-miami-to-dallas-web1-vda-proof.qcow2' };
  const step: Step = {
    ...{ id: 'prove/web1/proof-1', phase: 'prove', subject: 'web1', title: 'x', needs: [], resources: [] },
    preview: view => putInActions(view, 'web1', [OVERLAY]),
    done: () => Promise.resolve(false),
    run: () => Promise.resolve(),
  };

  test('are not plugged in where LVM could take the receiver’s own groups for theirs', async () => {
    const told = story(blocksPlan());
    const guest = told.state.machines['web1']?.observed?.guest;
    const group = { name: 'vg0', uuid: 'g', backup: 'x', physical: [], logical: [] };
    told.observe('web1', { ...guest, volumeGroups: [group] });
    const lab = new PlugLab();
    const { exec } = lab.receiver;
    lab.receiver.exec = (argv, options) =>
      String(argv[0]) === 'pvs'
        ? Promise.resolve({
            ...{ code: 0, stderr: Buffer.alloc(0), ms: 1 },
            stdout: Buffer.from(
              JSON.stringify({ report: [{ pv: [{ pv_name: '/dev/vda2', pv_uuid: 'p', vg_name: 'vg0' }] }] }),
            ),
          })
        : exec(argv, options);
    await expect(putIn(contextOf(step, told, lab), 'web1', [OVERLAY], signal)).rejects.toMatchObject({
      code: 'build.unfit',
    });
    expect(lab.volumes).toEqual([]);
  });

  test('are found although the source has grown meanwhile: the copy is as large as it was', async () => {
    const told = story(blocksPlan()).tell({
      ...{ type: 'replica.created', machine: 'web1' },
      volumes: [
        { disk: 'vda', pool: 'default', volume: REPLICA, capacity: 20 * GB, path: `/pool/${REPLICA}` },
      ],
    });
    const disks = domainFacts().disks.map(disk => ({ ...disk, capacity: 99 * GB }));
    const guest = told.state.machines['web1']?.observed?.guest;
    const blocks = (guest?.blocks ?? []).map(each =>
      each.type === 'disk' ? { ...each, size: 99 * GB } : each,
    );
    told.observe('web1', { ...guest, blocks }, domainFacts({ disks }));
    const lab = new PlugLab();
    await putIn(contextOf(step, told, lab), 'web1', [OVERLAY], signal);
    expect(lab.mounts).toEqual([{ device: '/dev/sda1', path: '/mnt/t' }]);
  });
});

describe('which copies are fitted to the target', () => {
  test('all that a receiver can mount and that somebody logs in to', () => {
    expect(unfitted(story().view, 'web1')).toBeUndefined();
    expect(unfitted(story(blocksPlan()).view, 'web1')).toBeUndefined();
    expect(unfitted(story(blocksPlan(false)).view, 'web1')).toContain('nobody logs in');
    const told = story(blocksPlan());
    const guest = told.state.machines['web1']?.observed?.guest;
    const fileSystems = (guest?.fileSystems ?? []).map(each => ({ ...each, type: 'btrfs' }));
    told.observe('web1', { ...guest, fileSystems });
    expect(unfitted(told.view, 'web1')).toContain('no receiver can mount');
    // Whatever can be mounted, the bytes of all of it are there.
    expect(copiedMounts(told.view, 'web1')).toEqual(['/']);
  });
});
