import { existsSync, readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import type { PlanInput } from '../../../src/plan/schema.ts';
import type { Step } from '../../../src/step/step.ts';
import { syncSteps } from '../../../src/sync/index.ts';
import { FakeVolumes } from '../../support/fake-volumes.ts';
import { machinePlan, planOf } from '../../support/state.ts';
import { rsyncPath, SyncWorld } from '../../support/sync-world.ts';

type MachineInput = PlanInput['machines'][string];

interface Scene {
  readonly world: SyncWorld;
  readonly volumes: FakeVolumes;
  /** What the hooks and rsync have noted, in order. */
  readonly notes: () => string[];
}

/** One file system on a volume of a group with room; hooks note that they ran, and so does each rsync of the source. */
async function scene(keys: (note: (text: string) => string[]) => Partial<MachineInput>): Promise<Scene> {
  const note = (text: string): string[] => [
    'sh',
    '-c',
    'echo "$1" >> "$2"',
    'sh',
    text,
    '/run/landfall/notes',
  ];
  const world = new SyncWorld(
    { machines: { web1: { ...machinePlan(), ...keys(note) } } },
    { device: '/dev/mapper/vg-root' },
  );
  onTestFinished(() => world.dispose());
  const file = world.path('run/notes');
  const volumes = new FakeVolumes(world.path('volumes'), world.source, (name, script) =>
    world.tool(name, script),
  );
  const guest = world.story.state.machines['web1']?.observed?.guest;
  if (guest === undefined) throw new Error('not observed');
  const root = { name: 'root', device: '/dev/mapper/vg-root', uuid: 'l', size: 1e9, kind: 'linear' };
  world.story.observe('web1', {
    ...guest,
    volumeGroups: [
      {
        name: 'vg',
        uuid: 'g',
        physical: [],
        logical: [root],
        backup: '',
        free: 2e9,
        extent: 4 * 1024 * 1024,
      },
    ],
  });
  // Production writes on as soon as the copy begins.
  world.tool(
    'rsync',
    `case "$*" in *--server*) ;; *--dry-run*) ;; *) echo rsync >> ${file}; echo later > ${world.source}/a; echo later > ${world.source}/b ;; esac
exec ${rsyncPath()} "$@"`,
  );
  world.write('a', 'at once\n');
  world.write('b', 'at once\n');
  for (const step of syncSteps(world.view, 'web1').slice(0, 2)) await world.perform(step);
  return {
    world,
    volumes,
    notes: () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []),
  };
}

const due = (world: SyncWorld): Step => {
  const step = syncSteps(world.view, 'web1').find(({ id }) => /pass-\d+$/.test(id));
  if (step === undefined) throw new Error('no pass is due');
  return step;
};

const machineOf = (world: SyncWorld) => {
  const machine = world.story.state.machines['web1'];
  if (machine === undefined) throw new Error('no web1');
  return machine;
};

const labels = (world: SyncWorld) => machineOf(world).passes.map(pass => pass.ended?.consistency);

it('a pass from a snapshot is one instant, and nothing of it stays', async () => {
  const { world, volumes } = await scene(() => ({ snapshot: 'auto' }));
  volumes.leave('landfall-miami-to-dallas-p7-0');
  volumes.leave('landfall-elsewhere-p1-0');
  volumes.leave('swap');
  const step = due(world);
  const announced = step.preview(world.view);
  expect(announced.map(({ kind }) => kind)).toEqual(['write', 'job', 'exec', 'exec', 'exec', 'write', 'job']);
  expect(JSON.stringify(announced.at(-1))).toContain('"/run/landfall/miami-to-dallas/snap-web1/0/"');
  await world.perform(step);
  expect([world.read('a'), world.read('b')]).toEqual(['at once\n', 'at once\n']);
  expect(labels(world)).toEqual(['crash']);
  expect(volumes.names).toEqual(['landfall-elsewhere-p1-0', 'swap']);
  expect(machineOf(world).snapshots).toEqual([]);
  const types = world.story.events.map(({ type }) => type);
  expect(types.indexOf('snapshot.taken')).toBeGreaterThan(types.indexOf('pass.started'));
  expect(types.indexOf('snapshot.removed')).toBeLessThan(types.indexOf('pass.ended'));
  // What was written after the instant is newer than the copy, by the source's clock.
  const [run] = machineOf(world).passes[0]?.ended?.runs ?? [];
  const taken = world.story.events.find(({ type }) => type === 'snapshot.taken');
  expect(run?.startedAt).toBeLessThanOrEqual(taken?.at ?? 0);
  await expect(world.job('web1-keep-p1').status()).resolves.toEqual({ state: 'absent' });
});

it('without snapshots and hooks a pass reads live, and is called smeared', async () => {
  const { world } = await scene(() => ({}));
  await world.perform(due(world));
  expect(world.read('a')).toBe('later\n');
  expect(labels(world)).toEqual(['smeared']);
  expect(world.started).toEqual(['web1-p1-0']);
});

it('hooks and a snapshot: production stands still only for the instant', async () => {
  const { world, notes, volumes } = await scene(note => ({
    snapshot: 'lvm',
    hooks: { before: note('rest'), after: note('on') },
  }));
  await world.perform(due(world));
  expect(notes()).toEqual(['rest', 'on', 'rsync']);
  expect(labels(world)).toEqual(['application']);
  expect(volumes.names).toEqual([]);
  expect(machineOf(world).hooks).toMatchObject({
    before: { pass: 1, code: 0 },
    after: { pass: 1, code: 0 },
  });
});

it('hooks alone: production stands still for the whole pass', async () => {
  const { world, notes } = await scene(note => ({ hooks: { before: note('rest'), after: note('on') } }));
  await world.perform(due(world));
  expect(notes()).toEqual(['rest', 'rsync', 'on']);
  expect(labels(world)).toEqual(['application']);
});

it('a hook that fails before it: nothing is read, and the hook after it still runs', async () => {
  const { world, notes, volumes } = await scene(note => ({
    snapshot: 'lvm',
    hooks: { before: ['sh', '-c', 'echo no lock; exit 7'], after: note('on') },
  }));
  await expect(world.perform(due(world))).rejects.toMatchObject({
    code: 'sync.hook-failed',
    facts: { evidence: ['no lock'] },
  });
  expect(notes()).toEqual(['on']);
  expect(volumes.names).toEqual([]);
  expect(world.started).toEqual(['web1-keep-p1']);
  expect(labels(world)).toEqual([undefined]);
});

it('a hook that hangs is ended at its limit', async () => {
  const { world, notes } = await scene(note => ({
    hooks: { before: ['sleep', '100'], after: note('on'), timeout: '1s' },
  }));
  await expect(world.perform(due(world))).rejects.toMatchObject({ code: 'sync.hook-failed' });
  expect(notes()).toEqual(['on']);
});

it('a hook that fails after it: the pass is on record, and the failure is raised', async () => {
  const { world } = await scene(note => ({ hooks: { before: note('rest'), after: ['false'] } }));
  const step = due(world);
  await expect(world.perform(step)).rejects.toMatchObject({ code: 'sync.hook-failed' });
  expect(labels(world)).toEqual(['application']);
  expect(machineOf(world).hooks?.after).toMatchObject({ code: 1 });
  // The next attempt only judges.
  await world.perform(step);
  expect(machineOf(world).passes[0]?.judged?.verdict).toBe('first');
});

it('a snapshot that runs full counts for nothing: the next attempt reads live, and says so', async () => {
  const { world, volumes, notes } = await scene(() => ({ snapshot: 'auto' }));
  volumes.use('100.00');
  const step = due(world);
  await expect(world.perform(step)).rejects.toMatchObject({ code: 'sync.snapshot-unusable' });
  expect(volumes.names).toEqual([]);
  expect(machineOf(world).snapshotTroubles).toMatchObject([
    { pass: 1, mountpoint: world.source, why: 'it ran full' },
  ]);
  expect(labels(world)).toEqual([undefined]);
  await world.perform(due(world));
  expect(labels(world)).toEqual(['smeared']);
  expect(world.read('a')).toBe('later\n');
  expect(notes().filter(line => line === 'rsync').length).toBe(2);
  // The pass after it tries again, with twice the room.
  volumes.use('5.00');
  const argv = due(world)
    .preview(world.view)
    .find(({ kind }) => kind === 'job');
  expect(JSON.stringify(argv)).toContain('landfall-miami-to-dallas-p2-0');
});

it('a snapshot that cannot be taken: the next attempt reads live', async () => {
  const { world, volumes } = await scene(() => ({ snapshot: 'auto' }));
  volumes.refuse();
  await expect(world.perform(due(world))).rejects.toMatchObject({
    code: 'sync.snapshot-unusable',
    facts: { what: expect.stringContaining('insufficient free space') },
  });
  await world.perform(due(world));
  expect(labels(world)).toEqual(['smeared']);
});

/** Lets landfall die as soon as the copy runs; what it started goes on. */
async function killedDuring(world: SyncWorld, step: Step): Promise<void> {
  const death = new AbortController();
  const running = world.perform(step, death.signal);
  while ((await world.job('web1-p1-0').status()).state === 'absent')
    await new Promise(resolve => setImmediate(resolve));
  death.abort();
  await expect(running).rejects.toThrow();
}

it('landfall dies in the middle: what holds the pass together goes on, and the next run takes it up', async () => {
  const { world, notes, volumes } = await scene(note => ({
    snapshot: 'lvm',
    hooks: { before: note('rest'), after: note('on') },
  }));
  const step = due(world);
  await killedDuring(world, step);
  expect(volumes.names).toEqual(['landfall-miami-to-dallas-p1-0']);
  await world.perform(due(world));
  expect(notes()).toEqual(['rest', 'on', 'rsync']);
  expect(labels(world)).toEqual(['application']);
  expect(volumes.names).toEqual([]);
});

it('the watchdog itself is killed: the hook after it runs once all the same, and the pass claims nothing', async () => {
  const { world, notes } = await scene(note => ({ hooks: { before: note('rest'), after: note('on') } }));
  const step = due(world);
  const running = world.perform(step);
  while ((await world.job('web1-p1-0').status()).state === 'absent')
    await new Promise(resolve => setImmediate(resolve));
  world.job('web1-keep-p1').kill();
  await running;
  expect(notes()).toEqual(['rest', 'rsync', 'on']);
  expect(labels(world)).toEqual(['smeared']);
});

it('the watchdog and landfall are both killed: the next run takes away what is left and begins again', async () => {
  const { world, notes, volumes } = await scene(note => ({
    snapshot: 'lvm',
    hooks: { before: note('rest'), after: note('on') },
  }));
  await killedDuring(world, due(world));
  world.job('web1-keep-p1').kill();
  await world.job('web1-keep-p1').stop();
  expect(volumes.names).toEqual(['landfall-miami-to-dallas-p1-0']);
  await world.perform(due(world));
  expect(notes()).toEqual(['rest', 'on', 'rsync', 'rest', 'on', 'rsync']);
  expect(volumes.names).toEqual([]);
  expect(labels(world)).toEqual(['application']);
});

it('a pause lets everything go', async () => {
  const { world, notes, volumes } = await scene(note => ({
    hooks: { before: note('rest'), after: note('on') },
    snapshot: 'lvm',
  }));
  const step = due(world);
  await killedDuring(world, step);
  await world.halt(step);
  expect(volumes.names).toEqual([]);
  expect(notes().slice(0, 2)).toEqual(['rest', 'on']);
  expect(machineOf(world).snapshots).toEqual([]);
  await expect(world.job('web1-keep-p1').status()).resolves.toEqual({ state: 'absent' });
});

it('a snapshot that is on record and not wanted any more is taken away before the next pass', async () => {
  const { world, volumes } = await scene(() => ({ snapshot: 'lvm' }));
  await killedDuring(world, due(world));
  world.job('web1-keep-p1').kill();
  await world.job('web1-keep-p1').stop();
  world.replan(planOf({ machines: { web1: machinePlan() }, passes: { small: '1 B' } }));
  await world.perform(due(world));
  expect(volumes.names).toEqual([]);
  expect(machineOf(world).snapshots).toEqual([]);
  expect(labels(world)).toEqual(['smeared']);
});
