import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileSystemFacts, GuestFacts, VolumeGroupFacts } from '../../../../src/journal/facts.ts';
import type { PlanInput } from '../../../../src/plan/schema.ts';
import { keeperActions, keeperOf, leftoverActions } from '../../../../src/sync/consistency/keeper.ts';
import { liveNote, snapshotPlan } from '../../../../src/sync/consistency/snapshot-plan.ts';
import { guestFacts, machinePlan, planOf, Story } from '../../../support/state.ts';

const GB = 1e9;
const EXTENT = 4 * 1024 * 1024;

const system = (
  mountpoint: string,
  device: string,
  more: Partial<FileSystemFacts> = {},
): FileSystemFacts => ({
  mountpoint,
  device,
  type: 'ext4',
  uuid: `u${mountpoint}`,
  size: 10 * GB,
  used: GB,
  inodesUsed: 100_000,
  ...more,
});

const volume = (name: string, size: number, kind = 'linear') => ({
  name,
  device: `/dev/mapper/vg-${name}`,
  uuid: name,
  size,
  kind,
});

const group = (free: number | undefined, ...logical: VolumeGroupFacts['logical']): VolumeGroupFacts => ({
  name: 'vg',
  uuid: 'g',
  physical: [],
  logical,
  backup: '',
  ...(free === undefined ? {} : { free, extent: EXTENT }),
});

function story(keys: Partial<PlanInput['machines'][string]>, guest: Partial<GuestFacts>): Story {
  const told = new Story(planOf({ machines: { web1: machinePlan(keys) } }));
  told.begin().observe('web1', { ...guestFacts(), ...guest });
  return told;
}

const LVM: Partial<GuestFacts> = {
  fileSystems: [
    system('/', '/dev/mapper/vg-root'),
    system('/boot', '/dev/vda1', { inodesUsed: 400 }),
    system('/boot/efi', '/dev/vda2', { type: 'vfat', inodesUsed: 0 }),
    system('/srv', '/dev/mapper/vg-srv', { type: 'xfs' }),
  ],
  volumeGroups: [group(20 * GB, volume('root', 10 * GB), volume('srv', 40 * GB))],
};

describe('which file systems of a pass are read from snapshots', () => {
  it('none where the plan asks for none', () => {
    const { view } = story({}, LVM);
    expect(snapshotPlan(view, 'web1', 1)?.map(({ from }) => from)).toEqual(['live', 'live', 'live', 'live']);
    expect(keeperOf(view, 'web1', 1)).toBeUndefined();
    expect(keeperActions(view, 'web1', 1)).toEqual([]);
    expect(liveNote(view, 'web1', 1)).toBe('');
  });

  it('volumes with a tenth of their size, mounted so that nothing is written to them; the rest live, with the reason', () => {
    const { view } = story({ snapshot: 'auto' }, LVM);
    const parts = snapshotPlan(view, 'web1', 3) ?? [];
    expect(parts[0]).toMatchObject({
      kind: 'lvm',
      origin: 'vg/root',
      name: 'landfall-miami-to-dallas-p3-0',
      device: '/dev/mapper/vg-landfall--miami--to--dallas--p3--0',
      options: 'ro,noload',
      path: '/run/landfall/miami-to-dallas/snap-web1/0',
      size: Math.floor(GB / EXTENT) * EXTENT,
    });
    expect(parts[1]).toMatchObject({
      from: 'live',
      startsOnly: true,
      watched: true,
      why: '/dev/vda1 is no logical volume',
    });
    expect(parts[3]).toMatchObject({ from: 'live', startsOnly: true });
    expect(parts[2]).toMatchObject({ kind: 'lvm', type: 'xfs', options: 'ro,nouuid' });
    // What only starts the machine is no reason to complain.
    expect(liveNote(view, 'web1', 3)).toBe('');
  });

  it('too little room is said, and old inventories do not know', () => {
    const poor = story(
      { snapshot: 'auto' },
      { ...LVM, volumeGroups: [group(600e6, volume('root', 10 * GB), volume('srv', 40 * GB))] },
    );
    expect(liveNote(poor.view, 'web1', 1)).toMatch(
      /^; no snapshot of \/: vg has room for .+, and .+ are needed; of \/srv: .+ are needed$/,
    );
    const old = story(
      { snapshot: 'auto' },
      { ...LVM, volumeGroups: [group(undefined, volume('root', 10 * GB), volume('srv', 40 * GB))] },
    );
    expect(liveNote(old.view, 'web1', 1)).toContain('take a new inventory');
  });

  it('thin volumes need no size, and a pool that is nearly full takes none', () => {
    const thin = (data: number): Story =>
      story(
        { snapshot: 'lvm' },
        {
          fileSystems: [system('/', '/dev/mapper/vg-root')],
          volumeGroups: [group(0, volume('root', 10 * GB, 'thin'))],
          thinPools: [{ name: 'vg-pool', size: 100 * GB, data, metadata: 0.1 }],
        },
      );
    expect(snapshotPlan(thin(0.5).view, 'web1', 1)?.[0]).toMatchObject({ kind: 'lvm-thin', size: 0 });
    expect(liveNote(thin(0.9).view, 'web1', 1)).toContain('90 % full');
    const blind = story(
      { snapshot: 'lvm' },
      {
        fileSystems: [system('/', '/dev/mapper/vg-root')],
        volumeGroups: [group(0, volume('root', GB, 'thin'))],
      },
    );
    expect(liveNote(blind.view, 'web1', 1)).toContain('nobody knows how full');
  });

  it('kinds that LVM cannot split, and kinds that the plan does not name, are read live', () => {
    const raid = story(
      { snapshot: 'auto' },
      {
        fileSystems: [system('/', '/dev/mapper/vg-root')],
        volumeGroups: [group(GB * 9, volume('root', GB, 'raid1'))],
      },
    );
    expect(liveNote(raid.view, 'web1', 1)).toContain('raid1');
    const other = story({ snapshot: 'btrfs' }, LVM);
    expect(keeperOf(other.view, 'web1', 1)).toBeUndefined();
    const btrfs = story({ snapshot: 'auto' }, { fileSystems: [system('/', '/dev/vda1', { type: 'btrfs' })] });
    expect(snapshotPlan(btrfs.view, 'web1', 2)?.[0]).toMatchObject({
      kind: 'btrfs',
      snapshot: '/.landfall-miami-to-dallas-p2-0',
      path: '/.landfall-miami-to-dallas-p2-0',
    });
  });

  it('one that ran full: live in this pass, twice the room in the next', () => {
    const told = story({ snapshot: 'auto' }, LVM);
    const first = snapshotPlan(told.view, 'web1', 1)?.[0];
    const size = first?.from === 'snapshot' ? first.size : 0;
    told.tell({
      type: 'snapshot.removed',
      machine: 'web1',
      snapshot: 'vg/x',
      trouble: { pass: 1, mountpoint: '/', why: 'it ran full', size },
    });
    expect(snapshotPlan(told.view, 'web1', 1)?.[0]).toMatchObject({
      from: 'live',
      why: 'its snapshot was of no use: it ran full',
    });
    expect(snapshotPlan(told.view, 'web1', 2)?.[0]).toMatchObject({ size: 2 * size });
  });

  it('never more than is free, whatever the sizes, and what care asks for is left', () => {
    fc.assert(
      fc.property(
        fc.nat(1e12),
        fc.array(fc.integer({ min: 1, max: 1e13 }), { minLength: 1, maxLength: 5 }),
        (free, sizes) => {
          const { view } = story(
            { snapshot: 'auto' },
            {
              fileSystems: sizes.map((_, at) => system(`/d${at}`, `/dev/mapper/vg-v${at}`)),
              volumeGroups: [group(free, ...sizes.map((size, at) => volume(`v${at}`, size)))],
            },
          );
          const parts = snapshotPlan(view, 'web1', 1) ?? [];
          const taken = parts.reduce((sum, part) => sum + (part.from === 'snapshot' ? part.size : 0), 0);
          expect(taken).toBeLessThanOrEqual(Math.max(0, free - view.plan.care.space));
          for (const part of parts) {
            if (part.from === 'snapshot') expect(part.size % EXTENT).toBe(0);
            else expect(part.why).toContain('has room for');
          }
        },
      ),
    );
  });
});

describe('what holds a pass together, as a command', () => {
  const hooks = { before: ['db', '--rest', 'a b'], after: ['db', '--on'] };
  const words = (keys: Partial<PlanInput['machines'][string]>, guest = LVM): string[] =>
    (keeperOf(story(keys, guest).view, 'web1', 2)?.job.argv ?? []).map(String);

  it('production stands still until the snapshots are there, or until all is read where one is missing', () => {
    const of = (keys: Partial<PlanInput['machines'][string]>, guest?: Partial<GuestFacts>) =>
      keeperOf(story(keys, guest ?? LVM).view, 'web1', 2)?.rest;
    expect(of({ snapshot: 'auto', hooks })).toBe('short');
    expect(of({ snapshot: 'auto' })).toBe('none');
    expect(of({ hooks })).toBe('whole');
    expect(
      of(
        { snapshot: 'auto', hooks },
        { ...LVM, fileSystems: [...(LVM.fileSystems ?? []), system('/data', '/dev/vdb')] },
      ),
    ).toBe('whole');
  });

  it('hooks are words after a count; nine words stand for each file system', () => {
    const all = words({ snapshot: 'auto', hooks });
    expect(all.slice(0, 3)).toEqual(['sh', '/run/landfall/miami-to-dallas/snap-web1/keep', 'hold']);
    expect(all[10]).toBe('4');
    expect(all.slice(11 + 4 * 9)).toEqual(['3', 'db', '--rest', 'a b', 'db', '--on']);
  });

  it('leftovers are looked for only where there can be any, and never on a machine that was not seen', () => {
    expect(leftoverActions(story({}, LVM).view, 'web1')).toEqual([]);
    expect(leftoverActions(story({ snapshot: 'auto' }, LVM).view, 'web1').map(({ kind }) => kind)).toEqual([
      'write',
      'exec',
    ]);
    const unseen = new Story(planOf({ machines: { web1: machinePlan({ snapshot: 'auto' }) } }));
    expect(leftoverActions(unseen.begin().view, 'web1')).toEqual([]);
    expect(snapshotPlan(unseen.view, 'web1', 1)).toBeUndefined();
  });
});
