import { expect, test } from 'vitest';
import { prepareStep } from '../../../src/build/replica/prepare.ts';
import { budgetOf, Ledger } from '../../../src/evacuation/budget.ts';
import { passStep } from '../../../src/sync/passes.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';

test('a replica is not prepared while something is copied into it, whatever has an engineer ordered meanwhile', () => {
  const plan = planOf({ machines: { web1: machinePlan(), db1: machinePlan() } });
  const view = new Story(plan).begin().view;
  const ledger = new Ledger(budgetOf(plan));
  const pass = passStep(view, 'web1', { pass: 2, kind: 'delta', reason: 'ordered', checksum: false });
  ledger.take(pass.resources);
  expect(ledger.fits(prepareStep(plan, 'web1').resources)).toBe(false);
  expect(ledger.fits(prepareStep(plan, 'db1').resources)).toBe(true);
  ledger.release(pass.resources);
  expect(ledger.fits(prepareStep(plan, 'web1').resources)).toBe(true);
});
