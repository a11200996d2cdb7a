import { LandfallError } from '../../foundation/errors.ts';
import type { Script } from '../../remote/sql/statement.ts';
import type { Scene, Stage, Work } from '../stage.ts';

/** What one round of log shipping brought. */
export interface ShippingRound {
  /** Log backups that were restored in this round, oldest first. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** LSN up to which the copy has everything, as text. */
  readonly lastLsn: string;
  /** Epoch ms by the publisher's clock: what committed before it has arrived. */
  readonly upTo: number;
}

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

/** Backs the log up, or takes the files of the job that does, and restores what is new. */
export const shippingRound = async (_work: Work): Promise<ShippingRound> => unwritten('shippingRound');
/** The tail of the log, after which production is in RESTORING and takes no writes, and the copy's recovery. */
export const tailScript = (_scene: Scene): Script => unwritten('tailScript');

export const backupStage: Stage = unwrittenStage('backup');
export const restoreStage: Stage = unwrittenStage('restore');
export const shipLogsStage: Stage = unwrittenStage('ship-logs');
