import { applicationRows } from './rows/applications.ts';
import { partyRows } from './rows/parties.ts';
import { referenceRows } from './rows/reference.ts';
import { servicingRows } from './rows/servicing.ts';
import { type Sketch, sizesFor } from './rows/sketch.ts';

/**
 * The rows of the application's tables for about `total` rows in all, parents before children; the same seed gives the same
 * rows. Foreign keys hold; ops.Setting, whose values are variants, is filled by T-SQL.
 */
export function rowsFor(total: number, seed: number): readonly Sketch[] {
  const sizes = sizesFor(total);
  return [...referenceRows(), ...partyRows(sizes), ...applicationRows(sizes), ...servicingRows(sizes, seed)];
}
