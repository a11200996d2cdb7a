import type { Dice } from './dice.ts';

/** A value as T-SQL would take it: decimals, dates and GUIDs as text, null for NULL. */
export type Cell = number | bigint | string | Uint8Array | null;

/** How the rows of one table are made. */
export interface Sketch {
  /** `schema.table`. */
  readonly table: string;
  readonly columns: readonly string[];
  readonly count: number;
  /** Row `n`, from 0; without rowversion and computed columns. */
  readonly row: (n: number, dice: Dice) => readonly Cell[];
}

/** How many rows each of the growing tables has for about `total` rows in all. */
export interface Sizes {
  readonly customers: number;
  readonly applications: number;
  readonly properties: number;
  readonly conditions: number;
  readonly reports: number;
  readonly documents: number;
  readonly loans: number;
  /** Rows of a table that nothing refers to, as a share of `ALL`. */
  readonly of: (share: number) => number;
}

/** The sum of all tables' shares. */
const ALL = 1330;

export function sizesFor(total: number): Sizes {
  const of = (share: number): number => Math.max(1, Math.round((total * share) / ALL));
  return {
    customers: of(60),
    applications: of(80),
    properties: of(40),
    conditions: of(40),
    reports: of(20),
    documents: of(30),
    loans: of(20),
    of,
  };
}
