import type { Snapshot } from '../evacuation/engine/session.ts';
import type { DatabaseRow } from '../reports/database-row.ts';
import type { PreviewedStep } from '../reports/preview.ts';
import type { MachineRow } from '../reports/rows.ts';
import type { StageReport } from '../reports/stages.ts';
import { PHASES } from '../step/step.ts';
import type { Gates } from './gates.ts';
import type { IntentId } from './keys.ts';
import type { ItemCommands, Outlook } from './outlook.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { EvacuationSummary, Finding, Loaded, PlanSummary } from './services.ts';
import type { Glyphs } from './text/glyphs.ts';
import type { Line } from './text/line.ts';
import type { UiState } from './ui-state.ts';

/**
 * The contract of a screen: a pure function from what is known to panes of lines. A screen decides what is said and
 * in which order; the frame decides where it goes, how much of it fits, and how it is heard by a screen reader.
 *
 * To add one: a file in screens/ that exports a Screen, its name in ScreenId, its entry in screens/index.ts. Keys
 * belong to keys.ts, what they do to intents/.
 */

export const SCREEN_IDS = [
  'home',
  'overview',
  ...PHASES,
  'machine',
  'log',
  'notes',
  'commands',
  'preview',
  'plan',
] as const;
export type ScreenId = (typeof SCREEN_IDS)[number];

/** Everything that a screen may look at. The same object until something changed. */
export interface View {
  readonly now: number;
  /** Since when something is under way that `ui.busy` names. */
  readonly busySince?: number;
  readonly ui: UiState;
  readonly glyphs: Glyphs;
  /** Absent on the first screen, before an evacuation was chosen. */
  readonly snapshot?: Snapshot;
  /** One row a machine, sorted by tier and name; empty without a snapshot. */
  readonly rows: readonly MachineRow[];
  /** One row a database, in the order of the plan. */
  readonly databases: readonly DatabaseRow[];
  readonly stages: readonly StageReport[];
  /** Absent without a snapshot. */
  readonly gates?: Gates;
  /** Absent without a snapshot. */
  readonly outlook?: Outlook;
  readonly loaded: LoadedData;
}

/** What services have brought. */
export interface LoadedData {
  readonly evacuations: Loaded<readonly EvacuationSummary[]>;
  readonly plans: Loaded<readonly PlanSummary[]>;
  readonly findings: Loaded<readonly Finding[]>;
  readonly notes: Loaded<readonly string[]>;
  /** The log shown on the machine screen. */
  readonly tail: Loaded<readonly string[]>;
  /** What was still to do when it was asked for: every step with its exact commands. */
  readonly preview: Loaded<readonly PreviewedStep[]>;
  /** What a proof of each copy would do, asked for or not. */
  readonly proofs: Loaded<readonly PreviewedStep[]>;
  /** The exact commands of each item of the cutover, as of when they were asked for. */
  readonly itemCommands: Loaded<ItemCommands>;
  /** The plan that is being edited; it stays while the engineer looks elsewhere. */
  readonly draft: Loaded<PlanDraft>;
}

/** The one thing to do now: the first hint of the footer. */
export interface NextAction {
  readonly intent: IntentId;
  /** What it does here, in a few words: `approve build`, `switch mail1 to blocks`. */
  readonly words: string;
}

export interface Screen {
  readonly id: ScreenId;
  readonly title: (view: View) => string;
  /** At least one; the first has the focus at the beginning. Titles and text for `width` columns. */
  readonly panes: (view: View) => readonly Pane[];
  readonly next?: (view: View) => NextAction | undefined;
  /** What keys do here, where that is not what they do elsewhere: for the footer. */
  readonly hints?: (view: View) => Readonly<Partial<Record<IntentId, string>>>;
  /** One or two sentences above the footer: what matters most right now, with its remedy. */
  readonly message?: (view: View) => Line | undefined;
}

export type Pane = ListPane | TextPane;

interface PaneBase {
  /** Unique on its screen. */
  readonly id: string;
  readonly title: string;
  /** Share of the room beside or below others; default 1. */
  readonly weight?: number;
  /** Rows it takes at the most, its title not counted; for panes that are short by nature. */
  readonly most?: number;
  /** Stands to the right of the others where the terminal has 120 columns or more; below them elsewhere. */
  readonly beside?: boolean;
}

/** Rows to choose from: selectable, filterable, windowed. */
export interface ListPane extends PaneBase {
  readonly kind: 'list';
  readonly header?: (width: number) => Line;
  readonly items: readonly Item[];
  /** What is said where there is nothing to list. */
  readonly empty: string;
}

export interface Item {
  readonly id: string;
  /** What `/` looks through. */
  readonly search: string;
  /** One row of at most `width` columns; only called for rows that are seen. */
  readonly line: (width: number) => Line;
  /** A heading between rows: shown, never selected. */
  readonly heading?: boolean;
}

/** Text to read: scrollable, searchable. */
export interface TextPane extends PaneBase {
  readonly kind: 'text';
  readonly lines: (width: number) => readonly Line[];
  /** Stays at the end as lines are added, until the engineer scrolls up. */
  readonly follow?: boolean;
}
