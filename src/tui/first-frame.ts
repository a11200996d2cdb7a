import { compose } from './frame/compose.ts';
import type { Terminal, UiOptions } from './options.ts';
import { SCREENS } from './screens/index.ts';
import { NOTHING_LOADED } from './store.ts';
import { glyphsFor } from './text/glyphs.ts';
import { textOf } from './text/line.ts';
import type { UiState } from './ui-state.ts';

type FirstOptions = Pick<UiOptions, 'terminal' | 'theme' | 'begin' | 'unicode' | 'clock'>;

/** Where the screens begin, before anything is known. */
export function firstState({
  terminal,
  theme,
  begin,
}: Pick<FirstOptions, 'terminal' | 'theme' | 'begin'>): UiState {
  return {
    columns: terminal.stdout.columns || 80,
    rows: terminal.stdout.rows || 24,
    theme,
    stack: [{ screen: 'home', pane: 0 }],
    panes: {},
    ...(begin.kind === 'evacuation' ? { busy: `opening ${begin.name}`, isOpening: true } : {}),
  };
}

const ENTER = '\u001B[?1049h\u001B[?25l\u001B[H';
const LEAVE = '\u001B[?25h\u001B[?1049l';

/**
 * Draws the first screen by hand, on the alternate screen, without colours: the library that draws the screens takes
 * longer to load than all of landfall, and an engineer should not look at nothing. Keys that are pressed meanwhile wait
 * for it. Returns the way to give the terminal back, for the moment in which the library takes it.
 */
export function showFirstFrame(options: FirstOptions): () => void {
  const { terminal, clock, unicode } = options;
  const ui = firstState(options);
  const view = {
    now: clock.now(),
    ui,
    glyphs: glyphsFor(unicode),
    rows: [],
    databases: [],
    stages: [],
    loaded: NOTHING_LOADED,
  };
  const { lines } = compose(view, SCREENS.home, { disabled: () => undefined });
  setRaw(terminal, true);
  terminal.stdout.write(`${ENTER}${lines.map(textOf).join('\r\n')}`);
  return () => {
    terminal.stdout.write(LEAVE);
    setRaw(terminal, false);
  };
}

function setRaw({ stdin }: Terminal, raw: boolean): void {
  if (stdin.isTTY) stdin.setRawMode(raw);
}
