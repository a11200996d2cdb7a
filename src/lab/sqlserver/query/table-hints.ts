import { SqlError, unsupported } from '../errors.ts';

/** Table hints that do not go together, or that the double does not follow where they stand. */

/** Of each of these lines one hint may stand behind a table. */
const EXCLUSIVE: readonly (readonly (readonly string[])[])[] = [
  [
    ['NOLOCK', 'READUNCOMMITTED'],
    ['READCOMMITTED'],
    ['READCOMMITTEDLOCK'],
    ['REPEATABLEREAD'],
    ['SERIALIZABLE', 'HOLDLOCK'],
  ],
  [
    ['NOLOCK', 'READUNCOMMITTED'],
    ['UPDLOCK', 'XLOCK', 'TABLOCKX'],
  ],
  [['NOLOCK', 'READUNCOMMITTED'], ['ROWLOCK'], ['PAGLOCK'], ['TABLOCK'], ['TABLOCKX']],
];

const DIRTY: ReadonlySet<string> = new Set(['NOLOCK', 'READUNCOMMITTED']);

/** Hints of OPENROWSET(BULK …) and of tables in memory. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'SNAPSHOT',
  'KEEPIDENTITY',
  'KEEPDEFAULTS',
  'IGNORE_CONSTRAINTS',
  'IGNORE_TRIGGERS',
]);

/** Hints of a view go down to its tables; these change nothing that can be seen there. */
const ON_VIEW: ReadonlySet<string> = new Set(['NOEXPAND', 'READCOMMITTED', 'ROWLOCK', 'PAGLOCK']);

/** @throws SqlError 1047, 8171 */
export function requireTableHints(hints: readonly string[], name: string, line: number): void {
  const own = new Set(hints.map(hint => hint.toUpperCase()));
  for (const groups of EXCLUSIVE)
    if (groups.filter(group => group.some(hint => own.has(hint))).length > 1)
      throw new SqlError(1047, 'Conflicting locking hints are specified.', {
        severity: 15,
        line,
        endsBatch: true,
      });
  for (const hint of own) {
    if (ELSEWHERE.has(hint)) throw unsupported(`the table hint ${hint}`, line);
    if (hint === 'NOEXPAND')
      throw new SqlError(8171, `Hint 'noexpand' on object '${name}' is invalid.`, { line, endsBatch: true });
  }
}

export function requireViewHints(hints: readonly string[], line: number): void {
  for (const hint of hints)
    if (!ON_VIEW.has(hint.toUpperCase())) throw unsupported(`the hint ${hint} on a view`, line);
}

/** Of what INSERT, UPDATE, DELETE or MERGE writes to. @throws SqlError 1065 */
export function requireTargetHints(hints: readonly string[], line: number): void {
  if (hints.some(hint => DIRTY.has(hint.toUpperCase())))
    throw new SqlError(
      1065,
      'The NOLOCK and READUNCOMMITTED lock hints are not allowed for target tables of INSERT, UPDATE, DELETE or MERGE statements.',
      { severity: 15, line, endsBatch: true },
    );
}
