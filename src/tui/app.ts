import type { Session } from '../evacuation/engine/session.ts';
import type { Clock } from '../foundation/clock.ts';
import { type Composed, compose } from './frame/compose.ts';
import type { PaneBox } from './frame/panes.ts';
import type { HeldKeys } from './held-keys.ts';
import type { IntentId } from './keys.ts';
import type { Screen, View } from './screen.ts';
import { SCREENS } from './screens/index.ts';
import type { Services } from './services.ts';
import type { Store } from './store.ts';
import { placeOf } from './ui-state.ts';

/** What intents work with: the store, the services, and the ways out. */
export interface App {
  readonly store: Store;
  readonly services: Services;
  readonly clock: Clock;
  /** Who orders: for the words on the screen; the engine knows it from the connection. */
  readonly who: string;
  /** What is shown now, composed from the newest facts: keys may come faster than frames. */
  readonly current: () => Current;
  readonly terminal: TerminalControl;
  readonly keys: HeldKeys;
}

export interface Current extends IntentScope {
  readonly composed: Composed;
}

/** What only the one who mounted the screens can do. */
export interface TerminalControl {
  /** Leaves the screens; the only way out. */
  readonly quit: () => void;
  /** To the shell, until this process is told to go on. */
  readonly suspend: () => Promise<void>;
  /** The text alone on the terminal, unbroken, until a key is pressed. */
  readonly alone: (text: string) => Promise<void>;
  /** Clears the terminal and draws everything again. */
  readonly redraw: () => Promise<void>;
}

/** What a key does. Returns at once or goes on in the background; what goes wrong is shown. */
export interface Intent {
  readonly id: IntentId;
  /** Why it would do nothing now, in words that stand after "not now:"; undefined where it works. */
  readonly disabled?: (scope: IntentScope, argument?: string) => string | undefined;
  /** `argument` is what stood behind its verb in the palette: a machine, a stage, a rate; keys have none. */
  readonly run: (app: App, argument?: string) => void | Promise<void>;
}

/** What decides whether an intent works: facts only. */
export interface IntentScope {
  readonly view: View;
  readonly screen: Screen;
  readonly session: Session | undefined;
  readonly boxes: readonly PaneBox[];
}

/** Composes each view once, for the frame that draws it and for the keys that act on it. */
export function composer(
  store: Store,
  disabledIn: (scope: IntentScope) => (id: IntentId, argument?: string) => string | undefined,
): () => Current {
  let last: Current | undefined;
  return () => {
    const view = store.view();
    if (last?.view === view) return last;
    const screen = SCREENS[placeOf(view.ui).screen];
    const session = store.session();
    // What is selected decides which keys work.
    const disabledAmong = (boxes: readonly PaneBox[]) => disabledIn({ view, screen, session, boxes });
    const composed = compose(view, screen, { disabled: disabledAmong(last?.boxes ?? []), disabledAmong });
    // What lies over the panes is about what was selected in them.
    const boxes = view.ui.overlay === undefined ? composed.boxes : (last?.boxes ?? []);
    last = { view, screen, session, composed, boxes };
    return last;
  };
}
