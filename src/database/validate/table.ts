import { harmless } from '../../foundation/text.ts';
import type { DatabaseTable, TableDifference } from '../../journal/database-facts.ts';
import { fullName } from '../catalog/types.ts';
import {
  type CompareOptions,
  compareTable,
  compareWhole,
  type Difference,
  type KeyRange,
  openLooks,
  type Side,
} from '../compare/index.ts';
import { type Suspect, settle } from './settle.ts';
import type { Kind } from './tables.ts';

const EXAMPLES = 5;
/** Differences of one table that are told apart by row; beyond them the table has to be reconciled, not validated. */
const MOST = 100_000;

export interface Sides {
  readonly left: Side;
  readonly right: Side;
}

export interface Found {
  readonly told: TableDifference;
  /** What is certain, by range: for the repair. */
  readonly differences: readonly (KeyRange & { readonly differences: readonly Difference[] })[];
  /** Rows that were written so often that nothing can be said of them. */
  readonly moving: number;
}

/** One table compared: equal, or what differs for certain. */
export async function validateTable(
  { left, right }: Sides,
  table: DatabaseTable,
  kind: Kind,
  options: CompareOptions,
  arrived: () => Promise<void>,
): Promise<Found> {
  if (table.key.length === 0) return whole({ left, right }, table, options);
  const suspects: Suspect[] = [];
  let rows = 0;
  let ranges = 0;
  let count = 0;
  for await (const { from, to, rowsLeft, differences } of compareTable(left, right, table, options)) {
    rows += rowsLeft;
    ranges += 1;
    if (differences.length === 0) continue;
    const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    suspects.push({ range, differences: differences.slice(0, Math.max(0, MOST - count)) });
    count += differences.length;
  }
  const { differences, moving } =
    kind === 'live' && suspects.length > 0
      ? await settle(suspects, await openLooks(left, right, table, options), arrived)
      : { differences: suspects.map(each => each.differences), moving: 0 };
  const found = suspects.map(({ range }, at) => ({ ...range, differences: differences[at] ?? [] }));
  // Rows that nobody looked at again differ until somebody has: they are never counted as settled.
  const unsettled = Math.max(0, count - MOST);
  const all = found.flatMap(each => each.differences);
  const of = (wanted: Difference['kind']): number => all.filter(each => each.kind === wanted).length;
  return {
    told: {
      table: fullName(table),
      rows,
      ranges,
      differingRanges: found.filter(each => each.differences.length > 0).length + (unsettled > 0 ? 1 : 0),
      missing: of('missing'),
      extra: of('extra'),
      different: of('different') + unsettled,
      examples: [
        ...all.slice(0, EXAMPLES).map(said),
        ...(unsettled > 0
          ? [`of ${count} rows that differ only the first ${MOST} were looked at again`]
          : []),
        ...(moving > 0 ? [`${moving} rows were written at every look: nothing is said of them`] : []),
      ],
    },
    differences: found.filter(each => each.differences.length > 0),
    moving,
  };
}

export const said = ({ kind, key }: Difference): string => harmless(`${kind} ${key.join(', ')}`);

/** Without a key there are no rows to name: only how many there are on each side. */
async function whole({ left, right }: Sides, table: DatabaseTable, options: CompareOptions): Promise<Found> {
  const { rowsLeft, rowsRight, equal } = await compareWhole(left, right, table, options);
  return {
    told: {
      table: fullName(table),
      rows: rowsLeft,
      ranges: 1,
      differingRanges: equal ? 0 : 1,
      missing: Math.max(0, rowsLeft - rowsRight),
      extra: Math.max(0, rowsRight - rowsLeft),
      // As many rows on both sides, and not the same: at least one is another.
      different: equal || rowsLeft !== rowsRight ? 0 : 1,
      examples: equal ? [] : ['the table has no key: it is loaded whole, or not at all'],
    },
    differences: [],
    moving: 0,
  };
}
