import { describe, expect, test } from 'vitest';
import type { EvacuationSummary, PlanSummary, Services } from '../../../src/tui/services.ts';
import { HOUR, T0 } from '../../support/state.ts';
import { heldSession } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { estate } from './estate.ts';

const now = T0 + 100 * HOUR;

const evacuation = (name: string, parts: Partial<EvacuationSummary> = {}): EvacuationSummary => ({
  name,
  lab: false,
  rehearsal: false,
  phase: 'running',
  running: false,
  interrupted: false,
  createdAt: now - 50 * HOUR,
  lastAt: now - 20_000,
  ...parts,
});

const RUNNING = evacuation('miami-to-dallas', {
  running: true,
  holder: { pid: 4711, host: 'jump1', user: 'dana' },
});
const LOST = evacuation('tampa-to-atlanta', { interrupted: true, lastAt: now - 2 * HOUR });
const ENDED = evacuation('drill', { phase: 'ended', outcome: 'complete', lab: true, rehearsal: true });

const plan = (file: string, parts: Partial<PlanSummary> = {}): PlanSummary => ({
  file,
  lab: false,
  begun: false,
  problems: [],
  ...parts,
});
const FRESH = plan('plans/houston.yaml', { name: 'houston', machines: 12 });
const BEGUN = plan('plans/miami.yaml', { name: 'miami-to-dallas', machines: 7, begun: true });
const BROKEN = plan('plans/broken.yaml', {
  problems: ['12:7 there is no tier "critcal"', '31:5 unknown key "targt"', '40:1 two more sites than one'],
});

async function home(
  evacuations: readonly EvacuationSummary[],
  plans: readonly PlanSummary[],
  services: Partial<Services> = {},
  [columns, rows]: readonly [number, number] = [120, 40],
): Promise<UiApp & { readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const session = heldSession(estate().snapshot);
  const ui = await uiApp({
    now,
    columns,
    rows,
    services: {
      evacuations: () => Promise.resolve(evacuations),
      plans: () => Promise.resolve(plans),
      open: name => {
        asked.push(`open ${name}`);
        return Promise.resolve(session);
      },
      start: what => {
        asked.push(`start ${'plan' in what ? what.plan : what.name}`);
        return Promise.resolve(session);
      },
      rehearse: () => {
        asked.push('rehearse');
        return Promise.resolve(session);
      },
      ...services,
    },
  });
  // The screens ask for it as soon as they are opened.
  await ui.press('ctrl+r');
  return { ...ui, asked };
}

const footer = (ui: UiApp): string => ui.lines().at(-1) ?? '';

describe('the first screen', () => {
  test('shows what runs, then what lost its engine, then the rest, then the plans', async () => {
    const ui = await home([ENDED, LOST, RUNNING], [BEGUN, FRESH, BROKEN]);
    const words = [
      'Running',
      'miami-to-dallas',
      'Engine gone',
      'tampa-to-atlanta',
      'Not running',
      'drill',
      'Plans',
      'houston',
      'plans/broken.yaml',
    ];
    // Names come again in details and messages: only where a row begins counts.
    const places = words.map(word =>
      ui.lines().findIndex(row => row.slice(1).trimStart().replace(/^› /, '').startsWith(word)),
    );
    expect(places.every(place => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(ui.text()).toMatch(/miami-to-dallas +✔ running +20s ago +by dana@jump1/);
    expect(ui.text()).toMatch(/tampa-to-atlanta +✖ engine gone +2h00m ago/);
    expect(ui.text()).toMatch(/drill +✔ complete +LAB REHEARSAL/);
    expect(ui.text()).toMatch(/houston +✔ can begin +12 machines +plans\/houston.yaml/);
  });

  test('opens what is selected', async () => {
    const ui = await home([RUNNING], []);
    expect(footer(ui)).toMatch(/^ \[enter\] open miami-to-dallas/);
    await ui.press('enter');
    expect(ui.asked).toEqual(['open miami-to-dallas']);
    expect(ui.screen()).toBe('overview');
  });

  test('says that an engine is gone, since when, and starts it again with e', async () => {
    const ui = await home([RUNNING, LOST], []);
    expect(ui.text()).toContain('tampa-to-atlanta: engine gone; select it, e starts it again.');
    await ui.press('e');
    expect(ui.asked).toEqual([]);
    expect(ui.text()).toContain('its engine runs already');
    await ui.press('down');
    expect(ui.text()).toContain('nobody steers; last sign of it 2h00m ago');
    expect(footer(ui)).toMatch(/^ \[e\] start the engine of tampa-to-atlanta again/);
    await ui.press('e');
    expect(ui.asked).toEqual(['start tampa-to-atlanta']);
  });

  test('says in the footer what enter does to a plan, beside a rehearsal that comes first', async () => {
    const ui = await home([], [FRESH]);
    expect(footer(ui)).not.toContain('enter open ');
    const newcomer = await home(
      [],
      [
        { ...FRESH, begun: false },
        { ...BEGUN, begun: false },
      ],
    );
    expect(footer(newcomer)).toMatch(/\[r\] rehearse first +enter start its engine/);
    const nobody = await home([], []);
    expect(footer(nobody)).not.toContain('enter');
  });

  test('begins a plan that can begin, and shows the evacuation of one that has begun', async () => {
    const ui = await home([], [FRESH, BEGUN]);
    expect(footer(ui)).toMatch(/^ \[enter\] begin houston/);
    expect(ui.text().replace(/\s+/g, ' ')).toContain('nothing is done on any host before');
    await ui.press('enter');
    expect(ui.asked).toEqual(['start plans/houston.yaml']);
    const again = await home([], [FRESH, BEGUN]);
    await again.press('down', 'enter');
    expect(again.asked).toEqual(['open miami-to-dallas']);
  });

  test('invites somebody who has never begun anything to rehearse first', async () => {
    const ui = await home([], [FRESH]);
    expect(footer(ui)).toMatch(/^ \[r\] rehearse first/);
    expect(ui.text().replace(/\s+/g, ' ')).toContain('touches nothing of yours');
    await ui.press('r');
    expect(ui.asked).toEqual(['rehearse']);
  });

  test('shows the problems of a plan with line and column, and does not begin it', async () => {
    const ui = await home([], [BROKEN]);
    expect(ui.text()).toContain('✖ 3 problems');
    expect(ui.text()).toContain('12:7 there is no tier "critcal"');
    expect(ui.text()).toContain('and 1 more');
    expect(ui.text()).toContain('40:1 two more sites than one');
    await ui.press('enter');
    expect(ui.asked).toEqual([]);
    expect(ui.text().replace(/\s+/g, ' ')).toContain('plans/broken.yaml cannot begin: 12:7');
  });

  test('says what landfall is where there is nothing, and offers a rehearsal first', async () => {
    const ui = await home([], []);
    expect(ui.text()).toContain('landfall moves a whole server estate out of the path of a storm');
    expect(ui.text()).toMatch(/r +rehearse/);
    expect(ui.text()).toMatch(/i +new plan/);
    expect(footer(ui)).toMatch(/^ \[r\] rehearse/);
    await ui.press('r');
    expect(ui.asked).toEqual(['rehearse']);
  });

  test('says why nothing can be listed, with a remedy', async () => {
    const ui = await home([], [], { evacuations: () => Promise.reject(new Error('the disk is gone')) });
    expect(ui.text()).toMatch(/✖ The evacuations could not be listed: .*the disk is gone/);
  });

  test('names a damaged evacuation without hiding the others', async () => {
    const error = {
      code: 'journal.damaged' as const,
      family: 'act' as const,
      what: 'line 12 of the journal is damaged',
      next: ['restore it from the repository in its directory'],
    };
    const damaged = evacuation('torn', { phase: 'created', error });
    const ui = await home([damaged, RUNNING], []);
    await ui.press('down');
    expect(ui.text()).toContain('✖ cannot be read');
    expect(ui.text()).toContain('line 12 of the journal is damaged');
    expect(ui.text()).toContain('restore it from the repository in its directory');
    await ui.press('e');
    expect(ui.asked).toEqual([]);
  });

  test.each([
    [60, 20],
    [80, 24],
    [120, 40],
  ])('is of use at %ix%i', async (columns, rows) => {
    const ui = await home([ENDED, LOST, RUNNING], [BROKEN, FRESH], {}, [columns, rows]);
    for (const word of ['✔ running', '✖ engine gone', '✔ complete', '✖ 3 problems', '12:7', '✔ can begin'])
      expect(ui.text()).toContain(word);
    expect(footer(ui)).toContain('[enter] open miami-to-dallas');
  });
});
