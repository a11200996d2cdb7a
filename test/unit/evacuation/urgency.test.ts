import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepsOf } from '../../../src/evacuation/planner.ts';
import { byUrgency } from '../../../src/evacuation/urgency.ts';
import type { Step, View } from '../../../src/step/step.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';

const GB = 1e9;

interface Sketch {
  readonly tier: 'critical' | 'normal';
  /** Gigabytes that it holds. */
  readonly size: number;
  readonly passes: number;
}

/** An estate in which every machine is built and has made so many passes. */
function estate(sketches: readonly Sketch[], later = 0): View {
  const names = sketches.map((_, index) => `m${index}`);
  const machines = Object.fromEntries(
    sketches.map(({ tier }, index) => [`m${index}`, machinePlan({ tier, target: targetOf(index) })]),
  );
  const story = new Story(planOf({ machines, link: { limit: '100 MB/s', streams: 1 } })).begin();
  for (const [index, { size, passes }] of sketches.entries()) {
    const name = names[index] ?? '';
    story.observe(name, { fileSystems: [fileSystem(size)] }).build(name);
    for (let pass = 1; pass <= passes; pass += 1)
      story.pass(name, pass, {
        ms: (20 * MINUTE) / 2 ** pass,
        literal: (6 * GB) / 2 ** (pass - 1),
        judged: pass === 1 ? 'first' : 'converging',
      });
  }
  return story.wait(later).tell({ type: 'note.added', text: 'now' }).view;
}

const targetOf = (index: number) => ({
  ...{ hypervisor: 'dal-kvm1', image: 'golden', network: 'dal-servers' },
  address: `10.30.1.${index + 1}`,
});
const fileSystem = (size: number) => ({
  ...{ mountpoint: '/', device: '/dev/vda1', type: 'ext4', uuid: 'A', inodesUsed: 1000 },
  ...{ size: 2 * size * GB, used: size * GB },
});

const copies = (view: View): string[] =>
  stepsOf(view, ['sync']).flatMap(({ id }) => (/\/pass-\d+$/.test(id) ? [id] : []));
const passOf = (id: string): number => Number(/pass-(\d+)$/.exec(id)?.[1]);

const sketch = fc.record({
  tier: fc.constantFrom('critical' as const, 'normal' as const),
  size: fc.integer({ min: 1, max: 60_000 }),
  passes: fc.integer({ min: 0, max: 5 }),
});

describe('who goes first', () => {
  it('is every first pass before any third, whatever the estate', () => {
    fc.assert(
      fc.property(fc.array(sketch, { minLength: 2, maxLength: 8 }), sketches => {
        const order = copies(estate(sketches)).map(passOf);
        expect(order).toHaveLength(sketches.length);
        const third = order.findIndex(pass => pass >= 3);
        expect(third < 0 || order.slice(third).every(pass => pass >= 3)).toBe(true);
        const second = order.findIndex(pass => pass >= 2);
        expect(second < 0 || order.slice(second).every(pass => pass >= 2)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on the order in which the plan names them', () => {
    fc.assert(
      fc.property(
        fc.array(sketch, { minLength: 2, maxLength: 6 }).chain(sketches => {
          const view = estate(sketches);
          const steps = stepsOf(view, ['sync']);
          return fc.record({
            view: fc.constant(view),
            steps: fc.constant(steps),
            shuffled: fc.shuffledSubarray(steps, { minLength: steps.length }),
          });
        }),
        ({ view, steps, shuffled }) => {
          const ids = (list: readonly Step[]): string[] => list.toSorted(byUrgency(view)).map(({ id }) => id);
          expect(ids(shuffled)).toEqual(ids(steps));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is the tier that matters more, then who has least time to spare', () => {
    const view = estate([
      { tier: 'normal', size: 10_000, passes: 0 },
      { tier: 'critical', size: 10, passes: 0 },
      { tier: 'critical', size: 5000, passes: 0 },
    ]);
    expect(copies(view)).toEqual(['sync/m2/pass-1', 'sync/m1/pass-1', 'sync/m0/pass-1']);
  });

  it('is not who cannot make it any more, whatever its tier', () => {
    // 100 MB/s and two hours left: 0.72 TB.
    const view = estate(
      [
        { tier: 'critical', size: 2000, passes: 0 },
        { tier: 'normal', size: 100, passes: 0 },
      ],
      94 * HOUR,
    );
    expect(copies(view)).toEqual(['sync/m1/pass-1', 'sync/m0/pass-1']);
    const earlier = estate([
      { tier: 'critical', size: 2000, passes: 0 },
      { tier: 'normal', size: 100, passes: 0 },
    ]);
    expect(copies(earlier)).toEqual(['sync/m0/pass-1', 'sync/m1/pass-1']);
  });
});
