import { ago } from '../../readiness/evidence.ts';
import { nameOf } from '../../reports/say.ts';
import type { Screen, View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { minuteOf } from './times.ts';

/** What the shift should know: notes of the journal, which every report carries, and the notes file of the directory. */
export const notes: Screen = {
  id: 'notes',
  title: () => 'Notes for whoever comes next',
  panes: view => [
    {
      kind: 'text',
      id: 'journal',
      title: 'notes in the journal',
      follow: true,
      lines: width => journalLines(view, width),
    },
    {
      kind: 'text',
      id: 'file',
      title: `${view.snapshot?.directory ?? ''}/notes.md`,
      lines: width => fileLines(view, width),
    },
  ],
  next: () => ({ intent: 'note', words: 'add a note' }),
};

function journalLines({ snapshot, now }: View, width: number): Line[] {
  const all = snapshot?.state.evacuation?.notes ?? [];
  if (all.length === 0)
    return wrap(
      'No notes yet. N writes one: with your name and the time it goes into the journal and into every report.',
      width,
      'muted',
    );
  return all.flatMap(({ at, by, text }) => [
    line(span(nameOf(by), 'title'), span(`  ${ago(at, now)}, ${minuteOf(at)}`, 'muted')),
    ...text
      .split('\n')
      .flatMap(each => wrap(each, Math.max(10, width - 2)).map((part): Line => [{ text: '  ' }, ...part])),
    [],
  ]);
}

function fileLines({ loaded, glyphs }: View, width: number): Line[] {
  const { notes: file } = loaded;
  if (file.state === 'failed')
    return [
      ...wrap(`${glyphs.bad} It cannot be read: ${file.what}`, width, 'bad'),
      ...file.next.flatMap(each => wrap(`remedy: ${each}`, width, 'accent')),
    ];
  if (file.state !== 'here') return wrap(`reading it ${glyphs.busy}`, width, 'muted');
  if (file.value.length === 0)
    return wrap(
      'There is nothing in it. Any editor can write there; it is kept with the journal.',
      width,
      'muted',
    );
  return file.value.flatMap(each => wrap(each, width, each.startsWith('#') ? 'title' : 'plain'));
}
