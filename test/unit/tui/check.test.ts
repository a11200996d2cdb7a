import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import type { Finding } from '../../../src/tui/services.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';
import { type HeldSession, heldSession } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { estate, wellEstate } from './estate.ts';

const GOOD: Finding = { subject: 'landfall', verdict: 'good', found: '0.3.0 on Node 24' };
const WARN: Finding = {
  subject: 'SSH agent',
  verdict: 'warn',
  found: 'none',
  next: ['eval "$(ssh-agent)" && ssh-add'],
};
const BAD: Finding = {
  subject: 'mia-kvm1',
  verdict: 'bad',
  found: 'its host key is not known',
  evidence: ['SHA256:abcdef'],
  next: ['compare the fingerprint on its console', 'ssh-keyscan mia-kvm1 >> known_hosts'],
};

interface Opened {
  readonly ui: UiApp;
  readonly session: HeldSession;
  readonly looks: () => number;
}

/** `answers`: what is found, look by look; the last one again and again. */
async function check(
  answers: readonly (readonly Finding[] | Error)[],
  parts: Partial<Snapshot> = {},
  size: readonly [number, number] = [120, 40],
): Promise<Opened> {
  const { snapshot, now } = wellEstate(parts);
  const session = heldSession(snapshot);
  let looks = 0;
  const ui = await uiApp({
    session,
    now,
    columns: size[0],
    rows: size[1],
    services: {
      examine: () => {
        const answer = answers[Math.min(looks, answers.length - 1)] ?? [];
        looks += 1;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
  });
  await ui.press('1');
  return { ui, session, looks: () => looks };
}

const footer = (ui: UiApp): string => ui.lines().at(-1) ?? '';
const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');

/** The same evening, but nothing has failed and build waits for approval. */
function held(): Partial<Snapshot> {
  const { snapshot } = estate();
  const { evacuation } = snapshot.state;
  if (evacuation === undefined) throw new Error('the estate has begun');
  const { web1, ...machines } = snapshot.state.machines;
  const steps = Object.fromEntries(
    Object.entries(snapshot.state.steps).filter(([, { status }]) => status !== 'failed'),
  );
  return { state: { ...snapshot.state, machines, steps, evacuation: { ...evacuation, held: ['build'] } } };
}

describe('check', () => {
  test('shows what has to be mended first, with its evidence, remedy and key', async () => {
    const { ui } = await check([[GOOD, WARN, BAD]]);
    const rows = ['✖ mend   mia-kvm1', '▲ read   SSH agent', '✔ good   landfall'];
    const at = rows.map(row => ui.text().indexOf(row));
    expect(at.every(each => each > 0)).toBe(true);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(words(ui)).toContain('SHA256:abcdef');
    expect(words(ui)).toContain('2. ssh-keyscan mia-kvm1 >>');
    expect(words(ui)).toContain(
      '✖ 1 finding would stop this evacuation. First: mia-kvm1: compare the fingerprint on its console.',
    );
    expect(footer(ui)).toMatch(/^ \[\^R\] look again/);
  });

  test('looks again when asked to, and goes on to the stage that waits', async () => {
    const { ui, looks } = await check([[BAD], [GOOD]], held());
    expect(ui.text()).toContain('✖ mend');
    await ui.press('ctrl+r');
    expect(looks()).toBe(2);
    expect(ui.text()).not.toContain('✖ mend');
    expect(footer(ui)).toMatch(/^ \[a\] see what build will do, and approve it/);
  });

  test('says that everything is here, and goes on to inventory', async () => {
    const { ui } = await check([[GOOD]]);
    expect(words(ui)).toContain('✔ Everything is here that the evacuation needs.');
    expect(footer(ui)).toMatch(/^ \[2\] go on to inventory/);
    await ui.press('2');
    expect(ui.screen()).toBe('inventory');
  });

  test('shows the plan in force: sites, deadline, link and tiers', async () => {
    const { ui } = await check([[GOOD]]);
    expect(ui.text()).toMatch(/from +miami, Miami, FL/);
    expect(ui.text()).toMatch(/to +dallas, Dallas, TX/);
    expect(ui.text()).toMatch(/leaves +6 machines, 1 database, 2 hypervisors/);
    expect(words(ui)).toContain('earliest loss in 3d 23h (2026-11-26 12:00 UTC)');
    expect(ui.text()).toContain('at most 800 Mbit/s, 4 passes at a time');
  });

  test('says why it could not look', async () => {
    const { ui } = await check([new Error('no such plan')]);
    expect(words(ui)).toMatch(/✖ Could not look: .*no such plan/);
    expect(footer(ui)).toMatch(/^ \[\^R\] look again/);
  });

  test('where no engine runs, that comes first once nothing has to be mended', async () => {
    const { ui } = await check([[GOOD]], { connection: 'none' });
    expect(words(ui)).toContain('The engine is gone');
    expect(footer(ui)).toMatch(/^ \[e\] start the engine/);
  });

  test('enter goes to the details of a finding, esc comes back to the list', async () => {
    const { ui } = await check([[GOOD, WARN, BAD]], {}, [60, 20]);
    expect(ui.text()).not.toContain('SHA256:abcdef');
    await ui.press('enter');
    expect(ui.text()).toContain('SHA256:abcdef');
    await ui.press('esc');
    expect(ui.screen()).toBe('check');
    expect(ui.text()).not.toContain('SHA256:abcdef');
  });

  test.each([
    [60, 20],
    [80, 24],
    [200, 60],
  ])('is of use at %ix%i', async (columns, rows) => {
    const { ui } = await check([[GOOD, WARN, BAD]], {}, [columns, rows]);
    for (const row of ['✖ mend', '▲ read', '✔ good', '1 finding would stop'])
      expect(ui.text()).toContain(row);
  });

  test('a failure of the work itself is the message and the first hint, whatever is found here', async () => {
    const { ui } = await check([[GOOD, BAD]], { state: estate().snapshot.state });
    expect(words(ui)).toContain('✖ web1 failed: the target file system is full');
    expect(words(ui)).toContain('[!] opens web1');
    expect(words(ui)).not.toContain('Nothing stops the evacuation');
    expect(footer(ui)).toMatch(/^ \[!\] open web1/);
  });

  test('where everything is verified it leads on to what is ready, not back to the inventory', async () => {
    const story = new Story(planOf({ machines: { web1: machinePlan() } })).begin().observe('web1');
    const { state } = story.build('web1').pass('web1', 1).verify('web1', 1);
    const { ui } = await check([[GOOD]], { plan: story.plan, state });
    expect(footer(ui)).toMatch(/^ \[7\] see what is ready/);
  });
});
