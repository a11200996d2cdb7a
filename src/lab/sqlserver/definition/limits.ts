import { typeFacts } from '../values/index.ts';
import type { Draft } from './draft.ts';
import { fault } from './faults.ts';

const MOST_COLUMNS = 1024;
/** Bytes of a row outside its page's overflow. */
const LONGEST_ROW = 8060;

/** Kinds that take their bytes in every row. */
const VARIABLE: ReadonlySet<string> = new Set([
  'varchar',
  'nvarchar',
  'varbinary',
  'sysname',
  'text',
  'ntext',
  'image',
  'xml',
  'sql_variant',
]);

/** @throws SqlError 1702, 1701 for more columns, or more bytes in fixed columns, than a table can have */
export function requireRoom(draft: Draft, line: number): void {
  const over = draft.columns[MOST_COLUMNS];
  if (over)
    throw fault(
      1702,
      `${draft.from ? 'ALTER' : 'CREATE'} TABLE failed because column '${over.name}' in table '${draft.shown}' exceeds the maximum of ${MOST_COLUMNS} columns.`,
      line,
    );
  const stored = draft.columns.filter(column => !column.computed || column.computed.persisted);
  const fixed = stored.filter(({ type, sparse }) => !sparse && !VARIABLE.has(type.kind));
  const bits = fixed.filter(({ type }) => type.kind === 'bit').length;
  const bytes = fixed.reduce(
    (sum, { type }) => sum + (type.kind === 'bit' ? 0 : typeFacts(type).maxLength),
    0,
  );
  // Four bytes begin a row; its bitmap of NULLs has a length of two.
  const overhead = 4 + 2 + Math.ceil(stored.length / 8);
  const size = bytes + Math.ceil(bits / 8) + overhead;
  if (size > LONGEST_ROW)
    throw fault(
      1701,
      `Creating or altering table '${draft.shown}' failed because the minimum row size would be ${size}, including ${overhead} bytes of internal overhead. This exceeds the maximum allowable table row size of ${LONGEST_ROW} bytes.`,
      line,
    );
}
