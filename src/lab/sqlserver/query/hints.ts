import { SqlError, unsupported } from '../errors.ts';

/** Hints of OPTION that change how a query is run and never what it answers: known, and without effect here. */
const HARMLESS =
  /^(RECOMPILE|MAXDOP|(HASH|LOOP|MERGE) JOIN|(HASH|ORDER) GROUP|(CONCAT|HASH|MERGE) UNION|FORCE ORDER|FAST|KEEP PLAN|KEEPFIXED PLAN|ROBUST PLAN|EXPAND VIEWS|OPTIMIZE FOR|PARAMETERIZATION|QUERYTRACEON|MAX_GRANT_PERCENT|MIN_GRANT_PERCENT|NO_PERFORMANCE_SPOOL|IGNORE_NONCLUSTERED_COLUMNSTORE_INDEX|TABLE HINT)\b/i;

const MOST = 32_767;
const USUAL = 100;

/**
 * OPTION (MAXRECURSION n), 100 without it; 0 is no limit.
 *
 * @throws SqlError 310 beyond 32 767, 155 for a hint that SQL Server does not know
 */
export function maximumRecursion(hints: readonly string[], line: number): number {
  let limit = USUAL;
  for (const hint of hints) {
    const match = /^MAXRECURSION\s*=?\s*(\d+)$/i.exec(hint.trim());
    if (match !== null) {
      limit = Number(match[1]);
      if (limit > MOST)
        throw new SqlError(
          310,
          `The value ${limit} specified for the MAXRECURSION option exceeds the allowed maximum of ${MOST}.`,
          { severity: 15, line, endsBatch: true },
        );
    } else if (/^USE (HINT|PLAN)\b/i.test(hint.trim())) throw unsupported(`OPTION (${hint.trim()})`, line);
    else if (!HARMLESS.test(hint.trim()))
      throw new SqlError(155, `'${hint.trim().split(/\s/)[0] ?? ''}' is not a recognized query hint.`, {
        severity: 15,
        line,
        endsBatch: true,
      });
  }
  return limit;
}
