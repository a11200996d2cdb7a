import { createRedactor } from './redact.ts';
import { harmless } from './text.ts';

type Edit = {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
  readonly oldLine: number;
  readonly newLine: number;
};

const CONTEXT = 2;
/** Cells of the table of the longest common subsequence; past it the changed part is shown as a whole. */
const MOST_CELLS = 4_000_000;

/**
 * What changed between two texts, as a unified diff with two lines of context; empty where nothing did. Lines are
 * harmless and free of known kinds of secrets.
 */
export function diffTexts(oldText: string, newText: string): string {
  const edits = editsBetween(linesOf(oldText), linesOf(newText));
  const redactor = createRedactor();
  const out: string[] = [];
  let shownTo = -1;
  for (const [index, edit] of edits.entries()) {
    const near = edits.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(e => e.mark !== ' ');
    if (!near) continue;
    if (index !== shownTo + 1 || out.length === 0) out.push(`@@ -${edit.oldLine} +${edit.newLine} @@`);
    out.push(`${edit.mark} ${harmless(redactor.text(edit.text))}`.trimEnd());
    shownTo = index;
  }
  return out.join('\n');
}

function linesOf(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function editsBetween(before: readonly string[], after: readonly string[]): Edit[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < Math.min(before.length, after.length) - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  const marks = [
    ...Array<Edit['mark']>(head).fill(' '),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...Array<Edit['mark']>(tail).fill(' '),
  ];
  let oldLine = 0;
  let newLine = 0;
  return marks.map(mark => {
    const text = (mark === '+' ? after[newLine] : before[oldLine]) ?? '';
    const edit = { mark, text, oldLine: oldLine + 1, newLine: newLine + 1 };
    if (mark !== '+') oldLine += 1;
    if (mark !== '-') newLine += 1;
    return edit;
  });
}

/** The marks of the part between the common head and tail, by the longest common subsequence. */
function middle(before: readonly string[], after: readonly string[]): Edit['mark'][] {
  const width = after.length + 1;
  if ((before.length + 1) * width > MOST_CELLS) {
    return [...before.map(() => '-' as const), ...after.map(() => '+' as const)];
  }
  // lengths[i * width + j]: the longest common subsequence of what follows line i and line j.
  const lengths = new Uint32Array((before.length + 1) * width);
  const length = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        before[i] === after[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const marks: Edit['mark'][] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      marks.push(' ');
      i += 1;
      j += 1;
    } else if (i < before.length && (j === after.length || length(i + 1, j) >= length(i, j + 1))) {
      marks.push('-');
      i += 1;
    } else {
      marks.push('+');
      j += 1;
    }
  }
  return marks;
}
