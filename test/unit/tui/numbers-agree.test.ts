import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import { say } from '../../../src/reports/say.ts';
import { passLogOf } from '../../../src/tui/screens/machine-passes.ts';
import { MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';

const plan = planOf({ machines: { web1: machinePlan() } });

const snapshotFor = (story: Story): Snapshot =>
  snapshotOf({ plan: story.plan, state: story.state, events: story.events });

const open = (story: Story, rows = 40): Promise<UiApp> =>
  uiApp({ session: heldSession(snapshotFor(story)), now: story.now, columns: 120, rows });

const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');

type Failure = Extract<EventBody, { type: 'step.failed' }>['error'];

const RSYNC = `rsync ${'--option '.repeat(60)}`;
const ERROR: Failure = {
  code: 'sync.target-full',
  family: 'act',
  what: 'the file system of / at the target is full',
  why: 'nothing more can be copied',
  where: { host: 'web1', machine: 'web1', command: RSYNC },
  evidence: ['rsync: write failed: No space left on device (28)'],
  next: ['make room at the target', 'run the same command again: files that have arrived are not sent again'],
};

/** A machine whose second pass failed in its middle. */
function failing(): Story {
  const story = new Story(plan).begin().observe('web1').build('web1').pass('web1', 1);
  const step = { step: 'sync/web1/pass-2', phase: 'sync' } as const;
  story
    .tell({ type: 'step.started', ...step, attempt: 1 })
    .startPass('web1', 2)
    .wait(MINUTE);
  return story.tell({ type: 'step.failed', ...step, attempts: 1, error: ERROR }).wait(1000);
}

describe('numbers and words that agree', () => {
  test('a machine is built without its path, which comes with sync', async () => {
    const story = new Story(plan).begin().observe('web1').build('web1');
    const events = story.events.filter(({ type }) => !type.startsWith('path.'));
    const ui = await open(new Story(plan).retell(events));
    await ui.press('3');
    expect(ui.text()).toContain('1 of 1 built');
    expect(ui.text()).toMatch(
      /web1 +✔ built +✔ made +✔ defined +✔ started +✔ reached +✔ attached +✔ mounted +· at sync/,
    );
  });

  test('databases that machines run are named beside those of the plan', async () => {
    const ui = await open(new Story(plan).begin().observe('web1', { services: ['mariadb.service'] }));
    await ui.press('1');
    expect(words(ui)).toContain('0 databases in the plan (1 machine runs one: web1: MariaDB');
  });

  test('the pass of a failed machine was cut off: it is not under way', async () => {
    const ui = await open(failing(), 60);
    await ui.press('enter');
    expect(ui.text()).toMatch(/2 Δ .* - .*· cut off/);
    expect(ui.text()).not.toContain('under way');
  });

  test('a pass by blocks that files have taken over is given up, also while the change is made', async () => {
    const chosen = (mover: 'files' | 'blocks'): EventBody => ({
      ...{ type: 'mover.chosen', machine: 'web1', mover, decided: 'fallback' },
      ...{ reasons: ['vda is a raw disk'], against: [] },
    });
    const step = 'build/web1/attach';
    const story = new Story(plan).begin().observe('web1').build('web1').tell(chosen('blocks'));
    story
      .pass('web1', 1, { mover: 'blocks' })
      .startPass('web1', 2, { mover: 'blocks' })
      .tell(chosen('files'));
    story.tell({ type: 'step.started', step, phase: 'build', attempt: 1 });
    const ui = await open(story, 60);
    expect(words(ui)).toContain('changing mover');
    await ui.press('enter');
    expect(ui.text()).toMatch(/2 Δ .* - .*· given up/);
    expect(ui.text()).not.toMatch(/copying|under way/);
  });

  test('the log of a copy that failed is the one that is shown', async () => {
    expect(passLogOf({ snapshot: snapshotFor(failing()) }, 'web1')).toBe('logs/web1-p2-0.log');
    const ended = new Story(plan).begin().observe('web1').build('web1').pass('web1', 1);
    expect(passLogOf({ snapshot: snapshotFor(ended) }, 'web1')).toBe('logs/pass-1.log');
  });
});

describe('a failed machine', () => {
  test('shows evidence and remedy before the command, all of it in sight at 120x36', async () => {
    const ui = await open(failing(), 36);
    await ui.press('enter');
    const at = ['No space left on device', 'next: make room', 'rsync --option'].map(each =>
      ui.text().indexOf(each),
    );
    expect(at.every(each => each > 0)).toBe(true);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  });

  test('says r where the command line says to run the command again', async () => {
    const ui = await open(failing(), 36);
    for (const key of ['enter', '4', '3']) {
      await ui.press(key);
      expect(words(ui)).not.toContain('run the same command again');
    }
    await ui.press('4');
    expect(words(ui)).toContain('next: press r to try it again: files that have arrived');
  });
});

describe('a retry', () => {
  const retrying = (): Story => {
    const story = new Story(plan).begin().observe('web1').build('web1').pass('web1', 1);
    const step = { step: 'sync/web1/pass-2', phase: 'sync' } as const;
    story
      .tell({ type: 'step.started', ...step, attempt: 1 })
      .startPass('web1', 2)
      .wait(MINUTE);
    const error: Failure = { ...ERROR, what: 'the connection was lost', evidence: ['Broken pipe'] };
    return story.tell({ type: 'step.retrying', ...step, attempt: 1, inMs: 5000, error });
  };

  test('is in the log, with what the program said', async () => {
    const event = retrying().events.at(-1);
    expect(event === undefined ? undefined : say(event)?.text).toBe(
      'sync/web1/pass-2: attempt 1 failed: the connection was lost (Broken pipe); trying again in 5.0s',
    );
    const ui = await open(retrying());
    await ui.press('l');
    expect(words(ui)).toContain('attempt 1 failed: the connection was lost (Broken pipe)');
  });

  test('is on the screen of the machine, while it waits and after it', async () => {
    const story = retrying();
    const waiting = await open(story, 40);
    await waiting.press('enter');
    expect(words(waiting)).toContain(
      'attempt 1, 0s ago: the connection was lost; landfall tries again by itself',
    );
    const step = { step: 'sync/web1/pass-2', phase: 'sync' } as const;
    story.wait(5000).tell({ type: 'step.started', ...step, attempt: 2 });
    const later = await open(story, 40);
    await later.press('enter');
    expect(words(later)).toContain('attempt 1, 5s ago: the connection was lost; it was tried again');
  });
});
