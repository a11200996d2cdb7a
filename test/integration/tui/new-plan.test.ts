import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planServices } from '../../../src/cli/ui/plan-services.ts';
import { systemClock } from '../../../src/foundation/clock.ts';
import { removeTreeSync } from '../../../src/foundation/remove-tree.ts';
import { editPlan } from '../../../src/plan/edit.ts';
import { parsePlan } from '../../../src/plan/load.ts';
import { ioOf } from '../../support/cli.ts';
import { openScreens } from '../../support/ui.ts';
import { openTestLab } from '../lab/harness.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'landfall-new-plan-'));
});
afterEach(() => removeTreeSync(cwd, tmpdir()));

test('a first plan is made on the screen from what two sites show, and written', async () => {
  await using lab = await openTestLab({ machines: ['db1', 'web1'] });
  const services = planServices(ioOf({ cwd }), lab.lab.paths.sshConfig);
  const { terminal, close } = await openScreens({ services });
  const { screen, press, paste } = terminal;
  try {
    await screen.waitFor('new plan');
    await press('i');
    await screen.waitFor('A first plan');
    await press('tab');
    await paste('mia-kvm1,mia-kvm2');
    await press('tab');
    await paste('nowhere.invalid');
    await press('enter', 'enter', 'enter', 'enter');
    // A look that fails loses nothing of what was typed.
    await screen.waitFor(/no hypervisor of the target can be looked at/);
    await screen.waitFor('mia-kvm1,mia-kvm2');
    await press('tab', 'tab', 'ctrl+u');
    await paste('dal-kvm1');
    await press('tab');
    await paste('in 3d4h');
    await press('tab');
    await paste('in 4d6h');
    await press('tab', 'enter');
    await screen.waitFor('machines: 2 of 2 in the plan');
    await screen.waitFor('2 places to fill in or mend');
    expect(screen.text()).toMatch(/db1 +normal +✖ fill in +dal-servers +golden-debian12/);

    await press('space');
    await screen.waitFor('machines: 1 of 2 in the plan');
    await press('space');
    await screen.waitFor('machines: 2 of 2 in the plan');
    for (const [, address] of [
      ['db1', '127.77.2.11'],
      ['web1', '127.77.2.16'],
    ] as const) {
      await press('enter');
      await screen.waitFor('lands at (a free address)');
      await paste(address);
      await press('tab', 'tab', 'tab', 'tab', 'tab', 'enter');
      await screen.waitFor(address);
      await press('down');
    }
    await screen.waitFor('The plan is sound');
    await press('w');
    await screen.waitFor('Write a new plan');
    await press('enter');
    await screen.waitFor('written: plans/storm.yaml');
    const text = readFileSync(join(cwd, 'plans/storm.yaml'), 'utf8');
    const result = parsePlan(text, { file: 'storm.yaml', now: systemClock.now() });
    expect(result).toMatchObject({
      ok: true,
      warnings: [],
      plan: { machines: { db1: { target: { address: '127.77.2.11' } } } },
    });
    expect(text).not.toContain('FILL IN:');
    expect(lab.lab.violations()).toEqual([]);
  } finally {
    await close();
  }
});

test('machines of the sites that an open plan lacks are found, in the names of that plan', async () => {
  await using lab = await openTestLab({ machines: ['db1', 'web1'] });
  const services = planServices(ioOf({ cwd }), undefined);
  const own = readFileSync(lab.lab.paths.plan, 'utf8')
    .replaceAll('mia-kvm1:', 'old-one:')
    .replaceAll('hypervisor: mia-kvm1', 'hypervisor: old-one')
    .replaceAll('golden-debian12:', 'debian:')
    .replaceAll('image: golden-debian12', 'image: debian')
    .replaceAll(/dal-servers:$/gm, 'servers:')
    .replaceAll('network: dal-servers', 'network: servers');
  const without = editPlan(own, [{ kind: 'remove-machine', machine: 'db1' }]);
  const { offers, troubles } = await services.findMachines('plan.yaml', without);
  expect(troubles).toEqual([]);
  expect(offers).toEqual([
    expect.objectContaining({
      name: 'db1',
      source: expect.objectContaining({ hypervisor: 'old-one', address: 'db1' }),
      target: expect.objectContaining({ hypervisor: 'dal-kvm1', image: 'debian', network: 'servers' }),
    }),
  ]);
  const [db1] = offers;
  if (db1 === undefined) throw new Error('db1 was found');
  const again = editPlan(without, [
    { kind: 'add-machine', machine: db1 },
    { kind: 'address', machine: 'db1', address: '127.77.2.11' },
  ]);
  expect(parsePlan(again, { file: 'plan.yaml', now: systemClock.now() })).toMatchObject({ ok: true });
});
