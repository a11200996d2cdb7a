import type { CommonTable } from '../syntax/queries.ts';
import type { BoundAggregate } from './aggregates.ts';
import type { Evaluation, Rows } from './bound.ts';
import type { LeafColumn, Names } from './names.ts';
import type { Scope } from './scope.ts';
import type { Typed } from './typed.ts';
import type { WindowCall } from './windows.ts';

/** Where in a statement an expression stands: what names mean there, and what may be written. */
export interface Binding {
  readonly scope: Scope;
  readonly names: Names | undefined;
  readonly tables: CommonTables | undefined;
  /** Behind GROUP BY: only keys and aggregates are left. */
  readonly grouping: Grouping | undefined;
  /** Takes window functions where they may stand. */
  readonly windows: { add(call: WindowCall): () => number } | undefined;
  readonly place: Place;
  /** Views and functions that are being expanded: one that names itself is refused. */
  readonly depth: number;
}

export type Place =
  | 'select'
  | 'where'
  | 'on'
  | 'having'
  | 'order by'
  | 'group by'
  | 'aggregate'
  | 'window'
  | 'set'
  | 'output'
  | 'other';

export interface Grouping {
  /** Expressions of GROUP BY in canonical form, with the typed key of the grouped row. */
  readonly keys: readonly { readonly canonical: string; readonly key: Typed }[];
  /** The binding of what stands inside aggregates: the rows before they are grouped. */
  readonly inside: Binding;
  /** Slot in the grouped row. */
  add(aggregate: BoundAggregate): number;
}

/** Names of WITH; each sees those before it. */
export interface CommonTables {
  readonly name: string;
  readonly table: CommonTable;
  readonly before: CommonTables | undefined;
  /** While a recursive one is bound: its own name means the rows of the round before. */
  readonly recursion: Recursion | undefined;
  /** OPTION (MAXRECURSION n) of the query that WITH belongs to; 0 is no limit. */
  readonly limit: number;
}

export interface Recursion {
  readonly columns: readonly LeafColumn[];
  /** Rows of the round before. */
  readonly rows: (context: Evaluation) => Rows;
  used: number;
}

export const inPlace = (binding: Binding, place: Place): Binding => ({ ...binding, place });
