import { accessOf, type KeyName } from './access.ts';
import { beforeOf, type Write } from './overlay.ts';

/** A write as the log has it: an update may be there as a delete and an insert. */
export interface Step {
  readonly write: Write;
  readonly part: 'whole' | 'delete' | 'insert';
}

/**
 * What an UPDATE changes of a unique key the log has as SQL Server's deferred update: a delete and an insert (KB 238254;
 * trace flag 8207, which keeps those of a single row whole, is never set here). Writes of one statement that pass keys from
 * row to row (`SET id = id + 1`) hold only together, one after the other they would meet a key that is still taken: all
 * deletes first, all inserts last.
 */
export function deferred(writes: readonly Write[]): readonly Step[] {
  const steps: Step[] = [];
  let from = 0;
  for (const [first, last] of crossings(writes)) {
    steps.push(...writes.slice(from, first).flatMap(alone), ...together(writes.slice(first, last + 1)));
    from = last + 1;
  }
  return [...steps, ...writes.slice(from).flatMap(alone)];
}

const whole = (write: Write): Step => ({ write, part: 'whole' });

const changesKey = (write: Write): boolean =>
  Boolean(beforeOf(write)) && Boolean(write.after) && keysOf(write).length > 0;

const alone = (write: Write): readonly Step[] =>
  changesKey(write)
    ? [
        { write, part: 'delete' },
        { write, part: 'insert' },
      ]
    : [whole(write)];

type Range = readonly [first: number, last: number];

/** Stretches from a write that takes a key to the later one of another row that leaves it; none overlap. */
function crossings(writes: readonly Write[]): readonly Range[] {
  const leaving = new Map<string, KeysLeft>();
  const found: Range[] = [];
  for (let at = writes.length - 1; at >= 0; at -= 1) {
    const write = writes[at];
    if (write === undefined) continue;
    for (const { index, takes, leaves } of keysOf(write)) {
      const ofIndex = keysLeft(leaving, `${write.table.storeId}/${index}`);
      const holder = takes === undefined ? undefined : ofIndex.get(takes);
      if (holder !== undefined && holder.rid !== write.rid) found.push([at, holder.at]);
      if (leaves !== undefined) ofIndex.set(leaves, { at, rid: write.rid });
    }
  }
  const merged: Range[] = [];
  for (const [first, last] of found.sort((a, b) => a[0] - b[0])) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1])
      merged.splice(-1, 1, [before[0], Math.max(before[1], last)]);
    else merged.push([first, last]);
  }
  return merged;
}

/** By key: the next write that leaves it. */
type KeysLeft = Map<KeyName, { readonly at: number; readonly rid: number }>;

function keysLeft(all: Map<string, KeysLeft>, index: string): KeysLeft {
  const known = all.get(index);
  if (known !== undefined) return known;
  const made: KeysLeft = new Map();
  all.set(index, made);
  return made;
}

interface KeyChange {
  readonly index: number;
  readonly takes: KeyName | undefined;
  readonly leaves: KeyName | undefined;
}

/** Keys of unique indexes that a write changes. */
function keysOf(write: Write): readonly KeyChange[] {
  const before = beforeOf(write);
  const { after } = write;
  return accessOf(write.table).unique.flatMap(({ index, nameOf }) => {
    const leaves = before ? nameOf(before) : undefined;
    const takes = after ? nameOf(after) : undefined;
    return leaves === takes ? [] : [{ index: index.id, takes, leaves }];
  });
}

/** Where a row was written twice the writes are of several statements, whose order says something. */
function together(writes: readonly Write[]): readonly Step[] {
  const rows = new Set(writes.map(({ table, rid }) => `${table.storeId}/${rid}`));
  if (rows.size < writes.length) return writes.flatMap(alone);
  const [deletes, updates, inserts]: [Step[], Step[], Step[]] = [[], [], []];
  for (const write of writes) {
    const [before, after] = [beforeOf(write), write.after];
    if (changesKey(write)) {
      deletes.push({ write, part: 'delete' });
      inserts.push({ write, part: 'insert' });
    } else (before ? (after ? updates : deletes) : inserts).push(whole(write));
  }
  return [...deletes, ...updates, ...inserts];
}
