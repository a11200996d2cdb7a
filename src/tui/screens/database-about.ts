import { counted, formatBytes, formatDuration } from '../../foundation/units.ts';
import type { DatabaseState } from '../../journal/state.ts';
import { own } from '../../readiness/copy.ts';
import { ago } from '../../readiness/evidence.ts';
import type { View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { samplesBySubject, sampleWords } from './cells.ts';
import { assessmentLines, laneLines } from './database-advice.ts';
import { pipelineLines, troubleLines } from './database-pipeline.ts';
import { surveyedLines } from './database-surveyed.ts';
import { besidesLines, driftLines, handoverLines, seedLines, validationLines } from './database-tables.ts';
import { failureLines, labelled } from './parts.ts';

/** Everything that is known of one database: what went wrong, how replication stands, what it rests on. */
export function aboutDatabase(view: View, name: string, width: number): Line[] {
  const { snapshot } = view;
  if (snapshot === undefined) return [];
  const state = own(snapshot.state.databases, name);
  const sections: Line[][] = [
    state?.failure === undefined ? [] : failureLines(view, state.failure, width),
    nowLines(view, name, width),
    state === undefined ? beginLines(view, name, width) : [],
    ...(state === undefined
      ? []
      : [
          troubleLines(view, state, width),
          pipelineLines(view, state, width),
          handoverLines(view, state, width),
          seedLines(view, state, width),
          validationLines(view, state, width),
          besidesLines(view, state, width),
          laneLines(view, state, width),
          driftLines(view, state, width),
          assessmentLines(view, state, width),
        ]),
    surveyedLines(view, name, width),
    planLines(view, name, width),
  ];
  return sections.filter(each => each.length > 0).flatMap((each, at) => (at === 0 ? each : [[], ...each]));
}

/** A heading between sections. */
export const heading = (text: string): Line => line(span(text, 'title', { bold: true }));

/** What runs now, with its rate and how long it takes yet. */
function nowLines(view: View, name: string, width: number): Line[] {
  const row = view.databases.find(each => each.name === name);
  const sample = samplesBySubject(view).get(name);
  if (row?.step === undefined) return [];
  const words = sample === undefined ? row.status.word : sampleWords(view, sample);
  return wrap(`${view.glyphs.busy} ${words}`, width, 'busy');
}

function beginLines({ snapshot, glyphs }: View, name: string, width: number): Line[] {
  const wanted = own(snapshot?.plan.databases ?? {}, name);
  const clone = wanted?.clone?.database;
  return wrap(
    `${glyphs.unknown} Nothing has been read yet. The engine first looks at both servers, reading only; then it weighs the ways to seed the copy${clone === undefined ? '' : `, ${clone} among them`}, and says which one it would take and what each could lose.`,
    width,
    'muted',
  );
}

/** What the plan says of it. */
function planLines({ snapshot }: View, name: string, width: number): Line[] {
  const wanted = own(snapshot?.plan.databases ?? {}, name);
  if (wanted === undefined) return [];
  const { publisher, subscriber, clone, owner, after, size, lane } = wanted;
  const at = ({ address, port }: { address: string; port: number }): string =>
    port === 1433 ? address : `${address}:${port}`;
  return [
    heading('in the plan'),
    ...labelled('publisher', at(publisher), width, 'muted'),
    ...labelled('subscriber', at(subscriber), width, 'muted'),
    ...labelled('lane', lane === 'auto' ? 'auto: what the assessment recommends' : lane, width, 'muted'),
    ...(clone === undefined
      ? []
      : labelled(
          'clone',
          `${clone.database}${clone.as_of === undefined ? '' : `, as of ${clone.as_of}`}`,
          width,
          'muted',
        )),
    ...(size === undefined ? [] : labelled('size', formatBytes(size), width, 'muted')),
    ...(after.length === 0 ? [] : labelled('after', after.join(', '), width, 'muted')),
    ...(owner === undefined ? [] : labelled('owner', owner, width, 'muted')),
  ];
}

/** `Orders, 14m ago: 43 tables`: the first line of a section that tells of an event. */
export const toldAt = (view: View, at: number, words: string): string => `${words}, ${ago(at, view.now)}`;

export const tablesOf = (count: number): string => counted(count, 'table');

export const tookOf = (state: DatabaseState): string | undefined =>
  state.reconcile?.ended === undefined ? undefined : formatDuration(state.reconcile.ended.ms);
