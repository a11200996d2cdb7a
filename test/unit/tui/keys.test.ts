import { afterEach, describe, expect, it } from 'vitest';
import { INTENTS } from '../../../src/tui/intents/index.ts';
import { BINDINGS, type Binding, bindingsOn, chordsOn, intentOf } from '../../../src/tui/keys.ts';
import { keysPage } from '../../../src/tui/keys-page.ts';
import { SCREEN_IDS } from '../../../src/tui/screen.ts';
import { fleetOf } from '../../support/fleet.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';

describe('the key map', () => {
  const all: readonly Binding[] = BINDINGS;

  it('has something behind every key', () => {
    expect(BINDINGS.filter(each => !INTENTS.has(each.id)).map(each => each.id)).toEqual([]);
  });

  it('names each intent once, and each verb once on a screen', () => {
    expect(new Set(all.map(each => each.id)).size).toBe(all.length);
    for (const screen of SCREEN_IDS) {
      const verbs = bindingsOn(screen).flatMap(({ verb }: Binding) => verb ?? []);
      expect(verbs.toSorted()).toEqual([...new Set(verbs)].toSorted());
    }
  });

  it('leaves nothing without a way to it: a key or a verb', () => {
    for (const screen of SCREEN_IDS) {
      const lost = bindingsOn(screen).filter(
        ({ id, verb }: Binding & { id: (typeof BINDINGS)[number]['id'] }) =>
          chordsOn(id, screen).length === 0 && verb === undefined,
      );
      expect(lost.map(each => `${screen}: ${each.id}`)).toEqual([]);
    }
  });

  it('has help, quit, palette and back on every screen', () => {
    for (const screen of SCREEN_IDS) {
      expect(['?', 'q', ':', 'esc', 'ctrl+c'].map(chord => intentOf(chord, screen))).toEqual([
        'help',
        'quit',
        'palette',
        'back',
        'quit',
      ]);
    }
  });

  it('has a page with every one of them', () => {
    const page = keysPage();
    for (const { help } of all) expect(page).toContain(help);
  });
});

describe('keys', () => {
  const fleet = fleetOf(40);
  let ui: UiApp;
  afterEach(() => ui.close());
  const open = async (options: { columns?: number; rows?: number } = {}) => {
    const session = heldSession(snapshotOf(fleet));
    ui = await uiApp({ session, now: fleet.now, ...options });
    await ui.press('0');
    return session;
  };
  const footer = (): string => ui.lines().at(-1) ?? '';

  it('keep help and leaving in a footer of one line at every width', async () => {
    await open();
    for (const columns of [40, 60, 80, 120, 200]) {
      ui.resize(columns, 24);
      expect(footer()).toContain('? help  q detach');
      expect(footer().length).toBe(columns);
    }
  });

  it('show themselves under ?, and typing filters them with a count', async () => {
    await open({ rows: 80 });
    await ui.press('?');
    expect(ui.text()).toMatch(/ s +sync now +One more pass of the selected machine/);
    expect(ui.text()).toContain('Not now: its engine runs already.');
    expect(ui.text()).toMatch(/what will be done +The exact commands/);
    await ui.press('throt');
    expect(ui.text()).toMatch(/\/throt_ {2}1\/\d+/);
    expect(ui.text()).not.toContain('sync now');
    await ui.press('zzz');
    expect(ui.text()).toContain('no key has "throtzzz"');
    await ui.press('esc');
    expect(ui.overlay()).toBeUndefined();
  });

  it('say why they do nothing', async () => {
    const session = await open();
    session.change({ connection: 'none' });
    await ui.press('s');
    await ui.press('ctrl+l');
    expect(ui.text()).toContain('not now:');
    expect(session.orders).toEqual([]);
  });

  it('filter a list with a count in its title; esc clears it', async () => {
    await open();
    await ui.press('/', 'web');
    expect(ui.text()).toMatch(/machines \/web_ .* \d+\/40 /);
    await ui.press('enter');
    expect(ui.text()).toMatch(/machines \/web .* \d+\/40 /);
    expect(ui.text()).not.toMatch(/^[› ] app-02/m);
    await ui.press('esc');
    expect(ui.text()).not.toContain('/web');
    expect(ui.screen()).toBe('overview');
  });

  it('leave a filter that is being typed with esc, and one that finds nothing says so', async () => {
    await open();
    await ui.press('/', 'nowhere');
    expect(ui.text()).toContain('nothing has "nowhere"; esc shows all');
    await ui.press('esc');
    expect(ui.text()).toContain('app-02');
  });

  it('take pasted text only where text is typed', async () => {
    const session = await open();
    ui.paste('pXs\nq');
    expect(session.orders).toEqual([]);
    expect(ui.terminal.quit).toBe(0);
    await ui.press(':');
    ui.paste('note from the clipboard\n');
    await ui.press('enter');
    expect(session.orders).toEqual([{ kind: 'note', text: 'from the clipboard' }]);
  });

  it('leave, suspend and redraw whatever lies on top', async () => {
    await open();
    await ui.press('?', 'ctrl+l', 'ctrl+z', 'ctrl+c');
    expect(ui.terminal).toMatchObject({ quit: 1, suspend: 1, redraw: 1 });
  });

  it('go to the stages by their numbers and back by esc', async () => {
    await open();
    await ui.press('4', '7');
    expect(ui.screen()).toBe('ready');
    await ui.press('esc');
    expect(ui.screen()).toBe('sync');
  });

  it('stop the engine only once its name is typed', async () => {
    const session = await open();
    await ui.press('X', 'enter');
    expect(ui.text()).toContain('type miami-to-dallas exactly to confirm, or press esc');
    await ui.press('miami-to-dalla', 'enter');
    expect(session.orders).toEqual([]);
    await ui.press('s', 'enter');
    expect(session.orders).toEqual([{ kind: 'stop', confirm: 'miami-to-dallas' }]);
  });

  it('take esc for no', async () => {
    const session = await open();
    await ui.press('X', 'miami-to-dallas', 'esc', 'enter');
    expect(session.orders).toEqual([]);
  });
});

describe('the palette', () => {
  const fleet = fleetOf(40);
  let ui: UiApp;
  afterEach(() => ui.close());
  const open = async () => {
    const session = heldSession(snapshotOf(fleet));
    ui = await uiApp({ session, now: fleet.now });
    await ui.press('0');
    return session;
  };

  it('finds verbs by letters in order, the best first', async () => {
    await open();
    await ui.press(':', 'thr');
    expect(ui.lines()[5]).toContain('throttle [rate]');
    await ui.press('backspace', 'backspace', 'backspace', 'sy');
    expect(ui.lines()[5]).toContain('sync [machine]');
    await ui.press('esc');
    expect(ui.overlay()).toBeUndefined();
  });

  it.each([
    ['pause app-04', { kind: 'pause', machine: 'app-04' }],
    ['sync app-04', { kind: 'sync', machine: 'app-04' }],
    ['throttle 400 Mbit/s', { kind: 'throttle', bytesPerSecond: 50e6 }],
    ['throttle off', { kind: 'throttle', bytesPerSecond: null }],
    ['note the UPS beeps', { kind: 'note', text: 'the UPS beeps' }],
  ])('takes what a verb is told: %s', async (typed, command) => {
    const session = await open();
    await ui.press(':', typed, 'enter');
    expect(session.orders).toEqual([command]);
  });

  it('says what is no rate', async () => {
    const session = await open();
    await ui.press(':', 'throttle fast', 'enter');
    expect(session.orders).toEqual([]);
    expect(ui.text()).toContain('"fast" is no rate; write it like 400 Mbit/s, or off');
  });

  it('offers machines, completes with tab, and goes to any screen by name', async () => {
    await open();
    await ui.press(':', 'go', 'tab', 'machine app-0', 'down', 'tab');
    expect(ui.lines()[3]).toContain(':go machine app-');
    await ui.press('enter');
    expect(ui.screen()).toBe('machine');
    await ui.press(':', 'go log', 'enter');
    expect(ui.screen()).toBe('log');
  });

  it('shows what would do nothing with its reason, and does not do it', async () => {
    const session = await open();
    await ui.press(':', 'resume app-04');
    expect(ui.text()).toContain('not now: app-04 is not paused');
    await ui.press('enter');
    expect(session.orders).toEqual([]);
  });

  it('says that no command has such a name, and stays', async () => {
    await open();
    await ui.press(':', 'frobnicate', 'enter');
    expect(ui.text()).toContain('no command is called "frobnicate"');
    expect(ui.overlay()?.kind).toBe('palette');
  });

  it.each(['throttle off', 'thr', 'pause web1'])('at home says what "%s" needs first', async typed => {
    ui = await uiApp({ now: fleet.now });
    await ui.press(':', typed);
    expect(ui.text()).toContain('not now: open an evacuation first');
    await ui.press('enter');
    expect(ui.text()).toContain('not now: open an evacuation first');
  });

  it('says on which screens a command works', async () => {
    await open();
    await ui.press(':', 'waive');
    expect(ui.text()).toContain('not now: it works on: ready');
  });
});
