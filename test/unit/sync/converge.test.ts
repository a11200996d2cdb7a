import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PassState } from '../../../src/journal/state.ts';
import { judge } from '../../../src/sync/converge.ts';
import { dirtiedBy, fitDirtied, forecast, hindsight, series } from '../../../src/sync/forecast.ts';
import { createHotCollector, recurring } from '../../../src/sync/hot.ts';
import { effectiveRate, metricsOf, scanFloor } from '../../../src/sync/metrics.ts';

const MB = 1e6;
const SETTINGS = { small: 1000, atMost: 10 };

interface Sketch {
  readonly ms: number;
  readonly bytes: number;
  readonly listMs?: number;
  readonly total?: number;
  readonly checksum?: boolean;
  readonly troubles?: readonly string[];
  readonly hot?: readonly string[];
  readonly predictedMs?: number;
}

/** Passes one right after the other; the first is the full one. */
function passesOf(sketches: readonly Sketch[], total = 200 * MB): PassState[] {
  let startedAt = 1_000_000;
  return sketches.map((sketch, index): PassState => {
    const kind = index === 0 ? 'full' : 'delta';
    const began = startedAt;
    startedAt += sketch.ms;
    return {
      pass: index + 1,
      kind,
      mover: 'files',
      reason: 'test',
      checksum: sketch.checksum ?? false,
      startedAt: began,
      ...(sketch.predictedMs === undefined ? {} : { predictedMs: sketch.predictedMs }),
      ended: {
        consistency: 'smeared',
        startedAt: began,
        ms: sketch.ms,
        runs: [
          {
            mountpoint: '/',
            job: 'j',
            code: sketch.troubles === undefined ? 0 : 23,
            files: 200,
            filesTransferred: 1,
            filesDeleted: 0,
            totalBytes: sketch.total ?? total,
            transferredBytes: sketch.bytes,
            literalBytes: sketch.bytes,
            matchedBytes: 0,
            sentBytes: sketch.bytes,
            receivedBytes: 0,
            listSeconds: (sketch.listMs ?? 1) / 1000,
            ms: sketch.ms,
            vanished: 0,
            troubles: [...(sketch.troubles ?? [])],
          },
        ],
        hot: (sketch.hot ?? []).map(path => ({ path, bytes: 1000 })),
      },
    };
  });
}

/** The measured series (facts of the disk, E9): 200 MB at 20 MB/s; seconds. */
const E9 = [
  {
    units: 200,
    writes: 5,
    measured: [10.01, 2.34, 0.6, 0.15, 0.06, 0.04],
    predicted: [10, 2.22, 0.57, 0.15, 0.04, 0.01],
  },
  {
    units: 200,
    writes: 40,
    measured: [9.99, 8.24, 8.26, 8.13, 8.05, 7.96],
    predicted: [10, 8.65, 8.08, 8.09, 8.04, 8.01],
  },
  {
    units: 10,
    writes: 40,
    measured: [9.95, 0.48, 0.37, 0.39, 0.41, 0.48],
    predicted: [10, 0.5, 0.43, 0.39, 0.4, 0.41],
  },
] as const;

const measuredPasses = (measured: readonly number[]): PassState[] =>
  passesOf(measured.map(seconds => ({ ms: seconds * 1000, bytes: seconds * 20 * MB })));

describe('the model of passes', () => {
  it.each(E9)(
    'meets the measured series of $writes writes/s over $units files',
    ({ units, writes, measured, predicted }) => {
      const model = series({
        firstMs: 10_000,
        floorMs: 0,
        rate: 20 * MB,
        dirtied: dirtiedBy(units, writes, MB),
        passes: measured.length,
      }).map(ms => ms / 1000);
      for (const [index, seconds] of model.entries()) {
        // The prediction of the facts is this very formula; the measured one had a floor of some hundredths.
        expect(Math.abs(seconds - (predicted[index] ?? 0))).toBeLessThan(0.08 * seconds + 0.03);
        expect(Math.abs(seconds - (measured[index] ?? 0))).toBeLessThan(0.15 * seconds + 0.08);
      }
    },
  );

  it.each(E9)(
    'foretells the next of the measured passes of $writes writes/s over $units files',
    ({ measured }) => {
      for (let known = 3; known < measured.length; known += 1) {
        const next = forecast(measuredPasses(measured.slice(0, known)), SETTINGS)?.nextMs ?? Number.NaN;
        const actual = (measured[known] ?? 0) * 1000;
        expect(Math.abs(next - actual)).toBeLessThan(0.35 * actual + 150);
      }
    },
  );

  it('fits a curve that never falls and never passes the hot set', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ ms: fc.integer({ min: 1, max: 1e7 }), bytes: fc.integer({ min: 0, max: 1e9 }) }),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
        fc.integer({ min: 1, max: 1e10 }),
        (points, size) => {
          const curve = fitDirtied(points, size);
          if (curve === undefined) throw new Error('no curve');
          const ceiling = Math.max(size, ...points.map(point => point.bytes)) * 1.03 + 2;
          let before = 0;
          for (const ms of [0, 1, 1e3, 1e5, 1e7, 1e9]) {
            const bytes = curve(ms);
            expect(bytes).toBeGreaterThanOrEqual(before);
            expect(bytes).toBeLessThanOrEqual(ceiling);
            before = bytes;
          }
        },
      ),
    );
  });

  it('has no basis before the first delta pass', () => {
    expect(forecast([], SETTINGS)).toBeUndefined();
    expect(forecast(passesOf([{ ms: 10_000, bytes: 200 * MB }]), SETTINGS)).toBeUndefined();
  });

  it('counts the passes that are left', () => {
    const [shrinking, saturated] = E9;
    const ending = forecast(measuredPasses(shrinking.measured.slice(0, 3)), { small: 2 * MB, atMost: 10 });
    expect(ending?.passesLeft).toBeGreaterThan(0);
    expect(ending?.passesLeft).toBeLessThan(4);
    expect(ending?.etaMs).toBeLessThan(1000);
    const endless = forecast(measuredPasses(saturated.measured.slice(0, 4)), { small: 2 * MB, atMost: 10 });
    expect(endless).not.toHaveProperty('etaMs');
  });

  it('holds the forecasts against the outcomes', () => {
    const passes = passesOf([
      { ms: 1000, bytes: 1 },
      { ms: 500, bytes: 1, predictedMs: 600 },
    ]);
    expect(hindsight(passes)).toEqual([{ pass: 2, predictedMs: 600, ms: 500, literalBytes: 1 }]);
  });
});

describe('the scan floor', () => {
  it('is the time of a pass that sends nothing', () => {
    const all = metricsOf(
      passesOf([
        { ms: 10_000, bytes: 200 * MB },
        { ms: 900, bytes: 1000 },
      ]),
    );
    expect(effectiveRate(all)).toBeCloseTo(20 * MB, -4);
    expect(scanFloor(all)).toBeCloseTo(900, 0);
  });

  it('is the file list as long as every pass was mostly transfer', () => {
    const all = metricsOf(
      passesOf([
        { ms: 10_000, bytes: 200 * MB, listMs: 70 },
        { ms: 8000, bytes: 160 * MB },
      ]),
    );
    expect(scanFloor(all)).toBe(70);
  });
});

describe('the verdict', () => {
  const first = { ms: 10_000, bytes: 200 * MB };
  const verdict = (...sketches: Sketch[]) => judge(passesOf([first, ...sketches]), SETTINGS).verdict;

  it('on the first copy is no verdict', () => {
    expect(judge(passesOf([{ ms: 10, bytes: 1 }]), SETTINGS).verdict).toBe('first');
    expect(judge([], SETTINGS).verdict).toBe('first');
  });

  it('is converged when little was sent', () => {
    expect(verdict({ ms: 5000, bytes: 1000 })).toBe('converged');
  });

  it('is converged when the pass is as short as a pass gets', () => {
    expect(verdict({ ms: 3000, bytes: 20 * MB }, { ms: 1000, bytes: 2 * MB })).toBe('converged');
    expect(verdict({ ms: 3000, bytes: 40 * MB })).toBe('converging');
  });

  it('is "not converging" when three passes send about the same, and names the hot paths', () => {
    const hot = ['/var/db'];
    const judged = judge(
      passesOf([
        first,
        { ms: 8000, bytes: 160 * MB, total: 1e9, hot },
        { ms: 7500, bytes: 150 * MB, hot: ['/x', ...hot] },
        { ms: 7000, bytes: 140 * MB, hot },
      ]),
      SETTINGS,
    );
    expect(judged.verdict).toBe('not-converging');
    expect(judged.help[0]).toContain('/var/db');
    expect(judged.help.join(' ')).not.toContain('/x');
  });

  it('does not count the first copy for the plateau', () => {
    expect(verdict({ ms: 9000, bytes: 180 * MB }, { ms: 8000, bytes: 170 * MB })).toBe('converging');
  });

  it('is exhausted when the plan allows no more, or three times the machine was sent', () => {
    const falling = [8, 6, 4, 3, 2, 1.5, 1, 0.7, 0.5].map(seconds => ({
      ms: seconds * 1000,
      bytes: seconds * 20 * MB,
      total: 1e10,
    }));
    expect(verdict(...falling)).toBe('exhausted');
    expect(verdict({ ms: 8000, bytes: 200 * MB, total: 1e7 }, { ms: 8000, bytes: 300 * MB })).toBe(
      'exhausted',
    );
  });

  it('is never converged while paths were not copied, and stops when the same ones fail twice', () => {
    const trouble = { ms: 1000, bytes: 0, troubles: ['rsync: "/x": Permission denied (13)'] };
    expect(verdict(trouble)).toBe('converging');
    expect(verdict(trouble, trouble)).toBe('not-converging');
    expect(verdict(trouble, { ...trouble, troubles: ['rsync: "/y": Permission denied (13)'] })).toBe(
      'converging',
    );
  });

  it('names a path that still cannot be copied after the round that named it, instead of what is hot', () => {
    const stuck = { ms: 1000, bytes: 0, troubles: ['rsync: "/x": Permission denied (13)'] };
    const passes = passesOf([{ ms: 60_000, bytes: MB }, stuck, stuck, stuck]).map(
      (pass, index): PassState =>
        index === 2
          ? { ...pass, judged: { verdict: 'not-converging', why: 'the same path', help: [] } }
          : pass,
    );
    expect(judge(passes, SETTINGS)).toMatchObject({
      verdict: 'not-converging',
      help: ['look at: rsync: "/x": Permission denied (13)'],
    });
  });

  it('judges a pass over contents by its bytes alone', () => {
    const floor = { ms: 1000, bytes: 2 * MB };
    expect(verdict(floor, { ms: 60_000, bytes: 500, checksum: true })).toBe('converged');
    expect(verdict({ ms: 3000, bytes: 40 * MB }, { ms: 60_000, bytes: 20 * MB, checksum: true })).toBe(
      'converging',
    );
  });

  it('always ends: no sequence goes on past the last allowed pass', () => {
    const sketch = fc.record({
      ms: fc.integer({ min: 1, max: 1e6 }),
      bytes: fc.integer({ min: 0, max: 1e9 }),
      listMs: fc.integer({ min: 0, max: 1e4 }),
    });
    fc.assert(
      fc.property(fc.array(sketch, { minLength: 1, maxLength: 12 }), sketches => {
        const judged = judge(passesOf(sketches, 1e9), SETTINGS);
        expect(judged.why.length).toBeGreaterThan(0);
        if (sketches.length === 1) expect(judged.verdict).toBe('first');
        if (sketches.length >= SETTINGS.atMost) expect(judged.verdict).not.toBe('converging');
        if (judged.verdict === 'not-converging' || judged.verdict === 'exhausted')
          expect(judged.help.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('hot paths', () => {
  const item = (name: string, bytes: number) => ({
    change: '<f.st......',
    isDeletion: false,
    isDirectory: false,
    size: bytes,
    bytes,
    name: Buffer.from(name),
  });

  it('are the most expensive ones, in bounded memory', () => {
    const collector = createHotCollector();
    collector.add('/srv', item('big', 1e9));
    for (let index = 0; index < 20_000; index += 1)
      collector.add('/', item(`small-${index}`, 10 + (index % 7)));
    const top = collector.top();
    expect(top).toHaveLength(20);
    expect(top[0]).toEqual({ path: '/srv/big', bytes: 1e9 });
  });

  it('recur only where all of the last passes have them', () => {
    const passes = (...hot: string[][]) =>
      metricsOf(passesOf(hot.map(paths => ({ ms: 1, bytes: 1, hot: paths }))));
    expect(recurring(passes([], ['/a', '/b'], ['/b', '/c'])).map(({ path }) => path)).toEqual(['/b']);
    expect(recurring(passes([], ['/a']))).toEqual([]);
  });
});
