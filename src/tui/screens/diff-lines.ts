import { type Line, span, type Tone, wrap } from '../text/line.ts';

/** A unified diff: its marks say what its colours say. */
export function diffLines(diff: readonly string[], width: number, indent = 0): Line[] {
  const room = Math.max(10, width - indent);
  return diff.flatMap(each =>
    wrap(each, room, toneOf(each)).map((part): Line => [span(' '.repeat(indent)), ...part]),
  );
}

function toneOf(text: string): Tone {
  if (text.startsWith('@@')) return 'accent';
  // A mark alone is an empty line that comes or goes.
  if (text.trim().length < 2) return 'muted';
  return text.startsWith('+') ? 'good' : text.startsWith('-') ? 'bad' : 'muted';
}
