import { LandfallError } from '../../foundation/errors.ts';
import { numbersOf } from '../../remote/sql/faults.ts';
import type { Stage, Work } from '../stage.ts';
import { hasOwnJob, nextLogs, refuseSimple } from './decide.ts';
import { type Backup, lsnHex, readBackups, readSource, readTarget, startedAtMs } from './facts.ts';
import { asRead, carryError, foldersOf, inFolder, ownFile } from './files.ts';
import { withProgress } from './progress.ts';
import { DEVICE, logBackup, POSITION, restoreLog } from './statements.ts';

/** What one round of log shipping brought. */
export interface ShippingRound {
  /** Log backups that were restored in this round, oldest first. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** LSN up to which the copy has everything, as decimal text. */
  readonly lastLsn: string;
  /** Epoch ms by the publisher's clock: what committed before it has arrived. */
  readonly upTo: number;
}

/** The log, round by round. Emits database.released with the first one. */
export const shipLogsStage: Stage = {
  id: 'ship-logs',
  title: ({ name, ref }) => `bring the log of ${name} to ${ref.copy}`,
  preview: scene => [logBackup(scene), restoreLog(scene)],
  async done({ state }) {
    return state.released?.lane === 'log-shipping';
  },
  async run(work) {
    const { lastLsn, upTo } = await shippingRound(work);
    if (work.state.released?.lane === 'log-shipping') return;
    await work.emit({
      ...{ type: 'database.released', database: work.name, lane: 'log-shipping', how: 'restore log' },
      marker: { id: '0', at: upTo, lsn: lsnHex(lastLsn) },
    });
  },
};

/**
 * Backs the log up, or takes the files of the job that does, and restores what is new.
 *
 * @throws LandfallError database.blocked where a file has to be carried, database.retention where the chain has a gap
 */
export async function shippingRound(work: Work): Promise<ShippingRound> {
  const before = await readTarget(work);
  if (before.state !== 'RESTORING' && before.state !== 'STANDBY') throw notRestoring(work, before.state);
  const from = before.lastLsn ?? '0';
  refuseSimple(work, await readSource(work));
  if (!hasOwnJob(work, await readBackups(work))) await backLogUp(work);
  const backups = await readBackups(work);
  const logs = nextLogs(work, backups, from);
  for (const log of logs) await restore(work, log);
  const last = logs.at(-1) ?? backups.findLast(({ lastLsn }) => lastLsn === from);
  return {
    files: logs.map(({ device }) => device),
    bytes: logs.reduce((sum, { bytes }) => sum + Number(bytes), 0),
    lastLsn: last?.lastLsn ?? from,
    upTo: last === undefined ? 0 : startedAtMs(last),
  };
}

async function backLogUp(work: Work): Promise<void> {
  const time = new Date(work.clock.now()).toISOString().replaceAll(/[-:.]/g, '');
  const device = inFolder(foldersOf(work).written, ownFile(work, `log_${time}.trn`));
  await withProgress(work, logBackup(work), undefined, { [DEVICE]: { type: 'nvarchar', value: device } });
}

async function restore(work: Work, { device, position, bytes }: Backup): Promise<void> {
  const folders = foldersOf(work);
  const read = asRead(folders, device);
  if (read === undefined)
    throw new LandfallError('database.blocked', {
      what: `a log of ${work.ref.source} lies in ${device}, outside the folder of the plan`,
      why: 'a job of production backs the log up there, and a log that is left out stops the copy',
      where: { host: work.ref.publisher, file: device },
      next: [
        `backup: { folder: … , reads_as: … } in the plan: the folder of that job, as both servers see it`,
      ],
    });
  try {
    await withProgress(work, restoreLog(work), Number(bytes), {
      [DEVICE]: { type: 'nvarchar', value: read },
      [POSITION]: { type: 'int', value: position },
    });
  } catch (error) {
    if (error instanceof LandfallError && numbersOf(error).includes(3201))
      throw carryError(work, device, read, error);
    throw error;
  }
}

const notRestoring = ({ ref }: Work, state: string | null): LandfallError =>
  new LandfallError('database.foreign-object', {
    what:
      state === null
        ? `there is no ${ref.copy} on ${ref.subscriber} that logs could be restored into`
        : `${ref.copy} is ${state}: it takes no more logs`,
    why: 'a copy that was opened once has a history of its own',
    where: { host: ref.subscriber },
    next: ['seed again: landfall database seed'],
  });
