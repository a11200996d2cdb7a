import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endedPasses, lastEnded, newestEnded, safeCopy } from '../../../src/readiness/copy.ts';
import { dirtyRate, exposureOf, exposureTotals } from '../../../src/readiness/exposure.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story, T0 } from '../../support/state.ts';
import { anyStory } from './stories.ts';

const at = (story: Story, machine = 'web1', now = story.now) => exposureOf(story.view, machine, now);

describe('exposure', () => {
  it('counts from the start of the verified pass, not from its end or its verification', () => {
    const story = new Story()
      .begin()
      .pass('web1', 1, { ms: 3 * HOUR })
      .verify('web1', 1, [], HOUR);
    expect(at(story).ageMs).toBe(4 * HOUR);
  });

  it('counts from the earlier clock where the host and the journal disagree', () => {
    const story = new Story().begin().pass('web1', 1);
    const startedAt = T0;
    story.tell({
      type: 'replica.verified',
      machine: 'web1',
      pass: 1,
      passStartedAt: T0 + 9 * HOUR,
      ms: 1,
      filesCompared: 1,
      bytesCompared: 1,
      live: 0,
      mismatches: [],
    });
    expect(at(story).ageMs).toBe(story.now - startedAt);
  });

  it.each<[string, (story: Story) => Story, string]>([
    ['nothing was copied', s => s, 'no pass has been completed yet'],
    ['nothing was verified', s => s.pass('web1', 1), 'no copy has been verified yet'],
    [
      'the copy differs',
      s => s.pass('web1', 1).verify('web1', 1, ['/a']),
      'the last verification found 1 difference',
    ],
    [
      'the verified pass is being copied again',
      s => s.pass('web1', 1).verify('web1', 1).startPass('web1', 1),
      'no pass has been completed yet',
    ],
    [
      'the verified pass was copied again within the same millisecond',
      s => s.pass('web1', 1).verify('web1', 1).pass('web1', 1, { ms: 1 }),
      'pass 1 was copied again after it had been verified',
    ],
    [
      'the replica is new',
      s => s.pass('web1', 1).verify('web1', 1).wait(1).build('web1'),
      'the replica was made anew after the last verification',
    ],
  ])('has no age and says why: %s', (_name, tell, why) => {
    const exposure = at(tell(new Story().begin()));
    expect(exposure).toEqual({ machine: 'web1', why, rpoMs: 15 * MINUTE });
  });

  it('keeps the last verified copy while a later pass is written over it', () => {
    const story = new Story().begin().evacuate('web1').wait(MINUTE).startPass('web1', 3);
    expect(at(story).ageMs).toBeGreaterThan(0);
  });

  it('estimates bytes from deltas over the intervals between the starts of passes', () => {
    const story = new Story()
      .begin()
      .pass('web1', 1, { ms: 100_000 })
      .pass('web1', 2, { ms: 50_000, literal: 1e6 })
      .wait(50_000)
      .pass('web1', 3, { ms: 10_000, literal: 3e6 })
      .verify('web1', 3, [], 20_000);
    // 4 MB in the 200 s from the start of pass 1 to the start of pass 3.
    expect(dirtyRate(story.state.machines['web1'])).toBeCloseTo(20_000);
    expect(at(story).bytes).toBe(20_000 * 30);
  });

  it('has no estimate on no basis: no delta, or a delta without a byte', () => {
    expect(at(new Story().begin().pass('web1', 1).verify('web1', 1)).bytes).toBeUndefined();
    const still = new Story().begin().pass('web1', 1).pass('web1', 2, { literal: 0 }).verify('web1', 2);
    expect(at(still).ageMs).toBeGreaterThan(0);
    expect(at(still).bytes).toBeUndefined();
  });

  it('turns hours into money only where the tier has a price', () => {
    const machines = { web1: machinePlan(), app1: machinePlan({ tier: 'normal' }), db1: machinePlan() };
    const story = new Story(planOf({ machines })).begin();
    story.pass('web1', 1).verify('web1', 1).pass('app1', 1).verify('app1', 1).wait(HOUR);
    const all = ['web1', 'app1', 'db1'].map(name => at(story, name));
    const hours = (all[0]?.ageMs ?? 0) / HOUR;
    expect(all[0]?.money).toBeCloseTo(hours * 1200);
    expect(all[1]?.money).toBeUndefined();
    expect(exposureTotals(all)).toEqual({
      worstMs: all[0]?.ageMs,
      unsafe: ['db1'],
      bytesUnknown: ['web1', 'app1', 'db1'],
      money: all[0]?.money,
      moneyUnknown: ['app1', 'db1'],
    });
  });

  it('has no totals where nothing is known', () => {
    expect(exposureTotals([])).toEqual({ unsafe: [], bytesUnknown: [], moneyUnknown: [] });
  });

  it('refuses an age when the clock has gone back behind the journal', () => {
    const story = new Story().begin().evacuate('web1');
    expect(at(story, 'web1', T0 - HOUR)).toMatchObject({ why: expect.stringContaining('clock') });
  });

  it('never decreases while the clock runs without a new verification', () => {
    fc.assert(
      fc.property(anyStory, fc.nat(48 * HOUR), fc.nat(48 * HOUR), (story, first, second) => {
        const [early, late] = [story.now + first, story.now + first + second];
        for (const name of ['web1', 'app1']) {
          const [before, after] = [at(story, name, early), at(story, name, late)];
          expect(after.ageMs === undefined).toBe(before.ageMs === undefined);
          expect(after.ageMs ?? 0).toBeGreaterThanOrEqual(before.ageMs ?? 0);
          expect(after.bytes ?? 0).toBeGreaterThanOrEqual(before.bytes ?? 0);
          expect(after.money ?? 0).toBeGreaterThanOrEqual(before.money ?? 0);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('never falls by anything but a verification', () => {
    fc.assert(
      fc.property(anyStory, story => {
        const before = at(story).ageMs ?? Number.POSITIVE_INFINITY;
        story.wait(MINUTE).observe('web1').pass('web1', 9).startPass('web1', 10);
        const after = at(story).ageMs ?? Number.POSITIVE_INFINITY;
        expect(after).toBeGreaterThanOrEqual(before);
      }),
      { numRuns: 100 },
    );
  });

  it('is never zero on silence: an age is only given for a verified copy', () => {
    fc.assert(
      fc.property(anyStory, story => {
        const exposure = at(story);
        const copy = safeCopy(story.state.machines['web1']);
        expect(exposure.ageMs !== undefined).toBe(copy.kind === 'verified');
        expect(exposure.bytes).not.toBe(0);
        if (exposure.ageMs !== undefined) expect(exposure.ageMs).toBeGreaterThan(0);
        else expect(exposure.why).toBeTruthy();
      }),
      { numRuns: 200 },
    );
  });
});

describe('the newest completed passes', () => {
  it('are the end of all in order, however they lie in the journal', () => {
    const number = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, fc.boolean()), { maxLength: 14 }), number, (told, count) => {
        const story = new Story().begin();
        for (const [pass, ends] of told) {
          if (ends) story.pass('web1', pass);
          else story.startPass('web1', pass);
        }
        const machine = story.state.machines['web1'];
        expect(lastEnded(machine, count)).toEqual(endedPasses(machine).slice(-count));
        expect(newestEnded(machine)).toEqual(endedPasses(machine).at(-1));
      }),
      { numRuns: 200 },
    );
  });
});
