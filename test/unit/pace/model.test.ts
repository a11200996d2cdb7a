import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dirtiedBy } from '../../../src/pace/dirtied.ts';
import { forecast } from '../../../src/pace/forecast.ts';
import { judge } from '../../../src/pace/judge.ts';
import { effectiveRate, metricsOf } from '../../../src/pace/metrics.ts';
import { modelOf } from '../../../src/pace/model.ts';
import { roundOf } from '../../../src/pace/rounds.ts';
import { MB, passesOf, type Sketch } from './passes.ts';

const SETTINGS = { small: 1000, atMost: 10 };

/** A machine of 200 MB behind a link of 20 MB/s, as in the measured series of the facts (E9), with a floor of its own. */
interface World {
  readonly units: number;
  readonly writes: number;
  readonly floorMs: number;
  /** Each pass takes up to this share more or less than the model says. */
  readonly noise: number;
}

function simulate({ units, writes, floorMs, noise }: World, count: number, random: () => number): Sketch[] {
  const dirtied = dirtiedBy(units, writes, MB);
  const rough = (ms: number): number => ms * (1 + noise * (2 * random() - 1));
  const sketches: Sketch[] = [{ ms: rough(floorMs + 10_000), bytes: 200 * MB }];
  while (sketches.length < count) {
    const bytes = dirtied(sketches.at(-1)?.ms ?? 0);
    sketches.push({ ms: rough(floorMs + bytes / ((20 * MB) / 1000)), bytes, listMs: floorMs / 3 });
  }
  return sketches;
}

/** Half of the numbers on either side of the middle, always in the same order. */
function dice(): () => number {
  let at = 0;
  return () => {
    at = (at * 9301 + 49_297) % 233_280;
    return at / 233_280;
  };
}

const errorsOf = (sketches: readonly Sketch[], from: number): number[] => {
  const passes = passesOf(sketches);
  return sketches.flatMap(({ ms }, index) => {
    if (index + 1 < from) return [];
    const next = forecast(passes.slice(0, index), SETTINGS)?.nextMs ?? Number.NaN;
    return [Math.abs(next - ms) / ms];
  });
};

describe('forecasts of passes from the third on', () => {
  it.each([
    ['converging', { units: 200, writes: 5, floorMs: 400, noise: 0.04 }, 3],
    ['converging, with a long floor', { units: 200, writes: 5, floorMs: 4000, noise: 0.04 }, 3],
    ['saturating', { units: 200, writes: 40, floorMs: 400, noise: 0.04 }, 3],
    // One delta pass cannot tell ten hot files from a slow spread over all of them: the second one does.
    ['ten hot files', { units: 10, writes: 40, floorMs: 400, noise: 0.04 }, 4],
  ] as const)('are off by less than a fifth: %s', (_name, world, from) => {
    const errors = errorsOf(simulate(world, 8, dice()), from);
    expect(errors).toHaveLength(8 - from + 1);
    for (const error of errors) expect(error).toBeLessThan(0.2);
  });

  it('of a hot set that only one pass has shown lie between the forecast and its upper end', () => {
    const sketches = simulate({ units: 10, writes: 40, floorMs: 400, noise: 0 }, 3, dice());
    const next = forecast(passesOf(sketches.slice(0, 2)), SETTINGS);
    expect(next?.nextMs).toBeLessThanOrEqual(sketches[2]?.ms ?? Number.NaN);
    expect(next?.nextMostMs).toBeGreaterThanOrEqual(sketches[2]?.ms ?? Number.NaN);
  });

  it('take what the hypervisor has counted for what it is', () => {
    const passes = passesOf(
      [
        { ms: 10_000, bytes: 200 * MB },
        { ms: 3000, bytes: 20 * MB },
      ],
      { mover: 'blocks' },
    );
    const next = forecast(passes, SETTINGS, { gapMs: 3600e3, dirtyBytes: 40 * MB });
    expect(next?.nextLiteralBytes).toBe(40 * MB);
    expect(next?.nextMs).toBeGreaterThanOrEqual(2000);
    expect(next?.nextMostMs).toBe(next?.nextMs);
  });

  const sketch = fc.record({
    ms: fc.integer({ min: 1, max: 1e7 }),
    bytes: fc.integer({ min: 0, max: 1e9 }),
    listMs: fc.integer({ min: 0, max: 1e4 }),
    checksum: fc.boolean(),
  });

  it('are bounded by the machine, and never fall with the time that passes', () => {
    fc.assert(
      fc.property(
        fc.array(sketch, { minLength: 2, maxLength: 12 }),
        fc.integer({ min: 1, max: 1e9 }),
        (sketches, total) => {
          const passes = passesOf(sketches, { total });
          const most = Math.max(total, ...sketches.map(each => each.bytes)) * 1.03 + 2;
          let before = { bytes: 0, ms: 0 };
          for (const gapMs of [0, 1, 1e4, 1e6, 1e8, 1e11]) {
            const next = forecast(passes, SETTINGS, { gapMs });
            if (next === undefined) return;
            expect(Number.isFinite(next.nextMs)).toBe(true);
            expect(next.nextLiteralBytes).toBeGreaterThanOrEqual(before.bytes);
            expect(next.nextMs).toBeGreaterThanOrEqual(before.ms);
            expect(next.nextMostMs).toBeGreaterThanOrEqual(next.nextMs);
            expect(next.nextLiteralBytes).toBeLessThanOrEqual(most);
            before = { bytes: next.nextLiteralBytes, ms: next.nextMs };
          }
        },
      ),
    );
  });
});

describe('the rate of the link', () => {
  it('is that of the newest passes, not of one that was larger long ago', () => {
    const slow = Array.from({ length: 6 }, () => [
      { ms: 10_000, bytes: 20 * MB },
      { ms: 1000, bytes: MB / 10 },
    ]).flat();
    const rate = effectiveRate(metricsOf(passesOf([{ ms: 10_000, bytes: 200 * MB }, ...slow]))) ?? 0;
    expect(rate).toBeGreaterThan(1.9 * MB);
    expect(rate).toBeLessThan(2.4 * MB);
  });
});

describe('a switch of movers', () => {
  const files = passesOf([
    { ms: 100_000, bytes: 200 * MB },
    { ms: 60_000, bytes: 10 * MB, listMs: 50_000 },
    { ms: 59_000, bytes: 9 * MB, listMs: 50_000 },
  ]);
  const full = passesOf([{ ms: 100_000, bytes: 200 * MB }], { mover: 'blocks', from: 4 });
  const delta = passesOf([{ ms: 5000, bytes: 4 * MB }], { mover: 'blocks', from: 5, kind: 'delta' });

  it('begins with what is known of the writers and a floor of its own', () => {
    const prior = modelOf(metricsOf([...files, ...full]));
    expect(prior?.floorMs).toBe(2000);
    expect(prior?.dirtied(100_000)).toBeGreaterThan(5 * MB);
  });

  it('does not mix passes of one into the fit of the other', () => {
    const model = modelOf(metricsOf([...files, ...full, ...delta]));
    expect(model?.floorMs).toBeLessThan(6000);
    expect(model?.dirtied(100_000)).toBeLessThan(5 * MB);
    expect(judge([...files, ...full], SETTINGS).verdict).toBe('first');
  });
});

describe('rounds', () => {
  const judged = (sketches: readonly Sketch[], verdicts: readonly string[]) =>
    passesOf(sketches).map((pass, index) => {
      const verdict = verdicts[index];
      return verdict === undefined
        ? pass
        : { ...pass, judged: { verdict: verdict as 'converged', why: '', help: [] } };
    });
  const first: Sketch[] = [
    { ms: 10_000, bytes: 200 * MB },
    { ms: 8050, bytes: MB, listMs: 8000 },
  ];

  it('begin anew behind a judgement that ended one', () => {
    const passes = judged([...first, { ms: 12_000, bytes: 30 * MB }], ['first', 'converged']);
    expect(roundOf(passes).map(({ pass }) => pass)).toEqual([3]);
    expect(roundOf(passes.slice(0, 2)).map(({ pass }) => pass)).toEqual([1, 2]);
  });

  it('let a machine that is kept fresh go on for ever, one pass at a time', () => {
    let passes = judged(first, ['first', 'converged']);
    for (let pass = 3; pass < 60; pass += 1) {
      const gap = { gapMs: 600_000 };
      passes = [
        ...passes,
        ...passesOf([{ ms: 11_000, bytes: 60 * MB, listMs: 8000 }], {
          from: pass,
          kind: 'delta',
          ...gap,
          after: passes.at(-1),
        }),
      ];
      const { verdict, why, help } = judge(passes, SETTINGS);
      expect(verdict, why).toBe('converged');
      passes = passes.map((each, index) =>
        index === passes.length - 1 ? { ...each, judged: { verdict, why, help: [...help] } } : each,
      );
    }
  });

  it('that were given up are given up again at once where nothing became better', () => {
    const hopeless = judged(
      [first[0] ?? { ms: 1, bytes: 1 }, { ms: 80_000, bytes: 160 * MB }, { ms: 80_000, bytes: 158 * MB }],
      ['first', 'converging', 'not-converging'],
    );
    const next = (bytes: number) =>
      judge([...hopeless, ...passesOf([{ ms: 80_000, bytes }], { from: 4, kind: 'delta' })], SETTINGS)
        .verdict;
    expect(next(155 * MB)).toBe('not-converging');
    expect(next(60 * MB)).toBe('converging');
  });

  it('end before a pass that would be cut off by the loss of the site', () => {
    const passes = passesOf([
      { ms: 100_000, bytes: 200 * MB },
      { ms: 50_000, bytes: 100 * MB },
    ]);
    const end = (passes[1]?.startedAt ?? 0) + 50_000;
    expect(judge(passes, { ...SETTINGS, deadline: end + 10_000 }).verdict).toBe('exhausted');
    expect(judge(passes, { ...SETTINGS, deadline: end + 100_000 }).verdict).toBe('converging');
    expect(judge(passes, { ...SETTINGS, deadline: end - 1 }).verdict).toBe('converging');
  });
});

describe('what would help', () => {
  it('is told with its numbers', () => {
    const hot = [{ path: '/var/spool/mail', bytes: 120 * MB }];
    const judgement = judge(
      passesOf(
        [
          { ms: 100_000, bytes: 200 * MB },
          { ms: 80_000, bytes: 160 * MB, hot },
          { ms: 79_000, bytes: 158 * MB, hot },
          { ms: 78_000, bytes: 150 * MB, hot },
        ],
        { total: 4000 * MB },
      ),
      SETTINGS,
    );
    expect(judgement.verdict).toBe('not-converging');
    const help = judgement.help.join('\n');
    expect(help).toContain('/var/spool/mail (120 MB in the last pass, 80% of it)');
    expect(help).toContain('a pass then sends 30.0 MB instead of 150 MB (-80%)');
    expect(help).toContain('blocks mover');
    expect(help).toMatch(/at cutover, stop the writers before the last pass: it then takes about \d/);
  });
});
