import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cadenceOf } from '../../../src/pace/cadence.ts';
import { finalPass } from '../../../src/pace/final-pass.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';

const fresh = (): Story => new Story().begin().evacuate('web1');
const at = (story: Story, ms: number) => cadenceOf(story.view, 'web1', story.now + ms);

describe('when the next pass is due', () => {
  it('is nobody’s business before the copies have converged and were compared', () => {
    const story = new Story().begin();
    expect(at(story, 0).standing).toBe('before');
    story.observe('web1').build('web1').pass('web1', 1);
    expect(at(story, HOUR)).toEqual({ machine: 'web1', standing: 'before', rpoMs: 15 * MINUTE });
    story.pass('web1', 2);
    expect(at(story, 0).standing).toBe('before');
  });

  it('is so early that pass and comparison end within the RPO, and no earlier than that needs', () => {
    const story = fresh();
    const { standing, dueAt = 0, since = 0, why, cycleMs = 0, late } = at(story, 0);
    expect(standing).toBe('kept');
    expect(why).toBe('the RPO of 15m asks for it');
    expect(late).toBeUndefined();
    expect(dueAt + cycleMs - since).toBeLessThanOrEqual(15 * MINUTE);
    // A quarter of the work is the margin: nothing more is given away.
    expect(dueAt + 1.3 * cycleMs - since).toBeGreaterThan(15 * MINUTE);
  });

  it('is what the plan says where it says so', () => {
    const story = new Story(planOf({ passes: { every: '2h' } })).begin().evacuate('web1');
    const last = story.state.machines['web1']?.passes.at(-1)?.startedAt ?? 0;
    expect(at(story, 0)).toMatchObject({ dueAt: last + 2 * HOUR, why: 'every 2h, as the plan says' });
  });

  it('comes for the comparison where that is asked for more often', () => {
    const story = new Story(planOf({ passes: { every: '2h' }, verify: { every: '1h' } }))
      .begin()
      .evacuate('web1');
    const compared = story.state.machines['web1']?.verified?.at ?? 0;
    expect(at(story, 0)).toMatchObject({
      dueAt: compared + HOUR,
      why: 'a comparison every 1h, as the plan says',
    });
  });

  it('says that an RPO cannot be held, and lets the source rest', () => {
    const story = new Story().begin().observe('web1').build('web1').pass('web1', 1);
    story.pass('web1', 2, { ms: 12 * MINUTE }).verify('web1', 2, [], 8 * MINUTE);
    const { tight, dueAt = 0 } = at(story, 0);
    expect(tight).toMatch(/cannot be held/);
    expect(dueAt - story.now).toBe(5 * MINUTE);
  });

  it('is nothing while the pass runs, and nothing of a cutover', () => {
    const story = fresh();
    story.tell({ type: 'pass.requested', machine: 'web1', reason: 'x' });
    expect(at(story, 0)).toMatchObject({ standing: 'working' });
    expect(at(story, 0).dueAt).toBeUndefined();
    story.startPass('web1', 3);
    expect(at(story, 0).standing).toBe('working');
    const other = fresh().tell({
      ...{ type: 'cutover.begun', rehearse: false, dark: false },
      ...{ planHash: 'x', confirmed: 'x', open: [] },
    });
    expect(at(other, HOUR)).toEqual({ machine: 'web1', standing: 'over', rpoMs: 15 * MINUTE });
  });

  it.each([
    ['a pause', { type: 'machine.paused', machine: 'web1' }, 'paused by engine@jump1:4711'],
    ['a held stage', { type: 'stages.held', phases: ['sync'] }, 'waits for approval of sync'],
    ['a squeeze', { type: 'mode.switched', mode: 'squeeze', saved: [] }, 'not among those that triage saves'],
  ] as const)('is held back by %s, and late all the same', (_name, event, why) => {
    const story = fresh().tell(
      event.type === 'stages.held'
        ? { ...event, phases: [...event.phases] }
        : event.type === 'mode.switched'
          ? { ...event, saved: [...event.saved] }
          : event,
    );
    expect(at(story, 0)).toMatchObject({ standing: 'held', why });
    expect(at(story, HOUR).late?.why).toMatch(/15m are allowed/);
  });

  it('asks nothing of a source that is lost', () => {
    const story = fresh().tell({ type: 'mode.switched', mode: 'dark' });
    expect(at(story, HOUR)).toMatchObject({ standing: 'held' });
    expect(at(story, HOUR).late).toBeUndefined();
  });
});

describe('who is late', () => {
  it('is a machine whose copy differs, however punctual its passes are', () => {
    const story = fresh();
    const last = story.state.machines['web1']?.passes.at(-1)?.pass ?? 0;
    story.pass('web1', last + 1).verify('web1', last + 1, ['contents /etc/passwd']);
    expect(at(story, 30e3).late).toBeUndefined();
    expect(at(story, 3 * MINUTE).late).toMatchObject({
      why: expect.stringMatching(/no copy is known to be good/),
    });
  });

  it('is whoever was due and has not begun, and whoever has an old copy', () => {
    const story = fresh();
    const { dueAt = 0 } = at(story, 0);
    const to = (instant: number) => instant - story.now;
    expect(at(story, to(dueAt + 50e3)).late).toBeUndefined();
    expect(at(story, to(dueAt + 2 * MINUTE)).late).toMatchObject({ ms: 2 * MINUTE });
    const hour = at(story, HOUR).late;
    expect(hour?.why).toMatch(/^the last good copy is 1h03m.* old, 15m are allowed$/);
    expect(hour?.ms).toBeGreaterThan(45 * MINUTE);
  });

  it('is a machine whose pass runs for too long', () => {
    const story = fresh()
      .wait(10 * MINUTE)
      .startPass('web1', 3);
    expect(at(story, 0).late).toBeUndefined();
    expect(at(story, HOUR)).toMatchObject({ standing: 'working', late: {} });
  });

  it('is no machine at the moment when its pass falls due, whatever it took before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 5 * MINUTE }),
        fc.integer({ min: 1000, max: 5 * MINUTE }),
        fc.integer({ min: 0, max: 2e9 }),
        (passMs, verifyMs, literal) => {
          const story = new Story().begin().observe('web1').build('web1').pass('web1', 1);
          story.pass('web1', 2, { ms: passMs, literal }).verify('web1', 2, [], verifyMs);
          const { dueAt = 0, since = 0, tight, cycleMs = 0 } = at(story, 0);
          expect(dueAt).toBeGreaterThanOrEqual(story.now);
          expect(at(story, dueAt - story.now).late).toBeUndefined();
          if (tight === undefined) expect(dueAt - since + cycleMs).toBeLessThanOrEqual(15 * MINUTE + 1000);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the last pass of a cutover', () => {
  it('is not known before a delta pass', () => {
    const story = new Story().begin().observe('web1').build('web1').pass('web1', 1);
    expect(finalPass(story.view, 'web1', story.now)).toBeUndefined();
    expect(finalPass(story.view, 'constructor', story.now)).toBeUndefined();
  });

  it('grows while no pass runs, and is never less than its floor', () => {
    const story = fresh();
    let before = 0;
    for (const later of [0, MINUTE, HOUR, 24 * HOUR]) {
      const { ms = 0, floorMs = 0, from } = finalPass(story.view, 'web1', story.now + later) ?? {};
      expect(from).toBe('forecast');
      expect(ms).toBeGreaterThanOrEqual(Math.max(before, floorMs));
      before = ms;
    }
  });

  it('takes what the hypervisor has counted', () => {
    const story = new Story(planOf({ machines: { web1: machinePlan({ mover: 'blocks' }) } })).begin();
    story
      .observe('web1')
      .build('web1')
      .pass('web1', 1, { mover: 'blocks' })
      .pass('web1', 2, { mover: 'blocks' });
    story.tell({ type: 'replica.advanced', machine: 'web1', pass: 2, checkpoint: 'c2', replaced: false });
    story.wait(MINUTE).tell({ type: 'dirty.read', machine: 'web1', checkpoint: 'c2', bytes: 123 });
    expect(finalPass(story.view, 'web1', story.now)).toMatchObject({ bytes: 123, from: 'counted' });
    story.tell({ type: 'dirty.read', machine: 'web1', checkpoint: 'c1', bytes: 9e9 });
    expect(finalPass(story.view, 'web1', story.now)?.from).toBe('forecast');
  });
});
