import { expect, it } from 'vitest';
import { driftOf } from '../../../src/estate/drift/drift.ts';
import { systemClock } from '../../../src/foundation/clock.ts';
import { hypervisorSurveySteps, inventorySteps } from '../../../src/inventory/index.ts';
import { machineStep } from '../../../src/inventory/machine/step.ts';
import type { View } from '../../../src/step/step.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab } from '../lab/harness.ts';

const HOUR = 3600e3;
const looks = (view: View) => [...inventorySteps(view), ...hypervisorSurveySteps(view)];

it('what changed since the inventory before is told, is not found again, and is known for a day', async () => {
  await using test = await openTestLab({ machines: ['web1'] });
  const run = await LabRun.of(test.lab);
  let later = 0;
  run.clock = { ...systemClock, now: () => systemClock.now() + later };
  const seen = () => run.events.filter(event => event.type === 'drift.seen');
  const changed = (now: number) => driftOf(run.view, now).filter(({ kind }) => kind === 'changed');

  await run.conduct(looks);
  expect(run.failures()).toEqual([]);
  later += 2 * HOUR;
  await run.conduct(looks);
  expect(run.events.filter(({ type }) => type === 'machine.surveyed')).toHaveLength(2);
  expect(seen(), 'nobody has changed anything').toEqual([]);

  const plugged = test.lab.faults.plugDisk('web1') ?? '';
  later += 2 * HOUR;
  const before = run.state.machines['web1']?.observed?.at;
  await run.conduct(view => [{ ...machineStep(view.plan, 'web1'), needs: [] }]);
  expect(seen().map(({ subject, since }) => [subject, since])).toEqual([['web1', before]]);
  const now = run.clock.now();
  expect(changed(now)[0]?.evidence.join('; ')).toContain(`disk ${plugged} was added (10.7 GB)`);

  later += 2 * HOUR;
  await run.conduct(view => [{ ...machineStep(view.plan, 'web1'), needs: [] }]);
  expect(seen(), 'the inventory with the disk is what counts now').toHaveLength(1);
  expect(changed(now + 23 * HOUR)).toHaveLength(1);
  expect(changed(now + 25 * HOUR)).toEqual([]);
  expect(run.failures()).toEqual([]);
}, 120_000);
