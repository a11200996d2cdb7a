import { describe, expect, test } from 'vitest';
import type { Gate } from '../../../src/readiness/gate.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { HOUR, MINUTE, planOf, Story } from '../../support/state.ts';

const gateOf = (story: Story, check: string): Gate => {
  const found = gatesOf(story.view, story.now).find(each => each.check === check);
  if (found === undefined) throw new Error(`no gate ${check}`);
  return found;
};
const begun = (): Story => new Story(planOf()).begin();
describe('what an engine is about to bring comes first among the remedies of what is unproven', () => {
  test('while the target is built, nobody is told to build it', () => {
    const story = begun().observe('web1');
    expect(gateOf(story, 'built').remedySteps).toEqual([
      'wait: the target is being built',
      'where nothing is running any more: build the target: landfall run <the plan file>',
    ]);
    expect(gateOf(begun(), 'inventory').remedySteps[0]).toBe('wait: the inventory comes first');
  });

  test('while the first pass copies, nobody is told to exclude what it has not copied yet', () => {
    const story = begun().observe('web1').build('web1').startPass('web1', 1);
    const { verdict, remedySteps } = gateOf(story, 'first-pass');
    expect([verdict, remedySteps[0]]).toEqual(['unproven', 'wait: pass 1 is under way']);
    expect(remedySteps.join()).not.toContain('exclude');
  });

  test('what is held or paused is let go first', () => {
    const { name } = planOf();
    const held = begun()
      .observe('web1')
      .tell({ type: 'stages.held', phases: ['build', 'sync'] });
    expect(gateOf(held, 'built').remedySteps[0]).toBe(`let it begin: landfall approve ${name} build`);
    const all = begun().observe('web1').tell({ type: 'evacuation.paused' });
    expect(gateOf(all, 'built').remedySteps[0]).toBe(`go on with what is paused: landfall resume ${name}`);
    const one = begun().observe('web1').tell({ type: 'machine.paused', machine: 'web1' });
    expect(gateOf(one, 'built').remedySteps[0]).toBe(
      `go on with what is paused: landfall resume ${name} web1`,
    );
  });

  test('evidence that has grown old under an idle engine is asked of that engine', () => {
    const story = begun()
      .evacuate('web1')
      .wait(25 * HOUR);
    expect(gateOf(story, 'verification-recent').remedySteps[0]).toBe(
      `ask the engine for one more pass: landfall sync ${planOf().name} web1`,
    );
  });

  test('without an engine, and after a failure, the remedies are as they were', () => {
    const over = begun().observe('web1').tell({ type: 'evacuation.ended', outcome: 'cancelled' });
    expect(gateOf(over, 'built').remedy).toBe('build the target: landfall run <the plan file>');
    const failed = begun().observe('web1').fail('web1');
    expect(gateOf(failed, 'built').remedySteps[0]).toBe('build the target: landfall run <the plan file>');
  });
});

test('the evidence of consistency is as old as the pass that it is about, and says how old the inventory is', () => {
  const story = begun()
    .observe('web1', { services: ['postgresql.service'] })
    .build('web1');
  const observedAt = story.state.machines['web1']?.observed?.at ?? Number.NaN;
  story
    .wait(10 * MINUTE)
    .pass('web1', 1)
    .wait(2 * MINUTE);
  const { evidence, evidenceAt } = gateOf(story, 'consistency');
  expect(evidenceAt).toBeGreaterThan(observedAt + 9 * MINUTE);
  expect(evidence.at(-1)).toMatch(
    /^pass 1 ended .* ago; what the machine runs is from the inventory of .* ago$/,
  );
});
