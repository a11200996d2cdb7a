import { ago } from '../../readiness/evidence.ts';
import type { Item, View } from '../screen.ts';
import type { EvacuationSummary } from '../services.ts';
import type { StatusKind } from '../text/glyphs.ts';
import { type Line, line, span, type Tone, wrap } from '../text/line.ts';
import { type Column, layOutTable } from '../text/table.ts';
import { statusSpan } from './cells.ts';
import { labelled, quietMark } from './parts.ts';

/** What there is to say of an evacuation without opening it. */

interface Phase {
  readonly kind: StatusKind | 'quiet';
  readonly word: string;
  /** The same as the rest of a sentence. */
  readonly words: string;
}

export function phaseOf(view: View, each: EvacuationSummary): Phase {
  const since = ago(each.lastAt, view.now);
  if (each.error !== undefined)
    return { kind: 'bad', word: 'cannot be read', words: `it cannot be read: ${each.error.what}` };
  if (each.running) return { kind: 'ok', word: 'running', words: 'its engine runs' };
  if (each.interrupted)
    return {
      kind: 'bad',
      word: 'engine gone',
      words: `engine gone: it ended in the middle of its work, and nobody steers; last sign of it ${since}`,
    };
  if (each.holder !== undefined)
    return { kind: 'busy', word: 'held', words: 'a command that takes no orders works in it' };
  if (each.phase === 'ended') {
    const outcome = each.outcome ?? 'ended';
    return outcome === 'complete'
      ? { kind: 'ok', word: 'complete', words: `its last run ended complete ${since}` }
      : { kind: 'warn', word: outcome, words: `its last run ended ${since}: ${outcome}` };
  }
  return { kind: 'quiet', word: 'not begun', words: 'it was made and has not begun' };
}

const GROUPS = ['Running', 'Engine gone', 'Cannot be read', 'Not running'] as const;

/** Running ones first, then what needs somebody, then the rest. `names`: columns that the longest name takes. */
export function evacuationItems(view: View, all: readonly EvacuationSummary[], names: number): Item[] {
  const groups = Map.groupBy(all, each => groupOf(each));
  const columns = columnsOf(view, names);
  return GROUPS.flatMap(group => {
    const here = groups.get(group) ?? [];
    if (here.length === 0) return [];
    return [
      {
        id: `group:${group}`,
        search: '',
        heading: true,
        line: () => line(span(` ${group}`, 'title', { bold: true })),
      },
      ...here.map(
        (each): Item => ({
          id: `evacuation:${each.name}`,
          search: `${each.name} ${phaseOf(view, each).word} ${each.holder?.user ?? ''}`,
          line: width => layOutTable(columns, width, view.glyphs.ellipsis).row(each),
        }),
      ),
    ];
  });
}

const groupOf = (each: EvacuationSummary): (typeof GROUPS)[number] =>
  each.running || each.holder !== undefined
    ? 'Running'
    : each.interrupted
      ? 'Engine gone'
      : each.error !== undefined
        ? 'Cannot be read'
        : 'Not running';

function columnsOf(view: View, names: number): Column<EvacuationSummary>[] {
  return [
    {
      title: 'name',
      keep: 0,
      least: Math.min(names, 18),
      most: names,
      cell: each => line(span(each.name, 'title')),
    },
    { title: 'state', keep: 0, least: 16, most: 18, cell: each => [stateSpan(view, each)] },
    { title: 'marks', keep: 3, least: 9, most: 14, cell: each => line(span(marksOf(each), 'accent')) },
    {
      title: 'last event',
      keep: 1,
      least: 12,
      most: 14,
      cell: each => line(span(each.error === undefined ? ago(each.lastAt, view.now) : '', 'muted')),
    },
    { title: 'who', keep: 2, least: 10, most: 30, cell: each => line(span(whoOf(each), 'muted')) },
  ];
}

function stateSpan(view: View, each: EvacuationSummary) {
  const { kind, word } = phaseOf(view, each);
  return kind === 'quiet' ? quietMark(view, word) : statusSpan(view, kind, word);
}

const marksOf = ({ lab, rehearsal }: EvacuationSummary): string =>
  [...(lab ? ['LAB'] : []), ...(rehearsal ? ['REHEARSAL'] : [])].join(' ');

const whoOf = ({ holder }: EvacuationSummary): string =>
  holder === undefined ? '' : `by ${holder.user}@${holder.host}`;

/** The selected evacuation, in sentences. */
export function aboutEvacuation(view: View, each: EvacuationSummary, width: number): Line[] {
  const { kind, words } = phaseOf(view, each);
  const tone: Tone = kind === 'bad' ? 'bad' : kind === 'warn' ? 'warn' : 'plain';
  const { error, holder } = each;
  return [
    ...labelled('state', words, width, tone),
    ...(error === undefined
      ? []
      : [
          ...(error.evidence ?? []).flatMap(text => labelled('evidence', text, width, 'muted')),
          ...error.next.flatMap(text => labelled('remedy', text, width, 'accent')),
        ]),
    ...(holder === undefined
      ? []
      : labelled('engine', `process ${holder.pid} on ${holder.host}, started by ${holder.user}`, width)),
    ...(error !== undefined
      ? []
      : [
          ...labelled('begun', ago(each.createdAt, view.now), width),
          ...labelled('last event', ago(each.lastAt, view.now), width),
        ]),
    [],
    ...wrap(remedyOf(each), width, 'accent'),
  ];
}

function remedyOf(each: EvacuationSummary): string {
  if (each.error !== undefined) return 'Nothing else can be said of it until its journal can be read.';
  if (each.running) return 'enter attaches: you see what everybody sees; q leaves and the engine goes on.';
  if (each.interrupted)
    return 'enter shows what the journal says; e starts the engine again: it asks the hosts how far they are and goes on from there.';
  if (each.holder !== undefined)
    return 'enter shows what the journal says; it takes orders when that command is done.';
  return 'enter shows what the journal says; e starts its engine again.';
}
