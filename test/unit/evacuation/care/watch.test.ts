import { expect, it } from 'vitest';
import { CARE_EVERY_MS, watchCare } from '../../../../src/evacuation/care/watch.ts';
import { holdOf } from '../../../../src/evacuation/held.ts';
import type { Step } from '../../../../src/step/step.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { scriptedHost } from '../../../support/scripted-host.ts';
import { machinePlan, planOf, Story } from '../../../support/state.ts';

const STEP = { id: 'sync/web1/pass-1', phase: 'sync', subject: 'web1' } as const;
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
const CALM = 'load 0.1\ncores 2\nMemAvailable: 4000000 kB\n';
const SHORT = 'load 0.1\ncores 2\nMemAvailable: 4 kB\n';

/** A machine whose pass runs, and a host that answers what `says` says. */
function world(machine = machinePlan()) {
  const story = new Story(planOf({ machines: { web1: machine } }));
  story.begin().tell({ type: 'step.started', step: STEP.id, phase: 'sync', attempt: 1 });
  const clock = new ManualClock();
  const ended = new AbortController();
  const interrupted: string[] = [];
  const said: string[] = [];
  const asked: string[] = [];
  const self = {
    story,
    asked,
    said,
    interrupted,
    says: CALM as string | undefined,
    wakes: 0,
    async look(times = 1) {
      for (let count = 0; count < times; count += 1) {
        clock.advance(CARE_EVERY_MS);
        // A few turns of the loop: the host answers, the event is told, the next sleep begins.
        for (let turn = 0; turn < 6; turn += 1) await settled();
      }
    },
    async end() {
      ended.abort();
      await watching;
    },
    acts: () => story.events.flatMap(event => (event.type === 'source.cared' ? [event.act] : [])),
  };
  const step: Step = {
    ...STEP,
    title: '',
    needs: [],
    resources: [],
    preview: () => [],
    done: async () => false,
    run: async () => undefined,
    halt: async () => undefined,
  };
  const watching = watchCare({
    plan: story.plan,
    state: () => story.state,
    host: async id => {
      asked.push(id);
      return scriptedHost(id, () => self.says);
    },
    clock,
    emit: async event => {
      story.now = clock.now();
      story.tell(event);
    },
    onSample: ({ text }) => void said.push(text),
    controls: {
      interrupt: (which, reason) => void (which(step) && interrupted.push(reason)),
      wake: () => {
        self.wakes += 1;
      },
    },
    onTrouble: error => void said.push(error.facts.what),
    signal: ended.signal,
  });
  return self;
}

it('what runs out stops the pass as a pause does, and it begins again by itself when all is calm', async () => {
  const run = world();
  run.says = SHORT;
  await run.look(2);
  expect(run.acts()).toEqual(['stop']);
  expect(run.interrupted).toEqual([expect.stringContaining('of memory are left')]);
  expect(holdOf(STEP, run.story.state)?.why).toMatch(/^web1 is stopped for the sake of production: .*memory/);
  // It is not asked for less because nothing of ours runs there any more.
  run.story.tell({ type: 'step.cancelled', step: STEP.id, phase: 'sync' });
  run.says = CALM;
  await run.look(13);
  expect(run.acts()).toEqual(['stop', 'ease']);
  expect(holdOf(STEP, run.story.state)).toBeUndefined();
  expect(run.wakes).toBe(2);
  await run.end();
});

it('silence is said, stops nothing, and is no calm', async () => {
  const run = world();
  run.says = undefined;
  await run.look(10);
  expect(run.acts()).toEqual([]);
  expect(run.said).toContainEqual(expect.stringMatching(/^how web1 is doing is not known/));
  run.says = SHORT;
  await run.look(2);
  run.says = undefined;
  await run.look(30);
  expect(run.acts()).toEqual(['stop']);
  await run.end();
});

it('where nothing of ours works nobody is asked', async () => {
  const run = world();
  run.story.tell({ type: 'step.done', step: STEP.id, phase: 'sync', ms: 1, already: false });
  await run.look(3);
  expect(run.asked).toEqual([]);
  await run.end();
});

it('without a login only the hypervisor is asked; a machine that blocks move is asked on both sides', async () => {
  const address = { hypervisor: 'mia-kvm1', address: '10.20.0.11', user: 'root' };
  const appliance = world(machinePlan({ source: { ...address, login: false }, mover: 'blocks' }));
  await appliance.look();
  expect(appliance.asked).toEqual(['mia-kvm1']);
  await appliance.end();
  const blocks = world(machinePlan({ mover: 'blocks' }));
  await blocks.look();
  expect(blocks.asked).toEqual(['web1', 'mia-kvm1']);
  await blocks.end();
});

it('a machine that a cutover has made quiet is spared no more', async () => {
  const run = world();
  run.says = SHORT;
  await run.look(2);
  run.story.tell(
    {
      type: 'cutover.begun',
      rehearse: false,
      dark: false,
      planHash: 'h',
      confirmed: 'miami-to-dallas',
      open: [],
    },
    { type: 'cutover.quieting', machine: 'web1', units: [] },
    { type: 'cutover.quiet', machine: 'web1', units: [] },
  );
  expect(holdOf(STEP, run.story.state)).toBeUndefined();
  await run.look();
  expect(run.acts()).toEqual(['stop', 'release']);
  await run.end();
});
