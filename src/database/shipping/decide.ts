import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import { literal } from '../../remote/sql/quote.ts';
import type { Scene } from '../stage.ts';
import {
  type Backup,
  compareLsn,
  type Header,
  type RestoredFile,
  type SourceFacts,
  type TargetFacts,
} from './facts.ts';
import { fileName, inFolder, ownPrefix } from './files.ts';

/** Decisions about backups, apart from asking and doing. */

/** Minutes in which a job that backs the log up shows itself. */
const DAY = 24 * 60;

const isOwn = (scene: Pick<Scene, 'ref'>, device: string): boolean =>
  fileName(device).toLowerCase().startsWith(ownPrefix(scene).toLowerCase());

/** True where production has a job of its own for the log: its files are shipped, no second chain is begun. */
export const hasOwnJob = (scene: Pick<Scene, 'ref'>, backups: readonly Backup[]): boolean =>
  backups.some(
    ({ kind, copyOnly, device, minutesAgo }) =>
      kind === 'L' && !copyOnly && minutesAgo < DAY && !isOwn(scene, device),
  );

/**
 * The logs that the copy does not have yet, oldest first.
 *
 * @throws LandfallError database.retention where one between is missing
 */
export function nextLogs(
  scene: Pick<Scene, 'ref'>,
  backups: readonly Backup[],
  from: string,
): readonly Backup[] {
  const next: Backup[] = [];
  let reached = from;
  for (const log of backups) {
    // An empty one takes nobody any further.
    if (log.kind !== 'L' || compareLsn(log.lastLsn, reached) <= 0) continue;
    if (compareLsn(log.firstLsn, reached) > 0) throw brokenChain(scene, reached, log.firstLsn);
    next.push(log);
    reached = log.lastLsn;
  }
  return next;
}

const brokenChain = ({ ref }: Pick<Scene, 'ref'>, reached: string, next: string): LandfallError =>
  new LandfallError('database.retention', {
    what: `the log of ${ref.source} between LSN ${reached} and ${next} is in no backup that ${ref.publisher} knows`,
    why: 'a log that lacks a piece cannot be restored: the copy stays where it is',
    where: { host: ref.publisher },
    next: [
      'was the recovery model changed to SIMPLE and back, or was the history of backups deleted?',
      'seed again: landfall database seed',
    ],
  });

/** @throws LandfallError database.blocked where the recovery model keeps no log */
export function refuseSimple({ ref }: Pick<Scene, 'ref'>, source: SourceFacts | undefined): void {
  if (source === undefined || source.recovery !== 'SIMPLE') return;
  throw new LandfallError('database.blocked', {
    what: `the recovery model of ${ref.source} is SIMPLE: its log cannot be shipped`,
    where: { host: ref.publisher },
    next: [
      'take another lane: backup, clone or change-tracking',
      `or, with whoever looks after it: ALTER DATABASE SET RECOVERY FULL, and a full backup`,
    ],
  });
}

/** @throws LandfallError database.foreign-clone where the file is no backup of production, or of one that went another way */
export function refuseForeignBackup(
  { ref }: Pick<Scene, 'ref'>,
  file: string,
  header: Header | undefined,
  source: SourceFacts | undefined,
): void {
  const wrong = (what: string): LandfallError =>
    new LandfallError('database.foreign-clone', {
      what,
      why: 'LSNs of another history mean nothing to the log of production',
      where: { host: ref.subscriber, file },
      next: [
        'back production up again: landfall database seed',
        'is it the file that was carried here last?',
      ],
    });
  if (header === undefined || header.BackupType !== 1)
    throw wrong(`${harmless(fileName(file))} holds no full backup`);
  if (header.DatabaseName.toLowerCase() !== ref.source.toLowerCase())
    throw wrong(
      `${harmless(fileName(file))} is a backup of ${harmless(header.DatabaseName)}, not of ${ref.source}`,
    );
  if (header.IsDamaged) throw wrong(`${harmless(fileName(file))} is damaged`);
  const fork = source?.fork?.toLowerCase();
  if (fork !== undefined && header.RecoveryForkID !== null && header.RecoveryForkID.toLowerCase() !== fork)
    throw wrong(`${harmless(fileName(file))} is from another recovery fork of ${ref.source}`);
}

/**
 * Whether the copy may be restored over what is there.
 *
 * @returns 'new', or 'replace' over what landfall restored before
 * @throws LandfallError database.foreign-object over anything else
 */
export function placeFor(scene: Pick<Scene, 'ref'>, target: TargetFacts): 'new' | 'replace' {
  const { state, device } = target;
  if (state === null) return 'new';
  if (device !== null && isOwn(scene, device)) return 'replace';
  // A restore that was cut off has no history yet; nobody can have written to it.
  if (state === 'RESTORING' && device === null) return 'replace';
  throw new LandfallError('database.foreign-object', {
    what: `${scene.ref.copy} is there already on ${scene.ref.subscriber}, and it is not landfall's`,
    why: 'a restore would overwrite it',
    where: { host: scene.ref.subscriber },
    next: [
      'name the copy otherwise: subscriber: { database: NAME } in the plan',
      'or rename or drop what is there',
    ],
  });
}

/** Each file to a name of its own, beside the server's other databases or where the plan says. */
export function movesFor(scene: Scene, files: readonly RestoredFile[], target: TargetFacts): string {
  const folder = (type: string): string =>
    scene.plan.backup?.restore_to ??
    (type === 'L' ? (target.logPath ?? target.dataPath) : target.dataPath) ??
    '';
  const name = scene.ref.copy.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  const moves = files.map(({ LogicalName, PhysicalName, Type }, at) => {
    if (Type === 'S')
      return `MOVE ${literal(LogicalName)} TO ${literal(inFolder(folder('D'), `${name}_${at + 1}`))}`;
    const ending =
      /\.(mdf|ndf|ldf)$/i.exec(PhysicalName)?.[1]?.toLowerCase() ?? (Type === 'L' ? 'ldf' : 'ndf');
    return `MOVE ${literal(LogicalName)} TO ${literal(inFolder(folder(Type), `${name}_${at + 1}.${ending}`))}`;
  });
  return moves.join(', ');
}
