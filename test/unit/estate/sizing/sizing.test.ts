import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizingOf } from '../../../../src/estate/sizing/sizing.ts';
import { lineWords, verdictOf } from '../../../../src/estate/sizing/words.ts';
import { finalPass } from '../../../../src/pace/final-pass.ts';
import { HOUR, planOf, Story } from '../../../support/state.ts';
import { GB, type Known, MB, measured, run, storyOf } from './world.ts';

const sizeOf = (known: Known, rate: number | undefined) => {
  const story = storyOf(known);
  if (rate !== undefined) story.tell(measured(rate));
  return sizingOf(story.view, story.now);
};

const moverOf = (sizing: ReturnType<typeof sizingOf>, mover: string) =>
  sizing.machines[0]?.movers.find(each => each.mover === mover);

describe('sizes', () => {
  it('are of what was seen, by each mover, over the line as it was measured', () => {
    const sizing = sizeOf({ written: 1 * MB }, 100 * MB);
    expect(sizing.link).toEqual({
      ...{ bytesPerSecond: 100 * MB, oneStream: 50 * MB, from: 'measured', bottleneck: 'link' },
      at: expect.any(Number),
    });
    const [web1] = sizing.machines;
    expect(web1).toMatchObject({
      usedBytes: 10 * GB,
      allocatedBytes: 12 * GB,
      files: 100_000,
      mover: 'files',
    });
    expect(web1).toMatchObject({ writtenPerSecond: 1 * MB, writtenFrom: 'hypervisor' });
    expect(moverOf(sizing, 'files')).toMatchObject({ fullBytes: 10 * GB, fullMs: 100e3, converges: true });
    // By blocks it has one stream.
    expect(moverOf(sizing, 'blocks')).toMatchObject({ fullBytes: 12 * GB, fullMs: 240e3, converges: true });
    expect(sizing.totalBytes).toBe(10 * GB);
    expect(sizing.leftBytes).toBeGreaterThan(10 * GB);
    expect(sizing).toMatchObject({ fits: true, missing: [], unknown: [], leftMs: 96 * HOUR });
    expect(verdictOf(sizing)).toMatch(/^it fits: what is known takes 1m4\ds of the line, 4d 00h are left/);
  });

  it('say of a writer that is faster than the line that passes do not catch up, and promise nothing', () => {
    const sizing = sizeOf({ written: 60 * MB, used: 500 * GB }, 20 * MB);
    expect(moverOf(sizing, 'files')?.converges).toBe(false);
    expect(sizing.fits).toBeUndefined();
    expect(sizing.missing).toEqual(['passes do not catch up with what web1 writes']);
    expect(verdictOf(sizing)).toMatch(/^it may fit: .*; but passes do not catch up with what web1 writes$/);
  });

  it('say no where what is known is too much by itself', () => {
    const sizing = sizeOf({ used: 100 * GB }, 0.1 * MB);
    expect(sizing.fits).toBe(false);
    expect(verdictOf(sizing)).toMatch(/^it does not fit/);
  });

  it('promise nothing without evidence: no line, no writers, no inventory', () => {
    const noLine = sizeOf({ written: 1 * MB }, undefined);
    expect(noLine).not.toHaveProperty('totalMs');
    expect(noLine).not.toHaveProperty('fits');
    expect(moverOf(noLine, 'files')).not.toHaveProperty('fullMs');
    expect(noLine.missing).toEqual(['the line was never measured and has no limit in the plan']);

    const noWriters = sizeOf({}, 100 * MB);
    expect(moverOf(noWriters, 'files')).not.toHaveProperty('converges');
    expect(noWriters).not.toHaveProperty('fits');
    expect(noWriters.machines[0]).not.toHaveProperty('writtenPerSecond');

    const unseen = new Story(planOf()).begin().tell(measured(100 * MB));
    const sizing = sizingOf(unseen.view, unseen.now);
    expect(sizing).toMatchObject({ machines: [], unknown: ['web1'], totalBytes: 0 });
    expect(sizing).not.toHaveProperty('fits');
    expect(verdictOf(sizing)).toBe('nobody can say whether it fits: nobody knows how much web1 has');
  });

  it('count with the limit of the plan where the line gives more, and where nobody measured', () => {
    const limit = { limit: '80 Mbit/s' };
    expect(sizeOf({ link: limit }, undefined).link).toEqual({ bytesPerSecond: 10 * MB, from: 'plan' });
    expect(sizeOf({ link: limit }, 100 * MB).link).toMatchObject({ bytesPerSecond: 10 * MB, from: 'plan' });
    expect(sizeOf({ link: limit }, 5 * MB).link).toMatchObject({ bytesPerSecond: 5 * MB, from: 'measured' });
  });

  it('take a measurement that was held to a limit and reached it for no limit of the line', () => {
    const story = storyOf({ link: { limit: '80 Mbit/s' } });
    story.tell(measured(4.9 * MB, { heldTo: 5 * MB }));
    expect(sizingOf(story.view, story.now).link).toEqual({ bytesPerSecond: 10 * MB, from: 'plan' });
    const open = storyOf({});
    open.tell(measured(4.9 * MB, { heldTo: 5 * MB }));
    expect(sizingOf(open.view, open.now).link).toMatchObject({ bytesPerSecond: 4.9 * MB, from: 'measured' });
  });

  it('let an old measurement go, and count with the slower end of the disks', () => {
    const story = storyOf({}).tell(measured(100 * MB, { targetWrite: 30 * MB, bottleneck: 'target-write' }));
    expect(sizingOf(story.view, story.now).link).toMatchObject({
      bytesPerSecond: 30 * MB,
      oneStream: 30 * MB,
    });
    const later = sizingOf(story.view, story.now + 13 * HOUR);
    expect(later.link).toBeUndefined();
    expect(lineWords(later, story.now)).toMatch(/not known; measure it: landfall doctor PLAN --link/);
  });

  it('prefer what passes saw, and hold the outcome beside the estimate', () => {
    const story = storyOf({ written: 50 * MB }).tell(measured(100 * MB));
    story.pass('web1', 1, { kind: 'full', literal: 10 * GB, ms: 120e3 }).wait(60e3);
    story.pass('web1', 2, { literal: 100 * MB, ms: 5e3, predictedMs: 4e3 }).wait(60e3);
    const [web1] = sizingOf(story.view, story.now).machines;
    expect(web1?.writtenFrom).toBe('passes');
    expect(web1?.writtenPerSecond).toBeLessThan(5 * MB);
    expect(web1?.leftBytes).toBeLessThan(1 * GB);
    expect(web1?.passes).toMatchObject([
      { pass: 1, kind: 'full', predictedMs: 100e3 },
      { pass: 2, kind: 'delta', predictedMs: 4e3 },
    ]);
  });

  it('a machine that blocks gave to its files has all of it before it, not what its last pass by blocks had left', () => {
    const story = storyOf({ written: 1 * MB, machine: { mover: 'auto' } }).tell(measured(100 * MB));
    const chosen = (mover: 'files' | 'blocks') =>
      story.tell({
        ...{ type: 'mover.chosen', machine: 'web1', mover, decided: 'fallback' },
        ...{ reasons: [], against: [] },
      });
    const left = (): number => sizingOf(story.view, story.now).machines[0]?.leftBytes ?? 0;
    chosen('blocks');
    story.pass('web1', 1, { kind: 'full', literal: 10 * GB, ms: 120e3, mover: 'blocks' });
    story.pass('web1', 2, { literal: 1 * MB, ms: 5e3, mover: 'blocks' }).wait(1e3);
    expect(left()).toBeLessThan(1 * GB);
    expect(finalPass(story.view, 'web1', story.now)).toBeDefined();
    chosen('files');
    expect(left()).toBeGreaterThanOrEqual(10 * GB);
    expect(finalPass(story.view, 'web1', story.now)).toBeUndefined();
    story.pass('web1', 3, { literal: 5 * MB, ms: 90e3, mover: 'files' });
    expect(left()).toBeLessThan(1 * GB);
  });

  it('count what a pass costs by itself once passes have shown it, and say so; before, the line alone', () => {
    const story = storyOf({ written: 1 * MB }).tell(measured(100 * MB));
    story.pass('web1', 1, { kind: 'full', literal: 10 * GB, ms: 120e3 }).wait(1e3);
    const before = sizingOf(story.view, story.now);
    expect(before.machines[0]).not.toHaveProperty('fixedMs');
    expect(verdictOf(before)).toContain(' of the line, ');
    expect(before.totalMs).toBeCloseTo((before.leftBytes / (100 * MB)) * 1000);
    for (const pass of [2, 3, 4]) story.pass('web1', pass, { literal: 1 * MB, ms: 45e3 }).wait(1e3);
    const later = sizingOf(story.view, story.now);
    const [web1] = later.machines;
    expect(web1?.fixedMs).toBeGreaterThan(40e3);
    expect(web1?.fixedMs).toBeLessThanOrEqual(45e3);
    expect(later.totalMs).toBeCloseTo((later.leftBytes / (100 * MB)) * 1000 + (web1?.fixedMs ?? 0));
    expect(verdictOf(later)).toMatch(/takes \d+s with what passes cost by themselves, /);
    // What files cost says nothing of blocks.
    story.tell({
      ...{ type: 'mover.chosen', machine: 'web1', mover: 'blocks', decided: 'engineer' },
      ...{ reasons: [], against: [] },
    });
    expect(sizingOf(story.view, story.now).machines[0]).not.toHaveProperty('fixedMs');
  });

  it('know a machine into which nobody logs in by its disks alone', () => {
    const story = storyOf({ machine: { mover: 'blocks' } }).tell(measured(10 * MB));
    story.observe('web1', { fileSystems: [] });
    const [web1] = sizingOf(story.view, story.now).machines;
    expect(web1).not.toHaveProperty('usedBytes');
    expect(web1?.movers.map(({ mover }) => mover)).toEqual(['blocks']);
    expect(web1?.leftBytes).toBe(9 * GB);
  });

  it('count databases by what their server or their lane says, and name those that nobody has seen', () => {
    const server = { address: 'sql1.example', user: 'sa', password: 'env:SQL' };
    const plan = planOf({
      databases: {
        Orders: { tier: 'critical', publisher: server, subscriber: server },
        Stock: { tier: 'critical', publisher: server, subscriber: server },
      },
    });
    const story = new Story(plan).begin();
    story.tell({
      type: 'server.surveyed',
      server: 'sql1.example:1433',
      databases: ['Orders'],
      survey: {
        ...{ name: 'SQL1', version: '16.0', edition: 'Standard', missingRights: [], gaps: [] },
        databases: [
          {
            name: 'Orders',
            state: 'ONLINE',
            recovery: 'FULL',
            compatibility: 160,
            dataBytes: 7 * GB,
            logBytes: 1,
            features: [],
          },
          {
            name: 'Other',
            state: 'ONLINE',
            recovery: 'FULL',
            compatibility: 160,
            dataBytes: 9 * GB,
            logBytes: 1,
            features: [],
          },
        ],
      },
    });
    const sizing = sizingOf(story.view, story.now);
    expect(sizing.databases).toMatchObject([{ name: 'Orders', bytes: 7 * GB, leftBytes: 7 * GB }]);
    expect(sizing.unknown).toEqual(['web1', 'Stock']);
    expect(sizing.totalBytes).toBe(7 * GB);
  });
});

describe('sizes, of any machine,', () => {
  const gigabytes = fc.integer({ min: 1, max: 2000 }).map(each => each * GB);
  const perSecond = fc.integer({ min: 1, max: 200 * MB });
  const rates = fc.integer({ min: 1 * MB, max: 1000 * MB });

  it('grow with its bytes', () => {
    fc.assert(
      fc.property(gigabytes, gigabytes, perSecond, rates, (used, more, written, rate) => {
        const [small, large] = [used, used + more].map(each => sizeOf({ used: each, written }, rate));
        if (small === undefined || large === undefined) throw new Error('two sizes');
        expect(large.totalBytes).toBeGreaterThan(small.totalBytes);
        expect(large.leftBytes).toBeGreaterThanOrEqual(small.leftBytes);
        expect(large.totalMs ?? 0).toBeGreaterThanOrEqual(small.totalMs ?? 0);
        if (large.fits === true) expect(small.fits).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('grow with what it writes, and converge the less', () => {
    fc.assert(
      fc.property(gigabytes, perSecond, perSecond, rates, (used, written, more, rate) => {
        const [calm, busy] = [written, written + more].map(each => sizeOf({ used, written: each }, rate));
        if (calm === undefined || busy === undefined) throw new Error('two sizes');
        for (const mover of ['files', 'blocks']) {
          const [one, other] = [moverOf(calm, mover), moverOf(busy, mover)];
          expect(other?.deltaMs ?? 0).toBeGreaterThanOrEqual((one?.deltaMs ?? 0) * (1 - 1e-9));
          if (other?.converges === true) expect(one?.converges).toBe(true);
        }
        expect(busy.leftBytes).toBeGreaterThanOrEqual(calm.leftBytes * (1 - 1e-9));
        if (busy.fits === true) expect(calm.fits).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('shrink with the line', () => {
    fc.assert(
      fc.property(gigabytes, perSecond, rates, rates, (used, written, rate, more) => {
        const [narrow, wide] = [rate, rate + more].map(each => sizeOf({ used, written }, each));
        expect(wide?.totalMs ?? 0).toBeLessThanOrEqual((narrow?.totalMs ?? 0) * (1 + 1e-9));
      }),
      { numRuns: 60 },
    );
  });

  it('are promised only where everything was seen', () => {
    const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    fc.assert(
      fc.property(gigabytes, maybe(perSecond), maybe(rates), (used, written, rate) => {
        const sizing = sizeOf({ used, ...(written === undefined ? {} : { written }) }, rate);
        if (written === undefined || rate === undefined) expect(sizing.fits).not.toBe(true);
        expect(sizing.fits === true).toBe(
          sizing.missing.length === 0 && (sizing.totalMs ?? Infinity) <= sizing.leftMs,
        );
      }),
      { numRuns: 100 },
    );
  });
});

it('a run that carried nothing measures nothing', () => {
  const story = storyOf({}).tell(measured(0, { forth: [run(1, 0), run(4, 0)] }));
  expect(sizingOf(story.view, story.now).link).toBeUndefined();
});
