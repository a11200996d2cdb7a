import { diffTexts } from '../foundation/text-diff.ts';
import { type Action, describe, isUnknown, waitsFor } from '../step/action.ts';
import type { Step, View } from '../step/step.ts';

/** One step of a dry run as data, for --json. */
export interface PreviewedStep {
  readonly step: string;
  readonly phase: string;
  readonly title: string;
  readonly needs: readonly string[];
  /** Recorded as done: a run looks whether that still holds, and then skips it. */
  readonly done: boolean;
  readonly actions: readonly PreviewedAction[];
}

export interface PreviewedAction {
  readonly kind: Action['kind'];
  readonly host: string;
  /** The whole action as one line; a command can be pasted into a shell on the host. */
  readonly line: string;
  readonly reads: boolean;
  /** What is written, for files whose content is known. */
  readonly content?: string;
  /** How that content came of the text it was made from, as a unified diff. */
  readonly diff?: string;
  /** What is to be said beside the line, one sentence a line. */
  readonly note?: string;
  /** Facts that are not recorded yet, and the step that will record each. */
  readonly waitsFor: readonly { readonly fact: string; readonly from: string }[];
}

export function previewOf(steps: readonly Step[], view: View): PreviewedStep[] {
  return steps.map(step => ({
    step: step.id,
    phase: step.phase,
    title: step.title,
    needs: step.needs,
    done: view.state.steps[step.id]?.status === 'done',
    actions: step.preview(view).map(action => ({
      kind: action.kind,
      host: action.host,
      line: describe(action),
      reads: isRead(action),
      ...(action.kind === 'write' && !isUnknown(action.content) ? { content: action.content } : {}),
      ...(action.kind === 'write' && action.was !== undefined && !isUnknown(action.content)
        ? { diff: diffTexts(action.was, action.content) }
        : {}),
      ...(action.kind !== 'write' && action.note !== undefined ? { note: action.note } : {}),
      waitsFor: waitsFor(action).map(({ unknown, from }) => ({ fact: unknown, from })),
    })),
  }));
}

export const isRead = (action: Action): boolean =>
  (action.kind === 'exec' || action.kind === 'sql') && action.reads === true;
