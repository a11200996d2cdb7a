import { SqlError } from '../errors.ts';
import type { Name } from '../syntax/names.ts';
import type { SqlType } from '../values/types.ts';

/** Which columns a name may mean: the sources of a query, and behind them those of the queries around it. */
export interface Names {
  readonly leaves: readonly Leaf[];
  readonly parent: Names | undefined;
  /** Parameters of an inline function, whose row is this level's; nothing is seen beyond them. */
  readonly parameters: ReadonlyMap<string, Parameter> | undefined;
  /** Leaves that were named since it was last emptied: what a predicate depends on. */
  readonly used: Set<Leaf>;
  /** How many levels up the farthest name that was found lies. */
  readonly reach: { depth: number };
  readonly caseSensitive: boolean;
  /** Turns the slot of a column of the sources into that of the grouped row; throws 8120 and its kin. */
  readonly grouped: ((slot: number, column: LeafColumn, leaf: Leaf) => number) | undefined;
}

export interface Parameter {
  readonly slot: number;
  readonly type: SqlType;
}

export interface Leaf {
  /** Exposed name. */
  readonly alias: string;
  /** `database.schema.table` for a table without an alias, so that `dbo.t.c` is found. */
  readonly path: Name | undefined;
  readonly columns: readonly LeafColumn[];
  /** Slot of the first column. */
  readonly first: number;
  /** Slots, the mark included. */
  readonly width: number;
  readonly mark: number | undefined;
  /** On the side of an outer join that may be missing: every column of it can be NULL. */
  optional?: boolean;
  /** Places of the columns that are asked for, where the others need not be read; shared by all names of the leaf. */
  readonly needed?: Set<number>;
}

export interface LeafColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity: boolean;
  /** Marked ROWGUIDCOL: `$rowguid`. */
  readonly rowguid?: boolean;
  /** COLLATE conflict that only shows where the column is compared. */
  readonly noCollation?: boolean;
}

export interface Found {
  /** 0 is the query's own row, 1 the one around it. */
  readonly depth: number;
  readonly slot: number;
  readonly column: LeafColumn;
  readonly leaf: Leaf;
}

export function same(names: Names, left: string, right: string): boolean {
  return left === right || (!names.caseSensitive && left.toLowerCase() === right.toLowerCase());
}

/** Does the prefix of a column's name mean this leaf? */
export function isPrefix(names: Names, prefix: Name, leaf: Leaf): boolean {
  if (prefix.length === 1) return same(names, prefix[0] ?? '', leaf.alias);
  const path = leaf.path;
  if (path === undefined || prefix.length > path.length) return false;
  const tail = path.slice(path.length - prefix.length);
  return prefix.every((part, at) => part === '' || same(names, part, tail[at] ?? ''));
}

/**
 * The column that a name means.
 *
 * @throws SqlError 207, 209, 4104
 */
export function findColumn(names: Names | undefined, name: Name, line: number): Found {
  const column = name.at(-1) ?? '';
  const prefix = name.slice(0, -1);
  let depth = 0;
  for (let level = names; level !== undefined; level = level.parent, depth += 1) {
    const found = prefix.length === 0 ? byName(level, column, line) : byPrefix(level, prefix, column, line);
    if (found !== undefined) {
      note(names, depth, found.leaf);
      found.leaf.needed?.add(found.place);
      const slot = found.leaf.first + found.place;
      return {
        depth,
        slot: level.grouped === undefined ? slot : level.grouped(slot, found.column, found.leaf),
        column: found.column,
        leaf: found.leaf,
      };
    }
    if (level.parameters !== undefined) break;
  }
  if (prefix.length > 0)
    throw new SqlError(4104, `The multi-part identifier "${name.join('.')}" could not be bound.`, {
      line,
      endsBatch: true,
    });
  throw unknownColumn(column, line);
}

/** The parameter of an inline function that a variable means inside it. */
export function findParameter(
  names: Names | undefined,
  name: string,
): { depth: number; parameter: Parameter | undefined } | undefined {
  let depth = 0;
  for (let level = names; level !== undefined; level = level.parent, depth += 1) {
    if (level.parameters === undefined) continue;
    note(names, depth, undefined);
    return { depth, parameter: level.parameters.get(name.toLowerCase()) };
  }
  return undefined;
}

export function unknownColumn(column: string, line: number): SqlError {
  return new SqlError(207, `Invalid column name '${column}'.`, { line, endsBatch: true });
}

interface Hit {
  readonly leaf: Leaf;
  readonly column: LeafColumn;
  readonly place: number;
}

function byName(level: Names, name: string, line: number): Hit | undefined {
  let hit: Hit | undefined;
  for (const leaf of level.leaves) {
    const place = leaf.columns.findIndex(column => same(level, column.name, name));
    const column = leaf.columns[place];
    if (column === undefined) continue;
    if (hit !== undefined || leaf.columns.some((other, at) => at > place && same(level, other.name, name)))
      throw new SqlError(209, `Ambiguous column name '${name}'.`, { line, endsBatch: true });
    hit = { leaf, column, place };
  }
  return hit;
}

function byPrefix(level: Names, prefix: Name, name: string, line: number): Hit | undefined {
  for (const leaf of level.leaves) {
    if (!isPrefix(level, prefix, leaf)) continue;
    const place = leaf.columns.findIndex(column => same(level, column.name, name));
    const column = leaf.columns[place];
    if (column === undefined) throw unknownColumn(name, line);
    return { leaf, column, place };
  }
  return undefined;
}

/** Every level between the name and its source knows that it depends on a row outside. */
function note(names: Names | undefined, depth: number, leaf: Leaf | undefined): void {
  let level = names;
  for (let left = depth; level !== undefined; left -= 1, level = level.parent) {
    if (left === 0) {
      if (leaf !== undefined) level.used.add(leaf);
      return;
    }
    level.reach.depth = Math.max(level.reach.depth, left);
  }
}

export function namesOf(
  leaves: readonly Leaf[],
  options: {
    readonly parent?: Names | undefined;
    readonly caseSensitive: boolean;
    readonly parameters?: ReadonlyMap<string, Parameter>;
    readonly grouped?: Names['grouped'];
    /** Shared by all views of one query's names. */
    readonly reach?: { depth: number };
  },
): Names {
  return {
    leaves,
    parent: options.parent,
    parameters: options.parameters,
    used: new Set(),
    reach: options.reach ?? { depth: 0 },
    caseSensitive: options.caseSensitive,
    grouped: options.grouped,
  };
}
