import { expect, test } from 'vitest';
import { gatesOfMachine } from '../../../src/readiness/gates.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';

const evidence = (decided: 'plan' | 'fallback'): readonly string[] => {
  const story = new Story(planOf({ machines: { web1: machinePlan({ mover: 'blocks' }) } }))
    .begin()
    .observe('web1')
    .build('web1')
    .pass('web1', 1);
  story.tell({
    type: 'mover.chosen',
    machine: 'web1',
    mover: 'files',
    decided,
    reasons: ['the plan asks for blocks, which cannot move it', 'by blocks: vda is a raw disk'],
    against: [],
  });
  return (
    gatesOfMachine(story.view, 'web1', story.now).find(({ check }) => check === 'consistency')?.evidence ?? []
  );
};

test('a copy by the other mover than was asked for says so where its worth is judged', () => {
  expect(evidence('fallback')).toContain(
    'it travels by files: the plan asks for blocks, which cannot move it; by blocks: vda is a raw disk',
  );
  expect(evidence('plan').join()).not.toContain('vda is a raw disk');
});
