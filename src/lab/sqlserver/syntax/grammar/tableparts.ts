import type { TypeName } from '../names.ts';
import type { ColumnShape, ConstraintShape, IndexShape } from '../statements.ts';

/** A column while its parts are read, which come in any order. */
export interface ColumnDraft {
  type?: TypeName;
  computed?: NonNullable<ColumnShape['computed']>;
  nullable?: boolean;
  identity?: NonNullable<ColumnShape['identity']>;
  collation?: string;
  rowguid?: boolean;
  sparse?: boolean;
  readonly constraints: ConstraintShape[];
}

/** One of the parts behind a column's type. */
export type ColumnPart = Partial<Omit<ColumnDraft, 'constraints'>> & {
  readonly constraint?: ConstraintShape;
  readonly index?: IndexShape;
};

export const columnOf = (line: number, name: string, draft: ColumnDraft): ColumnShape => ({
  line,
  name,
  ...draft,
  rowguid: draft.rowguid ?? false,
  sparse: draft.sparse ?? false,
});

/** Where the parenthesis that opens a text closes, -1 where it does not; quotations and comments are passed over. */
const closing = (text: string): number => {
  let depth = 0;
  const parts = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]|--[^\n]*|\/\*[\s\S]*?\*\/|[()]/g;
  for (const part of text.matchAll(parts)) {
    if (part[0] === '(') depth += 1;
    else if (part[0] === ')') depth -= 1;
    if (depth === 0) return part.index;
  }
  return -1;
};

/** A text without the parentheses around the whole of it. */
export const unwrapped = (text: string): string => {
  let inner = text.trim();
  while (inner.startsWith('(') && closing(inner) === inner.length - 1) inner = inner.slice(1, -1).trim();
  return inner;
};
