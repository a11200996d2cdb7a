import { BINDINGS, type Binding, type Group, showChord } from './keys.ts';

const GROUPS: ReadonlyArray<readonly [Group, string]> = [
  ['walk', 'Go'],
  ['act', 'Do'],
  ['view', 'See'],
  ['move', 'Move'],
  ['leave', 'Leave'],
];

/** Every key of the screens as a page of Markdown, from the same table that they answer to. */
export function keysPage(): string {
  const bindings: readonly Binding[] = BINDINGS;
  return [
    '<!-- Made by scripts/keys-doc.ts from src/tui/keys.ts. -->',
    '',
    '# Keys of the screens',
    '',
    'The last line of every screen has the keys that are likeliest there; the sensible next one stands first, in',
    'brackets. `?` lists all that work on a screen, and says why one does nothing right now; typing filters the list.',
    '`:` takes the verbs of the command line with what they are about, such as `:pause web1`, `:throttle 400 Mbit/s`,',
    '`:note text` or `:go machine web1`; tab completes. `^` stands for Ctrl. Whatever destroys or ends something shows',
    'first what exactly will happen, and wants a name typed; esc is no.',
    ...GROUPS.flatMap(([group, title]) => [
      '',
      `## ${title}`,
      '',
      '| Key | Palette | What it does | Where |',
      '|---|---|---|---|',
      ...bindings.filter(each => each.group === group).map(rowOf),
    ]),
    '',
  ].join('\n');
}

function rowOf({ chords, verb, takes, help, on }: Binding): string {
  const keys = chords.map(chord => code(showChord(chord))).join(' ');
  const palette =
    verb === undefined ? '' : code(`:${verb}${takes === undefined ? '' : ` ${takes.toUpperCase()}`}`);
  return `| ${keys} | ${palette} | ${help} | ${whereOf(on)} |`;
}

/** Longer lists are the screens of an evacuation. */
function whereOf(on: Binding['on']): string {
  if (on === undefined) return 'everywhere';
  return on.length > 8 ? 'in an evacuation' : on.join(', ');
}

/** A bar would end the cell of the table. */
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
