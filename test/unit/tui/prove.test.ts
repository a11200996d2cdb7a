import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import type { Sample } from '../../../src/step/step.ts';
import { linear } from '../../../src/tui/frame/linear.ts';
import { disabledIn } from '../../../src/tui/intents/index.ts';
import { scopeOf } from '../../../src/tui/intents/selection.ts';
import { spokenGlyphs } from '../../../src/tui/text/glyphs.ts';
import { textOf, widthOf } from '../../../src/tui/text/line.ts';
import { askForProof, beginProof, CHECKS, FIXUPS, NO_NETWORK, proveMachine } from '../../support/proofs.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';
import { type HeldSession, heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';

/** Stage 6: proofs in every state that there is, on every screen that tells of them. */

const NAMES = ['app1', 'db1', 'files1', 'mail1', 'new1', 'web1'];

const plan = planOf({
  machines: Object.fromEntries(
    NAMES.map(name => [name, machinePlan(name === 'db1' ? { hold: ['nightly.service'] } : {})]),
  ),
});

const copied = (names: readonly string[] = NAMES.filter(each => each !== 'new1')): Story => {
  const story = new Story(plan).begin();
  for (const name of names) {
    story.observe(
      name,
      name === 'db1'
        ? {
            actsTwice: [
              { kind: 'cron', name: '/etc/cron.d/report', detail: '5 2 * * * root /usr/bin/report' },
            ],
          }
        : {},
    );
    story.build(name).pass(name, 1).pass(name, 2).verify(name, 2);
  }
  return story;
};

/** One proof in every state: proven, failed, under way, asked for, none, and a machine without a copy. */
function everyState(): Story {
  const story = copied();
  proveMachine(story, 'db1', 1, { fixups: FIXUPS });
  story.pass('db1', 3).verify('db1', 3);
  proveMachine(story, 'mail1', 1, { reason: NO_NETWORK, fixups: FIXUPS });
  askForProof(story, 'web1');
  beginProof(story, 'app1', 1);
  return story.wait(70_000);
}

const SAMPLE: Sample = {
  step: 'prove/app1/proof-1',
  subject: 'app1',
  at: 0,
  text: 'booting: its kernel runs, 40s of at most 10m00s',
};

interface Opened {
  readonly ui: UiApp;
  readonly session: HeldSession;
}

async function open(
  story: Story,
  keys: readonly string[] = ['6'],
  [columns, rows]: readonly [number, number] = [120, 50],
  parts: Partial<Snapshot> & { readonly unicode?: boolean; readonly later?: number } = {},
): Promise<Opened> {
  const { unicode = true, later = 0, ...rest } = parts;
  const now = story.now + later;
  const session = heldSession(
    snapshotOf({
      plan: story.plan,
      state: story.state,
      events: story.events,
      samples: { [SAMPLE.step]: { ...SAMPLE, at: now - 2000 } },
      ...rest,
    }),
  );
  const ui = await uiApp({ session, now, columns, rows, unicode });
  await ui.press(...keys);
  return { ui, session };
}

const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');
const footer = (ui: UiApp): string => ui.lines().at(-1) ?? '';
const row = (ui: UiApp, name: string): string =>
  ui.lines().find(each => new RegExp(`^. ?${name} `).test(each)) ?? '';
const select = (name: string): string[] => ['6', '/', name, 'enter'];

describe('the list of copies', () => {
  test('says of each what a boot of it proved, or why there is nothing to boot', async () => {
    const { ui } = await open(everyState());
    expect(words(ui)).toContain('copies: 1 of 6 proven, 1 running, 1 failed');
    expect(row(ui, 'db1')).toMatch(/✔ 5m20s ago +11\/12 +2 \(\+1\) +1m10s/);
    expect(row(ui, 'mail1')).toMatch(/✖ no network +10\/12 +2 +1m10s .*The copy came up without/);
    expect(row(ui, 'app1')).toMatch(/… booting +- +- +1m10s/);
    expect(row(ui, 'web1')).toContain('… asked for');
    expect(row(ui, 'files1')).toContain('none yet');
    expect(row(ui, 'new1')).toMatch(/none yet .*there is no copy yet/);
  });

  test('a proof older than the plan allows counts no more', async () => {
    const story = copied(['db1']);
    proveMachine(story, 'db1', 1);
    const { ui } = await open(story, select('db1'), [120, 50], { later: 25 * HOUR });
    expect(row(ui, 'db1')).toContain('▲ old 1d 01h');
    expect(words(ui)).toContain('It booted and worked, too long ago to count');
    expect(words(ui)).toContain('0 of 6 proven');
  });

  test('a proof of disks that were made anew since counts no more', async () => {
    const story = copied(['db1']);
    proveMachine(story, 'db1', 1);
    story.wait(MINUTE).build('db1');
    const { ui } = await open(story, select('db1'));
    expect(row(ui, 'db1')).toContain('? other disks');
    expect(words(ui)).toContain('The disks have been made anew since, so this counts no more');
  });

  test('a proof that a crash cut off says that nothing is lost', async () => {
    const story = copied(['db1']);
    beginProof(story, 'db1', 1).wait(MINUTE);
    story.tell({ type: 'step.cancelled', step: 'prove/db1/proof-1', phase: 'prove' });
    const { ui } = await open(story, select('db1'));
    expect(row(ui, 'db1')).toContain('▲ cut off');
    expect(words(ui)).toContain('was cut off before its end. Nothing is lost');
  });

  test('a proof that could not be made shows what failed, and tries again', async () => {
    const story = copied(['db1']);
    beginProof(story, 'db1', 1).tell({
      type: 'step.failed',
      step: 'prove/db1/proof-1',
      phase: 'prove',
      attempts: 1,
      error: {
        code: 'prove.impossible',
        family: 'act',
        what: 'the pool default is full',
        next: ['make 2 GB free there'],
      },
    });
    const { ui, session } = await open(story, select('db1'));
    expect(row(ui, 'db1')).toContain('✖ not run');
    expect(words(ui)).toContain('prove/db1/proof-1 failed');
    expect(words(ui)).toContain('remedy make 2 GB free there');
    await ui.press('r');
    expect(session.orders).toEqual([{ kind: 'retry', machine: 'db1' }]);
  });
});

describe('one copy', () => {
  test('that has booted shows its evidence in the order of the boot, with its time', async () => {
    const { ui } = await open(everyState(), select('db1'), [120, 60]);
    expect(words(ui)).toContain(
      '✔ It boots and works: proof 1, 5m20s ago, booted the copy of pass 2 (1 pass since)',
    );
    const at = (title: string): number => ui.lines().findIndex(each => each.includes(title));
    expect(ui.lines()[at('userspace')]).toMatch(/✔ pass +userspace +9s systemd reached its target/);
    expect(ui.lines()[at('guest agent')]).toMatch(/\? unproven guest agent/);
    const order = ['kernel  ', 'userspace', 'isolated', 'SSH host key', 'sockets', 'replica untouched'].map(
      at,
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(words(ui)).toContain('logs/proof-db1-1.console.log');
  });

  test('shows the fix-ups with the difference of each file, and what is held', async () => {
    const { ui } = await open(everyState(), select('db1'), [120, 70]);
    expect(words(ui)).toContain('/etc/network/interfaces is changed');
    expect(words(ui)).toContain('- address 10.20.0.11/24');
    expect(words(ui)).toContain('+ address 10.30.0.11/24');
    expect(words(ui)).toContain('/etc/udev/rules.d/70-landfall.rules is made');
    expect(words(ui)).toContain('/etc/udev/rules.d/70-old.rules is removed');
    expect(words(ui)).toContain('runs in the copy: update-initramfs -u -k all');
    expect(words(ui)).toContain('▲ warning: /etc/network/secrets holds a secret');
    expect(words(ui)).toContain('cron /etc/cron.d/report: 5 2 * * * root /usr/bin/report');
    expect(words(ui)).toContain('by the plan nightly.service');
  });

  test('shows the beginning of a file that is made, and how much more of it there is', async () => {
    const [fixup] = FIXUPS;
    if (fixup === undefined) throw new Error('there is a fix-up');
    const after = Array.from({ length: 300 }, (_, index) => `line ${index}\n`).join('');
    const story = copied(['db1']);
    const edits = [{ path: '/usr/lib/landfall-proof', mode: 0o755, after }];
    proveMachine(story, 'db1', 1, { fixups: [{ ...fixup, edits }] });
    const { ui } = await open(story, select('db1'), [120, 90]);
    expect(words(ui)).toContain('+ line 14');
    expect(words(ui)).not.toContain('+ line 15');
    expect(words(ui)).toContain('and 285 more lines of it');
  });

  test('that did not boot says why first, with what the console said and what to do', async () => {
    const { ui } = await open(everyState(), select('mail1'), [120, 60]);
    const text = words(ui);
    expect(text).toContain('because The copy came up without its network');
    expect(text).toContain('console ifup[412]: Cannot find device "ens3"');
    expect(text).toContain('remedy 1. name the interface in the network map of the plan');
    expect(text).toContain('then b proves it again');
    expect(text).toMatch(/✖ fail services 20s 29 of 31 services run networking\.service failed/);
    expect(text.indexOf('because')).toBeLessThan(text.indexOf('Evidence'));
  });

  test('that boots now shows how far it is and how long it may take', async () => {
    const { ui } = await open(everyState(), select('app1'));
    expect(words(ui)).toContain('… Proof 1 runs: 1m10s gone, the copy of pass 2');
    expect(words(ui)).toContain('A copy that has not come up 10m00s after its start has failed');
    expect(words(ui)).toContain('booting: its kernel runs, 40s of at most 10m00s');
  });

  test('for which a proof was asked says what it waits for', async () => {
    const held = everyState().tell({ type: 'stages.held', phases: ['prove'] });
    const { ui } = await open(held, select('web1'));
    expect(words(ui)).toContain('until somebody approves the stage: a shows its exact commands');
    expect(words((await open(everyState(), select('web1'))).ui)).toContain(
      'begins when no pass of web1 runs',
    );
  });

  test('that nobody has proved says what a proof does, and shows its very commands', async () => {
    const { ui } = await open(copied(), select('files1'), [120, 90]);
    expect(words(ui)).toContain('? Nobody knows yet whether this copy boots. b proves it, in this order:');
    expect(words(ui)).toContain('Everything of it is destroyed, the replica is shown to be untouched');
    await expect.poll(() => words(ui)).toContain('What another proof will do: prove/files1/proof-1');
  });
});

describe('keys', () => {
  test('b proves the selected machine, B all of them', async () => {
    const { ui, session } = await open(copied(), [...select('files1'), 'b']);
    expect(session.orders).toEqual([{ kind: 'prove', machine: 'files1' }]);
    await ui.press('B');
    expect(session.orders.at(-1)).toEqual({ kind: 'prove' });
    await ui.press(':', 'prove web1', 'enter');
    expect(session.orders.at(-1)).toEqual({ kind: 'prove', machine: 'web1' });
    await ui.press(':', 'prove-all', 'enter');
    expect(session.orders).toHaveLength(4);
  });

  test.each([
    ['new1', 'new1 has no copy yet that could boot'],
    ['app1', 'a proof of app1 runs already'],
    ['web1', 'a proof of web1 was asked for already'],
  ])('b on %s orders nothing and says why', async (name, why) => {
    const { ui, session } = await open(everyState(), [...select(name), 'b']);
    expect(session.orders).toEqual([]);
    expect(words(ui)).toContain(why);
  });

  test('there is nothing to prove before a pass has ended', async () => {
    const { ui, session } = await open(new Story(plan).begin(), ['6', 'B']);
    expect(session.orders).toEqual([]);
    expect(words(ui)).toContain('there is no copy yet that could boot');
  });

  test('a copy that does not boot is no step to try again', async () => {
    const story = copied(['mail1']);
    proveMachine(story, 'mail1', 1, { reason: NO_NETWORK });
    const { ui, session } = await open(story, ['6', 'r']);
    expect(session.orders).toEqual([]);
    expect(words(ui)).toContain('nothing has failed');
  });
});

describe('the next thing to do', () => {
  const proven = (names: readonly string[]): Story => {
    const story = copied(names);
    for (const name of names) proveMachine(story, name, 1);
    return story;
  };
  const one = planOf({ machines: { db1: machinePlan(), app1: machinePlan() } });
  const two = (): Story => {
    const story = new Story(one).begin();
    for (const name of ['db1', 'app1'])
      story.observe(name).build(name).pass(name, 1).pass(name, 2).verify(name, 2);
    return story;
  };

  test('is to prove all copies where none is proven, then the others, then to go on', async () => {
    const story = two();
    expect(footer((await open(story)).ui)).toMatch(/^ \[B\] prove that all 2 copies boot/);
    expect(footer((await open(story, ['0'])).ui)).toMatch(/^ \[B\] prove that the copies boot/);
    proveMachine(story, 'app1', 1);
    expect(footer((await open(story)).ui)).toMatch(/^ \[B\] prove all copies/);
    expect(footer((await open(story, select('db1'))).ui)).toMatch(/^ \[b\] prove that db1 boots/);
    proveMachine(story, 'db1', 1);
    const done = (await open(story)).ui;
    expect(footer(done)).toMatch(/^ \[7\] go on to ready/);
    expect(words(done)).toContain('✔ Every copy has booted and works.');
    expect(words((await open(story, ['0'])).ui)).toContain('has a verified copy that has booted');
  });

  test('is to look at the one that does not boot, wherever the engineer is', async () => {
    const story = everyState();
    expect(footer((await open(story)).ui)).toMatch(/^ \[!\] open mail1/);
    expect(footer((await open(story, ['0'])).ui)).toMatch(/^ \[!\] open mail1/);
    expect(words((await open(story, ['0'])).ui)).toContain(
      '✖ mail1 does not boot into a working state: The copy came up without its network',
    );
    const { ui } = await open(story, select('mail1'));
    expect(footer(ui)).toMatch(/^ \[enter\] why, and what would help/);
    await ui.press('enter');
    expect(footer(ui)).toMatch(/^ \[b\] prove mail1 again, once mended/);
    await ui.press('enter');
    expect(ui.screen()).toBe('machine');
    expect(footer(ui)).toMatch(/^ \[b\] prove it again, once mended/);
  });

  test('a stage that is held for nobody is not offered for approval', async () => {
    const story = proven(['db1']).tell({ type: 'stages.held', phases: ['prove'] });
    expect(footer((await open(story, ['0'])).ui)).not.toContain('approve');
    askForProof(story, 'db1');
    expect(footer((await open(story, ['0'])).ui)).toMatch(/^ \[a\] approve prove/);
  });
});

describe('other screens', () => {
  test('the overview has a column of proofs, at 60 columns too', async () => {
    for (const size of [
      [60, 20],
      [80, 24],
      [120, 40],
    ] as const) {
      const { ui } = await open(everyState(), ['0'], size);
      expect(row(ui, 'db1')).toContain('✔ 5m20s ago');
      expect(row(ui, 'mail1')).toMatch(/✖ does not boot.*✖ no network/);
      expect(row(ui, 'app1')).toMatch(/… proving.*… booting/);
    }
  });

  test('the rail counts proven, running and failed', async () => {
    const { ui } = await open(everyState());
    expect(ui.lines()[1]).toContain('[6 Prove] ✖ 1/6 ✖1');
  });

  test('the machine shows the evidence, and the console of a copy that does not boot', async () => {
    const asked: string[] = [];
    const story = everyState();
    const session = heldSession(snapshotOf({ plan, state: story.state, events: story.events }));
    const ui = await uiApp({
      session,
      now: story.now,
      columns: 120,
      rows: 90,
      services: {
        tail: (_name, file) => {
          asked.push(file);
          return Promise.resolve(['Cannot find device "ens3"']);
        },
      },
    });
    await ui.press('/', 'mail1', 'enter', 'enter');
    expect(ui.screen()).toBe('machine');
    expect(asked).toEqual(['logs/proof-mail1-1.console.log']);
    expect(words(ui)).toContain('what the booted copy said: logs/proof-mail1-1.console.log');
    expect(words(ui)).toContain('✖ fail services');
    expect(words(ui)).toContain('because The copy came up without its network');
  });

  test('w says why a copy does not boot', async () => {
    const { ui } = await open(everyState(), [...select('mail1'), 'w']);
    expect(words(ui)).toContain('mail1: why');
    expect(words(ui)).toContain('It does not boot into a working state');
  });

  test('build shows the standby with what was changed of the source, and the fix-ups', async () => {
    const { ui } = await open(everyState(), ['3', '/', 'mail1', 'enter'], [120, 70]);
    expect(words(ui)).toContain('Standby mail1 at dal-kvm1');
    expect(words(ui)).toContain('it refuses to start before cutover');
    expect(words(ui)).toContain('1. The machine type is pc-q35-7.2 instead of pc-q35-rhel9.2.0.');
    expect(words(ui)).toContain('/etc/network/interfaces is changed');
  });
});

/** A copy that boots says whatever it likes on its console. */
const HOSTILE = 'no\u001b[2J\u001b[1;1Hspace\u202e \u0007left\r\n漢字 \u0000 ok';

function hostile(): Story {
  const story = copied(['mail1', 'db1']);
  const reason = { ...NO_NETWORK, words: HOSTILE, evidence: [HOSTILE, HOSTILE], remedy: [HOSTILE] };
  const checks = CHECKS.map(each => ({
    ...each,
    verdict: 'fail' as const,
    found: HOSTILE,
    detail: [HOSTILE],
  }));
  const fixups = FIXUPS.map(each => ({
    ...each,
    title: HOSTILE,
    why: HOSTILE,
    warnings: [HOSTILE],
    edits: each.edits.map(edit => ({ ...edit, path: HOSTILE, after: HOSTILE })),
    commands: [{ argv: [HOSTILE], why: HOSTILE }],
  }));
  proveMachine(story, 'mail1', 1, { reason, checks, fixups });
  story.observe('mail1', { actsTwice: [{ kind: 'cron', name: HOSTILE, detail: HOSTILE }] });
  return beginProof(story, 'db1', 1);
}

describe.each(['6', '0', '3'])('on screen %s', screen => {
  test('what a copy says is harmless, and plain ASCII where the terminal knows nothing else', async () => {
    for (const unicode of [true, false]) {
      const { ui } = await open(hostile(), [screen, '/', 'mail1', 'enter'], [100, 200], {
        unicode,
        samples: { x: { ...SAMPLE, subject: 'db1', step: 'prove/db1/proof-1', text: HOSTILE } },
      });
      await ui.press('tab');
      for (const line of ui.lines()) {
        expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        if (!unicode) expect(line).toMatch(/^[\x20-\x7e]*$/);
      }
      await ui.close();
    }
  });

  test('every state of a proof fits into every terminal', async () => {
    const opened = await Promise.all([everyState(), hostile()].map(story => open(story, [screen])));
    fc.assert(
      fc.property(
        fc.constantFrom(...opened),
        fc.integer({ min: 1, max: 220 }),
        fc.integer({ min: 1, max: 70 }),
        fc.constantFrom(...NAMES),
        ({ ui }, columns, rows, selected) => {
          ui.resize(columns, rows);
          for (const key of ['prove/machines', 'overview/machines', 'build/machines'])
            ui.app.store.act({ type: 'pane-state', key, change: { selected } });
          const { lines } = ui.app.current().composed;
          expect(lines.length).toBe(rows);
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('a screen reader hears verdicts as words', async () => {
  const { ui } = await open(everyState(), select('mail1'));
  const { view, screen } = ui.app.current();
  const heard = linear({ ...view, glyphs: spokenGlyphs() }, screen, { disabled: disabledIn(scopeOf(ui.app)) })
    .map(textOf)
    .join('\n');
  expect(heard).toMatch(/selected: mail1, tier critical, boot proof no network, evidence 10\/12/);
  expect(heard).toMatch(/pass, kernel, 2s Linux/);
  expect(heard).toMatch(/fail, services, 20s 29 of 31 services run/);
  expect(heard).toContain('6 Prove (here): 1 failed, 1 of 6, 1 failed');
});
