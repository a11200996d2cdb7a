import { describe, expect, it } from 'vitest';
import { budgetOf, Ledger } from '../../../src/evacuation/budget.ts';
import { passStep } from '../../../src/sync/passes.ts';
import { verifyStep } from '../../../src/sync/verify.ts';
import { Story } from '../../support/state.ts';

describe('one replica', () => {
  it('is worked on by one step at a time: the next one does not begin while the last clears up', () => {
    const { view } = new Story().begin().observe('web1').build('web1').pass('web1', 1);
    const ledger = new Ledger(budgetOf(view.plan));
    const first = passStep(view, 'web1', { pass: 1, kind: 'full', reason: 'r', checksum: false });
    const next = passStep(view, 'web1', { pass: 2, kind: 'delta', reason: 'r', checksum: false });
    const other = passStep(view, 'app1', { pass: 1, kind: 'full', reason: 'r', checksum: false });
    ledger.take(first.resources);
    expect(ledger.fits(next.resources)).toBe(false);
    expect(ledger.fits(verifyStep(view, 'web1', 1).resources)).toBe(false);
    expect(ledger.fits(other.resources)).toBe(true);
    ledger.release(first.resources);
    expect(ledger.fits(next.resources)).toBe(true);
  });
});
