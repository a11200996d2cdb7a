import { describe, expect, it } from 'vitest';
import { findingsOf, inventorySteps } from '../../../src/inventory/index.ts';
import { refuseStranger } from '../../../src/inventory/machine/step.ts';
import type { Plan } from '../../../src/plan/schema.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab, type TestLab } from '../lab/harness.ts';

/** The plan with one machine's source or one other part changed. */
const withSource =
  (machine: string, change: Partial<Plan['machines'][string]['source']>) =>
  (plan: Plan): Plan => {
    const before = plan.machines[machine];
    if (before === undefined) throw new Error(`the lab's plan has ${machine}`);
    return {
      ...plan,
      machines: { ...plan.machines, [machine]: { ...before, source: { ...before.source, ...change } } },
    };
  };

async function failuresOf(test: TestLab, edit: (plan: Plan) => Plan) {
  const run = await LabRun.of(test.lab, edit);
  await run.conduct(inventorySteps);
  return run.failures();
}

describe('inventory of the pocket lab', () => {
  it('sees all six machines as they are', async () => {
    await using test = await openTestLab();
    const run = await LabRun.of(test.lab);
    const outcome = await run.conduct(inventorySteps);
    expect(run.failures()).toEqual([]);
    expect(outcome.done).toHaveLength(9);
    expect(run.performed, 'inventory only reads').toEqual([]);
    const { machines, hypervisors } = run.state;
    expect(Object.keys(machines).toSorted()).toEqual(['app1', 'app2', 'db1', 'files1', 'mail1', 'web1']);
    for (const [name, { observed }] of Object.entries(machines)) {
      if (observed === undefined) throw new Error(`${name} was not observed`);
      expect(observed.guest.productUuid, name).toBe(observed.domain.uuid);
      const macs = observed.domain.interfaces.map(nic => nic.mac);
      const { productUuid: _hidden, ...facts } = observed.guest;
      expect(() => refuseStranger(observed.domain, { facts, rsync: undefined, macs }, name)).not.toThrow();
    }
    const app2 = machines['app2']?.observed?.guest;
    const [group] = app2?.volumeGroups ?? [];
    expect(app2?.swap).toEqual([
      expect.objectContaining({ path: group?.logical.find(({ name }) => name.startsWith('swap'))?.device }),
    ]);
    expect(group?.backup).toContain(group?.uuid);
    for (const { observed } of Object.values(machines)) {
      if (observed === undefined) throw new Error('all were observed');
      expect(observed.domainXml).toContain(observed.domain.uuid);
      expect(observed.guest.hostKeys).not.toEqual([]);
      expect(observed.guest.fstab?.some(entry => entry.mountpoint === '/')).toBe(true);
      expect(findingsOf(observed.guest)).toEqual([]);
    }
    expect(hypervisors['dal-kvm1']?.virtualization?.types).toContain('kvm');
    expect(hypervisors['mia-kvm1']?.virtualization).toBeUndefined();
    expect(machines['mail1']?.observed?.guest.partitionTables['/dev/vda']).toContain('label: dos');
    expect(Object.keys(hypervisors['dal-kvm1']?.images ?? {})).toHaveLength(1);
    expect(test.lab.violations()).toEqual([]);

    const digests = Object.values(machines).map(machine => machine.observed?.digest);
    await run.conduct(inventorySteps);
    expect(run.events.filter(e => e.type === 'machine.observed')).toHaveLength(6);
    expect(Object.values(run.state.machines).map(machine => machine.observed?.digest)).toEqual(digests);
  }, 120_000);

  it('says which domain was meant', async () => {
    await using test = await openTestLab({ machines: ['app1', 'web1'] });
    const [failure] = await failuresOf(test, withSource('web1', { domain: 'web11' }));
    expect(failure).toMatchObject({ step: 'inventory/web1', code: 'inventory.machine-absent' });
    expect(failure?.next[0]).toBe('did you mean "web1"?');
  });

  it('refuses an address that reaches another machine', async () => {
    await using test = await openTestLab({ machines: ['app1', 'web1'] });
    const { address } = test.lab.addressOf('app1');
    const failures = await failuresOf(test, withSource('web1', { address }));
    expect(failures.map(({ step, code }) => [step, code])).toEqual([['inventory/web1', 'identity.mismatch']]);
  });

  it('refuses source and target on one host', async () => {
    await using test = await openTestLab({ machines: ['web1'] });
    const { address } = test.lab.addressOf('mia-kvm1');
    const failures = await failuresOf(test, plan => {
      const target = plan.hypervisors['dal-kvm1'];
      if (target === undefined) throw new Error("the lab's plan has dal-kvm1");
      return { ...plan, hypervisors: { ...plan.hypervisors, 'dal-kvm1': { ...target, address } } };
    });
    expect(failures.some(({ code }) => code === 'identity.mismatch')).toBe(true);
  });

  it.each([
    ['image', 'build.image-absent'],
    ['pool', 'inventory.object-absent'],
    ['network', 'inventory.object-absent'],
  ] as const)('misses a wrong %s of the plan at the target', async (what, code) => {
    await using test = await openTestLab({ machines: ['web1'] });
    const failures = await failuresOf(test, plan => {
      const images = Object.fromEntries(
        Object.entries(plan.images).map(([name, image]) => [
          name,
          what === 'image'
            ? { ...image, volume: `${image.volume}x` }
            : what === 'pool'
              ? { ...image, pool: 'defualt' }
              : image,
        ]),
      );
      const networks = Object.fromEntries(
        Object.entries(plan.networks).map(([name, network]) => [
          name,
          what === 'network' ? { ...network, libvirt: `${network.libvirt}x` } : network,
        ]),
      );
      return { ...plan, images, networks };
    });
    expect(failures).toEqual([expect.objectContaining({ step: 'inventory/dal-kvm1', code })]);
    expect(failures[0]?.next[0]).toMatch(/^did you mean/);
  });
});
