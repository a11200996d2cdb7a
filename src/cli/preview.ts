import { harmless } from '../foundation/text.ts';
import { type Action, describe, waitsFor } from '../step/action.ts';
import type { Step, View } from '../step/step.ts';
import type { Style } from './style.ts';

/** One step of a dry run as data, for --json. */
export interface PreviewedStep {
  readonly step: string;
  readonly phase: string;
  readonly title: string;
  readonly needs: readonly string[];
  readonly actions: readonly PreviewedAction[];
}

export interface PreviewedAction {
  readonly kind: Action['kind'];
  readonly host: string;
  readonly line: string;
  readonly reads: boolean;
  /** Facts that are not recorded yet, and the step that will record each. */
  readonly waitsFor: readonly { readonly fact: string; readonly from: string }[];
}

export function previewOf(steps: readonly Step[], view: View): PreviewedStep[] {
  return steps.map(step => ({
    step: step.id,
    phase: step.phase,
    title: step.title,
    needs: step.needs,
    actions: step.preview(view).map(action => ({
      kind: action.kind,
      host: action.host,
      line: describe(action),
      reads: action.kind === 'exec' && action.reads === true,
      waitsFor: waitsFor(action).map(({ unknown, from }) => ({ fact: unknown, from })),
    })),
  }));
}

/** The dry run for a person: in order, the lines that would be executed, and what each still waits for. */
export function formatPreview(steps: readonly PreviewedStep[], style: Style): string {
  const lines: string[] = [];
  let phase = '';
  steps.forEach((step, index) => {
    if (step.phase !== phase) {
      phase = step.phase;
      lines.push('', style.strong(`== ${phase}`));
    }
    lines.push('', `${String(index + 1).padStart(3)}. ${style.strong(step.step)}  ${step.title}`);
    for (const action of step.actions) {
      lines.push(`     ${action.host}${action.reads ? style.dim(' (reads)') : ''}: ${harmless(action.line)}`);
      for (const { fact, from } of action.waitsFor)
        lines.push(style.dim(`         waits for ${harmless(fact)}, from ${from}`));
    }
  });
  return `${lines.join('\n').trimStart()}\n`;
}
