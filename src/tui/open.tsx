import { render } from 'ink';
import type { Clock } from '../foundation/clock.ts';
import { showAlone } from './alone.ts';
import { type App, composer } from './app.ts';
import { arrive } from './intents/arriving.ts';
import { disabledIn } from './intents/index.ts';
import { enter } from './intents/opening.ts';
import { explain, tellError } from './intents/order.ts';
import { Root } from './root.tsx';
import type { Services } from './services.ts';
import { createStore, type Store } from './store.ts';
import { glyphsFor, spokenGlyphs } from './text/glyphs.ts';
import type { ThemeName } from './theme.ts';

export interface UiOptions {
  readonly services: Services;
  readonly clock: Clock;
  readonly who: string;
  /** What to show first: the list of all, or one evacuation, opened or just started by the caller. */
  readonly begin: { readonly kind: 'home' } | { readonly kind: 'evacuation'; readonly name: string };
  readonly terminal: Terminal;
  readonly unicode: boolean;
  readonly theme: ThemeName;
  readonly screenReader: boolean;
  /** Redraws only lines that changed; off for terminals that draw wide characters wrongly. */
  readonly incremental: boolean;
  /** Ends the screens as `q` does: SIGTERM, a hang-up. */
  readonly signal: AbortSignal;
  /** Stops this process as ctrl+z does, and resolves when it goes on. */
  readonly stopProcess: () => Promise<void>;
}

export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** What the engineer had open when they left. */
export interface UiEnd {
  readonly evacuation?: { readonly name: string; readonly engineRuns: boolean };
}

/** A reader hears changes less often than eyes see them. */
const PACE = { seen: { tickMs: 1_000, factsMs: 200 }, heard: { tickMs: 15_000, factsMs: 3_000 } } as const;

/**
 * Shows the screens until the engineer leaves. Ink gives the terminal back whatever happens; what was thrown while
 * drawing is thrown again after that.
 */
export async function openUi(options: UiOptions): Promise<UiEnd> {
  const { terminal, screenReader, signal } = options;
  const store = storeFor(options);
  let suspendTerminal: ((work: () => Promise<void>) => Promise<void>) | undefined;
  let isLent = false;
  /** Gives the terminal to somebody else; one at a time. */
  const lend = async (work: () => Promise<void>): Promise<void> => {
    if (isLent) return;
    isLent = true;
    try {
      await suspendTerminal?.(work);
    } finally {
      isLent = false;
    }
  };
  const app: App = {
    store,
    services: options.services,
    clock: options.clock,
    who: options.who,
    current: composer(store, disabledIn),
    terminal: {
      quit: () => instance.unmount(),
      suspend: () => lend(options.stopProcess),
      alone: text => lend(() => showAlone(terminal, text, { signal, alternate: !screenReader })),
      // Handing the terminal over and taking it back draws everything anew.
      redraw: () => lend(() => Promise.resolve()),
    },
  };
  const instance = render(
    <Root
      app={app}
      onReady={given => {
        suspendTerminal = given;
      }}
    />,
    {
      ...terminal,
      alternateScreen: !screenReader,
      incrementalRendering: options.incremental && !screenReader,
      exitOnCtrlC: false,
      patchConsole: false,
      isScreenReaderEnabled: screenReader,
      interactive: true,
    },
  );
  const leave = (): void => instance.unmount();
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  begin(app, options).catch((thrown: unknown) => tellError(app, thrown));
  try {
    await instance.waitUntilExit();
    const snapshot = store.session()?.snapshot();
    return snapshot === undefined
      ? {}
      : { evacuation: { name: snapshot.name, engineRuns: snapshot.connection === 'live' } };
  } finally {
    signal.removeEventListener('abort', leave);
    await store.close();
  }
}

function storeFor({ clock, terminal, screenReader, unicode, theme }: UiOptions): Store {
  return createStore({
    ui: {
      columns: terminal.stdout.columns || 80,
      rows: terminal.stdout.rows || 24,
      theme,
      stack: [{ screen: 'home', pane: 0 }],
      panes: {},
    },
    glyphs: screenReader ? spokenGlyphs() : glyphsFor(unicode),
    clock,
    explain,
    ...(screenReader ? PACE.heard : PACE.seen),
  });
}

async function begin(app: App, { begin: first, services }: UiOptions): Promise<void> {
  arrive(app, 'home');
  if (first.kind === 'evacuation') await enter(app, await services.open(first.name));
}
