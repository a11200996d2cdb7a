import { harmless } from '../foundation/text.ts';
import { diffTexts } from '../foundation/text-diff.ts';
import { isRead } from '../reports/preview.ts';
import { type Action, describe, displayWord, isUnknown, waitsFor } from '../step/action.ts';
import type { Step, View } from '../step/step.ts';
import { groupSql, sqlBlock } from './preview-sql.ts';
import type { Style } from './style.ts';

/**
 * The dry run for a person: in order, the lines that would be executed, and what each still waits for. Scripts that
 * are handed to a shell and files that are written stand as $TEXT_1, $TEXT_2 … in the lines, and in full at the end.
 */
export function formatPreview(steps: readonly Step[], view: View, style: Style): string {
  const texts = new Map<string, string>();
  const lines: string[] = [];
  let phase = '';
  steps.forEach((step, index) => {
    if (step.phase !== phase) {
      phase = step.phase;
      lines.push('', style.strong(`== ${phase}`));
    }
    lines.push('', `${String(index + 1).padStart(3)}. ${style.strong(step.id)}  ${step.title}`);
    if (view.state.steps[step.id]?.status === 'done') {
      lines.push(style.dim('     (done before: a run looks whether that still holds, and then skips it)'));
    }
    for (const action of groupSql(step.preview(view))) {
      if (isBlock(action)) {
        const [first] = action;
        const reads = first?.reads === true ? style.dim(' (reads)') : '';
        lines.push(`     ${first?.host ?? ''}, database ${harmless(first?.database ?? '')}${reads}:`);
        lines.push(...sqlBlock(action, '         '));
        continue;
      }
      const reads = isRead(action) ? style.dim(' (reads)') : '';
      lines.push(`     ${action.host}${reads}: ${harmless(shown(action, texts))}`);
      lines.push(...told(action).map(line => style.dim(`         ${line}`)));
      for (const { unknown, from } of waitsFor(action)) {
        lines.push(style.dim(`         waits for ${harmless(unknown)}, from ${from}`));
      }
    }
  });
  if (texts.size > 0) {
    lines.push('', style.strong('== scripts and files that these lines name'));
    for (const [text, name] of texts) {
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

const isBlock = (group: ReturnType<typeof groupSql>[number]): group is readonly SqlAction[] =>
  Array.isArray(group);

type SqlAction = Extract<Action, { kind: 'sql' }>;

/** What is to be said of an action beside its line: its note, and how a file came of the text that it was made from. */
function told(action: Action): string[] {
  if (action.kind !== 'write') return action.note === undefined ? [] : action.note.split('\n').map(harmless);
  if (action.was === undefined || isUnknown(action.content)) return [];
  return diffTexts(action.was, action.content).split('\n');
}

function shown(action: Action, texts: Map<string, string>): string {
  const named = (text: string): string => {
    const name = texts.get(text) ?? `TEXT_${texts.size + 1}`;
    texts.set(text, name);
    return `"$${name}"`;
  };
  if (action.kind === 'sql') return describe(action);
  if (action.kind === 'write') {
    return isUnknown(action.content) ? describe(action) : `${describe(action)}: ${named(action.content)}`;
  }
  const argv = action.argv.map((word, at) => {
    return !isUnknown(word) && word.includes('\n') ? named(word) : displayWord(word, at);
  });
  return `${argv.join(' ')}${action.kind === 'job' ? `   # remote job ${action.job}` : ''}`;
}
