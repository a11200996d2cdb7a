import { afterEach, describe, expect, test } from 'vitest';
import { standbyStep } from '../../../../src/build/index.ts';
import { checklistOf } from '../../../../src/checklist/index.ts';
import type { Deed } from '../../../../src/cutover/deed.ts';
import { notSystemsOwn } from '../../../../src/cutover/machine/exact.ts';
import { pathsIn } from '../../../../src/cutover/machine/fresh-files.ts';
import {
  bringUpDeed,
  checkDeed,
  commitDeed,
  lastCopyDeed,
  powerOffDeed,
  putBackDeed,
  quietDeed,
} from '../../../../src/cutover/machine/index.ts';
import type { Step } from '../../../../src/step/step.ts';
import { CutoverWorld, LAYER } from '../../../support/cutover-world.ts';
import { machinePlan } from '../../../support/state.ts';

let worlds: CutoverWorld[] = [];
afterEach(() => {
  for (const world of worlds) world.dispose();
  worlds = [];
});

const never = new AbortController().signal;
const source = { hypervisor: 'mia-kvm1', address: '10.20.0.11', user: 'root' };

async function worldOf({ login = true, dark = false } = {}): Promise<CutoverWorld> {
  const web1 = machinePlan({ mover: 'blocks', source: { ...source, login } });
  const world = new CutoverWorld({ machines: { web1 } });
  worlds.push(world);
  // Whoever asks a machine that nobody logs in to has made a mistake.
  if (!login) world.gone.add('web1').add('web1.receiver').add('web1.standby');
  const held = standbyStep(world.story.plan, 'web1');
  await held.run(world.context(held), never);
  world.story.tell({
    type: 'cutover.begun',
    ...{ rehearse: false, dark, planHash: 'x', confirmed: 'miami-to-dallas', open: [] },
  });
  world.site.deeds.length = 0;
  return world;
}

const base = { phase: 'cutover', subject: 'web1', title: 'x', needs: [], resources: [] } as const;
const stepOf = (deed: Deed): Step => ({
  ...base,
  id: 'cutover/web1/x',
  preview: view => deed.preview(view),
  done: (context, signal) => deed.done(context, signal),
  run: async (context, signal) => void (await deed.run(context, signal)),
});
const run = (world: CutoverWorld, deed: Deed): Promise<readonly string[]> =>
  deed.run(world.context(stepOf(deed)), never);
const done = (world: CutoverWorld, deed: Deed): Promise<boolean> =>
  deed.done(world.context(stepOf(deed)), never);

async function undo(world: CutoverWorld, deed: Deed): Promise<readonly string[]> {
  const { undo: back } = deed;
  if (back === undefined) throw new Error('nothing to take back');
  return back.run(world.context({ ...stepOf(deed), preview: back.preview }), never);
}

const machineOf = (world: CutoverWorld) => world.story.state.machines['web1'];

/** One more pass of blocks, compared; what the comparison says was written since. */
function copied(world: CutoverWorld, mismatches: string[] = []): void {
  const { story } = world;
  story.wait(1000).pass('web1', 2, { mover: 'blocks', consistency: 'application' });
  const passStartedAt = machineOf(world)?.passes.at(-1)?.startedAt ?? 0;
  story.tell({
    type: 'replica.verified',
    ...{ machine: 'web1', pass: 2, passStartedAt, ms: 1, filesCompared: 0, bytesCompared: 20e9 },
    ...{ live: 7, livePaths: ['vda: 3 MB written since'], mismatches, disks: ['vda'] },
  });
}

describe('the last copy by blocks', () => {
  async function quiet(): Promise<CutoverWorld> {
    const world = await worldOf();
    await run(world, quietDeed('web1'));
    return world;
  }

  test('is exact where only the system itself wrote since', async () => {
    const world = await quiet();
    copied(world);
    world.freshFiles = ['/var/log/journal/0123/system.journal', '/var/log/wtmp'];
    const evidence = (await run(world, lastCopyDeed('web1'))).join('\n');
    expect(evidence).toMatch(/1 disk, .* block by block: no difference/);
    expect(evidence).toContain('/var/log/wtmp');
    expect(machineOf(world)?.requested).toBeUndefined();
    expect(await done(world, quietDeed('web1'))).toBe(true);
  });

  test('behind which somebody writes names the file, and asks for one more', async () => {
    const world = await quiet();
    copied(world);
    world.freshFiles = ['/srv/app/queue.db', '/var/log/wtmp'];
    await expect(run(world, lastCopyDeed('web1'))).rejects.toMatchObject({
      code: 'cutover.still-writing',
      facts: { evidence: ['/srv/app/queue.db'] },
    });
    expect(machineOf(world)?.requested).toBeDefined();
  });

  test('says so where the source cannot tell which files changed', async () => {
    const world = await quiet();
    copied(world);
    world.freshFiles = undefined;
    const evidence = (await run(world, lastCopyDeed('web1'))).join('\n');
    expect(evidence).toContain('could not be asked; vda: 3 MB written since');
    expect(evidence).not.toContain('no file changed');
  });

  test('is no last copy while the source does not answer', async () => {
    const world = await quiet();
    copied(world);
    world.gone.add('web1');
    await expect(run(world, lastCopyDeed('web1'))).rejects.toMatchObject({ code: 'ssh.unreachable' });
  });

  test('that differs without a write is no copy', async () => {
    const world = await quiet();
    copied(world, ['vda at offset 0 (67 MB): source and replica differ']);
    await expect(run(world, lastCopyDeed('web1'))).rejects.toMatchObject({ code: 'sync.mismatch' });
  });

  test('previews the question that it asks', async () => {
    const world = await worldOf();
    const [asked] = lastCopyDeed('web1').preview(world.story.view);
    expect(asked).toMatchObject({ host: 'web1', reads: true });
  });

  test('names of files cannot move a cursor, and are told apart from the system by their whole path', () => {
    expect(pathsIn(Buffer.from('/a\u001b[2Jb\0/c\nd\0'))).toHaveLength(2);
    expect(pathsIn(Buffer.from('/a\u001b[2Jb\0')).join()).not.toContain('\u001b');
    expect(notSystemsOwn(['/srv/var/log/wtmp', '/var/log/wtmp'])).toEqual(['/srv/var/log/wtmp']);
  });
});

describe('a machine that blocks move', () => {
  test('starts on layers over a replica that never was in a receiver, fitted to the target', async () => {
    const world = await worldOf();
    expect(bringUpDeed('web1').needs?.(world.story.view)).toEqual([
      'build/web1/access',
      'build/web1/standby',
    ]);
    await run(world, powerOffDeed('web1'));
    const evidence = (await run(world, bringUpDeed('web1'))).join('\n');
    expect(world.facts).toMatchObject({ standbyRuns: true, runsOn: LAYER, replica: true });
    expect(machineOf(world)?.fixups?.purpose).toBe('cutover');
    expect(evidence).not.toContain('as it was at the source');
    expect(machineOf(world)?.receiver?.devices).toEqual({});
    expect(world.site.plugged).toEqual([]);
  });

  test('taken back, its receiver runs again without the replica: deltas go on', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    const before = world.facts;
    await run(world, bringUpDeed('web1'));
    await undo(world, bringUpDeed('web1'));
    expect(world.facts).toEqual(before);
    expect(world.isReceiving).toBe(false);
    await run(world, putBackDeed('web1')).catch(() => undefined);
    expect(world.receiver).toBe('running');
    expect(world.site.plugged).toEqual([]);
    expect(world.site.deeds.join('\n')).not.toMatch(/mkfs|sfdisk/);
    // Nothing says that the replica was mounted or made anew: the checkpoint is still its base.
    expect(machineOf(world)?.receiver?.prepared).toBeUndefined();
    expect(machineOf(world)?.replica?.afterPass).toBeUndefined();
  });

  test('in the dark, its receiver is not restarted: nothing was being sent into it', async () => {
    const world = await worldOf({ dark: true });
    world.gone.add('mia-kvm1').add('web1');
    await run(world, bringUpDeed('web1', { dark: true }));
    expect(world.facts).toMatchObject({ standbyRuns: true });
    expect(world.site.deeds.filter(line => / destroy .*receiver/.test(line))).toEqual([]);
  });

  /** A pass that was open when the source went, with what had become of its piece at the target. */
  async function cutOff(state: 'absent' | 'arrived' | 'checked' | 'applied'): Promise<CutoverWorld> {
    const world = await worldOf({ dark: true });
    world.gone.add('mia-kvm1').add('web1');
    world.story.startPass('web1', 2, { mover: 'blocks' });
    const { answerFirst } = world.site;
    world.site.answerFirst = (host, argv) =>
      host === 'dal-kvm1' && argv[0] === 'sh' && argv.at(-1) === 'web1-p2-vda.qcow2'
        ? { code: 0, out: `web1-p2-vda.qcow2 ${state}\n` }
        : answerFirst(host, argv);
    return world;
  }

  test.each(['checked', 'applied'] as const)(
    'in the dark, a pass that had begun to be merged (%s) is brought to its end first',
    async state => {
      const world = await cutOff(state);
      const evidence = (await run(world, bringUpDeed('web1', { dark: true }))).join('\n');
      expect(world.site.merges).toBe(1);
      expect(machineOf(world)?.advanced).toMatchObject({ pass: 2, replaced: false });
      expect(world.facts).toMatchObject({ standbyRuns: true, runsOn: LAYER });
      expect(evidence).not.toContain('some files');
    },
  );

  test.each(['absent', 'arrived'] as const)(
    'in the dark, a pass of which nothing was merged (%s) is left alone: the copy is the one before',
    async state => {
      const world = await cutOff(state);
      await run(world, bringUpDeed('web1', { dark: true }));
      expect(world.site.merges).toBe(0);
      expect(machineOf(world)?.advanced).toBeUndefined();
      expect(world.facts).toMatchObject({ standbyRuns: true });
    },
  );

  test('in the dark, a replica between two passes that cannot be brought on does not start', async () => {
    const world = await cutOff('applied');
    world.site.mergeCode = 45;
    await expect(run(world, bringUpDeed('web1', { dark: true }))).rejects.toMatchObject({
      code: 'remote.command-failed',
    });
    expect(world.facts).toMatchObject({ standbyRuns: false, layer: false });
  });

  test('committed, it runs on the replica itself', async () => {
    const world = await worldOf();
    await run(world, powerOffDeed('web1'));
    await run(world, bringUpDeed('web1'));
    await run(world, commitDeed('web1'));
    expect(world.facts).toMatchObject({ standbyRuns: true, layer: false, replica: true });
  });
});

describe('a machine that nobody logs in to', () => {
  const unseen = () => worldOf({ login: false });

  test('is stopped by people, and landfall asks for nothing else', async () => {
    const world = await unseen();
    const item = (id: string) =>
      checklistOf(world.story.view, world.story.now).items.find(each => each.id === id);
    expect(item('quiet/web1')?.deed).toBeUndefined();
    expect(item('quiet/web1')?.rollback.length).toBeGreaterThan(0);
    expect(item('check/web1')?.expected.join()).toContain('guest agent');
  });

  test('starts as it was at the source, and says so', async () => {
    const world = await unseen();
    expect(bringUpDeed('web1').needs?.(world.story.view)).toEqual(['build/web1/standby']);
    await run(world, powerOffDeed('web1'));
    const evidence = (await run(world, bringUpDeed('web1'))).join('\n');
    expect(world.facts).toMatchObject({ standbyRuns: true, runsOn: LAYER });
    expect(evidence).toContain('as it was at the source: nobody logs in');
    expect(evidence).not.toContain('fitted to the target:');
    expect(world.site.deeds.join('\n')).not.toMatch(/attach-device|receiver/);
  });

  test('is checked from outside: its agent answers, and what was not seen is said', async () => {
    const world = await unseen();
    await run(world, powerOffDeed('web1'));
    await run(world, bringUpDeed('web1'));
    const evidence = (await run(world, checkDeed('web1'))).join('\n');
    expect(evidence).toContain('guest agent answers');
    expect(evidence).toContain('was not seen');
  });

  test('that stays silent is an error with the way on', async () => {
    const world = await unseen();
    await run(world, powerOffDeed('web1'));
    await run(world, bringUpDeed('web1'));
    world.agentAnswers = false;
    await expect(run(world, checkDeed('web1'))).rejects.toMatchObject({
      code: 'cutover.standby-failed',
      facts: { next: expect.arrayContaining([expect.stringContaining('skip check/web1')]) },
    });
  });

  test('taken back, its source runs again: nobody is waited for who cannot answer', async () => {
    const world = await unseen();
    await run(world, powerOffDeed('web1'));
    await run(world, bringUpDeed('web1'));
    await undo(world, bringUpDeed('web1'));
    expect((await undo(world, powerOffDeed('web1'))).join()).toContain('runs');
    expect(world.source).toBe('running');
    expect(await run(world, putBackDeed('web1'))).toEqual([]);
    expect(await done(world, putBackDeed('web1'))).toBe(true);
  });

  test('has a last copy once people have stopped it, which claims no more than was seen', async () => {
    const world = await unseen();
    world.story.tell({
      type: 'cutover.item',
      ...({
        item: 'quiet/web1',
        outcome: 'done',
        how: 'ticked',
        startedAt: world.story.now,
        evidence: [],
      } as const),
    });
    copied(world);
    const evidence = (await run(world, lastCopyDeed('web1'))).join('\n');
    expect(evidence).toContain('block by block: no difference');
    expect(evidence).toContain('could not be asked');
  });
});
