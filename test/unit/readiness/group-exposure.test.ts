import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { databaseExposureOf } from '../../../src/readiness/database-exposure.ts';
import { exposureOf } from '../../../src/readiness/exposure.ts';
import { groupExposure, groupExposures, groupsOf } from '../../../src/readiness/group-exposure.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';
import { anyStory } from './stories.ts';

const SERVER = { address: '10.20.0.5', user: 'sa', password: 'env:SQL' };
const PLAN = planOf({
  machines: {
    web1: machinePlan({ after: ['app1'] }),
    app1: machinePlan({ after: ['Sales'] }),
    mail1: machinePlan(),
    files1: machinePlan({ after: ['mail1'] }),
    alone1: machinePlan(),
  },
  databases: {
    Sales: { tier: 'critical', publisher: SERVER, subscriber: { ...SERVER, address: '10.30.0.5' } },
  },
});

const PANIC = { kind: 'kernel-panic' as const, words: 'It does not boot.', evidence: [], remedy: [] };

const follows = (story: Story, exposureMs: number): Story =>
  story.tell(
    { type: 'database.released', database: 'Sales', lane: 'clone', how: 'initialize from lsn' },
    {
      type: 'database.observed',
      database: 'Sales',
      sample: { hops: [], exposureMs, pendingCommands: 12, troubles: [], proposeDrop: false },
    },
  );

describe('what belongs together', () => {
  it('is found through others, in the order of the plan, without what stands alone', () => {
    expect(groupsOf(PLAN)).toEqual([
      ['web1', 'app1', 'Sales'],
      ['mail1', 'files1'],
    ]);
  });

  it('is worth its oldest copy', () => {
    const story = new Story(PLAN).begin().evacuate('web1').wait(HOUR).evacuate('app1').wait(HOUR);
    follows(story, 3 * MINUTE);
    const [group] = groupExposures(story.view, story.now);
    const web = exposureOf(story.view, 'web1', story.now);
    expect(group).toMatchObject({ oldest: 'web1', ageMs: web.ageMs, missing: [], bytesUnknown: ['Sales'] });
    expect(group?.money).toBeCloseTo(((web.ageMs ?? 0) / HOUR) * 3 * 1200);
    // app1 wrote before its own copy, too.
    const app = exposureOf(story.view, 'app1', story.now);
    expect(group?.bytes).toBeGreaterThan((web.bytes ?? 0) + (app.bytes ?? 0));
  });

  it.each<[string, (story: Story) => Story, string, RegExp]>([
    [
      'the database does not follow',
      s => s.evacuate('web1').evacuate('app1'),
      'Sales',
      /does not follow yet/,
    ],
    ['one was never copied', s => follows(s.evacuate('web1'), 1), 'app1', /no pass/],
    [
      'one did not boot',
      s => follows(s.evacuate('web1').evacuate('app1').prove('app1', PANIC), 1),
      'app1',
      /did not boot/,
    ],
  ])('has no instant where %s', (_name, tell, name, why) => {
    const story = tell(new Story(PLAN).begin());
    const group = groupExposure(story.view, ['web1', 'app1', 'Sales'], story.now);
    expect(group.since).toBeUndefined();
    expect(group.ageMs).toBeUndefined();
    expect(group.bytes).toBeUndefined();
    expect(group.missing).toContainEqual({ name, why: expect.stringMatching(why) });
  });

  it('is never younger than any of its members, never zero on silence, and only grows with time', () => {
    fc.assert(
      fc.property(anyStory, fc.nat(48 * HOUR), (story, later) => {
        const members = ['web1', 'app1'];
        const now = story.now;
        const group = groupExposure(story.view, members, now);
        const ages = members.map(name => exposureOf(story.view, name, now).ageMs);
        if (ages.some(age => age === undefined)) {
          expect(group.ageMs).toBeUndefined();
          expect(group.missing.length).toBeGreaterThan(0);
          return;
        }
        if (group.ageMs === undefined) return;
        for (const age of ages) expect(group.ageMs).toBeGreaterThanOrEqual(age ?? Number.POSITIVE_INFINITY);
        const after = groupExposure(story.view, members, now + later);
        expect(after.ageMs).toBe(group.ageMs + later);
        expect(after.bytes ?? 0).toBeGreaterThanOrEqual(group.bytes ?? 0);
        expect(after.money ?? 0).toBeGreaterThanOrEqual(group.money ?? 0);
        expect(group.bytes).not.toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the exposure of a database', () => {
  const of = (story: Story, now = story.now) => databaseExposureOf(story.view, 'Sales', now);

  it('grows with silence, says so, and costs what its tier costs', () => {
    const story = follows(new Story(PLAN).begin(), 3 * MINUTE);
    expect(of(story)).toEqual({
      database: 'Sales',
      ageMs: 3 * MINUTE,
      pendingCommands: 12,
      money: 60,
      rpoMs: 15 * MINUTE,
    });
    expect(of(story, story.now + HOUR)).toMatchObject({ ageMs: 63 * MINUTE, silentMs: HOUR, money: 1260 });
  });

  it('has no age and says why where nothing is proven', () => {
    expect(of(new Story(PLAN).begin())).toEqual({
      database: 'Sales',
      why: 'its copy does not follow yet',
      rpoMs: 15 * MINUTE,
    });
  });
});

describe('the exposure of a machine that was measured', () => {
  const measured = (bytes: number): Story =>
    new Story()
      .begin()
      .pass('web1', 1)
      .pass('web1', 2, { literal: 0 })
      .verify('web1', 2)
      .tell({ type: 'exposure.requested', machine: 'web1' })
      .wait(5 * MINUTE)
      .tell(measurement(bytes));
  const measurement = (bytes: number) => ({
    type: 'exposure.measured' as const,
    machine: 'web1',
    startedAt: MEASURED_AT,
    files: 1,
    bytes,
    deletions: 0,
  });
  const MEASURED_AT = new Story().now + 10 * MINUTE;

  it('counts what was found, and what came since at that pace', () => {
    const story = measured(8e6);
    // The pass began two minutes in: 8 MB in eight minutes.
    expect(exposureOf(story.view, 'web1', MEASURED_AT)).toMatchObject({
      bytes: 8e6,
      measuredAt: MEASURED_AT,
    });
    expect(exposureOf(story.view, 'web1', MEASURED_AT + 8 * MINUTE).bytes).toBe(16e6);
  });

  it('is not zero for ever because nothing was found once', () => {
    const story = measured(0);
    expect(exposureOf(story.view, 'web1', MEASURED_AT).bytes).toBe(0);
    expect(exposureOf(story.view, 'web1', MEASURED_AT + HOUR).bytes).toBeUndefined();
  });

  it('forgets a measurement of before the copy that counts', () => {
    const story = measured(8e6).wait(HOUR).pass('web1', 3, { literal: 0 }).verify('web1', 3);
    expect(exposureOf(story.view, 'web1', story.now).measuredAt).toBeUndefined();
    expect(story.state.machines['web1']?.measureRequested).toBeUndefined();
  });
});
