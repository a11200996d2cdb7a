import { describe, expect, it } from 'vitest';
import { dependenciesOf } from '../../../src/estate/dependencies/dependencies.ts';
import { inventorySteps } from '../../../src/inventory/index.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab } from '../lab/harness.ts';

describe('surroundings in the pocket lab', () => {
  it('are looked at several times, hide nothing, and leave nothing to settle where nobody talks', async () => {
    await using test = await openTestLab();
    const run = await LabRun.of(test.lab);
    await run.conduct(inventorySteps);
    expect(run.failures()).toEqual([]);
    for (const [name, { surveyed, peerSamples }] of Object.entries(run.state.machines)) {
      expect(peerSamples, name).toBe(3);
      const asked = [surveyed?.shares, surveyed?.upstreams, surveyed?.hardAddresses, surveyed?.staticNames];
      expect(asked.includes(undefined), name).toBe(false);
      const engines = surveyed?.dataServices?.map(({ engine }) => engine) ?? [];
      expect(engines, `a database of the machine that the lab runs on is none of ${name}'s`).toEqual([]);
    }
    const { edges, findings, order } = dependenciesOf(run.view, run.state.lastAt);
    expect(findings.map(({ subject, what, evidence }) => `${subject}: ${what}: ${evidence[0]}`)).toEqual([]);
    expect(edges).toContainEqual(
      expect.objectContaining({
        from: 'web1',
        via: 'dns',
        to: expect.objectContaining({ name: 'resolver' }),
      }),
    );
    expect(order.flat().toSorted()).toEqual(Object.keys(run.view.plan.machines).toSorted());
  }, 120_000);
});
