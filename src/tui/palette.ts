import { LANES } from '../journal/database-words.ts';
import { STORM_MODES } from '../journal/storm-modes.ts';
import { cutoverWords } from './cutover-words.ts';
import { BINDINGS, type Binding, bindingsOn, type IntentId, type Takes } from './keys.ts';
import { OPEN } from './keys-places.ts';
import { SCREEN_IDS, type View } from './screen.ts';
import { placeOf } from './ui-state.ts';

/** One line of the palette: a command that can be given here, with what it is told. */
export interface PaletteEntry {
  readonly id: IntentId;
  /** As it would be typed: `pause web1`. */
  readonly text: string;
  readonly argument?: string;
  readonly takes?: Takes;
  readonly help: string;
  /** Why it would do nothing now. */
  readonly why?: string;
}

type Disabled = (id: IntentId, argument?: string) => string | undefined;

/**
 * The commands that fit what was typed, best match first: beginnings, then parts, then letters in order; among equals
 * those that would do something. Behind a whole verb and a space stands what it is told.
 */
export function matches(typed: string, view: View, disabled: Disabled): PaletteEntry[] {
  const bindings: ReadonlyArray<Binding & { readonly id: IntentId }> = bindingsOn(placeOf(view.ui).screen);
  const [verb = '', ...words] = typed.trimStart().split(' ');
  const told = bindings.find(each => each.takes !== undefined && each.verb === verb.toLowerCase());
  if (told?.takes !== undefined && words.length > 0) {
    return withArgument(
      told.id,
      told.takes,
      verb.toLowerCase(),
      words.join(' ').trim(),
      view,
      disabled,
      told.help,
    );
  }
  const wanted = typed.trim().toLowerCase();
  const found = bindings
    .flatMap((each): Ranked[] => {
      const rank = each.verb === undefined ? undefined : rankOf(wanted, each.verb);
      if (each.verb === undefined || rank === undefined) return [];
      const { id, verb: text, takes, help } = each;
      return [
        { rank, ...entry({ id, text, help, ...(takes === undefined ? {} : { takes }) }, disabled(id)) },
      ];
    })
    .sort(byRank);
  return found.length > 0 ? found : elsewhere(verb.toLowerCase(), view);
}

/** Commands that begin so and are for other screens, with the reason: they exist, and cannot be given here. */
function elsewhere(verb: string, { snapshot }: View): PaletteEntry[] {
  const known: ReadonlyArray<Binding & { readonly id: IntentId }> = BINDINGS;
  return known.flatMap(({ id, verb: text, takes, help, on = [] }): PaletteEntry[] => {
    if (verb === '' || text?.startsWith(verb) !== true) return [];
    const why =
      snapshot === undefined && on.some(each => OPEN.includes(each))
        ? 'open an evacuation first'
        : `it works on: ${on.join(', ')}`;
    return [{ id, text, help, why, ...(takes === undefined ? {} : { takes }) }];
  });
}

type Ranked = PaletteEntry & { readonly rank: number };

const byRank = (a: Ranked, b: Ranked): number =>
  a.rank - b.rank || Number(a.why !== undefined) - Number(b.why !== undefined) || (a.text < b.text ? -1 : 1);

const entry = (known: PaletteEntry, why: string | undefined): PaletteEntry =>
  why === undefined ? known : { ...known, why };

function withArgument(
  id: IntentId,
  takes: Takes,
  verb: string,
  words: string,
  view: View,
  disabled: Disabled,
  help: string,
): PaletteEntry[] {
  const made = (argument: string): PaletteEntry =>
    entry(
      {
        id,
        text: `${verb} ${argument}`,
        argument,
        help: help.replace(/the selected (?:machine|database)/, argument),
      },
      disabled(id, argument),
    );
  const known = candidates(takes, view);
  if (known === undefined)
    return words === '' ? [entry({ id, text: verb, takes, help }, disabled(id))] : [made(words)];
  const wanted = words.toLowerCase();
  return known
    .flatMap((each): Ranked[] => {
      const rank = rankOf(wanted, each.toLowerCase());
      return rank === undefined ? [] : [{ rank, ...made(each) }];
    })
    .sort(byRank);
}

/** What can be chosen for it; undefined where anything can be typed. */
function candidates(takes: Takes, view: View): readonly string[] | undefined {
  const { snapshot, stages } = view;
  const machines = Object.keys(snapshot?.plan.machines ?? {});
  switch (takes) {
    case 'machine':
      return machines;
    case 'database':
      return Object.keys(snapshot?.plan.databases ?? {});
    case 'lane':
      return LANES;
    case 'stage':
      return stages.map(each => each.phase);
    case 'mode':
      return STORM_MODES;
    case 'act':
      return cutoverWords(view);
    case 'place':
      return [...PLACES, ...machines.map(each => `machine ${each}`)];
    default:
      return undefined;
  }
}

/** Screens that stand for themselves. */
export const PLACES = SCREEN_IDS.filter(each => !['home', 'machine', 'plan'].includes(each));

function rankOf(wanted: string, text: string): number | undefined {
  if (text === wanted) return 0;
  if (text.startsWith(wanted)) return 1;
  if (text.includes(wanted)) return 2;
  let at = 0;
  for (const letter of wanted) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return undefined;
  }
  return 3;
}
