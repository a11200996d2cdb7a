import type { PHASES } from '../step/step.ts';
import { ACT_BINDINGS } from './keys-act.ts';
import { CUTOVER_BINDINGS } from './keys-cutover.ts';
import { LOGS, MACHINES, OPEN } from './keys-places.ts';
import type { ScreenId } from './screen.ts';

/**
 * Every key of landfall, in one table: the footer, the `?` help and the page in docs are made from it. A screen never
 * looks at keys; it hears intents.
 */

export type Group = 'move' | 'walk' | 'act' | 'view' | 'leave';

export interface Binding {
  readonly id: string;
  /**
   * How keys are written: `s`, `S`, `ctrl+z`, `enter`, `esc`, `tab`, `shift+tab`, `up`, `pgdn`, `space`. Without one
   * it is only in the palette. On a screen where two have the same key the first of the table has it.
   */
  readonly chords: readonly string[];
  /** A verb and its object, as it stands in the footer. */
  readonly words: string;
  /** One sentence for the help. */
  readonly help: string;
  readonly group: Group;
  /** Where it works; everywhere when absent. */
  readonly on?: readonly ScreenId[];
  /** Place in the footer: 1 comes first after the next action; without a number it is only in the help. */
  readonly footer?: number;
  /** The verb of the command line, for the palette: `:sync`. */
  readonly verb?: string;
  /** What may stand behind the verb: `:sync web1`. */
  readonly takes?: Takes;
}

/** What a verb of the palette can be told, as it stands in the help; all but the last two are offered to choose from. */
export type Takes = 'machine' | 'database' | 'lane' | 'stage' | 'place' | 'mode' | 'act' | 'rate' | 'words';

const stageBinding = <const N extends number>(number: N, screen: (typeof PHASES)[number], help: string) => ({
  id: `stage.${screen}` as const,
  chords: [String(number)] as const,
  words: screen,
  help,
  group: 'walk' as const,
});

export const BINDINGS = [
  { id: 'up', chords: ['up', 'k'], words: 'up', help: 'One row up.', group: 'move' },
  { id: 'down', chords: ['down', 'j'], words: 'down', help: 'One row down.', group: 'move' },
  { id: 'page-up', chords: ['pgup', 'ctrl+b'], words: 'page up', help: 'One page up.', group: 'move' },
  { id: 'page-down', chords: ['pgdn', 'ctrl+f'], words: 'page down', help: 'One page down.', group: 'move' },
  { id: 'first', chords: ['home', 'g'], words: 'first', help: 'To the first row.', group: 'move' },
  {
    id: 'last',
    chords: ['end', 'G'],
    words: 'last',
    help: 'To the last row; a log follows again.',
    group: 'move',
  },
  { id: 'next-pane', chords: ['tab'], words: 'next pane', help: 'To the next pane.', group: 'move' },
  {
    id: 'previous-pane',
    chords: ['shift+tab'],
    words: 'previous pane',
    help: 'To the previous pane.',
    group: 'move',
  },
  {
    id: 'filter',
    chords: ['/'],
    words: 'filter',
    help: 'Show only rows with a word; in a text, find it. esc clears it.',
    group: 'move',
  },
  {
    id: 'next-match',
    chords: ['n'],
    words: 'next match',
    help: 'To the next line that has what was searched for.',
    group: 'move',
    on: LOGS,
  },
  {
    id: 'previous-match',
    chords: ['N'],
    words: 'match before',
    help: 'To the line before that has what was searched for.',
    group: 'move',
    on: LOGS,
  },
  {
    id: 'only-matches',
    chords: ['&'],
    words: 'only matches',
    help: 'Show only the lines that match, or all of them again.',
    group: 'move',
  },
  {
    id: 'follow',
    chords: ['f'],
    words: 'follow',
    help: 'Follow the end of the text, or stand still.',
    group: 'move',
    on: LOGS,
    footer: 3,
  },

  { id: 'open', chords: ['enter'], words: 'open', help: 'Open what is selected.', group: 'walk', footer: 1 },
  {
    id: 'overview',
    chords: ['0', 'o'],
    words: 'overview',
    help: 'Every machine on one screen.',
    group: 'walk',
    on: OPEN,
    verb: 'overview',
  },
  { ...stageBinding(1, 'check', 'Stage 1: is everything here that the evacuation needs?'), on: OPEN },
  { ...stageBinding(2, 'inventory', 'Stage 2: what leaves, as it really is.'), on: OPEN },
  { ...stageBinding(3, 'build', 'Stage 3: replicas and receivers at the target.'), on: OPEN },
  { ...stageBinding(4, 'sync', 'Stage 4: passes, until they converge.'), on: OPEN },
  { ...stageBinding(5, 'database', 'Stage 5: seed and replicate SQL Server.'), on: OPEN },
  { ...stageBinding(6, 'prove', 'Stage 6: prove that the copies boot.'), on: OPEN },
  { ...stageBinding(7, 'ready', 'Stage 7: every gate, red first.'), on: OPEN },
  { ...stageBinding(8, 'cutover', 'Stage 8: the checklist.'), on: OPEN },
  {
    id: 'log',
    chords: ['l'],
    words: 'log',
    help: 'Everything that happened, newest last.',
    group: 'walk',
    on: OPEN,
    verb: 'log',
  },
  {
    id: 'go',
    chords: [],
    words: 'go to',
    help: 'To a stage, a machine or any other screen by its name.',
    group: 'walk',
    on: OPEN,
    verb: 'go',
    takes: 'place',
  },
  {
    id: 'notes',
    chords: ['n'],
    words: 'notes',
    help: 'What the shift should know.',
    group: 'walk',
    on: OPEN,
    verb: 'notes',
  },
  {
    id: 'commands',
    chords: ['@'],
    words: 'commands',
    help: 'The very commands that were run on hosts.',
    group: 'walk',
    on: OPEN,
    verb: 'commands',
  },
  {
    id: 'home',
    chords: ['h'],
    words: 'evacuations',
    help: 'All evacuations and plans of this machine.',
    group: 'walk',
    on: OPEN,
    verb: 'list',
  },
  {
    id: 'back',
    chords: ['esc', 'backspace'],
    words: 'back',
    help: 'Close what is open, clear the filter, or go back.',
    group: 'walk',
  },

  ...ACT_BINDINGS,
  ...CUTOVER_BINDINGS,

  {
    id: 'why',
    chords: ['w'],
    words: 'why',
    help: 'Cause, evidence and remedy of what is selected.',
    group: 'view',
    on: MACHINES,
    footer: 7,
    verb: 'why',
    takes: 'machine',
  },
  {
    id: 'worst',
    chords: ['!'],
    words: 'what is worst',
    help: 'Open the machine that needs you most.',
    group: 'view',
    on: OPEN,
    verb: 'worst',
  },
  {
    id: 'copy',
    chords: ['c'],
    words: 'copy',
    help: 'Show the selected command, or those of the selected item, alone and unbroken: the terminal can copy it.',
    group: 'view',
    on: ['commands', 'machine', 'cutover'],
    footer: 2,
    verb: 'copy',
  },
  {
    id: 'palette',
    chords: [':'],
    words: 'palette',
    help: 'Every command by name, as on the command line.',
    group: 'view',
    footer: 8,
  },
  { id: 'help', chords: ['?'], words: 'help', help: 'This help.', group: 'view', footer: 0 },
  {
    id: 'theme',
    chords: ['T'],
    words: 'colours',
    help: 'Other colours: dark, light, colour-blind, none.',
    group: 'view',
    verb: 'colours',
  },
  { id: 'redraw', chords: ['ctrl+l'], words: 'redraw', help: 'Draw everything again.', group: 'view' },

  {
    id: 'suspend',
    chords: ['ctrl+z'],
    words: 'suspend',
    help: 'Back to the shell; fg returns here.',
    group: 'leave',
  },
  {
    id: 'quit',
    chords: ['q', 'ctrl+c'],
    words: 'detach',
    help: 'Leave the screens. The engine goes on.',
    group: 'leave',
    footer: 0,
    verb: 'quit',
  },
] as const satisfies readonly Binding[];

export type IntentId = (typeof BINDINGS)[number]['id'];

/** The bindings that work on a screen, in the order of the table. */
export function bindingsOn(screen: ScreenId): readonly (Binding & { readonly id: IntentId })[] {
  return BINDINGS.filter(each => !('on' in each) || (each.on as readonly ScreenId[]).includes(screen));
}

/** What a chord means on a screen. */
export function intentOf(chord: string, screen: ScreenId): IntentId | undefined {
  return bindingsOn(screen).find(({ chords }: Binding) => chords.includes(chord))?.id;
}

/** The keys of an intent on a screen, those left out that mean something else there. */
export const chordsOn = (id: IntentId, screen: ScreenId): readonly string[] =>
  bindingOf(id).chords.filter(chord => intentOf(chord, screen) === id);

export function bindingOf(id: IntentId): Binding {
  const found = BINDINGS.find(each => each.id === id);
  // Every IntentId comes from the table.
  if (found === undefined) throw new RangeError(`no binding for ${id}`);
  return found;
}

/** How a chord is shown: `enter`, `^Z`, `S`. */
export const showChord = (chord: string): string =>
  chord.startsWith('ctrl+') ? `^${chord.slice(5).toUpperCase()}` : chord;

/** How an intent is asked for on a screen, shortest: its key, or its verb in the palette. */
export function wayTo(id: IntentId, screen: ScreenId): string {
  const [chord] = chordsOn(id, screen);
  return chord === undefined ? `:${bindingOf(id).verb ?? id}` : showChord(chord);
}
