import { describe, expect, it } from 'vitest';
import type { EventBody, EventOf } from '../../../../src/journal/events.ts';
import type { GuestFacts } from '../../../../src/journal/facts.ts';
import type { PlanInput } from '../../../../src/plan/schema.ts';
import { moverOf } from '../../../../src/step/mover.ts';
import type { Step, StepContext } from '../../../../src/step/step.ts';
import {
  afterMover,
  isMoverDue,
  moverStep,
  moverSteps,
  suggestionFor,
} from '../../../../src/sync/mover/index.ts';
import { factsOf } from '../../../support/recorded-host.ts';
import { machinePlan, planOf, Story } from '../../../support/state.ts';

const recorded = factsOf('debian-12');
const look = (told: Story, guest: Partial<GuestFacts> = {}): Story =>
  told.tell({
    type: 'machine.observed',
    machine: 'web1',
    ...recorded,
    guest: { ...recorded.guest, ...guest },
    digest: 'd1',
  });

const observed = (changes: Partial<EventOf<'blocks.observed'>> = {}): EventBody => ({
  type: 'blocks.observed',
  machine: 'web1',
  libvirt: '9.0.0',
  qemu: '7.2.22',
  disks: [
    {
      target: 'vda',
      path: '/pool/web1.qcow2',
      format: 'qcow2',
      compat: '1.1',
      capacity: 20e9,
      allocation: 9e9,
    },
  ],
  foreignCheckpoints: [],
  ownCheckpoints: [],
  agent: true,
  refusals: [],
  ...changes,
});

const story = (machine: Partial<PlanInput['machines'][string]> = {}): Story =>
  new Story(
    planOf({ machines: { web1: machinePlan({ mover: 'auto', ...machine }) }, link: { limit: '800 Mbit/s' } }),
  ).begin();

/** Runs the step as the conductor would; what it emits becomes part of the story. */
async function run(told: Story): Promise<Step> {
  const step = moverStep(told.view, 'web1');
  const context = {
    ...told.view,
    clock: { now: () => told.now },
    emit: async (event: EventBody) => void told.tell(event),
  } as Partial<StepContext> as StepContext;
  await step.run(context, AbortSignal.timeout(1000));
  return step;
}

describe('a decision about the mover', () => {
  it('is due where nobody has said anything, and not where the plan says files', () => {
    expect(isMoverDue(story().view, 'web1')).toBe(true);
    expect(isMoverDue(story({ mover: 'blocks' }).view, 'web1')).toBe(true);
    expect(isMoverDue(story({ mover: 'files' }).view, 'web1')).toBe(false);
  });

  it('is made once, from what was found, and is done then', async () => {
    const told = look(story()).tell(observed());
    const step = await run(told);
    expect(step.needs).toEqual(['inventory/web1/blocks']);
    expect(step.preview(told.view)).toEqual([]);
    expect(told.state.machines['web1']?.mover).toMatchObject({ mover: 'files', decided: 'auto' });
    expect(isMoverDue(told.view, 'web1')).toBe(false);
    expect(moverSteps(told.view, 'web1')).toEqual([]);
  });

  it('takes the blocks of a machine with a database', async () => {
    const told = look(story(), { services: ['postgresql@15-main.service'] }).tell(observed());
    await run(told);
    expect(moverOf(told.view, 'web1')).toBe('blocks');
    expect(told.state.machines['web1']?.mover?.reasons[0]).toContain('PostgreSQL runs there');
  });

  it('takes the blocks of a layout that cannot be built file by file', async () => {
    const luks = { device: '/dev/vda9', type: 'part', size: 20e9, fstype: 'crypto_LUKS', parent: '/dev/vda' };
    const told = look(story(), { blocks: [...recorded.guest.blocks, luks] }).tell(observed());
    await run(told);
    expect(told.state.machines['web1']?.mover).toMatchObject({
      mover: 'blocks',
      reasons: ['only its blocks can be copied'],
      against: expect.arrayContaining([expect.stringContaining('disk encryption')]),
    });
  });

  it('refuses with both reasons where neither can, and chooses nothing', async () => {
    const luks = { device: '/dev/vda9', type: 'part', size: 20e9, fstype: 'crypto_LUKS', parent: '/dev/vda' };
    const told = look(story(), { blocks: [...recorded.guest.blocks, luks] }).tell(
      observed({ refusals: ['vda is a raw disk'] }),
    );
    await expect(run(told)).rejects.toMatchObject({
      code: 'inventory.unsupported',
      facts: {
        evidence: expect.arrayContaining([
          'by blocks: vda is a raw disk',
          expect.stringContaining('disk encryption'),
        ]),
      },
    });
    expect(told.state.machines['web1']?.mover).toBeUndefined();
  });

  it('an order is answered by the next decision; without blocks in sight it needs no look', async () => {
    const told = look(story())
      .tell(observed())
      .tell({ type: 'mover.ordered', machine: 'web1', mover: 'files' });
    const step = await run(told);
    expect(step.needs).toEqual(['inventory/web1']);
    expect(told.state.machines['web1']).toMatchObject({ mover: { mover: 'files', decided: 'engineer' } });
    expect(told.state.machines['web1']?.moverOrdered).toBeUndefined();
  });

  it('stays where a copy is there, also if another would be chosen today', async () => {
    const told = look(story(), { services: ['mysqld.service'] })
      .build('web1')
      .pass('web1', 1)
      .tell(observed());
    await run(told);
    expect(told.state.machines['web1']?.mover).toMatchObject({
      mover: 'files',
      reasons: [expect.stringContaining('so far')],
      against: [
        expect.stringContaining('MariaDB/MySQL runs there'),
        expect.anything(),
        expect.anything(),
        expect.anything(),
      ],
    });
  });

  it('is due again once a changed plan asks for another, and not for an exclude', async () => {
    const told = look(story()).tell(observed());
    await run(told);
    const accepted: EventBody = {
      type: 'plan.accepted',
      planHash: 'sha256:2',
      diff: '',
      changed: ['machine/web1/copy'],
    };
    told.wait(1000).tell(accepted);
    expect(isMoverDue(told.view, 'web1')).toBe(false);
    const replanned = new Story(planOf({ machines: { web1: machinePlan({ mover: 'blocks' }) } })).retell(
      told.events,
    );
    expect(isMoverDue(replanned.view, 'web1')).toBe(true);
  });
});

describe('what waits for it', () => {
  const steps = (...ids: string[]): Step[] =>
    ids.map(id => ({ ...moverStep(story().view, 'web1'), id, needs: [], subject: id.split('/')[1] ?? '' }));
  const needing = (told: Story): string[] =>
    afterMover(
      told.view,
      steps(
        'build/web1/replica',
        'build/web1/attach',
        'build/web1/prepare',
        'sync/web1/pass-1',
        'inventory/web1',
      ),
    )
      .filter(({ needs }) => needs.includes('inventory/web1/mover'))
      .map(({ id }) => id);

  it('is only what one mover does and the other does not', () => {
    expect(needing(story())).toEqual(['build/web1/attach', 'build/web1/prepare', 'sync/web1/pass-1']);
    expect(needing(story({ mover: 'files' }))).toEqual([]);
  });
});

describe('a pass by blocks that is half in the replica when files take over', () => {
  const half = (): Story =>
    look(story()).build('web1').tell({
      type: 'pass.started',
      machine: 'web1',
      pass: 1,
      kind: 'delta',
      mover: 'blocks',
      reason: 'what changed',
      checksum: false,
    });
  const by = (told: Story, mover: 'files' | 'blocks'): Story =>
    told.tell({
      type: 'mover.chosen',
      machine: 'web1',
      mover,
      decided: 'engineer',
      reasons: [],
      against: [],
    });
  const attach = { ...moverStep(story().view, 'web1'), id: 'build/web1/attach', needs: [], subject: 'web1' };
  const ids = (told: Story) => afterMover(told.view, [attach]).map(({ id, needs }) => [id, needs]);

  it('is brought to its end before its file systems are mounted', () => {
    expect(ids(by(half(), 'files'))).toEqual([
      ['build/web1/merge-1', []],
      ['build/web1/attach', ['build/web1/merge-1']],
    ]);
  });

  it('needs nothing where blocks go on, and once it is whole', () => {
    expect(ids(by(half(), 'blocks'))).toEqual([['build/web1/attach', []]]);
    const whole = half().tell({
      type: 'replica.advanced',
      machine: 'web1',
      pass: 1,
      checkpoint: 'landfall-e-p1',
      replaced: false,
    });
    expect(ids(by(whole, 'files'))).toEqual([['build/web1/attach', []]]);
  });
});

describe('what would help a machine that does not converge', () => {
  const stuck = (): Story =>
    look(story({ mover: 'files' }))
      .build('web1')
      .pass('web1', 1)
      .pass('web1', 2, { literal: 4e9, judged: 'not-converging' });

  it('names the blocks mover, and its saving only from a reading of the same time', () => {
    const told = stuck();
    expect(suggestionFor(told.view, 'web1', told.now)).toEqual({
      mover: 'blocks',
      words: 'the blocks mover, which sends only what was written, if its hypervisor can',
    });
    told.tell(observed(), { type: 'dirty.read', machine: 'web1', checkpoint: 'landfall-e-p1', bytes: 100e6 });
    expect(suggestionFor(told.view, 'web1', told.now)).toEqual({
      mover: 'blocks',
      saving: 0.975,
      words: 'the blocks mover (-97 %: 100 MB in place of 4.00 GB)',
    });
  });

  it('names nothing where it converges, and nothing that is impossible', () => {
    const fine = look(story({ mover: 'files' }))
      .build('web1')
      .pass('web1', 1)
      .pass('web1', 2);
    expect(suggestionFor(fine.view, 'web1', fine.now)).toBeUndefined();
    const raw = stuck().tell(observed({ refusals: ['vda is a raw disk'] }));
    expect(suggestionFor(raw.view, 'web1', raw.now)).toBeUndefined();
  });
});
