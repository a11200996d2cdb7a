/** Definitions as the catalog keeps them: in parentheses, as sys.check_constraints and its kin show them. */

/** The text without parentheses that enclose the whole of it. */
export function bare(text: string): string {
  let inner = text.trim();
  while (enclosed(inner)) inner = inner.slice(1, -1).trim();
  return inner;
}

function enclosed(text: string): boolean {
  if (!text.startsWith('(') || !text.endsWith(')')) return false;
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote !== '') {
      if (character === quote) quote = '';
      continue;
    }
    if (character === "'" || character === '"') quote = character;
    else if (character === '[') quote = ']';
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0 && at < text.length - 1) return false;
    }
  }
  return depth === 0;
}

export const conditionText = (text: string): string => `(${bare(text)})`;

/** Numbers have two pairs of parentheses, as in `((0))`. */
export function defaultText(text: string): string {
  const inner = bare(text);
  return /^[-+]?\s*(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(inner) ? `((${inner}))` : `(${inner})`;
}
