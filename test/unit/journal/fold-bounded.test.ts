import { expect, it } from 'vitest';
import { PASSES_KEPT } from '../../../src/journal/fold-machine.ts';
import { STEPS_KEPT } from '../../../src/journal/fold-steps.ts';
import { phaseTimes } from '../../../src/reports/phase-times.ts';
import { Story } from '../../support/state.ts';

it('keeps the state of weeks of passes small, and what they added up to', () => {
  const story = new Story().begin().observe('web1').build('web1');
  const passes = 260;
  for (let pass = 1; pass <= passes; pass += 1) {
    for (const name of [`pass-${pass}`, ...(pass % 3 === 0 ? [`verify-${pass}`] : [])]) {
      const step = `sync/web1/${name}`;
      story.tell({ type: 'step.started', step, phase: 'sync', attempt: 1 });
      if (name.startsWith('pass')) story.pass('web1', pass, { ms: 1000 });
      story.tell({ type: 'step.done', step, phase: 'sync', ms: 1000, already: false });
    }
  }
  const { steps, machines } = story.state;
  expect(machines['web1']?.passes.length).toBeLessThan(PASSES_KEPT + 1);
  expect(Object.keys(steps).length).toBeLessThan(2 * STEPS_KEPT + 15);
  expect(steps[`sync/web1/pass-${passes}`]?.status).toBe('done');
  expect(steps[`sync/web1/pass-${passes - STEPS_KEPT + 1}`]?.status).toBe('done');
  expect(steps['sync/web1/pass-3']).toBeUndefined();
  const sync = phaseTimes(story.state).find(({ phase }) => phase === 'sync');
  expect(sync).toMatchObject({ steps: passes + Math.floor(passes / 3), totalMs: passes * 1000, failed: 0 });
});

it('never forgets a step that failed or runs', () => {
  const story = new Story().begin();
  story.tell({ type: 'step.started', step: 'sync/web1/pass-1', phase: 'sync', attempt: 1 });
  for (let pass = 2; pass <= 60; pass += 1)
    story.tell({ type: 'step.done', step: `sync/web1/pass-${pass}`, phase: 'sync', ms: 1, already: true });
  expect(story.state.steps['sync/web1/pass-1']?.status).toBe('running');
  expect(story.state.steps['sync/web1/pass-2']).toBeUndefined();
});
