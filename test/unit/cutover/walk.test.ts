import { describe, expect, it } from 'vitest';
import { shop } from '../checklist/plans.ts';
import { Simulated } from './simulated.ts';

const NAME = 'miami-to-dallas';

function begun(): Simulated {
  const cutover = new Simulated(shop());
  expect(cutover.order({ act: 'begin', confirm: NAME, reason: 'the storm is near' })).toContain(
    'begins over',
  );
  return cutover;
}

/** Ticks whatever waits for people, and lets landfall do its part, until nothing moves. */
function walk(cutover: Simulated): void {
  for (;;) {
    cutover.settle();
    const mine = cutover.list.items.find(
      ({ id, status, deed }) => status === 'open' && deed === undefined && id !== 'no-return',
    );
    if (mine === undefined) return;
    expect(cutover.order({ act: 'tick', item: mine.id })).toContain('is done');
  }
}

describe('a cutover from begin to close', () => {
  it('waits for people, then for the line, then for people again, and is complete', () => {
    const cutover = begun();
    cutover.order({ act: 'go', confirm: NAME });
    walk(cutover);
    expect(cutover.list.phase).toBe('running');
    expect(cutover.list.turn).toEqual(['no-return']);
    expect(cutover.order({ act: 'no-return' })).toBeUndefined();
    expect(cutover.order({ act: 'no-return', confirm: NAME })).toContain('next: open/Orders');
    expect(cutover.list.phase).toBe('final');
    walk(cutover);
    expect(cutover.list.phase).toBe('committed');
    expect(cutover.list.items.filter(({ status }) => status !== 'done')).toEqual([]);
  });

  it('stops nothing without a typed name, neither alone nor with the rest', () => {
    const cutover = begun();
    cutover.order({ act: 'go' });
    walk(cutover);
    expect(cutover.list.turn).toEqual(['quiet/app1']);
    expect(cutover.order({ act: 'run', item: 'quiet/app1' })).toBeUndefined();
    expect(cutover.order({ act: 'run', item: 'quiet/app1', confirm: 'db1' })).toBeUndefined();
    expect(cutover.order({ act: 'run', item: 'quiet/app1', confirm: 'app1' })).toBe('quiet/app1 begins.');
    expect(cutover.steps.map(({ id }) => id)).toEqual(['cutover/app1/quiet']);
  });

  it('begins only with its name, and over open gates only with a reason', () => {
    const cutover = new Simulated(shop());
    expect(cutover.order({ act: 'begin' })).toBeUndefined();
    expect(cutover.order({ act: 'begin', confirm: 'other', reason: 'why' })).toBeUndefined();
    expect(cutover.order({ act: 'begin', confirm: NAME })).toBeUndefined();
    expect(cutover.order({ act: 'begin', confirm: NAME, reason: 'why', rehearse: true })).toBeUndefined();
    expect(cutover.order({ act: 'begin', confirm: NAME, reason: 'why' })).toBeDefined();
    expect(cutover.order({ act: 'begin', confirm: NAME, reason: 'why' })).toBeUndefined();
    expect(cutover.state.cutover?.open).toContain('machine/db1/built');
  });

  it('is taken back last first, and no source is on before its standby is off', () => {
    const cutover = begun();
    cutover.order({ act: 'go', confirm: NAME });
    walk(cutover);
    expect(cutover.order({ act: 'abort' })).toBeUndefined();
    expect(cutover.order({ act: 'abort', reason: 'the storm turned' })).toContain('bring-up/app1');
    const order: string[] = [];
    cutover.settle(step => {
      order.push(step.id);
      return 'ends';
    });
    expect(order).toEqual([
      'cutover/app1/undo-bring-up',
      'cutover/db1/undo-bring-up',
      'cutover/db1/undo-power-off',
      'cutover/app1/undo-power-off',
      'cutover/db1/undo-quiet',
      'cutover/Orders/undo-drain',
      'cutover/app1/undo-quiet',
      'cutover/db1/put-back',
      'cutover/app1/put-back',
      `cutover/${NAME}/rolled-back`,
    ]);
    expect(cutover.list.phase).toBe('rolled-back');
    expect(cutover.order({ act: 'begin', confirm: NAME, reason: 'again' })).toBeDefined();
  });

  it('cannot be aborted behind the line', () => {
    const cutover = begun();
    cutover.order({ act: 'go', confirm: NAME });
    walk(cutover);
    cutover.order({ act: 'no-return', confirm: NAME });
    expect(cutover.order({ act: 'abort', reason: 'too late' })).toBeUndefined();
  });

  it('tries what failed once more when it is ordered again, and lets nobody skip what carries the rest', () => {
    const cutover = begun();
    cutover.order({ act: 'go', confirm: NAME });
    for (const item of ['activate/decision', 'activate/people', 'activate/ttl/shop.example.com'])
      cutover.order({ act: 'tick', item });
    cutover.settle(({ id }) => (id === 'cutover/db1/power-off' ? 'fails-late' : 'ends'));
    expect(cutover.list.items.find(({ id }) => id === 'power-off/db1')).toMatchObject({
      status: 'failed',
      trouble: { what: 'it failed', next: ['try again'] },
    });
    expect(cutover.list.turn[0]).toBe('power-off/db1');
    expect(cutover.order({ act: 'skip', item: 'power-off/db1', reason: 'never mind' })).toBeUndefined();
    expect(cutover.order({ act: 'tick', item: 'power-off/db1' })).toBeUndefined();
    expect(cutover.order({ act: 'run', item: 'power-off/db1' })).toBe('power-off/db1 begins, once more.');
    cutover.settle();
    expect(cutover.list.items.find(({ id }) => id === 'power-off/db1')?.status).toBe('done');
  });

  it('opens a tick again, but nothing that was carried out and nothing that others came after', () => {
    const cutover = begun();
    cutover.order({ act: 'tick', item: 'activate/decision' });
    cutover.order({ act: 'tick', item: 'activate/people' });
    expect(cutover.order({ act: 'reopen', item: 'activate/decision' })).toBeUndefined();
    expect(cutover.order({ act: 'reopen', item: 'activate/people' })).toBe('activate/people is open again.');
    expect(cutover.order({ act: 'reopen', item: 'activate/decision' })).toBe(
      'activate/decision is open again.',
    );
    expect(cutover.order({ act: 'reopen', item: 'gates' })).toBeUndefined();
  });
});
