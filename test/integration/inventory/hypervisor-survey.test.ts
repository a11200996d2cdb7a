import { describe, expect, it } from 'vitest';
import { hypervisorStep } from '../../../src/inventory/hypervisor/step.ts';
import { hypervisorSurveySteps, inventorySteps } from '../../../src/inventory/index.ts';
import type { View } from '../../../src/step/step.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab } from '../lab/harness.ts';

/** The looks at hypervisors alone: what is in the guests is another matter. */
const looks = (view: View) => [
  ...inventorySteps(view).filter(({ subject }) => Object.hasOwn(view.plan.hypervisors, subject)),
  ...hypervisorSurveySteps(view),
];

describe('the survey of the hypervisors of the pocket lab', () => {
  it('sees all that is there, and what fits, and changes nothing', async () => {
    await using test = await openTestLab({ machines: ['db1', 'web1'] });
    const run = await LabRun.of(test.lab);
    await run.conduct(looks);
    expect(run.failures()).toEqual([]);
    expect(run.performed).toEqual([]);
    expect(test.lab.violations()).toEqual([]);
    const { 'mia-kvm1': source, 'dal-kvm1': target } = run.state.surveys ?? {};
    expect(source?.gaps).toEqual([]);
    expect(target?.gaps).toEqual([]);
    expect(source?.domains.map(({ name, state, autostart }) => [name, state, autostart])).toEqual([
      ['db1', 'running', true],
      ['web1', 'running', true],
    ]);
    const db1 = source?.domains[0];
    expect(db1?.disks.map(({ target: disk, capacity }) => [disk, capacity / 1024 ** 3])).toEqual([
      ['vda', 20],
      ['vdb', 50],
    ]);
    expect(db1?.addresses).toEqual([test.lab.addressOf('db1').address]);
    expect(db1?.rates?.map(({ device }) => device)).toEqual(db1?.disks.map(disk => disk.target));
    expect(source?.networks).toMatchObject([{ name: 'mia-servers', active: true, forward: 'route' }]);
    expect(source?.pools).toEqual([{ name: 'default', type: 'dir', active: true, autostart: true }]);
    expect(source?.bridges).toEqual(['virbr1']);
    expect(source?.versions).toMatchObject({ libvirt: 'libvirt 9.0.0', qemu: 'QEMU 7.2.15' });
    expect(target?.cpuFit).toMatchObject([{ source: 'mia-kvm1', fit: 'identical' }]);
  });

  it('a job of somebody else is told', async () => {
    await using test = await openTestLab({ machines: ['web1'] });
    test.lab.faults.foreignJob('web1');
    const run = await LabRun.of(test.lab);
    await run.conduct(looks);
    expect(run.state.surveys?.['mia-kvm1']?.domains[0]?.job).toBe('a backup');
  });
});

describe('a hypervisor whose facts are still fresh', () => {
  it('a pool that was full an hour ago is not held against a run that found it empty', async () => {
    await using test = await openTestLab({ machines: ['web1'] });
    const run = await LabRun.of(test.lab);
    const look = () => run.conduct(() => [hypervisorStep('dal-kvm1')]);
    const available = (): number | undefined =>
      run.state.hypervisors['dal-kvm1']?.pools['default']?.available;
    test.lab.faults.poolFull();
    await look();
    expect(available()).toBe(0);
    test.lab.faults.poolHeal();
    await look();
    expect(available()).toBeGreaterThan(0);
    // Nothing has moved since: what is known is used again.
    const looks = run.events.filter(({ type }) => type === 'hypervisor.observed').length;
    await look();
    expect(run.events.filter(({ type }) => type === 'hypervisor.observed')).toHaveLength(looks);
  });
});
