import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harmlessValue } from '../../../src/foundation/harmless-value.ts';
import type { Event, EventBody } from '../../../src/journal/events.ts';
import { apply } from '../../../src/journal/fold.ts';
import { EMPTY_STATE } from '../../../src/journal/state.ts';
import { createGateBook, GATES_KEPT_MS } from '../../../src/readiness/gate-book.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { verdictOf } from '../../../src/readiness/verdict.ts';
import type { View } from '../../../src/step/step.ts';
import { fleetOf, fleetTraffic } from '../../support/fleet.ts';
import { HOUR, machinePlan, planOf, Story } from '../../support/state.ts';
import { anyStory } from './stories.ts';

const PAIR = planOf({ machines: { web1: machinePlan(), app1: machinePlan() } });

const pair = (): Story => new Story(PAIR).begin().ready('web1').ready('app1');

function firstPass(traffic: Iterable<Event>) {
  for (const event of traffic) if (event.type === 'pass.started') return event;
  throw new Error('no pass began');
}

describe('the gate book', () => {
  it('says what gatesOf says, whatever happened since it was asked last', () => {
    fc.assert(
      fc.property(anyStory, story => {
        const book = createGateBook();
        const { now } = story;
        let state = EMPTY_STATE;
        for (const event of story.events) {
          state = apply(state, event);
          const view = { plan: story.plan, state };
          const gates = harmlessValue(gatesOf(view, now));
          expect(book.verdicts(view, now)).toEqual(verdictOf(gates));
          expect([
            ...book.gatesForEvacuation(view, now),
            ...Object.keys(view.plan.machines).flatMap(name => book.gatesFor(view, name, now)),
            ...Object.keys(view.plan.databases).flatMap(name => book.gatesForDatabase(view, name, now)),
          ]).toEqual(gates);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('follows a plan that was changed', () => {
    const story = pair();
    const book = createGateBook();
    expect(book.verdicts(story.view, story.now).of).toBe(2);
    const view: View = { plan: planOf({ machines: { web1: machinePlan() } }), state: story.state };
    expect(book.verdicts(view, story.now)).toEqual(verdictOf(gatesOf(view, story.now)));
    expect(book.gatesFor(view, 'app1', story.now)).toEqual([]);
  });

  it('keeps the gates of every machine but the one that something happened to', () => {
    const fleet = fleetOf(60, 4);
    const book = createGateBook();
    const names = Object.keys(fleet.plan.machines);
    const before = new Map(names.map(name => [name, book.gatesFor(fleet, name, fleet.now)]));
    const event = firstPass(fleetTraffic(fleet));
    const view = { plan: fleet.plan, state: apply(fleet.state, event) };
    const changed = names.filter(name => book.gatesFor(view, name, fleet.now) !== before.get(name));
    expect(changed).toEqual([event.machine]);
  });

  it('keeps the gates of every machine but the one that was waived', () => {
    const story = pair();
    const book = createGateBook();
    const { plan, now } = story;
    let state = story.state;
    const order = (body: EventBody): View => {
      state = apply(state, { ...body, v: 1, seq: state.lastSeq + 1, at: now, by: 'dana@jump1' });
      return { plan, state };
    };
    const gate = 'machine/web1/reachability';
    const waive = (reason: string): View => order({ type: 'gate.waived', gate, reason, until: now + HOUR });
    const before = book.gatesFor({ plan, state }, 'app1', now);
    const reasons = (view: View): (string | undefined)[] =>
      (book.verdictFor(view, 'web1', now)?.waived ?? []).map(each => each.waiver?.reason);
    expect(reasons({ plan, state })).toEqual([]);
    expect(reasons(waive('the owner knows'))).toEqual(['the owner knows']);
    expect(book.gatesFor({ plan, state }, 'app1', now)).toBe(before);
    expect(reasons(waive('the owner insists'))).toEqual(['the owner insists']);
    expect(reasons(order({ type: 'gate.waiver-withdrawn', gate }))).toEqual([]);
    expect(book.gatesFor({ plan, state }, 'app1', now)).toBe(before);
  });

  it('gives back the same verdicts while nothing changes', () => {
    const story = pair();
    const book = createGateBook();
    const { view, now } = story;
    expect(book.verdicts(view, now)).toBe(book.verdicts(view, now));
  });

  it('notices within ten seconds that evidence has grown too old, and no sooner', () => {
    const story = pair();
    const { view } = story;
    const checks = (now: number) => verdictOf(gatesOf(view, now)).ready;
    // Two hours after its RPO of 15 minutes a copy that nobody keeps fresh stands in the way.
    const copied = view.state.machines['app1']?.verified?.passStartedAt ?? Number.NaN;
    const old = copied + 2.25 * HOUR;
    const book = createGateBook();
    for (let now = old - 3 * GATES_KEPT_MS; now <= old + 3 * GATES_KEPT_MS; now += 500) {
      const said = book.verdicts(view, now).ready;
      expect([checks(now), checks(now - GATES_KEPT_MS)]).toContain(said);
    }
    expect(checks(old - 3 * GATES_KEPT_MS)).not.toBe(checks(old + 3 * GATES_KEPT_MS));
  });

  it('looks again when a clock was set back', () => {
    const story = pair();
    const book = createGateBook();
    expect(book.verdicts(story.view, story.now + 48 * HOUR).ready).toBe(0);
    expect(book.verdicts(story.view, story.now)).toEqual(verdictOf(gatesOf(story.view, story.now)));
  });

  it('hears of a plan file that changed on disk', () => {
    const story = pair();
    const book = createGateBook();
    const evidence = (planHash: string) =>
      book
        .gatesForEvacuation(story.view, story.now, { planHash })
        .find(each => each.check === 'plan-accepted')?.verdict;
    expect(evidence('sha256:plan')).toBe('pass');
    expect(evidence('sha256:other')).toBe('fail');
  });

  it('lets no hostile text through', () => {
    const story = new Story()
      .begin()
      .fail('web1', { what: '\u001b[2J\u202eowned', next: ['\u001b]0;x\u0007'] });
    const text = JSON.stringify(createGateBook().gatesFor(story.view, 'web1', story.now));
    expect(text).toContain('owned');
    expect(text).not.toMatch(/[\u001b\u202e]|\\u001b|\\u0007/);
  });
});
