import { describe, expect, test } from 'vitest';
import type { Command, CommandOf } from '../../../../src/evacuation/engine/command.ts';
import { tryOrder } from '../../../../src/evacuation/engine/desk.ts';
import type { Decision } from '../../../../src/evacuation/engine/orders/decision.ts';
import { stepsOf } from '../../../../src/evacuation/planner.ts';
import type { EventBody, EventOf } from '../../../../src/journal/events.ts';
import type { PlanInput } from '../../../../src/plan/schema.ts';
import { factsOf } from '../../../support/recorded-host.ts';
import { machinePlan, planOf, Story } from '../../../support/state.ts';

const { domain, guest } = factsOf('debian-12');

const blocks = (changes: Partial<EventOf<'blocks.observed'>> = {}): EventBody => ({
  type: 'blocks.observed',
  machine: 'web1',
  libvirt: '9.0.0',
  qemu: '7.2.22',
  disks: [
    {
      target: 'vda',
      path: '/pool/web1.qcow2',
      format: 'qcow2',
      compat: '1.1',
      capacity: 20e9,
      allocation: 9e9,
    },
  ],
  foreignCheckpoints: [],
  ownCheckpoints: [],
  agent: true,
  refusals: [],
  ...changes,
});

const pools = (available: number): EventBody => ({
  type: 'hypervisor.observed',
  hypervisor: 'dal-kvm1',
  version: '9.0.0',
  cpus: 32,
  memory: 256e9,
  pools: { default: { capacity: 4e12, available, path: '/pool' } },
  networks: ['servers'],
  hostId: 'h1',
});

/** A machine that travels by its files and has a copy. */
function copied(machine: Partial<PlanInput['machines'][string]> = {}, available = 2e12): Story {
  const plan = planOf({
    machines: { web1: machinePlan({ mover: 'files', ...machine }) },
    link: { limit: '800 Mbit/s' },
  });
  return new Story(plan)
    .begin()
    .tell(pools(available), { type: 'machine.observed', machine: 'web1', domain, guest, digest: 'd' })
    .build('web1')
    .pass('web1', 1);
}

function decide(story: Story, command: Command): Decision {
  const { view, now } = story;
  return tryOrder(command, { ...view, now, by: 'dana@jump1', steps: stepsOf(view) });
}

const order = (story: Story, mover: CommandOf<'mover'>['mover'], machine = 'web1'): Decision =>
  decide(story, { kind: 'mover', machine, mover });

function refused(story: Story, mover: CommandOf<'mover'>['mover']) {
  try {
    order(story, mover);
  } catch (thrown) {
    return thrown;
  }
  throw new Error('it was not refused');
}

describe('an order for another mover', () => {
  test('says what it costs, and that the copy stays until the new one is whole', () => {
    const { said, events } = order(copied().tell(blocks()), 'blocks');
    expect(events).toEqual([{ type: 'mover.ordered', machine: 'web1', mover: 'blocks' }]);
    expect(said).toBe(
      'web1 travels from the next pass on by blocks; its next pass is a full copy, at most 9.00 GB, about 5m59s at 202 Mbit/s; ' +
        'the copy that is there stays until the new one is whole, then gives its place up to it; ' +
        'meanwhile the target holds two copies: up to 9.00 GB more; the pool default of dal-kvm1 has 2.00 TB left.',
    );
  });

  test('lets the hypervisor be asked where nobody has, and looks again at what was built', () => {
    const decision = order(copied(), 'blocks');
    expect(decision.said).toContain('its hypervisor is asked first');
    expect(decision.recheck).toEqual(['web1']);
  });

  test('waits for the pass that runs, which ends as it began', () => {
    const story = copied().tell(blocks()).startPass('web1', 2);
    story.tell({
      type: 'step.started',
      step: 'sync/web1/pass-2',
      phase: 'sync',
      attempt: 1,
    });
    const { said, recheck } = order(story, 'blocks');
    expect(said).toMatch(
      /^web1 ends what it copies now as it began, and from the next pass on travels by blocks/,
    );
    expect(recheck).toEqual([]);
  });

  test('is taken once, and taken back by an order for what it was', () => {
    const story = copied().tell(blocks(), { type: 'mover.ordered', machine: 'web1', mover: 'blocks' });
    expect(order(story, 'blocks')).toMatchObject({ events: [] });
    expect(order(story, 'files')).toMatchObject({
      events: [{ type: 'mover.ordered', mover: 'files' }],
      said: 'web1 stays with files.',
    });
  });

  test('changes nothing where it travels so already', () => {
    expect(order(copied(), 'files')).toMatchObject({ said: 'web1 travels by files already.', events: [] });
  });

  test('auto says what landfall takes, and why', () => {
    const story = copied({ mover: 'auto' }).tell(blocks());
    story.tell({
      type: 'machine.observed',
      machine: 'web1',
      domain,
      guest: { ...guest, services: ['mysqld.service'] },
      digest: 'd',
    });
    expect(order(story, 'auto').said).toMatch(
      /by blocks; MariaDB\/MySQL runs there: .*; its next pass is a full copy/,
    );
  });

  test('back to files costs no second copy: what is there is compared', () => {
    const story = copied({ mover: 'blocks' }).tell(blocks());
    const { said } = order(story, 'files');
    expect(said).toContain('compares every file with the copy that is there, contents and all');
    expect(said).not.toContain('full copy');
  });
});

describe('it is refused', () => {
  test('where it is impossible, with the reasons', () => {
    expect(refused(copied().tell(blocks({ refusals: ['vda is a raw disk'] })), 'blocks')).toMatchObject({
      code: 'command.refused',
      facts: { what: 'web1 cannot be moved by blocks', why: 'by blocks: vda is a raw disk' },
    });
  });

  test('where the target has no room for a second copy', () => {
    expect(refused(copied({}, 5e9).tell(blocks()), 'blocks')).toMatchObject({
      facts: { why: 'a second copy needs up to 9.00 GB, and the pool default of dal-kvm1 has 5.00 GB left' },
    });
  });

  test('amid a cutover', () => {
    const story = copied().tell(blocks(), {
      type: 'cutover.begun',
      rehearse: false,
      dark: false,
      planHash: 'p',
      confirmed: 'n',
      open: [],
    });
    expect(refused(story, 'blocks')).toMatchObject({
      facts: { what: 'a cutover has begun: the copy of web1 is not given to another mover now' },
    });
  });

  test('for a machine that the plan does not have', () => {
    expect(() => order(copied(), 'blocks', 'wbe1')).toThrow('the plan has no machine called wbe1');
  });
});
