import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Action,
  type Actions,
  after,
  type Change,
  COLUMNS,
  definitions,
  EMPTY,
  type State,
  type TableName,
  textOf,
} from './model.ts';
import { World } from './world.ts';

const NAMES: readonly TableName[] = ['a', 'b', 'c'];
const cell = fc.option(fc.integer({ min: 0, max: 5 }), { freq: 4 });
const table = fc.constantFrom<TableName>('a', 'a', 'b', 'b', 'c');
const action = fc.constantFrom<Action>('NO ACTION', 'CASCADE', 'CASCADE', 'SET NULL', 'SET DEFAULT');
const pair = fc.record({ onDelete: action, onUpdate: action });
const actions: fc.Arbitrary<Actions> = fc.record({ ab: pair, bc: pair });
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: insert() },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      table,
      upTo: fc.integer({ min: 0, max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      table,
      column: fc.integer({ min: 0, max: 2 }),
      to: fc.oneof(cell, fc.constantFrom('plus' as const, 'mirror' as const, 'mirror' as const)),
      from: fc.integer({ min: 0, max: 5 }),
    }),
  },
);

function insert(): fc.Arbitrary<Change> {
  return fc.record({
    kind: fc.constant('insert' as const),
    table,
    rows: fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), cell, cell), { minLength: 1, maxLength: 2 }),
  });
}

const shown = (state: State): readonly string[] =>
  NAMES.flatMap(name =>
    state[name].map(row => `${name} ${COLUMNS[name].map(column => row[column] ?? '∅').join(' ')}`).toSorted(),
  );

it('keeps what a naive model keeps, and refuses what it refuses', async () => {
  const world = new World();
  let accepted = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(actions, fc.array(change, { minLength: 8, maxLength: 25 }), async (chosen, changes) => {
      await world.done('DROP TABLE IF EXISTS c, b, a');
      await world.done(definitions(chosen));
      let state = EMPTY;
      for (const each of changes) {
        const expected = after(state, each, chosen);
        const faults = await world.faults(textOf(each));
        expect([textOf(each), faults.length === 0]).toEqual([textOf(each), expected !== undefined]);
        if (expected) accepted += 1;
        else {
          refused += 1;
          expect([515, 547, 2627]).toContain(faults[0]);
        }
        state = expected ?? state;
      }
      const rows: string[] = [];
      for (const name of NAMES) {
        const own = await world.rows(`SELECT ${COLUMNS[name].join(', ')} FROM ${name}`);
        rows.push(...own.map(row => `${name} ${row}`).toSorted());
      }
      expect(rows).toEqual(shown(state));
    }),
    { numRuns: 40 },
  );
  expect(accepted).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});
