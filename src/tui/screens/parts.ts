import type { ErrorEntry } from '../../journal/events.ts';
import { ago } from '../../readiness/evidence.ts';
import type { Item, ScreenId, TextPane, View } from '../screen.ts';
import { type Line, type Span, span, type Tone, wrap } from '../text/line.ts';
import { paneKey, paneState } from '../ui-state.ts';
import { chosenOf } from './chosen.ts';
import { endsInRetry, inKeys } from './remedy.ts';

/** What screens with a list and the details of its selected row have in common. */

/** The id of the row that the list shows as selected: the same choice as the frame makes. */
export const chosenIn = (
  view: View,
  screen: ScreenId,
  pane: string,
  items: readonly Item[],
): string | undefined => chosenOf(items, paneState(view.ui, paneKey(screen, pane)))?.id;

/** A row of which only the line that is seen is made, and what a filter looks through only while one is typed. */
export const rowItem = (id: string, search: () => string, row: Item['line']): Item => ({
  id,
  get search() {
    return search();
  },
  line: row,
});

/** A heading between rows. */
export const headingItem = (id: string, row: Item['line']): Item => ({
  id,
  search: '',
  heading: true,
  line: row,
});

/** A text pane about one subject: each subject keeps its own place when it is scrolled. */
export const detailPane = (
  about: string,
  title: string,
  lines: (width: number) => readonly Line[],
  shape: Pick<TextPane, 'weight' | 'most' | 'beside'> = {},
): TextPane => ({ kind: 'text', id: `detail:${about}`, title, lines, ...shape });

/** Not begun, or not needed: nothing that one would have to look at. */
export const quietMark = (view: View, word: string): Span => span(`${view.glyphs.dot} ${word}`, 'muted');

const LABEL = 12;

/** `label       text`, the text broken under itself. */
export function labelled(label: string, text: string, width: number, tone?: Tone): Line[] {
  const room = Math.max(10, width - LABEL);
  return wrap(text, room, tone).map(
    (each, index): Line => [span((index === 0 ? label : '').padEnd(LABEL), 'muted'), ...each],
  );
}

/** What to do, in order: `1. this`, each broken under itself. */
export function listed(entries: readonly string[], width: number): Line[] {
  return entries.flatMap((each, index) =>
    wrap(each, Math.max(10, width - NUMBER)).map(
      (part, row): Line => [span((row === 0 ? `  ${index + 1}.` : '').padEnd(NUMBER), 'muted'), ...part],
    ),
  );
}

const NUMBER = 5;

/** Entries under each other, each broken under itself: `1. do this`. */
export function numbered(label: string, entries: readonly string[], width: number, tone?: Tone): Line[] {
  return entries.flatMap((each, index) =>
    labelled(index === 0 ? label : '', entries.length > 1 ? `${index + 1}. ${each}` : each, width, tone),
  );
}

/** What went wrong, why that matters, what the host said, and what to do: with the key that does it. */
export function failureLines(
  view: View,
  failure: { readonly step: string; readonly error: ErrorEntry; readonly at: number },
  width: number,
): Line[] {
  const { error, step, at } = failure;
  return [
    ...wrap(`${view.glyphs.bad} ${step} failed ${ago(at, view.now)}: ${error.what}`, width, 'bad'),
    ...(error.why === undefined ? [] : labelled('because', error.why, width)),
    ...(error.evidence ?? []).flatMap((each, index) =>
      labelled(index === 0 ? 'evidence' : '', each, width, 'muted'),
    ),
    ...numbered('remedy', error.next.map(inKeys), width, 'accent'),
    ...(error.next.some(endsInRetry) ? [] : labelled('then', 'r tries it again', width, 'accent')),
    ...whereLines(error.where, width),
  ];
}

function whereLines(where: ErrorEntry['where'], width: number): Line[] {
  const parts = Object.entries(where ?? {}).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} ${value}`],
  );
  return parts.length === 0 ? [] : labelled('where', parts.join(', '), width, 'muted');
}

/** Several sentences as the one message above the footer. */
export const sentence = (text: string, tone?: Tone): Line => [span(text, tone)];
