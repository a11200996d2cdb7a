import { counted } from '../../foundation/units.ts';
import type { PlanDraft } from '../plan-draft.ts';
import type { Item, View } from '../screen.ts';
import type { PlanSummary } from '../services.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { type Column, layOutTable } from '../text/table.ts';
import { statusSpan } from './cells.ts';
import { labelled, quietMark } from './parts.ts';

/** Plans that an evacuation could begin with, and what keeps the others from it. */

/** So many problems stand under a plan in the list; all of them beside it. */
const PROBLEMS_SHOWN = 2;

export function planItems(view: View, plans: readonly PlanSummary[], names: number): Item[] {
  if (plans.length === 0) return [];
  const columns = columnsOf(view, names);
  return [
    heading('plans', () => line(span(' Plans', 'title', { bold: true }))),
    ...[...plans]
      .sort((a, b) => Number(a.begun) - Number(b.begun))
      .flatMap(plan => [
        {
          id: `plan:${plan.file}`,
          search: `${plan.name ?? ''} ${plan.file}`,
          line: (width: number) => layOutTable(columns, width, view.glyphs.ellipsis).row(plan),
        },
        ...problemRows(plan),
      ]),
  ];
}

const heading = (id: string, words: Item['line']): Item => ({ id, search: '', heading: true, line: words });

function problemRows({ file, problems }: PlanSummary): Item[] {
  const more = problems.length - PROBLEMS_SHOWN;
  return [
    ...problems
      .slice(0, PROBLEMS_SHOWN)
      .map((each, index) => heading(`problem:${file}:${index}`, () => line(span(`      ${each}`, 'bad')))),
    ...(more > 0
      ? [heading(`problem:${file}:more`, () => line(span(`      and ${more} more`, 'muted')))]
      : []),
  ];
}

function columnsOf(view: View, names: number): Column<PlanSummary>[] {
  return [
    {
      title: 'name',
      keep: 0,
      least: Math.min(names, 18),
      most: names,
      cell: plan => line(span(plan.name ?? plan.file, 'title')),
    },
    { title: 'state', keep: 0, least: 16, most: 18, cell: plan => [stateOf(view, plan)] },
    { title: 'marks', keep: 3, least: 3, most: 4, cell: plan => line(span(plan.lab ? 'LAB' : '', 'accent')) },
    {
      title: 'machines',
      keep: 1,
      least: 11,
      most: 12,
      cell: plan => line(span(plan.machines === undefined ? '' : counted(plan.machines, 'machine'), 'muted')),
    },
    { title: 'file', keep: 2, least: 12, most: 60, cell: plan => line(span(plan.file, 'muted')) },
  ];
}

/** The plan that is open in the editor, where its file does not hold it. */
export function unwrittenOf({ loaded }: Pick<View, 'loaded'>): PlanDraft | undefined {
  const { draft } = loaded;
  return draft.state === 'here' && draft.value.isChanged ? draft.value : undefined;
}

export const isUnwritten = (view: Pick<View, 'loaded'>, file: string): boolean =>
  unwrittenOf(view)?.file === file;

function stateOf(view: View, plan: PlanSummary) {
  if (isUnwritten(view, plan.file)) return statusSpan(view, 'warn', 'not written yet');
  if (plan.problems.length > 0) return statusSpan(view, 'bad', counted(plan.problems.length, 'problem'));
  return plan.begun ? quietMark(view, 'begun') : statusSpan(view, 'ok', 'can begin');
}

/** The selected plan: every problem with its place, and what enter does. */
export function aboutPlan(view: View, plan: PlanSummary, width: number): Line[] {
  const { problems, begun } = plan;
  if (isUnwritten(view, plan.file))
    return [
      ...wrap(
        `${view.glyphs.warn} It has unwritten changes: its file does not hold them yet.`,
        width,
        'warn',
      ),
      [],
      ...wrap('E goes back to it; there, w writes. It can begin once it is written.', width, 'accent'),
    ];
  if (problems.length > 0)
    return [
      ...wrap(`${view.glyphs.bad} It cannot begin: ${counted(problems.length, 'problem')}.`, width, 'bad'),
      ...problems.flatMap(each => labelled('', each, width)),
      [],
      ...wrap(
        `E edits it here, with every problem at its line. Or mend the file by hand; ctrl+r looks again.`,
        width,
        'accent',
      ),
    ];
  return [
    ...labelled('file', plan.file, width),
    ...(plan.machines === undefined ? [] : labelled('leaves', counted(plan.machines, 'machine'), width)),
    [],
    ...wrap(
      begun
        ? 'Its evacuation has begun and stands above; enter opens it.'
        : 'enter starts its engine. Every stage waits until you have seen its exact commands and approved it: nothing is done on any host before.',
      width,
      'accent',
    ),
  ];
}
