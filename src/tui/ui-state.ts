import type { ScreenId } from './screen.ts';
import type { Line } from './text/line.ts';
import type { ThemeName } from './theme.ts';

/** What the engineer has done to the screens: where they are, what is selected, what is asked. No facts live here. */
export interface UiState {
  readonly columns: number;
  readonly rows: number;
  readonly theme: ThemeName;
  /** The way back; the last is what is shown. */
  readonly stack: readonly Place[];
  /** By screen and pane, `overview/machines`. */
  readonly panes: Readonly<Record<string, PaneState>>;
  readonly overlay?: Overlay;
  readonly toast?: Toast;
  /** What was typed into questions that were left, by question and field. */
  readonly kept?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** Something that takes a while: `starting the engine`. */
  readonly busy?: string;
  /** True while what is busy will show another evacuation: keys that act have nothing to act on. */
  readonly isOpening?: boolean;
}

export interface Place {
  readonly screen: ScreenId;
  /** The machine, database or plan that it is about. */
  readonly subject?: string;
  /** Index of the pane that has the focus. */
  readonly pane: number;
}

export interface PaneState {
  readonly selected?: string;
  readonly filter?: string;
  /** True while the filter is being typed. */
  readonly typing?: boolean;
  /** Lines scrolled down; counted from the end where the pane follows. */
  readonly scroll: number;
  /** Which of the lines that match the filter of a text is the one just looked at, counted from 0. */
  readonly match?: number;
  /** True where a text shows only lines that match. */
  readonly only?: boolean;
  /** Where the engineer read when they began to search: a search that finds nothing goes back there. */
  readonly origin?: Pick<PaneState, 'scroll' | 'held'>;
  /** What a text that follows showed when the engineer scrolled up in it: that is what they read on. */
  readonly held?: { readonly lines: readonly Line[]; readonly width: number };
}

export interface Toast {
  readonly text: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'plain';
  /** Epoch ms: shown until then. */
  readonly until: number;
  /** It speaks of stages as they stand now: gone as soon as one of them changes. */
  readonly ofStages?: boolean;
}

export type Overlay =
  | { readonly kind: 'help'; readonly filter: string; readonly scroll: number }
  | { readonly kind: 'palette'; readonly text: string; readonly selected: number }
  | {
      readonly kind: 'ask';
      readonly ask: Ask;
      readonly values: readonly string[];
      readonly field: number;
      readonly error?: string;
      readonly scroll: number;
    };

/** A question: what will happen, what is needed for it, and, where it is severe, the name to type. */
export interface Ask {
  readonly title: string;
  /** The preview: exact commands and targets. */
  readonly body: (width: number) => readonly Line[];
  readonly fields: readonly Field[];
  /** What has to be typed, exactly, before it is done. */
  readonly confirm?: string;
  /** The verb of the button: `approve`, `stop the engine`. */
  readonly action: string;
  /** Called with the values of all fields, each of them sound; a text is what is wrong with them together. */
  readonly check?: (values: readonly string[]) => string | undefined;
  readonly submit: (values: readonly string[]) => Promise<void>;
  /** True for the question whether to leave: leaving is then meant. */
  readonly leaves?: boolean;
}

export interface Field {
  readonly label: string;
  readonly initial?: string;
  readonly hint?: string;
  readonly optional?: boolean;
  /** Called with what stands there, trimmed, when the field is left; a text is what is wrong with it. */
  readonly check?: (value: string) => string | undefined;
}

/** Enter in the last field answers the question; in the others it goes on to the next. */
export const isLastField = ({
  values,
  field,
}: {
  readonly values: readonly string[];
  readonly field: number;
}): boolean => field >= values.length - 1;

export const placeOf = (ui: UiState): Place => ui.stack.at(-1) ?? { screen: 'home', pane: 0 };

export const paneKey = (screen: ScreenId, pane: string): string => `${screen}/${pane}`;

const FRESH: PaneState = { scroll: 0 };
export const paneState = (ui: UiState, key: string): PaneState => ui.panes[key] ?? FRESH;

export type UiAction =
  | { readonly type: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly type: 'go'; readonly place: Omit<Place, 'pane'>; readonly replace?: boolean }
  | { readonly type: 'back' }
  | { readonly type: 'pane'; readonly pane: number }
  | { readonly type: 'pane-state'; readonly key: string; readonly change: Partial<PaneState> }
  /** In place of all that was known of the pane: how a filter goes away. */
  | { readonly type: 'pane-reset'; readonly key: string; readonly state: PaneState }
  | { readonly type: 'overlay'; readonly overlay: Overlay | undefined }
  | {
      readonly type: 'keep';
      readonly key: string;
      readonly values: Readonly<Record<number, string>>;
    }
  | { readonly type: 'toast'; readonly toast: Toast | undefined }
  | { readonly type: 'busy'; readonly busy: string | undefined }
  | { readonly type: 'opening'; readonly isOpening: boolean }
  | { readonly type: 'theme'; readonly theme: ThemeName };

/** Pure. Going to a screen that is already on the way back returns to it, so that the way never grows in circles. */
export function reduceUi(ui: UiState, action: UiAction): UiState {
  switch (action.type) {
    case 'resize':
      return { ...ui, columns: action.columns, rows: action.rows };
    case 'go': {
      const { place, replace } = action;
      const before = replace === true ? ui.stack.slice(0, -1) : ui.stack;
      const known = before.findIndex(each => each.screen === place.screen);
      const rest = known >= 0 ? before.slice(0, known) : before;
      const { overlay, ...without } = ui;
      return { ...without, stack: [...rest, { ...place, pane: 0 }] };
    }
    case 'back':
      return ui.stack.length > 1 ? { ...ui, stack: ui.stack.slice(0, -1) } : ui;
    case 'pane': {
      const last = ui.stack.at(-1);
      return last === undefined
        ? ui
        : { ...ui, stack: [...ui.stack.slice(0, -1), { ...last, pane: action.pane }] };
    }
    case 'pane-state': {
      const next = { ...paneState(ui, action.key), ...action.change };
      return { ...ui, panes: { ...ui.panes, [action.key]: next } };
    }
    case 'pane-reset':
      return { ...ui, panes: { ...ui.panes, [action.key]: action.state } };
    case 'overlay': {
      const { overlay, ...rest } = ui;
      return action.overlay === undefined ? rest : { ...rest, overlay: action.overlay };
    }
    case 'keep':
      return { ...ui, kept: { ...ui.kept, [action.key]: action.values } };
    case 'toast': {
      const { toast, ...rest } = ui;
      return action.toast === undefined ? rest : { ...rest, toast: action.toast };
    }
    case 'busy': {
      const { busy, ...rest } = ui;
      return action.busy === undefined ? rest : { ...rest, busy: action.busy };
    }
    case 'opening': {
      const { isOpening, ...rest } = ui;
      return action.isOpening ? { ...rest, isOpening: true } : rest;
    }
    case 'theme':
      return { ...ui, theme: action.theme };
  }
}
