import { render } from 'ink';
import { showAlone } from './alone.ts';
import { type App, composer } from './app.ts';
import { firstState } from './first-frame.ts';
import { createHeldKeys } from './held-keys.ts';
import { keepHomeFresh } from './home-refresh.ts';
import { arrive } from './intents/arriving.ts';
import { disabledIn } from './intents/index.ts';
import { enter } from './intents/opening.ts';
import { explain, opening, tellError } from './intents/order.ts';
import type { UiEnd, UiOptions } from './options.ts';
import { Root } from './root.tsx';
import { createStore, type Store } from './store.ts';
import { glyphsFor, spokenGlyphs } from './text/glyphs.ts';

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
    keys: createHeldKeys(),
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
  const over = new AbortController();
  keepHomeFresh(app, AbortSignal.any([signal, over.signal])).catch((thrown: unknown) =>
    tellError(app, thrown),
  );
  begin(app, options).catch((thrown: unknown) => tellError(app, thrown));
  try {
    await instance.waitUntilExit();
    const snapshot = store.session()?.snapshot();
    return snapshot === undefined
      ? {}
      : { evacuation: { name: snapshot.name, engineRuns: snapshot.connection === 'live' } };
  } finally {
    signal.removeEventListener('abort', leave);
    over.abort();
    await store.close();
  }
}

function storeFor(options: UiOptions): Store {
  return createStore({
    ui: firstState(options),
    glyphs: options.screenReader ? spokenGlyphs() : glyphsFor(options.unicode),
    clock: options.clock,
    explain,
    ...(options.screenReader ? PACE.heard : PACE.seen),
  });
}

async function begin(app: App, { begin: first, services }: UiOptions): Promise<void> {
  if (first.kind === 'evacuation') {
    const session = await opening(app, `opening ${first.name}`, () => services.open(first.name));
    if (session !== undefined) return enter(app, session);
  }
  arrive(app, 'home');
}
