import { counted } from '../../foundation/units.ts';
import type { PreviewedStep } from '../../reports/preview.ts';
import { PHASES } from '../../step/step.ts';
import { stageName } from '../frame/rail.ts';
import { heldPhase } from '../held-stages.ts';
import type { Item, NextAction, Screen, View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import { placeOf } from '../ui-state.ts';
import { ageText } from './cells.ts';
import { layoutsOf } from './columns.ts';
import { chosenIn, detailPane, rowItem, sentence } from './parts.ts';
import { stepLines } from './preview-step.ts';

/** What is still to be done: every step in the order of the walk, and the exact commands of the selected one. */
export const preview: Screen = {
  id: 'preview',
  title: () => 'What will be done',
  panes: view => {
    const steps = stepsOf(view);
    const items = itemsOf(view, steps);
    const chosen = chosenIn(view, 'preview', 'steps', items);
    const step = steps.find(each => each.step === chosen);
    return [
      { kind: 'list', id: 'steps', title: 'steps to come', weight: 1, empty: emptyWords(view), items },
      ...(step === undefined
        ? []
        : [detailPane(step.step, `commands of ${step.step}`, width => stepLines(step, width).slice(1))]),
    ];
  },
  next: view => nextOf(view),
  message: view => messageOf(view),
};

/** Steps that have been done since the preview was made are left out at once. */
function stepsOf({ loaded, snapshot }: View): readonly PreviewedStep[] {
  if (loaded.preview.state !== 'here') return [];
  const steps = snapshot?.state.steps ?? {};
  return loaded.preview.value.filter(({ step }) => steps[step]?.status !== 'done');
}

function itemsOf(view: View, steps: readonly PreviewedStep[]): Item[] {
  const layouts = layoutsOf(() => COLUMNS, view.glyphs.ellipsis);
  const groups = Map.groupBy(steps, ({ phase }) => phase);
  return PHASES.flatMap(phase => {
    const here = groups.get(phase) ?? [];
    if (here.length === 0) return [];
    return [
      {
        id: `phase:${phase}`,
        search: '',
        heading: true,
        line: () =>
          line(span(` ${stageName(phase)}`, 'title', { bold: true }), span(`  ${sums(here)}`, 'muted')),
      },
      ...here.map(step =>
        rowItem(
          step.step,
          () => `${step.step} ${step.title}`,
          width => layouts(width).row(step),
        ),
      ),
    ];
  });
}

const changes = ({ actions }: PreviewedStep): number => actions.filter(({ reads }) => !reads).length;

function sums(steps: readonly PreviewedStep[]): string {
  const changing = steps.reduce((sum, step) => sum + changes(step), 0);
  return `${counted(steps.length, 'step')}, ${counted(changing, 'change')}`;
}

const COLUMNS: readonly Column<PreviewedStep>[] = [
  { title: 'step', keep: 0, least: 24, most: 36, cell: ({ step }) => line(span(step)) },
  { title: 'what', keep: 1, least: 24, most: 80, cell: ({ title }) => line(span(title, 'muted')) },
  {
    title: 'changes',
    keep: 0,
    least: 10,
    most: 12,
    cell: step =>
      changes(step) === 0
        ? line(span('only looks', 'muted'))
        : line(span(counted(changes(step), 'change'), 'warn')),
  },
];

function emptyWords({ loaded, glyphs }: View): string {
  if (loaded.preview.state === 'failed') return `cannot be shown: ${loaded.preview.what}`;
  return loaded.preview.state === 'here'
    ? 'nothing is left to do'
    : `asking every step what it will do ${glyphs.busy}`;
}

function nextOf(view: View): NextAction | undefined {
  const held = heldPhase(view);
  if (placeOf(view.ui).pane > 0) return { intent: 'back', words: 'back to the steps' };
  return held === undefined || view.snapshot?.connection !== 'live'
    ? { intent: 'open', words: 'commands of the selected step' }
    : { intent: 'approve', words: `approve ${held}` };
}

function messageOf(view: View): Line | undefined {
  const { loaded, now } = view;
  if (loaded.preview.state !== 'here') return undefined;
  const steps = stepsOf(view);
  if (steps.length === 0)
    return sentence(`${view.glyphs.ok} Nothing is left to do: every step is done.`, 'good');
  return sentence(
    `${sums(steps)}; the same commands that will be executed. Nothing is installed, stopped or restarted on a source. Made ${ageText(now - loaded.preview.at)} ago; ctrl+r makes it again.`,
  );
}
