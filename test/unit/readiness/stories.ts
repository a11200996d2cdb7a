import fc from 'fast-check';
import { machinePlan, planOf, Story } from '../../support/state.ts';

/** Evacuations of two machines in which anything may happen in any order, some of it nonsense. */

const PLAN = planOf({ machines: { web1: machinePlan(), app1: machinePlan({ tier: 'normal' }) } });

const machine = fc.constantFrom('web1', 'app1');
const pass = fc.integer({ min: 1, max: 5 });
const ms = fc.integer({ min: 1, max: 5 * 3600e3 });

type Move = (story: Story) => unknown;

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(machine).map(
      ([m]): Move =>
        story =>
          story.ready(m),
    ),
  },
  fc.tuple(machine).map(
    ([m]): Move =>
      story =>
        story.observe(m),
  ),
  fc.tuple(machine).map(
    ([m]): Move =>
      story =>
        story.build(m),
  ),
  fc.tuple(machine, pass).map(
    ([m, n]): Move =>
      story =>
        story.startPass(m, n),
  ),
  fc.tuple(machine, pass, ms, fc.nat(5e9), fc.constantFrom('converging', 'converged', 'not-converging')).map(
    ([m, n, time, literal, judged]): Move =>
      story =>
        story.pass(m, n, { ms: time, literal, judged }),
  ),
  fc.tuple(machine, pass, fc.array(fc.constant('/etc/fstab'), { maxLength: 1 })).map(
    ([m, n, mismatches]): Move =>
      story =>
        story.verify(m, n, mismatches),
  ),
  fc.tuple(machine).map(
    ([m]): Move =>
      story =>
        story.fail(m),
  ),
  fc.tuple(machine).map(
    ([m]): Move =>
      story =>
        story.tell({ type: 'step.done', step: `sync/${m}/pass`, phase: 'sync', ms: 1, already: false }),
  ),
  ms.map(
    (time): Move =>
      story =>
        story.wait(time),
  ),
);

export const anyStory: fc.Arbitrary<Story> = fc.array(move, { maxLength: 12 }).map(moves => {
  const story = new Story(PLAN).begin();
  for (const each of moves) each(story);
  return story;
});
