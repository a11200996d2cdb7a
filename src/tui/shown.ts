import type { App } from './app.ts';
import { isSameLine } from './frame/drawn.tsx';
import { isSameToEars, linear } from './frame/linear.ts';
import { disabledIn } from './intents/index.ts';
import type { Line } from './text/line.ts';
import type { ThemeName } from './theme.ts';
import type { UiState } from './ui-state.ts';

/** What is on the terminal: the same object until something else has to be, so that nothing is drawn in vain. */
export interface Shown {
  readonly lines: readonly Line[];
  readonly theme: ThemeName;
}

/** For eyes: whatever looks different. */
export function eyesOf(app: App): () => Shown {
  let last: Shown | undefined;
  return () => {
    const { composed, view } = app.current();
    const { lines } = composed;
    const { theme } = view.ui;
    if (last?.lines !== lines || last.theme !== theme) {
      const isSame =
        last !== undefined &&
        last.theme === theme &&
        last.lines.length === lines.length &&
        last.lines.every((each, index) => isSameLine(each, lines[index] ?? []));
      if (last === undefined || !isSame) last = { lines, theme };
    }
    return last;
  };
}

/** For ears: what a key did is always heard, what changed by itself only where it means something. */
export function earsOf(app: App): () => readonly Line[] {
  let last: { readonly ui: UiState; readonly lines: readonly Line[] } | undefined;
  return () => {
    const scope = app.current();
    const { ui } = scope.view;
    const lines = linear(scope.view, scope.screen, { disabled: disabledIn(scope) });
    if (last === undefined || last.ui !== ui || !isSameToEars(last.lines, lines)) last = { ui, lines };
    return last.lines;
  };
}
