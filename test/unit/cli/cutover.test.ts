import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSettled } from '../../../src/cli/cutover/order.ts';
import { formatChecklist, formatProgress } from '../../../src/cli/cutover/print.ts';
import { createStyle } from '../../../src/cli/style.ts';
import { landfall } from '../../support/cli.ts';
import { shop } from '../checklist/plans.ts';
import { Simulated } from '../cutover/simulated.ts';

const PLAN = join(import.meta.dirname, '../../../plans/miami-to-dallas.yaml');
const NAME = 'miami-to-dallas';
const style = createStyle(false, false);

function begun(): Simulated {
  const cutover = new Simulated(shop());
  cutover.order({ act: 'begin', confirm: NAME, reason: 'near' });
  cutover.order({ act: 'go', confirm: NAME });
  return cutover;
}

describe('landfall cutover', () => {
  test('prints the list of a plan that was never run, and what it would do', async () => {
    const shown = await landfall(['cutover', PLAN]);
    expect(shown.code).toBe(0);
    expect(shown.out).toContain('The cutover of miami-to-dallas has not begun');
    expect(shown.out).toContain(`landfall cutover ${NAME} begin --confirm ${NAME}`);
    const dry = await landfall(['cutover', PLAN, '--dry-run', '--json']);
    const { steps } = JSON.parse(dry.out);
    expect(steps.map(({ step }: { step: string }) => step)).toContain('cutover/web1/power-off');
    const dark = JSON.parse((await landfall(['cutover', PLAN, '--dark', '--json'])).out);
    expect(dark).toMatchObject({ type: 'checklist', dark: true, phase: 'not-begun', turn: ['gates'] });
  });

  test('refuses words that mean nothing, and acts on what was never begun', async () => {
    expect((await landfall(['cutover', PLAN, 'leap'])).code).toBe(2);
    const begin = await landfall(['cutover', PLAN, 'begin', '--confirm', NAME]);
    expect(begin.code).toBe(2);
    expect(begin.err).toContain('state.absent');
    const dry = await landfall(['cutover', PLAN, 'begin', '--dry-run']);
    expect(dry.err).toContain('a cutover begins with the name of the evacuation, typed');
  });

  test('shows the line, whose turn it is, and how to get back', () => {
    const cutover = begun();
    const text = formatChecklist(cutover.list, cutover.now, style);
    expect(text).toMatch(/---- the point of no return ----\n.*no-return/);
    expect(text).toContain(`landfall cutover ${NAME} tick activate/decision`);
    expect(text).toContain(`landfall cutover ${NAME} abort --reason`);
    expect(isSettled(cutover.view, cutover.list)).toBe(true);
  });

  test('is settled where an item failed, and tells what to do about it', () => {
    const cutover = begun();
    for (const item of ['decision', 'people', 'ttl/shop.example.com'])
      cutover.order({ act: 'tick', item: `activate/${item}` });
    expect(isSettled(cutover.view, cutover.list)).toBe(false);
    cutover.settle(({ id }) => (id === 'cutover/app1/quiet' ? 'fails-late' : 'ends'));
    expect(isSettled(cutover.view, cutover.list)).toBe(true);
    const text = formatProgress(cutover.list, 0, style);
    expect(text).toContain('quiet/app1 failed');
    expect(text).toContain('next: try again');
    expect(text).toContain(`landfall cutover ${NAME} run quiet/app1 --confirm app1`);
  });

  test('names from hosts and plans cannot move the cursor', () => {
    const cutover = begun();
    const items = cutover.list.items.map(item => ({ ...item, title: 'a\u001b[2Jb', owner: 'x\u202ey' }));
    const text = formatChecklist({ ...cutover.list, items }, cutover.now, style);
    expect(text).not.toMatch(/[\u001b\u202e]/);
  });
});
