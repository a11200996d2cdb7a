import type { Marker } from '../../journal/database-facts.ts';
import { writeMarker, writeMarkerStatement } from '../monitor/marker.ts';
import { laneOf } from '../replicate/capture-script.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { refuseSimple } from './decide.ts';
import { type Backup, lsnHex, readBackups, readSource, startedAtMs } from './facts.ts';
import { withProgress } from './progress.ts';
import { firstBackup, fullBackup, fullFile } from './statements.ts';

const isShipping = (scene: Scene): boolean => laneOf(scene) === 'log-shipping';

/** Production into one file. Emits database.pinned: the file, and up to where it has everything. */
export const backupStage: Stage = {
  id: 'backup',
  title: ({ ref }) => `back ${ref.source} up while it is in use`,
  preview: scene => [
    ...(isShipping(scene) ? [firstBackup(scene)] : [writeMarkerStatement(scene.ref)]),
    fullBackup(scene),
  ],
  async done(work) {
    const { pinned } = work.state;
    return pinned?.source === fullFile(work) && (await taken(work)) !== undefined;
  },
  async run(work) {
    const lane = isShipping(work) ? 'log-shipping' : 'backup';
    const source = await readSource(work);
    if (lane === 'log-shipping') refuseSimple(work, source);
    // A marker in front of it: what a copy that comes from this file shows of its age.
    const marker = lane === 'backup' ? await writeMarker(work, work.signal) : undefined;
    const begins = lane === 'log-shipping' && source?.chain === null;
    const bytes = work.state.assessed?.publisher.database?.dataBytes;
    await withProgress(work, begins ? firstBackup(work) : fullBackup(work), bytes);
    const backup = await taken(work);
    const at: Marker | undefined = marker ?? (backup && { id: '0', at: startedAtMs(backup) });
    await work.emit({
      ...{ type: 'database.pinned', database: work.name, lane, source: fullFile(work) },
      ...(at === undefined
        ? {}
        : { marker: backup === undefined ? at : { ...at, lsn: lsnHex(backup.lastLsn) } }),
    });
  },
};

/** The newest backup into landfall's file; in the lane that publishes only one from after the capture counts. */
async function taken(work: Work): Promise<Backup | undefined> {
  const from = isShipping(work) ? undefined : work.state.captured?.marker?.lsn;
  const backups = await readBackups(work);
  return backups.findLast(
    ({ kind, device, lastLsn }) =>
      kind === 'D' &&
      device === fullFile(work) &&
      (from === undefined || lsnHex(lastLsn) >= from.toUpperCase().replace('0X', '0x')),
  );
}
