import { expect, it } from 'vitest';
import { afterLook } from '../../../src/evacuation/look-before-pass.ts';
import { inventorySteps } from '../../../src/inventory/index.ts';
import { lookStep } from '../../../src/inventory/machine/look.ts';
import { gatesOfMachine } from '../../../src/readiness/gates.ts';
import type { Step } from '../../../src/step/step.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab } from '../lab/harness.ts';

/** A pass that does nothing: here it matters only what comes before it. */
const pass = (number: number): Step => ({
  ...{
    id: `sync/web1/pass-${number}`,
    phase: 'sync',
    subject: 'web1',
    title: 'a pass',
    needs: [],
    resources: [],
  },
  preview: () => [],
  done: async () => false,
  run: async () => undefined,
});

it('a disk that is plugged in between two passes is noticed before the next one', async () => {
  await using test = await openTestLab({ machines: ['web1'] });
  const run = await LabRun.of(test.lab);
  await run.conduct(inventorySteps);
  expect(run.failures()).toEqual([]);
  const disks = (): string[] =>
    run.state.machines['web1']?.observed?.domain.disks.map(({ target }) => target) ?? [];
  const before = disks();
  await run.tell({
    type: 'replica.created',
    machine: 'web1',
    volumes: (run.state.machines['web1']?.observed?.domain.disks ?? []).map(({ target, capacity }) => ({
      ...{ disk: target, pool: 'default', volume: `landfall-t-web1-${target}.qcow2`, capacity },
      path: `/var/lib/libvirt/images/landfall-t-web1-${target}.qcow2`,
    })),
  });
  const isDrifted = (): string | undefined =>
    gatesOfMachine(run.view, 'web1', run.clock.now()).find(({ check }) => check === 'drift')?.verdict;
  expect(isDrifted()).toBe('pass');

  const walk = (number: number) => run.conduct(view => afterLook(view, [pass(number)]));
  const seen = (type: string): number => run.events.filter(event => event.type === type).length;
  await walk(2);
  expect([seen('drift.seen'), seen('machine.observed')], 'nothing has changed').toEqual([0, 1]);

  const plugged = test.lab.faults.plugDisk('web1') ?? '';
  await walk(3);
  expect(run.failures()).toEqual([]);
  expect(run.state.drift?.['web1']?.found.join('; ')).toContain(`disk ${plugged} was added`);
  expect(disks()).toEqual([...before, plugged]);
  expect(isDrifted()).toBe('fail');
  const order = run.events.flatMap(event =>
    event.type === 'machine.observed' || (event.type === 'step.started' && event.step.includes('pass-3'))
      ? [event.type]
      : [],
  );
  expect(order.at(-1), 'the pass begins only then').toBe('step.started');
  expect(test.lab.violations()).toEqual([]);
}, 120_000);

it('a hypervisor that does not answer just now delays no pass', async () => {
  await using test = await openTestLab({ machines: ['web1'] });
  const run = await LabRun.of(test.lab);
  await run.conduct(inventorySteps);
  expect(run.failures()).toEqual([]);
  test.lab.faults.unreachable('mia-kvm1');
  const outcome = await run.conduct(view => [{ ...lookStep(view.plan, 'web1', 2), needs: [] }]);
  expect(outcome.done).toEqual(['sync/web1/look-2']);
  expect(run.events.filter(({ type }) => type === 'drift.seen')).toEqual([]);
}, 120_000);

it('no look is put before the first pass, nor once a cutover has stopped the machine', async () => {
  await using test = await openTestLab({ machines: ['web1'] });
  const run = await LabRun.of(test.lab);
  const ids = (number: number): string[] => afterLook(run.view, [pass(number)]).map(({ id }) => id);
  expect(ids(1)).toEqual(['sync/web1/pass-1']);
  expect(ids(2)).toEqual(['sync/web1/look-2', 'sync/web1/pass-2']);
});
