import { type Difference, type KeyRange, type Looks, nameOf, type Seen } from '../compare/index.ts';

/**
 * Differences that were seen while rows were written: which of them stay. A row is looked at on the left; then everything
 * that was committed until then is awaited at the right; then the right is looked at, and after it the left once more.
 * Where the left row has not changed in between, the right one has had all the time to be equal to it.
 */

/** A range, and what was seen to differ in it. */
export interface Suspect {
  readonly range: KeyRange;
  readonly differences: readonly Difference[];
}

export interface Settled {
  /** In the order of the suspects; what stays of each. */
  readonly differences: readonly (readonly Difference[])[];
  /** Rows that were written between any two looks: nothing can be said of them but that they move. */
  readonly moving: number;
}

/** So often a row that changes between two looks is looked at again. */
const ROUNDS = 5;

/** `arrived` resolves when everything that was committed before it was called is at the right side. */
export async function settle(
  suspects: readonly Suspect[],
  looks: Looks,
  arrived: () => Promise<void>,
): Promise<Settled> {
  const certain = suspects.map((): Difference[] => []);
  let open = suspects.map(({ differences }) => new Map(differences.map(each => [nameOf(each.key), each])));
  const count = (): number => open.reduce((sum, each) => sum + each.size, 0);
  if (count() === 0) return { differences: certain, moving: 0 };
  let before = await each(suspects, open, range => looks.left(range));
  for (let round = 0; round < ROUNDS && count() > 0; round += 1) {
    await arrived();
    const right = await each(suspects, open, range => looks.right(range));
    const after = await each(suspects, open, range => looks.left(range));
    open = open.map((rows, at) => {
      const still = new Map<string, Difference>();
      for (const [name, { key }] of rows) {
        const was = before[at]?.get(name)?.hash;
        const truth = after[at]?.get(name)?.hash;
        const copy = right[at]?.get(name)?.hash;
        if (truth === copy) continue;
        const kind = truth === undefined ? 'extra' : copy === undefined ? 'missing' : 'different';
        if (was === truth) certain[at]?.push({ kind, key });
        else still.set(name, { kind, key });
      }
      return still;
    });
    before = after;
  }
  return { differences: certain, moving: count() };
}

/** What is seen of the ranges that have open rows; nothing of the others. */
async function each(
  suspects: readonly Suspect[],
  open: readonly ReadonlyMap<string, Difference>[],
  look: (range: KeyRange) => Promise<Seen>,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const [at, { range }] of suspects.entries()) {
    const rows = open[at];
    if (rows === undefined || rows.size === 0) {
      seen.push(new Map());
      continue;
    }
    // Of a range of many rows only those are kept that are in question.
    const all = await look(range);
    seen.push(new Map([...all].filter(([name]) => rows.has(name))));
  }
  return seen;
}
