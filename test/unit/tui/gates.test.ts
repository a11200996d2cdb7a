import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Gate } from '../../../src/readiness/gate.ts';
import { gate } from '../../../src/readiness/gate.ts';
import { verdictOf } from '../../../src/readiness/verdict.ts';
import { inOrder, ranked, rememberGates, standingOf } from '../../../src/tui/gates.ts';
import { fleetOf } from '../../support/fleet.ts';
import { snapshotOf } from '../../support/ui.ts';

const anyGate = fc
  .record({
    subject: fc.constantFrom('web1', 'web2', 'web3'),
    check: fc.constantFrom('inventory', 'built', 'verified', 'no-failure', 'exposure'),
    severity: fc.constantFrom('critical' as const, 'warning' as const),
    verdict: fc.constantFrom('pass' as const, 'fail' as const, 'unproven' as const, 'not-covered' as const),
    waived: fc.boolean(),
  })
  .map(({ subject, check, severity, verdict, waived }): Gate => {
    const made = gate('machine', subject, {
      check,
      title: check,
      severity,
      verdict,
      evidence: ['seen'],
      remedy: 'mend it',
      costOfIgnoring: 'it breaks',
    });
    const waiver = { by: 'dana', at: 1, reason: 'known', until: 2, standing: 'in-force' as const };
    return waived ? { ...made, waiver } : made;
  });

const gatesOf = fc.uniqueArray(anyGate, { selector: each => each.id, minLength: 1 });

function rowsFor(gates: readonly Gate[]) {
  return inOrder(verdictOf(gates), ({ subject }) => ranked(gates.filter(each => each.subject === subject)));
}

describe('the order of gates', () => {
  test('shows every gate once, whatever there is', () => {
    fc.assert(
      fc.property(gatesOf, gates => {
        const shown = rowsFor(gates).flatMap(row => (row.kind === 'gate' ? row.gate.id : []));
        expect([...shown].sort()).toEqual(gates.map(({ id }) => id).sort());
      }),
    );
  });

  test('puts what is open before what cannot be checked, and that before what is met', () => {
    const rank = { blocks: 0, warns: 0, waived: 0, 'not-covered': 1, met: 2 } as const;
    fc.assert(
      fc.property(gatesOf, gates => {
        const ranks = rowsFor(gates).flatMap(row => (row.kind === 'gate' ? rank[row.standing] : []));
        expect(ranks).toEqual([...ranks].sort());
      }),
    );
  });

  test('never shows a gate under the name of another subject', () => {
    fc.assert(
      fc.property(gatesOf, gates => {
        let subject = '';
        for (const row of rowsFor(gates)) {
          if (row.kind === 'subject') subject = row.verdict.subject;
          else expect(row.gate.subject).toBe(subject);
        }
      }),
    );
  });

  test('what blocks never counts as anything else', () => {
    fc.assert(
      fc.property(anyGate, each => {
        const isBlocking =
          each.severity === 'critical' && each.verdict !== 'pass' && each.waiver === undefined;
        expect(standingOf(each) === 'blocks').toBe(isBlocking);
      }),
    );
  });
});

test('rows that did not change stay the same object, from view to view', () => {
  const fleet = fleetOf(5);
  const snapshot = snapshotOf(fleet);
  const gates = rememberGates();
  const before = gates(snapshot, fleet.now).rows();
  expect(gates(snapshot, fleet.now).rows()).toBe(before);
  const name = Object.keys(fleet.plan.machines)[0] ?? '';
  const machines = { ...fleet.state.machines };
  delete machines[name];
  const after = gates({ ...snapshot, state: { ...fleet.state, machines } }, fleet.now).rows();
  expect(after).not.toBe(before);
  const verified = after.find(row => row.kind === 'gate' && row.gate.id === `machine/${name}/inventory`);
  expect(verified).toMatchObject({ standing: 'blocks' });
});
