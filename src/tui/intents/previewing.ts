import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Snapshot } from '../../evacuation/engine/session.ts';
import { counted } from '../../foundation/units.ts';
import { newestEnded } from '../../readiness/copy.ts';
import { type PreviewedStep, previewOf } from '../../reports/preview.ts';
import { PHASES, type Phase, type Step, type View } from '../../step/step.ts';
import type { App } from '../app.ts';
import { type Line, span, wrap } from '../text/line.ts';

/** The very actions that a stage will perform, as its steps announce them; every stage that is still to come without one. */
export async function previewLines(app: App, phase?: string): Promise<(width: number) => readonly Line[]> {
  const { snapshot } = app.current().view;
  if (snapshot === undefined) return () => [];
  const steps = await previewedSteps(snapshot, phase);
  return width => linesOfPreview(steps, width);
}

const SLICE = 20;

/** The steps that are still to do, in the order of the walk. */
export async function previewedSteps(
  { plan, state }: Pick<Snapshot, 'plan' | 'state'>,
  phase?: string,
): Promise<PreviewedStep[]> {
  // The planner knows every stage: only who looks at a preview has to load it.
  const { outlookOf } = await import('../../evacuation/planner.ts');
  const phases: Phase[] = PHASES.filter(each => phase === undefined || each === phase);
  const view = { plan, state };
  const todo = outlookOf(view, phases).filter(({ id }) => state.steps[id]?.status !== 'done');
  return inSlices(todo, view);
}

/** What a proof of every copy would do, whether anybody has ordered it or not. */
export async function previewedProofs({
  plan,
  state,
}: Pick<Snapshot, 'plan' | 'state'>): Promise<PreviewedStep[]> {
  const { proofOutlookOf } = await import('../../evacuation/planner.ts');
  const view = { plan, state };
  const able = Object.values(state.machines).flatMap(machine =>
    newestEnded(machine) === undefined || !Object.hasOwn(plan.machines, machine.name) ? [] : [machine.name],
  );
  return inSlices(proofOutlookOf(view, able), view);
}

/** Hundreds of machines take more than a second: keys are answered in between. */
async function inSlices(steps: readonly Step[], view: View): Promise<PreviewedStep[]> {
  const previewed: PreviewedStep[] = [];
  for (let at = 0; at < steps.length; at += SLICE) {
    previewed.push(...previewOf(steps.slice(at, at + SLICE), view));
    await nextTurn();
  }
  return previewed;
}

function linesOfPreview(steps: readonly PreviewedStep[], width: number): Line[] {
  if (steps.length === 0) return wrap('Nothing is left to do: every step is done.', width, 'good');
  const actions = steps.flatMap(step => step.actions);
  const hosts = new Set(actions.map(action => action.host));
  const writes = actions.filter(action => !action.reads).length;
  return [
    ...wrap(
      `${counted(steps.length, 'step')}, ${counted(actions.length, 'command')} on ${counted(hosts.size, 'host')}; ${writes} of them change something, the others only look. Nothing is installed, stopped or restarted on a source.`,
      width,
    ),
    ...steps.flatMap((step): Line[] => [
      [],
      [span(step.step, 'title', { bold: true }), span(`  ${step.title}`)],
      ...step.actions.flatMap(action => [
        ...wrap(
          `  ${action.host}${action.reads ? ' (looks)' : ''}: ${firstLine(action.line)}`,
          width,
          action.reads ? 'muted' : 'plain',
        ),
        ...action.waitsFor.map(
          (each): Line => [span(`    waits for ${each.fact}, from ${each.from}`, 'unknown')],
        ),
      ]),
    ]),
  ];
}

/** Scripts are long; their first line says what they are, `landfall run --dry-run` prints them whole. */
function firstLine(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  return rest.length === 0
    ? first
    : `${first} … (${rest.length + 1} lines; whole with landfall run --dry-run)`;
}
