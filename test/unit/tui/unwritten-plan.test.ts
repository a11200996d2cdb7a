import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { PlanSummary } from '../../../src/tui/services.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';

const SCENARIO = readFileSync(new URL('../../../plans/miami-to-dallas.yaml', import.meta.url), 'utf8');
const ONE = SCENARIO.replace(/ {2}app2:[\s\S]*?(?=\n\S)/, '');
const planAt = (file: string, name: string): PlanSummary => ({
  file,
  name,
  machines: 6,
  lab: false,
  begun: false,
  problems: [],
});

let ui: UiApp;
afterEach(() => ui.close());
const footer = (): string => ui.lines().at(-1) ?? '';
const words = (): string => ui.text().replace(/\s+/g, ' ');

async function home(text = SCENARIO): Promise<{ readonly started: string[] }> {
  const started: string[] = [];
  ui = await uiApp({
    now: Date.parse('2026-11-22T11:00:00Z'),
    services: {
      plans: () => Promise.resolve([planAt('plans/a.yaml', 'alpha'), planAt('plans/b.yaml', 'beta')]),
      readPlan: () => Promise.resolve(text),
      start: what => {
        started.push(JSON.stringify(what));
        return Promise.reject(new Error('nothing starts here'));
      },
    },
  });
  await ui.press('ctrl+r');
  return { started };
}

describe('a plan with changes that are not written', () => {
  test('is shown as such at home, and does not begin with what its file holds', async () => {
    const { started } = await home();
    expect(words()).toMatch(/alpha ✔ can begin/);
    await ui.press('E', 't', 'esc');
    expect(ui.screen()).toBe('home');
    expect(words()).toMatch(/alpha ▲ not written yet/);
    expect(words()).toMatch(/beta ✔ can begin/);
    expect(footer()).toMatch(/^ \[E\] go on with plans\/a.yaml/);
    await ui.press('enter');
    expect(started).toEqual([]);
    expect(words()).toContain('E goes back to it, there w writes');
    await ui.press('E');
    expect(words()).toContain('Not written yet');
  });

  test('is asked about before another plan takes its place', async () => {
    await home();
    await ui.press('E', 't', 'esc', 'down', 'E');
    expect(words()).toContain('plans/a.yaml is not written');
    await ui.press('esc', 'up', 'E');
    expect(words()).toContain('Not written yet');
    await ui.press('esc', 'down', 'E', 'enter');
    expect(ui.screen()).toBe('plan');
    expect(words()).toContain('plans/b.yaml');
    expect(words()).not.toContain('Not written yet: w');
  });

  test('is asked about before a new plan is made', async () => {
    await home();
    await ui.press('E', 't', 'esc', 'i');
    expect(words()).toContain('plans/a.yaml is not written');
    await ui.press('enter');
    expect(words()).toContain('A first plan');
  });
});

describe('the plan editor', () => {
  test('with its last machine taken out says what brings machines back, and does not say that none was found', async () => {
    await home(ONE.replace(/\nmachines:[\s\S]*?(?=\n[a-z])/, machines => firstMachine(machines)));
    await ui.press('E');
    expect(words()).toContain('machines: 1 of 1 in the plan');
    expect(footer()).toContain('enter change it');
    await ui.press('space');
    expect(words()).toContain('machines: 0 of 0 in the plan');
    expect(words()).toContain('u takes the last change back, f looks for machines');
    expect(words()).not.toContain('was found at the source');
    await ui.press('u');
    expect(words()).toContain('machines: 1 of 1 in the plan');
  });

  test('takes what it said with it when it is left', async () => {
    await home();
    await ui.press('E', 'space');
    expect(words()).toContain('stays behind; u takes that back');
    await ui.press('esc');
    expect(ui.screen()).toBe('home');
    expect(words()).not.toContain('u takes that back');
  });
});

/** The section with only the first of its machines. */
function firstMachine(section: string): string {
  const [head = '', ...rest] = section.split(/\n(?= {2}\w+:)/);
  return `${head}\n${rest[0]?.trimEnd() ?? ''}\n`;
}
