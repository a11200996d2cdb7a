import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Event, EventBody } from '../../../src/journal/events.ts';
import { apply, Folding, fold } from '../../../src/journal/fold.ts';
import { PASSES_KEPT } from '../../../src/journal/fold-machine.ts';
import { ENGINEERS_KEPT } from '../../../src/journal/fold-orders.ts';
import { EMPTY_STATE, type State } from '../../../src/journal/state.ts';
import { arbitraryJournal } from '../../support/events.ts';
import { bodies } from './bodies.ts';

/** Events a second apart, from second 1 on. */
const journal = (...list: EventBody[]): Event[] =>
  list.map((body, index) => ({ v: 1, seq: index + 1, at: (index + 1) * 1000, by: 'test', ...body }));

const stateAfter = (...list: EventBody[]): State => fold(journal(...list));

const { created, started, error, stepStarted, stepDone, stepFailed, passStarted, passEnded } = bodies;

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

describe('another mover for a machine whose pass has failed', () => {
  const chosen = (mover: 'files' | 'blocks'): EventBody => ({
    type: 'mover.chosen',
    machine: 'web1',
    mover,
    decided: 'engineer',
    reasons: [],
    against: [],
  });
  const failed = (step: string, phase: 'sync' | 'build'): EventBody[] => [
    { type: 'step.started', step, phase, attempt: 1 },
    { type: 'step.failed', step, phase, attempts: 1, error },
  ];

  test("the failure of the one before stands in nobody's way, nor does a step that bears the name of the next", () => {
    const state = stateAfter(chosen('blocks'), ...failed('sync/web1/pass-2', 'sync'), chosen('files'));
    expect(state.steps['sync/web1/pass-2']?.status).toBe('cancelled');
    expect(state.machines['web1']).not.toHaveProperty('failure');
  });

  test('what was built, and what other machines have, stays failed', () => {
    const state = stateAfter(
      chosen('blocks'),
      ...failed('build/web1/replica', 'build'),
      ...failed('sync/web1/pass-1', 'sync'),
      ...failed('sync/web10/pass-1', 'sync'),
      chosen('files'),
    );
    expect(state.machines['web1']?.failure?.step).toBe('build/web1/replica');
    expect(state.steps['sync/web10/pass-1']?.status).toBe('failed');
  });

  test('what the new one had once is asked again: the receiver may have lost its replica meanwhile', () => {
    const done = (step: string): EventBody => ({
      type: 'step.done',
      step,
      phase: 'build',
      ms: 1,
      already: false,
    });
    const steps = ['build/web1/attach', 'build/web1/prepare', 'sync/web1/key', 'sync/web1/path'];
    const others = ['build/web1/replica', 'sync/web1/pass-1', 'sync/web1/blocks-path', 'build/web10/attach'];
    const before = [chosen('blocks'), ...[...steps, ...others].map(done)];
    const statusOf = (state: State) => (id: string) => state.steps[id]?.status;
    const state = stateAfter(...before, chosen('files'));
    expect(steps.map(statusOf(state))).toEqual(steps.map(() => 'cancelled'));
    expect(others.map(statusOf(state))).toEqual(others.map(() => 'done'));
    const back = stateAfter(...before, chosen('files'), chosen('blocks'));
    expect(statusOf(back)('sync/web1/blocks-path')).toBe('cancelled');
  });

  test('the same mover once more leaves it as it is', () => {
    const state = stateAfter(chosen('blocks'), ...failed('sync/web1/pass-2', 'sync'), chosen('blocks'));
    expect(state.machines['web1']?.failure?.step).toBe('sync/web1/pass-2');
    expect(state.steps['sync/web1/pass-2']?.status).toBe('failed');
  });
});

describe('any journal', () => {
  test('every prefix folds, and step by step gives the same as at once', () => {
    fc.assert(
      fc.property(arbitraryJournal, events => {
        let state = EMPTY_STATE;
        for (const [index, event] of events.entries()) {
          state = apply(state, event);
          expect(state.lastSeq).toBe(index + 1);
          expect(state).toEqual(fold(events.slice(0, index + 1)));
        }
        const middle = Math.floor(events.length / 2);
        expect(fold(events.slice(middle), fold(events.slice(0, middle)))).toEqual(state);
      }),
    );
  });

  test('neither the state before nor the event is changed', () => {
    fc.assert(
      fc.property(arbitraryJournal, events => {
        let state = deepFreeze(structuredClone(EMPTY_STATE));
        for (const event of events) state = deepFreeze(apply(state, deepFreeze(event)));
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });

  test('what was handed out stays as it was while the fold goes on', () => {
    fc.assert(
      fc.property(arbitraryJournal, fc.array(fc.boolean()), (events, looks) => {
        const folding = new Folding();
        const seen: Array<readonly [State, number]> = [];
        for (const [index, event] of events.entries()) {
          folding.add(event);
          // A frozen map that is changed in place throws.
          if (looks[index] === true) seen.push([deepFreeze(folding.state), index + 1]);
        }
        for (const [state, count] of seen) expect(state).toEqual(fold(events.slice(0, count)));
        expect(folding.state).toEqual(events.reduce(apply, EMPTY_STATE));
      }),
    );
  });

  test('holds no envelope fields in what it keeps', () => {
    fc.assert(
      fc.property(arbitraryJournal, events => {
        const { machines, hypervisors } = fold(events);
        const kept = [
          ...Object.values(hypervisors),
          ...Object.values(machines).flatMap(m => [
            m.observed,
            m.verified,
            m.receiver?.prepared,
            ...m.passes.flatMap(p => [p, p.ended, p.judged]),
          ]),
        ];
        for (const facts of kept) {
          for (const key of ['type', 'v', 'seq', 'by', 'machine', 'hypervisor']) {
            expect(Object.keys(facts ?? {})).not.toContain(key);
          }
        }
      }),
    );
  });
});

describe('the evacuation', () => {
  test('is created, runs and ends', () => {
    expect(stateAfter(created).evacuation).toMatchObject({ phase: 'created', starts: 0, createdAt: 1000 });
    expect(stateAfter(created, started).evacuation).toMatchObject({
      phase: 'running',
      starts: 1,
      controlKeys: ['ssh-ed25519 AAAA'],
    });
    const ended = stateAfter(created, started, { type: 'evacuation.ended', outcome: 'partial' });
    expect(ended.evacuation).toMatchObject({ phase: 'ended', outcome: 'partial' });
    const again = fold([{ v: 1, seq: 4, at: 4000, by: 'test', ...started }], ended);
    expect(again.evacuation).toMatchObject({ phase: 'running', starts: 2 });
    expect(again.evacuation).not.toHaveProperty('outcome');
  });

  test('knows every planned machine from the start, whatever its name', () => {
    const state = stateAfter({ ...created, machines: ['web1', 'constructor'] });
    expect(state.machines).toEqual({
      web1: { name: 'web1', passes: [] },
      constructor: { name: 'constructor', passes: [] },
    });
  });

  test('takes up an accepted plan and notes', () => {
    const state = stateAfter(
      created,
      { type: 'plan.accepted', planHash: 'new', diff: '+ x' },
      { type: 'note.added', text: 'fuel until 04:00' },
    );
    expect(state.evacuation).toMatchObject({
      planHash: 'new',
      notes: [{ at: 3000, by: 'test', text: 'fuel until 04:00' }],
    });
  });

  test('is not conjured up by events that come before it', () => {
    expect(
      stateAfter({ type: 'lock.taken-over', from: 'x', reason: 'y' }, started).evacuation,
    ).toBeUndefined();
  });
});

describe('steps', () => {
  test('go from running over retrying to done, as one run', () => {
    const state = stateAfter(
      created,
      stepStarted('build/web1/replica'),
      { type: 'step.retrying', step: 'build/web1/replica', phase: 'build', attempt: 1, inMs: 10, error },
      stepStarted('build/web1/replica', 2),
      stepDone('build/web1/replica', 3000),
    );
    expect(state.steps['build/web1/replica']).toEqual({
      id: 'build/web1/replica',
      phase: 'build',
      status: 'done',
      attempts: 2,
      startedAt: 2000,
      endedAt: 5000,
    });
  });

  test('that ran when a process died are cancelled by the next start', () => {
    const state = stateAfter(
      created,
      started,
      stepStarted('sync/web1/pass'),
      stepDone('build/web1/x', 1),
      started,
    );
    expect(state.steps['sync/web1/pass']).toMatchObject({ status: 'cancelled', endedAt: 5000 });
    expect(state.steps['build/web1/x']?.status).toBe('done');
  });

  test('set and clear the failure of their machine, and only theirs', () => {
    const failed = stateAfter(created, stepStarted('build/web1/a'), stepFailed('build/web1/a'));
    expect(failed.machines['web1']?.failure).toEqual({ step: 'build/web1/a', error, at: 3000 });
    expect(failed.machines['db1']?.failure).toBeUndefined();
    const other = fold(journal(stepDone('build/web1/b', 1)), failed);
    expect(other.machines['web1']?.failure?.step).toBe('build/web1/a');
    const mended = fold(journal(stepDone('build/web1/a', 1)), other);
    expect(mended.machines['web1']).not.toHaveProperty('failure');
  });

  test('uncover an older failure of the machine when the newer one is mended', () => {
    const state = stateAfter(
      created,
      stepFailed('build/web1/a'),
      stepFailed('build/web1/b'),
      stepDone('build/web1/b', 1),
    );
    expect(state.machines['web1']?.failure).toEqual({ step: 'build/web1/a', error, at: 2000 });
  });

  test('leave an unknown subject alone', () => {
    expect(stateAfter(created, stepFailed('check/mia-kvm1')).machines['web1']).toEqual({
      name: 'web1',
      passes: [],
    });
    expect(stateAfter(stepFailed('odd')).machines).toEqual({});
  });
});

describe('machines', () => {
  const receiver: EventBody[] = [
    created,
    { type: 'receiver.started', machine: 'web1', domain: 'lf-web1', uuid: 'u1' },
    { type: 'receiver.reachable', machine: 'web1', hostKey: 'ssh-ed25519 K', addresses: ['10.0.0.9'] },
    { type: 'path.keyed', machine: 'web1', publicKey: 'P', expiresAt: 9 },
    { type: 'path.opened', machine: 'web1', expiresAt: 10 },
  ];

  test('learn their receiver, and forget what was true of the one before', () => {
    const open = stateAfter(...receiver).machines['web1'];
    expect(open?.receiver).toEqual({
      domain: 'lf-web1',
      uuid: 'u1',
      hostKey: 'ssh-ed25519 K',
      addresses: ['10.0.0.9'],
    });
    expect(open?.path).toEqual({ publicKey: 'P', expiresAt: 10, opened: true });
    const fresh = stateAfter(...receiver, {
      type: 'receiver.started',
      machine: 'web1',
      domain: 'lf-web1',
      uuid: 'u2',
    });
    expect(fresh.machines['web1']?.receiver).toEqual({ domain: 'lf-web1', uuid: 'u2' });
    expect(fresh.machines['web1']?.path?.opened).toBe(false);
  });

  test('collect passes with outcome and judgement; a start answers a request', () => {
    const state = stateAfter(
      created,
      { type: 'pass.requested', machine: 'web1', reason: 'shift change' },
      passStarted('web1', 1),
      passEnded('web1', 1),
      { type: 'pass.judged', machine: 'web1', pass: 1, verdict: 'first', why: 'it is the first', help: [] },
    );
    const machine = state.machines['web1'];
    expect(machine).not.toHaveProperty('requested');
    expect(machine?.passes).toMatchObject([
      { pass: 1, startedAt: 3000, ended: { startedAt: 3000, ms: 500 }, judged: { verdict: 'first' } },
    ]);
  });

  test('replace a pass that a crash cut short when it begins again', () => {
    const state = stateAfter(
      created,
      passStarted('web1', 1),
      started,
      passStarted('web1', 1),
      passEnded('web1', 1),
    );
    expect(state.machines['web1']?.passes).toHaveLength(1);
    expect(state.machines['web1']?.passes[0]).toMatchObject({ startedAt: 4000, ended: { ms: 500 } });
  });

  test('keep the verification with the number of its pass while later passes go on', () => {
    const state = stateAfter(
      created,
      passStarted('web1', 1),
      bodies.verified('web1', 1),
      passStarted('web1', 2),
      passEnded('web1', 2),
    );
    expect(state.machines['web1']?.verified).toMatchObject({ pass: 1, passStartedAt: 2000, at: 3000 });
  });

  test('stay small over a week of passes, and still add up', () => {
    const passes = Array.from({ length: PASSES_KEPT + 50 }, (_, index) => index + 1);
    const state = stateAfter(created, ...passes.flatMap(n => [passStarted('web1', n), passEnded('web1', n)]));
    const machine = state.machines['web1'];
    expect(machine?.passes).toHaveLength(PASSES_KEPT);
    expect(machine?.passes[0]?.pass).toBe(51);
    expect(machine?.olderPasses).toEqual({ count: 50, ms: 50 * 500, sentBytes: 50 * 1000 });
  });
});

test('what an event does not concern stays the same object', () => {
  const before = stateAfter(created, started, passStarted('web1', 1));
  const next = fold(journal(passStarted('db1', 1)), before);
  expect(next.machines['web1']).toBe(before.machines['web1']);
  expect(next.steps).toBe(before.steps);
  expect(next.evacuation).toBe(before.evacuation);
});

test('whoever looks on from ever new hosts does not make the state grow; nobody who is there is forgotten', () => {
  const events = journal(created);
  const tell = (by: string, type: 'engineer.attached' | 'engineer.left'): void => {
    const seq = events.length + 1;
    events.push({ v: 1, seq, at: seq * 1000, by, type, client: 'cli' });
  };
  tell('kim@jump1', 'engineer.attached');
  for (let index = 0; index < ENGINEERS_KEPT * 3; index += 1) {
    tell(`ci@runner-${index}`, 'engineer.attached');
    tell(`ci@runner-${index}`, 'engineer.left');
  }
  const engineers = fold(events).evacuation?.engineers ?? {};
  expect(Object.keys(engineers)).toHaveLength(ENGINEERS_KEPT);
  expect(engineers['kim@jump1']).toMatchObject({ attached: 1 });
  expect(engineers[`ci@runner-${ENGINEERS_KEPT * 3 - 1}`]).toMatchObject({ attached: 0 });
  expect(engineers['ci@runner-0']).toBeUndefined();
});
