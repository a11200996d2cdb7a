import { expect, it } from 'vitest';
import { gatesOfMachine } from '../../../src/readiness/gates.ts';
import { guestFacts, machinePlan, planOf, Story } from '../../support/state.ts';

const hotFiles = Array.from({ length: 7 }, (_, at) => ({
  path: `/srv/app/t${at}.ibd`,
  engine: 'InnoDB',
  process: 'engine',
}));

function gateOf(exclude: string[] = []) {
  const story = new Story(planOf({ machines: { web1: machinePlan({ exclude }) } }));
  story
    .begin()
    .observe('web1', { ...guestFacts(), services: [], sockets: [], hotFiles })
    .build('web1')
    .pass('web1', 1);
  return gatesOfMachine(story.view, 'web1', story.now).find(({ check }) => check === 'consistency');
}

it('open files of an engine that no service name tells of are named, and a smeared copy of them fails', () => {
  const gate = gateOf();
  expect(gate?.verdict).toBe('fail');
  expect(gate?.evidence).toContain('open while it is copied: /srv/app/t0.ibd (InnoDB, engine)');
  expect(gate?.evidence).toContain('and 2 more such files');
  expect([gate?.remedy].flat().join('\n')).toContain('machines.web1.snapshot: auto');
});

it('files that the plan leaves out are nobody’s worry here', () => {
  expect(gateOf(['/srv/app'])?.verdict).toBe('pass');
});
