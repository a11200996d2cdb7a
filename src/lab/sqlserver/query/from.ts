import type { Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { Condition } from '../syntax/expressions.ts';
import type { Source } from '../syntax/queries.ts';
import type { Value } from '../values/types.ts';
import type { Limit } from './access.ts';
import type { Binding } from './binding.ts';
import type { Evaluation, Rows } from './bound.ts';
import { type Leaf, type LeafColumn, type Names, namesOf } from './names.ts';
import { bindLeaf } from './origins.ts';
import type { InnerQuery } from './query.ts';
import { writableLeaf } from './views.ts';

/** The sources of a query as they are written, with their columns known and nothing decided about how they are read. */
export type Tree =
  | {
      readonly kind: 'leaf';
      readonly lo: number;
      readonly hi: number;
      readonly lateral: Names | undefined;
      readonly source: LeafSource;
    }
  | {
      readonly kind: 'join';
      readonly join: 'inner' | 'left' | 'right' | 'full' | 'cross';
      readonly lo: number;
      readonly hi: number;
      readonly lateral: Names | undefined;
      readonly left: Tree;
      readonly right: Tree;
      readonly on: Condition | undefined;
    }
  | {
      readonly kind: 'apply';
      readonly outer: boolean;
      readonly lo: number;
      readonly hi: number;
      readonly lateral: Names | undefined;
      readonly left: Tree;
      readonly right: Tree;
    };

export interface LeafSource {
  readonly leaf: Leaf;
  readonly origin: Origin;
}

export type Origin =
  | {
      readonly kind: 'stored';
      readonly database: Database;
      readonly table: Table;
      readonly hints: readonly string[];
      readonly compute: ((row: readonly Value[], context: Evaluation) => Value[]) | undefined;
    }
  | {
      readonly kind: 'rows';
      rows(context: Evaluation): Rows;
      /** Other rows for another row around. */
      readonly correlated: boolean;
      readonly estimate: number;
      /** Of a query inside. */
      readonly narrowed?: InnerQuery['narrowed'];
      readonly table?: Table;
      readonly database?: Database;
      /** Name of a table variable or a row set. */
      readonly variable?: string;
      /** The rows have the row of `table` and its rid behind their columns already. */
      readonly behind?: boolean;
    };

/** What a leaf is before it has its place. */
export interface NewLeaf {
  readonly alias: string;
  readonly path: readonly string[] | undefined;
  readonly columns: readonly LeafColumn[];
  readonly origin: Origin;
}

/** The FROM clause while it is bound. */
export class From {
  readonly binding: Binding;
  readonly parent: Names | undefined;
  readonly leaves: LeafSource[] = [];
  readonly reach = { depth: 0 };
  readonly caseSensitive: boolean;
  /** Alias of what UPDATE or DELETE writes to. */
  written: string | undefined;
  /** Which leaves have a mark. */
  readonly marked: (leaf: NewLeaf) => boolean;
  /** Nobody looks at the rows but the expressions that are bound over them: columns that none of them names are not read. */
  readonly sparing: boolean;
  tree: Tree | undefined;
  /** What queries around know of columns of the leaves, while the sources are planned for it. */
  limits: ReadonlyMap<number, readonly Limit[]> = new Map();

  constructor(
    binding: Binding,
    caseSensitive: boolean,
    marked: (leaf: NewLeaf) => boolean = () => false,
    sparing = false,
  ) {
    this.sparing = sparing;
    this.binding = binding;
    this.parent = binding.names;
    this.caseSensitive = caseSensitive;
    this.marked = marked;
  }

  add(sources: readonly Source[]): void {
    for (const source of sources) this.append(this.bind(source, this.parent));
  }

  append(right: Tree): void {
    const left = this.tree;
    this.tree =
      left === undefined
        ? right
        : {
            kind: 'join',
            join: 'cross',
            lo: left.lo,
            hi: right.hi,
            lateral: this.parent,
            left,
            right,
            on: undefined,
          };
  }

  #missing({ lo, hi }: Tree): void {
    for (const { leaf } of this.leaves.slice(lo, hi)) leaf.optional = true;
  }

  /** Names of the leaves from `lo` to before `hi`, over rows that begin with the first of them. */
  names(lo: number, hi: number, lateral: Names | undefined): Names {
    const chosen = this.leaves.slice(lo, hi).map(source => source.leaf);
    const shift = chosen[0]?.first ?? 0;
    return namesOf(
      shift === 0
        ? chosen
        : chosen.map(leaf => ({
            ...leaf,
            first: leaf.first - shift,
            mark: leaf.mark === undefined ? undefined : leaf.mark - shift,
          })),
      { parent: lateral, caseSensitive: this.caseSensitive, reach: this.reach },
    );
  }

  slice(lo: number, hi: number, lateral: Names | undefined, place: Binding['place'] = 'where'): Binding {
    return { ...this.binding, names: this.names(lo, hi, lateral), place };
  }

  get width(): number {
    const last = this.leaves.at(-1)?.leaf;
    return last === undefined ? 0 : last.first + last.width;
  }

  /** A query or function inside reaches as far as this: where its surroundings are this query's, the query does too. */
  reaches(lateral: Names | undefined, depth: number): void {
    if (lateral === this.parent) this.reach.depth = Math.max(this.reach.depth, depth);
  }

  bind(source: Source, lateral: Names | undefined): Tree {
    if (source.source === 'join') {
      const left = this.bind(source.left, lateral);
      const right = this.bind(source.right, lateral);
      if (source.kind === 'left' || source.kind === 'full') this.#missing(right);
      if (source.kind === 'right' || source.kind === 'full') this.#missing(left);
      return {
        kind: 'join',
        join: source.kind,
        lo: left.lo,
        hi: right.hi,
        lateral,
        left,
        right,
        on: source.on,
      };
    }
    if (source.source === 'apply') {
      const left = this.bind(source.left, lateral);
      const right = this.bind(source.right, this.names(left.lo, left.hi, lateral));
      if (source.outer) this.#missing(right);
      return { kind: 'apply', outer: source.outer, lo: left.lo, hi: right.hi, lateral, left, right };
    }
    return this.place(this.#written(source) ?? bindLeaf(source, this, lateral), lateral, source.line);
  }

  /** The source that a statement writes to by its alias, where it is a view or a name of WITH. */
  #written(source: Source): NewLeaf | undefined {
    if (source.source !== 'table' || this.written === undefined) return undefined;
    const alias = source.alias ?? source.name.at(-1) ?? '';
    if (!this.alike(alias, this.written)) return undefined;
    const leaf = writableLeaf(source.name, this, source.line);
    return leaf === undefined ? undefined : { ...leaf, alias };
  }

  place(fresh: NewLeaf, lateral: Names | undefined, line: number): Tree {
    for (const { leaf } of this.leaves) {
      if (!this.alike(leaf.alias, fresh.alias)) continue;
      if (leaf.path !== undefined && fresh.path !== undefined && !samePath(leaf.path, fresh.path)) continue;
      throw fresh.path === undefined
        ? new SqlError(
            1011,
            `The correlation name '${fresh.alias}' is specified multiple times in a FROM clause.`,
            { line, endsBatch: true },
          )
        : new SqlError(
            1013,
            `The objects "${leaf.path?.slice(-2).join('.') ?? leaf.alias}" and "${fresh.path.slice(-2).join('.')}" in the FROM clause have the same exposed names. Use correlation names to distinguish them.`,
            { line, endsBatch: true },
          );
    }
    const first = this.width;
    const marked = this.marked(fresh);
    const count =
      fresh.columns.length +
      (fresh.origin.kind === 'rows' && fresh.origin.behind === true
        ? (fresh.origin.table?.columns.length ?? 0)
        : 0);
    const leaf: Leaf = {
      alias: fresh.alias,
      path: fresh.path,
      columns: fresh.columns,
      first,
      width: count + (marked ? 1 : 0),
      mark: marked ? first + count : undefined,
      ...(this.sparing && isPlain(fresh.origin) ? { needed: new Set<number>() } : {}),
    };
    const source: LeafSource = { leaf, origin: fresh.origin };
    const lo = this.leaves.length;
    this.leaves.push(source);
    return { kind: 'leaf', lo, hi: lo + 1, lateral, source };
  }

  alike(left: string, right: string): boolean {
    return left === right || (!this.caseSensitive && left.toLowerCase() === right.toLowerCase());
  }
}

/** Rows of a table as the store keeps them. */
const isPlain = (origin: Origin): boolean => origin.kind === 'stored' && origin.compute === undefined;

const samePath = (left: readonly string[], right: readonly string[]): boolean =>
  left.join('.').toLowerCase() === right.join('.').toLowerCase();
