import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { LandfallError } from '../../../src/foundation/errors.ts';
import type { Services } from '../../../src/tui/services.ts';
import { type OpenedUi, openScreens, type UiSetup } from '../../support/ui.ts';

const SCENARIO = readFileSync(new URL('../../../plans/miami-to-dallas.yaml', import.meta.url), 'utf8');
const FILE = 'plans/storm.yaml';

/** A folder with one plan, in memory; what is written is kept. */
function folder(
  text: string,
): Pick<Services, 'plans' | 'readPlan' | 'savePlan'> & { readonly written: string[] } {
  const written: string[] = [];
  return {
    written,
    plans: () =>
      Promise.resolve([{ file: FILE, name: 'storm', machines: 6, lab: false, begun: false, problems: [] }]),
    readPlan: () => Promise.resolve(written.at(-1) ?? text),
    savePlan: (_file, next, read) => {
      if (read !== (written.at(-1) ?? text))
        return Promise.reject(
          new LandfallError('plan.conflict', { what: 'changed by somebody else', next: ['look again'] }),
        );
      written.push(next);
      return Promise.resolve();
    },
  };
}

let opened: OpenedUi | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function edit(services: Partial<Services>, setup: UiSetup = {}) {
  opened = await openScreens({ services, ...setup });
  const { terminal } = opened;
  await terminal.screen.waitFor('storm');
  await terminal.press('E');
  await terminal.screen.waitFor('machines: 6 of 6 in the plan');
  return terminal;
}

describe('the plan editor', () => {
  test('lists the machines, shows the text of the selected one, and says that the plan is sound', async () => {
    const { screen } = await edit(folder(SCENARIO));
    const text = screen.text();
    expect(text).toContain('The plan is sound.');
    expect(text).toMatch(/\[✔\]\s+app1\s+critical\s+10\.20\.4\.31\s+dal-servers\s+app-clone\s+db1, Orders/);
    expect(text).toContain('description: application server, active');
    expect(text).not.toContain('Not written yet');
  });

  test('a tier changes with one key, the change is seen as a diff, and is written with comments kept', async () => {
    const files = folder(SCENARIO);
    const { screen, press } = await edit(files);
    await press('t');
    await screen.waitFor('Not written yet');
    await press('tab', 'tab');
    expect(screen.text()).toMatch(/-\s+tier: critical/);
    expect(screen.text()).toMatch(/\+\s+tier: normal/);
    await press('w');
    await screen.waitFor(`Write the changes to ${FILE}`);
    expect(files.written).toEqual([]);
    await press('enter');
    await screen.waitFor(`written: ${FILE}`);
    expect(files.written).toEqual([SCENARIO.replace('app1:\n    tier: critical', 'app1:\n    tier: normal')]);
  });

  test('space takes a machine out and undo brings it back', async () => {
    const { screen, press } = await edit(folder(SCENARIO));
    await press('space');
    await screen.waitFor('machines: 5 of 5 in the plan');
    await press('u');
    await screen.waitFor('machines: 6 of 6 in the plan');
    expect(screen.text()).not.toContain('Not written yet');
  });

  test('problems appear as one edits, with line and column, and go as they are mended', async () => {
    const { screen, press } = await edit(folder(SCENARIO));
    await press('D');
    await screen.waitFor('When the source site is lost');
    await press('ctrl+u', 'soon', 'tab', 'enter');
    await screen.waitFor(/line 18, column 13: deadline\.earliest: not a moment/);
    expect(screen.text()).toMatch(/\[D\] say when the site is lost/);
    await press('D', 'ctrl+u', 'in 3d', 'tab', 'enter');
    await screen.waitFor('The plan is sound.');
  });

  test('the form refuses what the plan does not know, with what there is', async () => {
    const { screen, press } = await edit(folder(SCENARIO));
    await press('enter');
    await screen.waitFor(`app1 in ${FILE}`);
    await press('tab', 'tab', 'ctrl+u', 'urgent', 'tab', 'tab', 'tab', 'enter');
    await screen.waitFor('there is no tier "urgent"; there are: critical and normal');
    await press('tab', 'tab', 'tab', 'ctrl+u', 'normal', 'tab', 'tab', 'tab', 'enter');
    await screen.waitFor('Not written yet');
    expect(screen.text()).toMatch(/app1\s+normal/);
  });

  test('the network map is set for all networks of the target at once', async () => {
    const files = folder(SCENARIO);
    const { screen, press } = await edit(files);
    await press('m');
    await screen.waitFor('dal-dmz replaces: mia-dmz');
    await press('ctrl+u', 'mia-dmz', 'tab', 'ctrl+u', 'nowhere', 'enter');
    await screen.waitFor('the source has no network "nowhere" in this plan');
    await press('ctrl+u', 'enter');
    await screen.waitFor('Not written yet');
    await press('w', 'enter');
    await screen.waitFor('written:');
    expect(files.written).toEqual([
      SCENARIO.replace('replaces: mia-servers', 'replaces: mia-dmz').replace(
        ', replaces: mia-dmz }\n\n',
        ' }\n\n',
      ),
    ]);
  });

  test('what somebody else wrote meanwhile is not overwritten', async () => {
    const files = folder(SCENARIO);
    const { screen, press } = await edit(files);
    await press('t');
    await screen.waitFor('Not written yet');
    files.written.push(`${SCENARIO}# theirs\n`);
    await press('w', 'enter');
    await screen.waitFor('changed by somebody else');
    expect(files.written).toHaveLength(1);
  });

  test('a look at the sites brings machines that can be taken', async () => {
    const cache1 = {
      name: 'cache1',
      note: '2 CPUs',
      tier: 'normal',
      source: { hypervisor: 'mia-kvm1', address: '10.10.4.71' },
      target: { hypervisor: 'dal-kvm1', image: 'debian-12-a', network: 'dal-servers', note: '10.20.4.71' },
    };
    const findMachines = () => Promise.resolve({ offers: [cache1], troubles: ['mia-kvm2 does not answer'] });
    const { screen, press } = await edit({ ...folder(SCENARIO), findMachines });
    await press('f');
    await screen.waitFor('machines: 6 of 7 in the plan');
    await screen.waitFor('could not read everything: mia-kvm2 does not answer');
    await press('down', 'down');
    expect(screen.text()).toContain('Not in the plan: space takes it.');
    await press('space');
    await screen.waitFor('machines: 7 of 7 in the plan');
    await screen.waitFor(/cache1\s+normal\s+✖ fill in/);
    expect(screen.text()).toMatch(/machines\.cache1\.target\.address: nothing is written after/);
  });

  test('leaving with changes asks first', async () => {
    const { screen, press } = await edit(folder(SCENARIO));
    await press('t', 'q');
    await screen.waitFor('is not written');
    await press('esc');
    expect(screen.text()).toContain('machines: 6 of 6');
  });

  test.each([
    [60, 20],
    [80, 24],
    [200, 60],
  ])('stands at %ix%i', async (columns, rows) => {
    const { screen } = await edit(folder(SCENARIO), { columns, rows });
    expect(screen.text()).toMatch(/\[✔\]\s+app1/);
    expect(screen.lines().every(line => line.length <= columns)).toBe(true);
  });
});
