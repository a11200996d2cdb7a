import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { estate } from './estate.ts';

const open = (snapshot: Snapshot, now: number): Promise<UiApp> =>
  uiApp({ session: heldSession(snapshot), now });

const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');
const footer = (ui: UiApp): string => ui.lines().at(-1) ?? '';

describe('the worst failure owns the message and the first hint', () => {
  test.each([
    ['overview', '0'],
    ['check', '1'],
    ['inventory', '2'],
    ['build', '3'],
    ['sync', '4'],
    ['database', '5'],
    ['prove', '6'],
    ['ready', '7'],
    ['cutover', '8'],
  ])('on %s', async (_screen, key) => {
    const { snapshot, now } = estate();
    const ui = await open(snapshot, now);
    await ui.press(key);
    expect(words(ui)).toContain('✖ web1 failed: the target file system is full');
    expect(words(ui)).toContain('[!] opens web1');
    expect(footer(ui)).toMatch(/^ \[!\] open web1/);
    await ui.press('!');
    expect(ui.screen()).toBe('machine');
  });

  test('on the screen of another machine', async () => {
    const { snapshot, now } = estate();
    const ui = await open(snapshot, now);
    ui.app.store.act({ type: 'go', place: { screen: 'machine', subject: 'db1' } });
    expect(words(ui)).toContain('✖ web1 failed: the target file system is full');
    expect(footer(ui)).toMatch(/^ \[!\] open web1/);
  });

  test('where a step that machines share has failed, with the key that tries it again', async () => {
    const story = new Story(planOf({ machines: { web1: machinePlan() } })).begin();
    const step = { step: 'inventory/mia-kvm1', phase: 'inventory' } as const;
    story.tell(
      { type: 'step.started', ...step, attempt: 1 },
      {
        type: 'step.failed',
        ...step,
        attempts: 3,
        error: {
          code: 'ssh.unreachable',
          family: 'act',
          what: 'mia-kvm1 does not answer',
          next: ['see whether it runs, then run the same command again'],
        },
      },
    );
    const ui = await open(snapshotOf({ plan: story.plan, state: story.state }), story.now);
    await ui.press('4');
    expect(words(ui)).toContain(
      '✖ inventory/mia-kvm1 failed: mia-kvm1 does not answer. Next: see whether it runs, then press r to try it again.',
    );
    expect(footer(ui)).toMatch(/^ \[r\] try again, once it is mended/);
  });
});

describe('an evacuation opens', () => {
  const begun = (): Story => new Story(planOf({ machines: { web1: machinePlan() } })).begin();
  const screenOf = async (story: Story): Promise<string> =>
    (await open(snapshotOf({ plan: story.plan, state: story.state }), story.now)).screen();

  test('on the overview where no stage is held, however fresh it is', async () => {
    expect(await screenOf(begun())).toBe('overview');
  });

  test('on its first stage where stages are held', async () => {
    expect(await screenOf(begun().tell({ type: 'stages.held', phases: ['inventory', 'build'] }))).toBe(
      'check',
    );
  });

  test('on its first stage where nothing was ever begun', async () => {
    expect(await screenOf(new Story(planOf({ machines: { web1: machinePlan() } })))).toBe('check');
  });
});
