import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DatabaseState,
  EMPTY_STATE,
  type MachineState,
  type State,
} from '../../../src/journal/state.ts';
import { blocks } from '../../../src/readiness/gate.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { REQUIRED_CHECKS, verdictOf } from '../../../src/readiness/verdict.ts';
import { inSync, ORDERS } from '../../support/databases.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';

/** Two machines of which one waits for the other, and a database: all ready. */
const PLAN = planOf({
  machines: { web1: machinePlan({ after: ['app1', 'Orders'] }), app1: machinePlan() },
  databases: { Orders: ORDERS },
});
const READY = inSync(new Story(PLAN).begin().ready('app1').ready('web1'));

/** A part of a ready state, whether ready rests on it, and the state without it. */
interface Part {
  readonly name: string;
  readonly required: boolean;
  readonly without: (state: State) => State;
}

const part = (name: string, required: boolean, remove: (state: State) => State): Part => ({
  name,
  required,
  without: remove,
});

type Less<T> = (known: T) => T;

const ofMachine = (machine: string, key: string, required: boolean, less: Less<MachineState>): Part =>
  part(`${machine}.${key}`, required, state => {
    const known = state.machines[machine];
    return known === undefined
      ? state
      : { ...state, machines: { ...state.machines, [machine]: less(known) } };
  });

const ofDatabase = (key: string, required: boolean, less: Less<DatabaseState>): Part =>
  part(`Orders.${key}`, required, state => {
    const known = state.databases['Orders'];
    return known === undefined ? state : { ...state, databases: { ...state.databases, Orders: less(known) } };
  });

type Around = NonNullable<State['surroundings']>;

const ofSurroundings = (key: string, required: boolean, less: Less<Around>): Part =>
  part(key, required, state =>
    state.surroundings === undefined ? state : { ...state, surroundings: less(state.surroundings) },
  );

const PARTS: readonly Part[] = [
  ...['web1', 'app1'].flatMap(name => [
    ofMachine(name, 'observed', true, ({ observed: _gone, ...rest }) => rest),
    ofMachine(name, 'replica', true, ({ replica: _gone, ...rest }) => rest),
    ofMachine(name, 'receiver', true, ({ receiver: _gone, ...rest }) => rest),
    ofMachine(name, 'standby', true, ({ standby: _gone, ...rest }) => rest),
    ofMachine(name, 'passes', true, known => ({ ...known, passes: [] })),
    ofMachine(name, 'verified', true, ({ verified: _gone, ...rest }) => rest),
    ofMachine(name, 'proofs', true, ({ proofs: _gone, ...rest }) => rest),
    // The key of the data path is made anew when it is needed.
    ofMachine(name, 'path', false, ({ path: _gone, ...rest }) => rest),
  ]),
  ofDatabase('assessed', true, ({ assessed: _gone, ...rest }) => rest),
  ofDatabase('released', true, ({ released: _gone, ...rest }) => rest),
  ofDatabase('observed', true, ({ observed: _gone, ...rest }) => rest),
  ofDatabase('validated', true, ({ validated: _gone, ...rest }) => rest),
  // What is known to be captured follows from what is known to be released; besides warns.
  ofDatabase('captured', false, ({ captured: _gone, ...rest }) => rest),
  ofDatabase('besides', false, ({ besides: _gone, ...rest }) => rest),
  part('machine web1', true, state => {
    const { web1: _gone, ...machines } = state.machines;
    return { ...state, machines };
  }),
  part('database', true, state => ({ ...state, databases: {} })),
  part('hypervisors', true, state => ({ ...state, hypervisors: {} })),
  part('surroundings', true, ({ surroundings: _gone, ...rest }) => rest),
  ofSurroundings('credentials', true, known => ({ ...known, credentials: [] })),
  ofSurroundings('clocks', false, known => ({ ...known, clocks: [] })),
  ofSurroundings('records', false, known => ({ ...known, records: [] })),
  part('mirrors', false, state => {
    if (state.evacuation === undefined) return state;
    const { mirrors: _gone, ...evacuation } = state.evacuation;
    return { ...state, evacuation };
  }),
  part('evacuation', true, state => ({ ...state, evacuation: undefined })),
  part('journal', true, state => ({ ...state, lastSeq: 0, lastAt: 0 })),
  part('steps', false, state => ({ ...state, steps: {} })),
];

const overall = (state: State): string => verdictOf(gatesOf({ plan: PLAN, state }, READY.now)).overall;

describe('missing evidence', () => {
  it('the state from which it is taken is ready', () => {
    expect(overall(READY.state)).toBe('ready');
  });

  it.each(PARTS.map(each => [each.name, each] as const))('%s alone', (_name, each) => {
    expect(overall(each.without(READY.state)) === 'ready').toBe(!each.required);
  });

  it('no combination of it yields ready', () => {
    fc.assert(
      fc.property(fc.subarray([...PARTS], { minLength: 1 }), removed => {
        const state = removed.reduce((left, each) => each.without(left), READY.state);
        const isRequired = removed.some(({ required }) => required);
        if (isRequired) expect(overall(state)).not.toBe('ready');
        else expect(overall(state)).toBe('ready');
      }),
      { numRuns: 300 },
    );
  });

  it('every gate that blocks where nothing is known is required: leaving it out is no way to ready', () => {
    const gates = gatesOf({ plan: PLAN, state: EMPTY_STATE }, READY.now);
    const blocking = gates
      .filter(blocks)
      .filter(({ scope, check }) => !REQUIRED_CHECKS[scope].includes(check));
    // Without a lane nothing is captured, and that is required.
    expect([...new Set(blocking.map(({ check }) => check))]).toEqual(['lane']);
  });
});
