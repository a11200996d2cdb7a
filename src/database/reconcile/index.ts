import { LandfallError } from '../../foundation/errors.ts';
import type { DatabaseTable } from '../../journal/database-facts.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { RangeVerdict, Side } from '../compare/index.ts';
import type { Scene, Stage, Work } from '../stage.ts';

const unwritten = (what: string): never => {
  throw new LandfallError('bug', { what: `${what} is not written yet`, next: ['wait'] });
};

const unwrittenStage = (id: string): Stage => ({
  id,
  title: () => id,
  preview: () => unwritten(id),
  done: async () => unwritten(id),
  run: async () => unwritten(id),
});

/** Marker rows, a database snapshot of production, and the LSN of the newest marker in it. Emits database.pinned. */
export const pinStage: Stage = unwrittenStage('pin');
/** Makes the copy equal to what was pinned. */
export const reconcileStage: Stage = unwrittenStage('reconcile');
/** Drops the database snapshot. */
export const unpinStage: Stage = unwrittenStage('unpin');

/** What `holdObjects` sends, for the previews of others. */
export const holdStatements = (_scene: Scene): readonly Statement[] => unwritten('holdStatements');
/** Foreign keys, checks and triggers of the copy are recorded as found, then disabled. Can be repeated. */
export const holdObjects = (_work: Work): Promise<{ readonly held: number }> => unwritten('holdObjects');
/** What `restoreObjects` sends, for the previews of others. */
export const restoreStatements = (_scene: Scene): readonly Statement[] => unwritten('restoreStatements');
/** Gives every held object its recorded state. What the server refused stays held and is answered, one sentence each. */
export const restoreObjects = (
  _work: Work,
): Promise<{ readonly restored: number; readonly refused: readonly string[] }> => unwritten('restoreObjects');

/** Every statement that `repairRange` may send for a table and that writes. */
export const repairStatements = (_scene: Scene, _table: DatabaseTable): readonly Statement[] =>
  unwritten('repairStatements');
/** Makes one compared range of the copy equal to the left side: what validation does where a repair was ordered. */
export const repairRange = (
  _work: Work,
  _sides: { readonly left: Side; readonly right: Side },
  _table: DatabaseTable,
  _verdict: RangeVerdict,
): Promise<{ readonly inserted: number; readonly updated: number; readonly deleted: number }> =>
  unwritten('repairRange');
