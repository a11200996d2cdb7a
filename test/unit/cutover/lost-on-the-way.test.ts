import { describe, expect, it } from 'vitest';
import { isOpenedAlone } from '../../../src/cutover/publisher-host.ts';
import { tryOrder } from '../../../src/evacuation/engine/desk.ts';
import { holdOf } from '../../../src/evacuation/held.ts';
import { sayCutover } from '../../../src/reports/say-cutover.ts';
import { planOf } from '../../support/state.ts';
import { shop } from '../checklist/plans.ts';
import { Simulated } from './simulated.ts';

const NAME = 'miami-to-dallas';

/** Everything up to the point of no return is done, and then the source site is gone. */
function lost(): Simulated {
  const cutover = new Simulated(shop());
  cutover.order({ act: 'begin', confirm: NAME, reason: 'the storm is near' });
  cutover.order({ act: 'go', confirm: NAME });
  for (;;) {
    cutover.settle();
    const mine = cutover.list.items.find(
      ({ id, status, deed }) => status === 'open' && deed === undefined && id !== 'no-return',
    );
    if (mine === undefined) break;
    cutover.order({ act: 'tick', item: mine.id });
  }
  return cutover;
}

const dark = { type: 'mode.switched', mode: 'dark' } as const;

describe('a source that is lost in the middle of a cutover', () => {
  it('does not keep the abort from ending, nor a cutover in the dark from beginning', () => {
    const cutover = lost();
    cutover.tell('dana@jump1', dark);
    cutover.order({ act: 'abort', reason: 'Miami is gone' });
    for (const { id } of cutover.list.items.filter(({ rollback }) => rollback.length > 0))
      cutover.order({ act: 'tick', item: id });
    const steps: string[] = [];
    const titles: string[] = [];
    cutover.settle(({ id, title }) => {
      steps.push(id);
      titles.push(title);
      return 'ends';
    });
    expect(steps.filter(id => /undo-(?:quiet|drain|power-off)|put-back/.test(id))).toEqual([]);
    expect(steps).toContain('cutover/app1/undo-bring-up');
    expect(titles.at(-1)).toContain('the source is lost');
    expect(cutover.order({ act: 'begin', confirm: NAME, reason: 'Miami is gone', dark: true })).toBeDefined();
    expect(cutover.state.cutover?.dark).toBe(true);
  });

  it('is not started by an attempt that still waits for it', () => {
    const cutover = lost();
    cutover.order({ act: 'abort', reason: 'Miami is gone' });
    const step = { id: 'cutover/app1/undo-power-off', phase: 'cutover', subject: 'app1' } as const;
    expect(holdOf(step, cutover.state)).toBeUndefined();
    cutover.tell('dana@jump1', dark);
    expect(holdOf(step, cutover.state)).toBeDefined();
  });
});

describe('a step that failed after the abort had been given', () => {
  it('is tried anew by the next cutover of the same engine', () => {
    const cutover = new Simulated(shop());
    cutover.order({ act: 'begin', confirm: NAME, reason: 'the storm is near' });
    const failed = 'cutover/app1/power-off';
    cutover.tell('engine@jump1:1', {
      type: 'cutover.ended',
      outcome: 'rolled-back',
      startedAt: cutover.now,
      lost: [],
    });
    const error = { code: 'bug', family: 'bug' as const, what: 'it stayed on', next: [] };
    cutover.tell(
      'engine@jump1:1',
      { type: 'step.failed', step: failed, phase: 'cutover', attempts: 1, error },
      { type: 'step.retry-requested', step: failed },
    );
    const desk = { ...cutover.view, now: cutover.now, by: 'dana@jump1', steps: cutover.steps };
    const again = { kind: 'cutover', act: 'begin', confirm: NAME, reason: 'once more' } as const;
    expect(tryOrder(again, desk).retry).toContain(failed);
  });
});

describe('events of an abort and of the line that crossed', () => {
  it('a second beginning forgets nothing that the first has stopped', () => {
    const cutover = lost();
    const { stopped, poweredOff } = cutover.state.cutover?.machines['app1'] ?? {};
    cutover.tell('sam@jump2', {
      type: 'cutover.begun',
      ...{ rehearse: false, dark: false, planHash: 'x', confirmed: NAME, open: [] },
    });
    expect(stopped).toBeDefined();
    expect(cutover.state.cutover?.machines['app1']).toMatchObject({ stopped, poweredOff });
  });

  it('leave the first of them standing', () => {
    const first = lost();
    first.tell('dana@jump1', { type: 'cutover.aborted', reason: 'no' });
    first.tell('sam@jump2', { type: 'cutover.no-return', confirmed: NAME });
    expect(first.state.cutover?.noReturn).toBeUndefined();
    const second = lost();
    second.tell('sam@jump2', { type: 'cutover.no-return', confirmed: NAME });
    second.tell('dana@jump1', { type: 'cutover.aborted', reason: 'no' });
    expect(second.state.cutover?.aborted).toBeUndefined();
    expect(second.list.phase).toBe('final');
  });
});

describe('what landfall cannot do by itself', () => {
  it('is skipped with a reason once it was tried, as its error says, and not before', () => {
    const cutover = new Simulated(shop());
    cutover.order({ act: 'begin', confirm: NAME, reason: 'the storm is near' });
    cutover.order({ act: 'go', confirm: NAME });
    for (const { id } of cutover.list.items.filter(({ section }) => section === 'activate'))
      cutover.order({ act: 'tick', item: id });
    const skip = { act: 'skip', item: 'quiet/app1', reason: 'stopped by hand' } as const;
    expect(cutover.order(skip)).toBeUndefined();
    const [step] = cutover.steps;
    if (step?.id !== 'cutover/app1/quiet') throw new Error('quiet is not due');
    cutover.perform(step, 'fails-early');
    expect(cutover.order({ act: 'skip', item: skip.item })).toBeUndefined();
    expect(cutover.order(skip)).toContain('is skipped');
  });
});

describe('a cutover that was taken up again on another machine', () => {
  it('is not aborted without the typed name: the line may have been passed where nobody sees it now', () => {
    const cutover = lost();
    cutover.tell('dana@jump2', {
      type: 'evacuation.recovered',
      ...{ from: 'root@dal-kvm1:22', upTo: 1, lastAt: cutover.now, head: 'x', missing: [] },
    });
    expect(cutover.order({ act: 'abort', reason: 'no' })).toBeUndefined();
    expect(cutover.order({ act: 'abort', reason: 'no', confirm: NAME })).toContain('given up');
  });
});

describe('a plan of nothing but what people do', () => {
  it('has nothing that could be ticked before its gates were looked at', () => {
    const plan = planOf({
      machines: {},
      databases: {},
      cutover: { by_hand: [{ title: 'Move the VLAN', at: 'stopped' }] },
    });
    const stopped = new Simulated(plan).list.items.find(({ id }) => id === 'by-hand/stopped/1');
    expect(stopped?.needs).not.toEqual([]);
  });
});

describe('the outage of a cutover that was taken back', () => {
  it('lasted from the first stop until the source was given back', () => {
    const cutover = lost();
    const stoppedAt = cutover.list.outages.find(({ subject }) => subject === 'app1')?.lostAt ?? 0;
    cutover.order({ act: 'abort', reason: 'no' });
    for (const { id } of cutover.list.items.filter(({ rollback }) => rollback.length > 0))
      cutover.order({ act: 'tick', item: id });
    cutover.settle();
    const given = cutover.state.cutover?.items['quiet/app1']?.at;
    const outage = cutover.list.outages.find(({ subject }) => subject === 'app1');
    expect(given).toBeDefined();
    expect(outage?.backAt).toBe(given);
    expect(Math.abs((outage?.lostAt ?? 0) - stoppedAt)).toBeLessThanOrEqual(1000);
  });

  it('is not told as if everything were as before where the source is lost', () => {
    const ended = { v: 1, seq: 1, at: 1, by: 'engine@jump1:1', type: 'cutover.ended', startedAt: 0 } as const;
    const said = (owed: string[]) =>
      sayCutover({ ...ended, outcome: 'rolled-back', lost: owed }, 'dana').text;
    expect(said([])).toContain('as it was');
    expect(said(['power-off/app1 could not be taken back'])).not.toContain('as it was');
  });
});

describe('a production that went off with the machine that it ran on', () => {
  it('is not waited for behind the line: its copy is opened with what was drained', () => {
    const cutover = lost();
    expect(isOpenedAlone(cutover.view, 'Orders')).toBe(false);
    const { Orders: orders } = cutover.plan.databases;
    const address = cutover.plan.machines['app1']?.source.address;
    if (orders === undefined || address === undefined) throw new Error('another plan');
    const databases = { Orders: { ...orders, publisher: { ...orders.publisher, address } } };
    expect(isOpenedAlone({ ...cutover.view, plan: { ...cutover.plan, databases } }, 'Orders')).toBe(true);
    cutover.tell('dana@jump1', dark);
    expect(isOpenedAlone(cutover.view, 'Orders')).toBe(true);
  });
});
