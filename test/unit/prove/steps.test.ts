import { describe, expect, test } from 'vitest';
import { budgetOf, Ledger } from '../../../src/evacuation/budget.ts';
import { proofStepsOf, stepsOf } from '../../../src/evacuation/planner.ts';
import { egressTargets } from '../../../src/prove/egress.ts';
import { dueProof, hasCopy } from '../../../src/prove/index.ts';
import { passStep } from '../../../src/sync/passes.ts';
import { MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';

const asked = { type: 'proof.requested' as const, machine: 'web1', reason: 'dana asked' };
const proofs = (story: Story): string[] =>
  stepsOf(story.view).flatMap(({ id, phase }) => (phase === 'prove' ? [id] : []));

describe('which proofs are due', () => {
  test('none without an order, one after it, none when it has ended, the next after the next order', () => {
    const story = new Story().begin().evacuate('web1');
    expect(proofs(story)).toEqual([]);
    expect(proofs(story.tell(asked))).toEqual(['prove/web1/proof-1']);
    expect(proofs(story.prove('web1'))).toEqual([]);
    expect(proofs(story.tell(asked))).toEqual(['prove/web1/proof-2']);
  });

  test('one that a crash cut short is due again under its number', () => {
    const story = new Story()
      .begin()
      .ready('web1')
      .tell({
        ...{ type: 'proof.started' as const, machine: 'web1', proof: 2, pass: 2, domain: 'd', nonce: 'n' },
      });
    expect(proofs(story)).toEqual(['prove/web1/proof-2']);
  });

  test('one whose verdict is on record while its step is open is listed once more', () => {
    const story = new Story()
      .begin()
      .evacuate('web1')
      .tell({ type: 'step.started', step: 'prove/web1/proof-1', phase: 'prove', attempt: 1 })
      .prove('web1');
    expect(proofs(story)).toEqual(['prove/web1/proof-1']);
    story.tell({ type: 'step.done', step: 'prove/web1/proof-1', phase: 'prove', ms: 1, already: true });
    expect(proofs(story)).toEqual([]);
  });

  test('an order before the first copy waits for it, and so after the replica was made anew', () => {
    const story = new Story().begin().observe('web1').build('web1').tell(asked);
    expect(dueProof(story.view, 'web1')).toBeUndefined();
    story.pass('web1', 1);
    expect(dueProof(story.view, 'web1')).toBe(1);
    story.wait(MINUTE).build('web1');
    expect(hasCopy(story.view, 'web1')).toBe(false);
    expect(dueProof(story.view, 'web1')).toBeUndefined();
    story.pass('web1', 2);
    expect(dueProof(story.view, 'web1')).toBe(1);
  });

  test('an engine for proofs alone has them and what they need, and no pass', () => {
    const story = new Story()
      .begin()
      .observe('web1')
      .build('web1')
      .pass('web1', 1, { judged: 'first' })
      .tell(asked);
    const ids = proofStepsOf(story.view).map(({ id }) => id);
    expect(ids).toContain('prove/web1/proof-1');
    expect(ids).toContain('build/web1/standby');
    expect(ids).toContain('inventory/web1');
    expect(ids.some(id => id.startsWith('sync/') || id.startsWith('cutover/'))).toBe(false);
    const known = new Set(ids);
    expect(
      proofStepsOf(story.view)
        .flatMap(({ needs }) => needs)
        .filter(need => !known.has(need)),
    ).toEqual([]);
  });
});

describe('what a proof takes', () => {
  test('the replica: neither a pass nor another proof of the machine runs beside it', () => {
    const plan = planOf({ machines: { web1: machinePlan(), app1: machinePlan() } });
    const story = new Story(plan)
      .begin()
      .evacuate('web1')
      .evacuate('app1')
      .tell(asked, { ...asked, machine: 'app1' });
    const [web1, app1] = ['web1', 'app1'].map(name =>
      stepsOf(story.view).find(({ id }) => id === `prove/${name}/proof-1`),
    );
    if (web1 === undefined || app1 === undefined) throw new Error('no proof is due');
    const ledger = new Ledger(budgetOf(plan));
    ledger.take(web1.resources);
    const pass = passStep(story.view, 'web1', { pass: 3, kind: 'delta', reason: 'x', checksum: false });
    expect(ledger.fits(pass.resources)).toBe(false);
    // One at a time on one hypervisor, unless the plan says otherwise.
    expect(ledger.fits(app1.resources)).toBe(false);
    const together = new Ledger(budgetOf({ ...plan, proof: { ...plan.proof, together: 2 } }));
    together.take(web1.resources);
    expect(together.fits(app1.resources)).toBe(true);
  });

  test('goes out to literal addresses of the plan that are not its own', () => {
    const machines = {
      web1: machinePlan(),
      app1: machinePlan({ source: { hypervisor: 'mia-kvm1', address: '10.20.0.12' } }),
    };
    const networks = { 'dal-servers': { site: 'dallas', libvirt: 'servers', gateway: '10.30.0.254' } };
    const story = new Story(planOf({ machines, networks })).begin().observe('web1');
    const targets = egressTargets(story.view, 'web1');
    expect(targets).toContain('10.30.0.254');
    expect(targets).toContain('10.20.0.12');
    expect(targets).toContain('10.20.0.1');
    expect(targets).not.toContain('10.20.0.11');
    expect(new Set(targets).size).toBe(targets.length);
  });
});
