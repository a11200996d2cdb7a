import { harmless } from '../foundation/text.ts';
import { formatArgv } from '../remote/quote.ts';
import { type Action, describe, isUnknown, waitsFor } from '../step/action.ts';
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
  /** The whole action as one line; a command can be pasted into a shell on the host. */
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
      reads: isRead(action),
      waitsFor: waitsFor(action).map(({ unknown, from }) => ({ fact: unknown, from })),
    })),
  }));
}

const isRead = (action: Action): boolean => action.kind === 'exec' && action.reads === true;

/**
 * The dry run for a person: in order, the lines that would be executed, and what each still waits for. Scripts that
 * are handed to a shell stand as $SCRIPT_1, $SCRIPT_2 … in the lines and in full at the end, each once.
 */
export function formatPreview(steps: readonly Step[], view: View, style: Style): string {
  const scripts = new Map<string, string>();
  const lines: string[] = [];
  let phase = '';
  steps.forEach((step, index) => {
    if (step.phase !== phase) {
      phase = step.phase;
      lines.push('', style.strong(`== ${phase}`));
    }
    lines.push('', `${String(index + 1).padStart(3)}. ${style.strong(step.id)}  ${step.title}`);
    for (const action of step.preview(view)) {
      const reads = isRead(action) ? style.dim(' (reads)') : '';
      lines.push(`     ${action.host}${reads}: ${harmless(shown(action, scripts))}`);
      for (const { unknown, from } of waitsFor(action)) {
        lines.push(style.dim(`         waits for ${harmless(unknown)}, from ${from}`));
      }
    }
  });
  if (scripts.size > 0) {
    lines.push('', style.strong('== scripts that these lines hand to a shell'));
    for (const [text, name] of scripts) {
      lines.push(
        '',
        `${name}:`,
        ...text
          .trimEnd()
          .split('\n')
          .map(line => `    ${harmless(line)}`),
      );
    }
  }
  return `${lines.join('\n').trimStart()}\n`;
}

function shown(action: Action, scripts: Map<string, string>): string {
  if (action.kind === 'write') return describe(action);
  const argv = action.argv.map(word => {
    if (isUnknown(word)) return `‹${word.unknown}›`;
    if (!word.includes('\n')) return formatArgv([word]);
    const name = scripts.get(word) ?? `SCRIPT_${scripts.size + 1}`;
    scripts.set(word, name);
    return `"$${name}"`;
  });
  return `${argv.join(' ')}${action.kind === 'job' ? `   # remote job ${action.job}` : ''}`;
}
