import { describe, expect, it } from 'vitest';
import { refuseAmidCutover } from '../../../src/evacuation/plan-amid-cutover.ts';
import { Story } from '../../support/state.ts';
import { shop } from '../checklist/plans.ts';

const begun = {
  type: 'cutover.begun',
  ...{ rehearse: false, dark: false, planHash: 'x', confirmed: 'miami-to-dallas', open: [] },
} as const;

describe('a changed plan while a cutover is under way', () => {
  const plan = shop();
  const { app1: _gone, ...machines } = plan.machines;
  const refused =
    (story: Story, after: typeof plan, changed: readonly string[] = []) =>
    () =>
      refuseAmidCutover(story.state, after, changed, 'plan.yaml');

  it('may not take away what an abort would have to give back', () => {
    const story = new Story(plan).begin().tell(begun);
    expect(refused(story, { ...plan, machines })).toThrow('takes away');
    expect(refused(story, { ...plan, databases: {} })).toThrow('takes away');
    expect(refused(story, plan)).not.toThrow();
  });

  it('may not move it, but may say more about it', () => {
    const story = new Story(plan).begin().tell(begun);
    expect(refused(story, plan, ['machine/app1/source'])).toThrow('moves');
    expect(refused(story, plan, ['database/Orders/servers'])).toThrow('moves');
    expect(refused(story, plan, ['machine/app1/proof', 'machine/app1/copy'])).not.toThrow();
  });

  it('may do both before and after it', () => {
    const before = new Story(plan).begin();
    expect(refused(before, { ...plan, machines }, ['machine/db1/source'])).not.toThrow();
    const ended = new Story(plan)
      .begin()
      .tell(begun, { type: 'cutover.ended', outcome: 'rolled-back', startedAt: 0, lost: [] });
    expect(refused(ended, { ...plan, machines }, ['machine/db1/source'])).not.toThrow();
  });
});
