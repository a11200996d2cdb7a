import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInCutover, peopleOwe } from '../../../src/cutover/index.ts';
import { anyPlan } from '../checklist/plans.ts';
import { type Order, Simulated } from './simulated.ts';

const NAME = 'miami-to-dallas';
const BEHIND = new Set(['open', 'switch', 'commit', 'after']);

/** An order of any kind about the n-th item, or a step that ends or fails. */
type Move =
  | { readonly kind: 'order'; readonly act: Order['act']; readonly item: number; readonly typed: boolean }
  | { readonly kind: 'step'; readonly nth: number; readonly how: 'ends' | 'fails-early' | 'fails-late' }
  | { readonly kind: 'forward' };

const acts = ['go', 'hold', 'run', 'tick', 'skip', 'reopen', 'no-return', 'abort'] as const;
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      act: fc.constantFrom(...acts),
      item: fc.nat(40),
      typed: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('step' as const),
      nth: fc.nat(5),
      how: fc.constantFrom('ends' as const, 'ends' as const, 'fails-early' as const, 'fails-late' as const),
    }),
  },
  { weight: 8, arbitrary: fc.constant({ kind: 'forward' as const }) },
);

function make(cutover: Simulated, each: Move): void {
  const { items } = cutover.list;
  if (each.kind === 'step') {
    const { steps } = cutover;
    const step = steps[each.nth % Math.max(1, steps.length)];
    if (step !== undefined) cutover.perform(step, each.how);
    return;
  }
  if (each.kind === 'forward') {
    // Whatever is due: so that walks come as far as the line, and beyond.
    const [step] = cutover.steps;
    if (step !== undefined) {
      cutover.perform(step, 'ends');
      return;
    }
    const next = items.find(({ status }) => status === 'open' || status === 'failed');
    if (next === undefined) return;
    const { id, deed } = next;
    if (id === 'no-return') cutover.order({ act: 'no-return', confirm: NAME });
    else if (deed === undefined) cutover.order({ act: 'tick', item: id });
    else cutover.order({ act: 'run', item: id, confirm: NAME });
    return;
  }
  const item = items[each.item % items.length];
  // Half of them where nobody is allowed to: the desk has to refuse.
  cutover.order({
    act: each.act,
    ...(item === undefined ? {} : { item: item.id }),
    ...(each.typed ? { confirm: NAME, reason: 'so it is' } : {}),
  });
}

function hold(cutover: Simulated): void {
  const { list, state } = cutover;
  const done = list.items.filter(({ record }) => record?.outcome === 'done');
  if (state.cutover?.noReturn === undefined)
    expect(done.filter(({ section }) => BEHIND.has(section)).map(({ id }) => id)).toEqual([]);
  if (state.cutover?.dark === false)
    expect(Object.keys(cutover.plan.machines).filter(name => cutover.runsTwice(name))).toEqual([]);
  // Nothing lies behind us before all that it needs does.
  const behind = new Set(
    list.items.filter(({ status }) => status === 'done' || status === 'skipped').map(({ id }) => id),
  );
  if (state.cutover?.aborted === undefined)
    expect(
      list.items.filter(({ id, needs }) => behind.has(id) && !needs.every(need => behind.has(need))),
    ).toEqual([]);
}

describe('any way through a cutover', () => {
  it('crosses no line unasked, starts no copy beside its source, and an abort leaves nothing behind', () => {
    fc.assert(
      fc.property(anyPlan, fc.boolean(), fc.array(move, { maxLength: 60 }), (plan, dark, moves) => {
        const cutover = new Simulated(plan);
        cutover.order({ act: 'begin', confirm: NAME, reason: 'the storm is near', dark });
        for (const each of moves) {
          make(cutover, each);
          hold(cutover);
        }
        if (cutover.state.cutover?.noReturn !== undefined || cutover.state.cutover?.ended !== undefined)
          return;
        cutover.order({ act: 'abort', reason: 'the storm turned' });
        // Steps of the abort that failed before are tried again.
        cutover.settle(step => {
          hold(cutover);
          return step.id.length % 3 === 0 ? 'fails-late' : 'ends';
        });
        cutover.order({ act: 'abort', reason: 'once more' });
        cutover.settle();
        for (const { id } of peopleOwe(cutover.list.items)) cutover.order({ act: 'tick', item: id });
        cutover.settle();
        const { cutover: ended, databases } = cutover.state;
        expect(ended?.ended?.outcome).toBe('rolled-back');
        expect(Object.values(ended?.machines ?? {}).flatMap(parts => Object.keys(parts))).toEqual([]);
        expect(Object.values(databases).filter(({ handover }) => handover !== undefined)).toEqual([]);
        expect(Object.values(cutover.state.steps).filter(({ status }) => status === 'failed')).toEqual([]);
        expect(Object.keys(plan.machines).filter(name => isInCutover(cutover.view, name))).toEqual([]);
        const undoable = cutover.list.items.filter(
          ({ rollback, deed }) => rollback.length > 0 && deed !== undefined,
        );
        expect(undoable.filter(({ status }) => status === 'done').map(({ id }) => id)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
