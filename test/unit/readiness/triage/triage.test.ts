import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Triage, type TriageRow, triageOf } from '../../../../src/readiness/triage/index.ts';
import { jobsOf, situationOf } from '../../../../src/readiness/triage/situation.ts';
import { choose } from '../../../../src/readiness/triage/solve.ts';
import { HOUR, MINUTE, planOf, Story, T0 } from '../../../support/state.ts';
import { anyStory } from '../stories.ts';
import { fleetStory } from './fleets.ts';

const at = (story: Story, now = story.now): Triage => triageOf(story.view, now);
const row = (triage: Triage, name: string): TriageRow | undefined =>
  triage.rows.find(each => each.name === name);
const verdicts = (triage: Triage): Record<string, string> =>
  Object.fromEntries(triage.rows.map(({ name, verdict }) => [name, verdict]));

// 80 Mbit/s for 96 hours are 3456 GB; comparing and the boot of each come on top.
describe('triage', () => {
  it('saves the more important and says by how much the other does not fit', () => {
    const triage = at(
      fleetStory([
        { name: 'files1', size: 2500 },
        { name: 'web1', size: 1500, tier: 'critical' },
      ]),
    );
    expect(verdicts(triage)).toEqual({ files1: 'cannot', web1: 'will-make-it' });
    expect(triage.order).toEqual(['web1']);
    expect(triage.line).toBe('1 makes it · 1 cannot');
    expect(triage.rate).toEqual({ bytesPerSecond: 10e6, from: 'limit' });
    expect(triage.exact).toBe(true);
    expect(row(triage, 'files1')).toMatchObject({
      priority: 2,
      why: 'it fits only in place of others: the link is full in the 4d 00h that are left',
    });
    expect(row(triage, 'files1')?.spareMs).toBeLessThan(0);
    expect(row(triage, 'web1')).toMatchObject({ place: 1, kind: 'machine' });
  });

  it.each<[string, () => Story, string, TriageRow['verdict'], RegExp]>([
    [
      'it is verified and boots',
      () => fleetStory([{ name: 'web1', size: 1 }]).ready('web1'),
      'web1',
      'will-make-it',
      /boots/,
    ],
    [
      'nothing was observed',
      () => new Story(planOf({ link: { limit: '1 Gbit/s' } })).begin(),
      'web1',
      'cannot-say',
      /inventory/,
    ],
    [
      'the link has no limit and was never measured',
      () => new Story().begin().observe('web1'),
      'web1',
      'cannot-say',
      /link/,
    ],
    ['no deadline is fixed', () => new Story().observe('web1'), 'web1', 'cannot-say', /no deadline/],
    [
      'it does not fit at worst',
      () => fleetStory([{ name: 'web1', size: 2300 }]),
      'web1',
      'at-risk',
      /late at worst/,
    ],
    [
      'it does not fit even alone',
      () => fleetStory([{ name: 'web1', size: 4000 }]),
      'web1',
      'cannot',
      /even alone/,
    ],
    [
      'a pass keeps its share of the link for itself',
      () => fleetStory([{ name: 'web1', size: 1500 }], { limit: '80 Mbit/s', streams: 4 }),
      'web1',
      'cannot',
      /even alone/,
    ],
    [
      'a failure stands in its way',
      () => fleetStory([{ name: 'web1', size: 1 }]).fail('web1'),
      'web1',
      'at-risk',
      /fix that first/,
    ],
    [
      'the earliest loss has passed',
      () => fleetStory([{ name: 'web1', size: 1 }]).wait(97 * HOUR),
      'web1',
      'at-risk',
      /earliest loss has passed/,
    ],
    [
      'both have passed',
      () => fleetStory([{ name: 'web1', size: 1 }]).wait(200 * HOUR),
      'web1',
      'at-risk',
      /both/,
    ],
    [
      'what it needs does not fit',
      () =>
        fleetStory([
          { name: 'web1', size: 1, after: ['db1'] },
          { name: 'db1', size: 4000 },
        ]),
      'web1',
      'cannot',
      /needs db1/,
    ],
    [
      'of what it needs nothing is known',
      () =>
        new Story(
          fleetStory([
            { name: 'web1', size: 1, after: ['db1'] },
            { name: 'db1', size: 1 },
          ]).plan,
        )
          .begin()
          .observe('web1'),
      'web1',
      'cannot-say',
      /needs db1/,
    ],
    [
      'an older copy stays',
      () =>
        fleetStory([{ name: 'web1', size: 1 }])
          .pass('web1', 1)
          .verify('web1', 1)
          .wait(95.88 * HOUR)
          .startPass('web1', 2),
      'web1',
      'at-risk',
      /copied before stays/,
    ],
  ])('%s', (_name, story, machine, verdict, why) => {
    const found = row(at(story()), machine);
    expect([found?.verdict, found?.why]).toEqual([verdict, expect.stringMatching(why)]);
  });

  it('reckons with what the passes measured instead of a limit that the link never gave', () => {
    const story = fleetStory(
      [
        { name: 'web1', size: 8 },
        { name: 'db1', size: 8 },
      ],
      { limit: '10 Gbit/s' },
    );
    // 3 GB on the wire in 1000 s, a second of it for the list.
    story.pass('web1', 1, { ms: 1_001_000 });
    expect(at(story).rate?.from).toBe('measured');
    expect(at(story).rate?.bytesPerSecond).toBeCloseTo(3e6, -1);
  });

  it('takes a pass that filled its share for a sign that only the limit held it back', () => {
    const story = fleetStory([{ name: 'web1', size: 8 }], {
      limit: '96 Mbit/s',
      streams: 4,
      windows: [{ days: ['mon'], from: '00:00', to: '23:59', limit: '48 Mbit/s' }],
    });
    story.pass('web1', 1, { ms: 1_001_000 });
    expect(at(story).rate?.bytesPerSecond).toBeCloseTo(12e6, -1);
    expect(at(story, T0 + 20 * HOUR).rate?.bytesPerSecond).toBeCloseTo(6e6, -1);
  });

  it('gives forecasts the error that they had', () => {
    const fleet = [
      { name: 'web1', size: 100 },
      { name: 'db1', size: 8 },
    ];
    const told = (predictedMs: number): Story => {
      const story = fleetStory(fleet).pass('db1', 1, { ms: HOUR });
      for (const pass of [2, 3, 4])
        story.pass('db1', pass, { ms: 20 * MINUTE, predictedMs, judged: 'converging' });
      return story;
    };
    const [well, badly] = [told(20 * MINUTE), told(10 * MINUTE)].map(
      story => row(at(story), 'web1')?.safeAt ?? 0,
    );
    const { now } = told(1);
    expect(((badly ?? 0) - now) / ((well ?? 0) - now)).toBeCloseTo(2, 1);
  });

  it('counts a database by the forecast of its lane and the progress of its seed', () => {
    const story = fleetStory([{ name: 'web1', size: 1 }], { limit: '80 Mbit/s', streams: 1 }, DATABASE);
    expect(row(at(story), 'Sales')?.verdict).toBe('cannot-say');
    story.tell({
      type: 'database.planned',
      database: 'Sales',
      drift: [],
      lanes: [
        {
          lane: 'clone',
          verdict: 'recommended',
          hours: 10,
          bytes: 36e9,
          leavesOut: [],
          canLose: 'minutes',
          why: [],
        },
      ],
      linkBytesPerSecond: 10e6,
    });
    const before = row(at(story), 'Sales');
    expect(before).toMatchObject({ verdict: 'will-make-it', kind: 'database', place: 1 });
    expect(((before?.safeAt ?? 0) - story.now) / HOUR).toBeCloseTo(10 + 1 / 6, 2);
    story.tell(
      { type: 'reconcile.started', database: 'Sales', run: 1, source: 's', tables: 2, rows: 100 },
      {
        type: 'reconcile.table',
        database: 'Sales',
        run: 1,
        compared: {
          table: 'dbo.A',
          rows: 50,
          ranges: 1,
          differingRanges: 0,
          missing: 0,
          extra: 0,
          different: 0,
          examples: [],
        },
        inserted: 0,
        updated: 0,
        deleted: 0,
        bytes: 1,
        ms: 1,
      },
    );
    expect(((row(at(story), 'Sales')?.safeAt ?? 0) - story.now) / HOUR).toBeCloseTo(5 + 1 / 6, 2);
  });

  it('never says that one makes it that has no place in time and no copy', () => {
    fc.assert(
      fc.property(anyStory, fc.nat(130 * HOUR), (story, later) => {
        const now = story.now + later;
        const triage = at(story, now);
        for (const each of triage.rows) {
          if (each.verdict !== 'will-make-it') continue;
          const isSafe = each.why.includes('boots');
          expect(
            isSafe || (each.place !== undefined && (each.safeAtWorst ?? Infinity) <= T0 + 96 * HOUR),
          ).toBe(true);
        }
        expect(triage.order.every(name => row(triage, name)?.place !== undefined)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

const SERVER = { address: '10.20.0.5', user: 'sa', password: 'env:SQL' };
const DATABASE = {
  databases: {
    Sales: { tier: 'critical', publisher: SERVER, subscriber: { ...SERVER, address: '10.30.0.5' } },
  },
};

const machine = fc.record({
  size: fc.integer({ min: 1, max: 1500 }),
  tier: fc.constantFrom('critical' as const, 'normal' as const),
  after: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 1 }),
});
const fleet = fc.array(machine, { minLength: 1, maxLength: 7 }).map(all =>
  all.map((each, i) => ({
    ...each,
    name: `m${i}`,
    after: each.after.filter(n => n < all.length && n !== i).map(n => `m${n}`),
  })),
);

describe('savers', () => {
  it('name the least that the link must give more, and hold what they promise', () => {
    const story = fleetStory([
      { name: 'files1', size: 2500 },
      { name: 'web1', size: 1500, tier: 'critical' },
    ]);
    const saver = at(story).savers.find(({ kind }) => kind === 'rate');
    expect(saver).toMatchObject({ saves: ['files1'], costs: [], words: '30 Mbit/s more would save files1' });
    expect(saver?.action).toBe('landfall throttle miami-to-dallas "110 Mbit/s", if the link has it to give');
    const raised = (limit: `${number} Mbit/s`): Triage => {
      const { plan, events } = story;
      return at(
        new Story({ ...plan, link: { ...plan.link, limit: Number.parseInt(limit, 10) * 125_000 } }).retell(
          events,
        ),
      );
    };
    expect(row(raised('110 Mbit/s'), 'files1')?.place).toBeDefined();
    expect(row(raised('100 Mbit/s'), 'files1')?.place).toBeUndefined();
  });

  it('say that a throttle is all that stands in the way', () => {
    const story = fleetStory([{ name: 'web1', size: 2500 }], { limit: '80 Mbit/s', streams: 1 });
    story.tell({ type: 'link.throttled', bytesPerSecond: 2e6 });
    expect(at(story).savers[0]).toMatchObject({
      kind: 'rate',
      action: 'landfall throttle miami-to-dallas off',
    });
  });

  it('advise the best order where plain order would lose more', () => {
    const triage = at(
      fleetStory([
        { name: 'archive1', size: 2900 },
        { name: 'web1', size: 500 },
        { name: 'web2', size: 500 },
      ]),
    );
    expect(triage.savers[0]).toMatchObject({
      kind: 'order',
      saves: ['web1', 'web2'],
      costs: ['archive1'],
      action: 'landfall mode miami-to-dallas squeeze',
    });
    const swap = triage.savers.find(({ kind }) => kind === 'leave');
    expect(swap).toBeUndefined();
  });

  it('offer an exchange within a priority, with what it costs', () => {
    const triage = at(
      fleetStory([
        { name: 'a1', size: 2000 },
        { name: 'b1', size: 2100 },
      ]),
    );
    expect(triage.order).toEqual(['a1']);
    expect(triage.savers.find(({ kind }) => kind === 'leave')).toMatchObject({
      words: 'leaving a1 would save b1',
      saves: ['b1'],
      costs: ['a1'],
    });
  });

  it('name the path to leave out and the writer to stop, where the last pass knows them', () => {
    const story = fleetStory([{ name: 'db1', size: 8 }], { limit: '8 Mbit/s', streams: 1 });
    story
      .pass('db1', 1, { ms: 2 * HOUR, literal: 8e9 })
      .pass('db1', 2, {
        ms: 2 * HOUR,
        literal: 7e9,
        judged: 'converging',
        hot: [{ path: '/var/log/app.log', bytes: 6e9 }],
      })
      .wait(T0 + 96 * HOUR - 40 * MINUTE - story.now);
    const savers = at(story).savers.filter(({ kind }) => kind === 'exclude' || kind === 'stop-writer');
    expect(savers[0]).toMatchObject({ kind: 'exclude', saves: ['db1'] });
    expect(savers[0]?.action).toContain('machines.db1.exclude: [/var/log/app.log]');
  });

  it('really save: the solver run with the change holds whom they name and loses only whom they name', () => {
    fc.assert(
      fc.property(fleet, all => {
        const { view, now } = fleetStory(all);
        const situation = situationOf(view, now);
        const before = choose(jobsOf(situation)).saved;
        for (const saver of triageOf(view, now).savers) {
          expect(saver.saves.length).toBeGreaterThan(0);
          if (saver.kind === 'order') continue;
          expect(saver.saves.some(name => before.has(name))).toBe(false);
          const extra = /^(\d+(?:\.\d+)?) ([MG])bit/.exec(saver.words);
          const change =
            saver.kind === 'rate'
              ? { extra: (Number(extra?.[1]) * (extra?.[2] === 'G' ? 1e9 : 1e6)) / 8 }
              : { without: new Set([/pause \S+ (\S+)/.exec(saver.action)?.[1] ?? '']) };
          const after = choose(jobsOf(situation, change)).saved;
          expect([...after].filter(name => !before.has(name)).toSorted()).toEqual(saver.saves);
          expect([...before].filter(name => !after.has(name)).toSorted()).toEqual(saver.costs);
          if (saver.kind === 'rate') expect(saver.costs).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
