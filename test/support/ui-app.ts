import type { Key } from 'ink';
import { type App, composer } from '../../src/tui/app.ts';
import { createHeldKeys, type HeldKeys } from '../../src/tui/held-keys.ts';
import { paste, press } from '../../src/tui/input.ts';
import { disabledIn } from '../../src/tui/intents/index.ts';
import { enter } from '../../src/tui/intents/opening.ts';
import { explain } from '../../src/tui/intents/order.ts';
import type { ScreenId } from '../../src/tui/screen.ts';
import type { Services } from '../../src/tui/services.ts';
import { createStore } from '../../src/tui/store.ts';
import { glyphsFor } from '../../src/tui/text/glyphs.ts';
import { textOf } from '../../src/tui/text/line.ts';
import type { Overlay } from '../../src/tui/ui-state.ts';
import { type HeldSession, servicesOf } from './ui.ts';

/** The screens without a terminal: keys in, lines out. Time stands where the test puts it. */
export interface UiApp {
  readonly app: App;
  /** Presses keys by the names of keys.ts; anything else is typed letter by letter. */
  press(...keys: string[]): Promise<void>;
  paste(text: string): void;
  lines(): string[];
  text(): string;
  screen(): ScreenId;
  overlay(): Overlay | undefined;
  resize(columns: number, rows: number): void;
  /** How often the terminal was left, handed over and redrawn. */
  readonly terminal: { quit: number; suspend: number; redraw: number; alone: number };
  close(): Promise<void>;
}

export interface UiAppSetup {
  readonly session?: HeldSession;
  readonly services?: Partial<Services>;
  readonly now: number;
  readonly columns?: number;
  readonly rows?: number;
  readonly unicode?: boolean;
}

export async function uiApp(setup: UiAppSetup): Promise<UiApp> {
  const { now, columns = 120, rows = 40, unicode = true, session } = setup;
  const clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('over')), { once: true });
      }),
  };
  const store = createStore({
    ui: { columns, rows, theme: 'dark', stack: [{ screen: 'home', pane: 0 }], panes: {} },
    glyphs: glyphsFor(unicode),
    clock,
    explain,
    tickMs: 1000,
    factsMs: 200,
  });
  const held = createHeldKeys();
  let underWay: Promise<unknown> = Promise.resolve();
  const keys: HeldKeys = {
    ...held,
    until: work => {
      underWay = Promise.allSettled([underWay, work]);
      return held.until(work);
    },
  };
  const terminal = { quit: 0, suspend: 0, redraw: 0, alone: 0 };
  const count = (what: keyof typeof terminal) => () => {
    terminal[what] += 1;
    return Promise.resolve();
  };
  const app: App = {
    store,
    services: servicesOf(session, setup.services),
    clock,
    who: 'dana',
    current: composer(store, disabledIn),
    keys,
    terminal: {
      quit: () => {
        terminal.quit += 1;
      },
      suspend: count('suspend'),
      redraw: count('redraw'),
      alone: count('alone'),
    },
  };
  if (session !== undefined) await enter(app, session);
  await settled();
  const lines = (): string[] => app.current().composed.lines.map(textOf);
  return {
    app,
    terminal,
    async press(...keys) {
      for (const [input, key] of keys.flatMap(strokes)) {
        // As in the real loop a frame stands between two keys.
        app.current();
        press(app, input, key);
        // A key that loads something holds those behind it until that stands.
        await underWay;
        await settled();
      }
    },
    paste: text => paste(app, text),
    lines,
    text: () => lines().join('\n'),
    screen: () => app.current().screen.id,
    overlay: () => app.current().view.ui.overlay,
    resize: (nextColumns, nextRows) => store.act({ type: 'resize', columns: nextColumns, rows: nextRows }),
    close: () => store.close(),
  };
}

/** What a key started goes on in microtasks and in imports that are on their way. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

const NAMED: Readonly<Record<string, Partial<Key>>> = {
  up: { upArrow: true },
  down: { downArrow: true },
  left: { leftArrow: true },
  right: { rightArrow: true },
  pgup: { pageUp: true },
  pgdn: { pageDown: true },
  home: { home: true },
  end: { end: true },
  enter: { return: true },
  esc: { escape: true },
  tab: { tab: true },
  'shift+tab': { tab: true, shift: true },
  backspace: { backspace: true },
};

const KEY: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageUp: false,
  pageDown: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

function strokes(name: string): Array<[string, Key]> {
  const named = NAMED[name];
  if (named !== undefined) return [['', { ...KEY, ...named }]];
  if (name === 'space') return [[' ', KEY]];
  const control = /^ctrl\+([a-z])$/.exec(name)?.[1];
  if (control !== undefined) return [[control, { ...KEY, ctrl: true }]];
  return [...name].map(letter => [letter, KEY]);
}
