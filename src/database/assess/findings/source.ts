import { formatBytes, formatDuration } from '../../../foundation/units.ts';
import { type DatabaseFinding, LANES } from '../../../journal/database-facts.ts';
import { identifier } from '../../../remote/sql/quote.ts';
import type { DatabaseSurvey, OtherSession, Survey } from '../survey.ts';
import { ENGINE } from '../survey-server.ts';
import { blocker, note, warning } from './finding.ts';
import { hoursToKeep } from './replication.ts';

/** Production's database: state, log, transactions, space (facts: mssql 2.4, 5.6, 6.3, 7). */
export const sourceFindings = (survey: Survey): DatabaseFinding[] => {
  const state = unusable(survey.source);
  if (state.length > 0) return state;
  return [
    ...recovery(survey.source),
    ...options(survey),
    ...encryption(survey),
    ...transactions(survey.source),
    ...log(survey),
    ...snapshots(survey),
  ];
};

function unusable(source: DatabaseSurvey): DatabaseFinding[] {
  if (source.state !== 'ONLINE')
    return [
      blocker({
        code: 'database-offline',
        subject: 'database',
        what: `${source.name} is ${source.state} on the publisher`,
        remedy:
          source.state === 'OFFLINE'
            ? `ALTER DATABASE ${identifier(source.name)} SET ONLINE`
            : 'look into the error log of the publisher: EXEC sp_readerrorlog',
        closes: LANES,
      }),
    ];
  if (!source.opens)
    return [
      blocker({
        code: 'database-closed',
        subject: 'database',
        what: `${source.name} cannot be opened on the publisher (${source.access})`,
        remedy: `CREATE USER for the login in ${source.name}, or SET MULTI_USER where somebody holds it alone`,
        closes: LANES,
      }),
    ];
  return [];
}

function recovery(source: DatabaseSurvey): DatabaseFinding[] {
  if (source.facts?.recovery === 'SIMPLE')
    return [
      blocker({
        code: 'recovery-simple',
        subject: 'database',
        what: `${source.name} has the recovery model SIMPLE: there are no log backups to ship`,
        remedy: `ALTER DATABASE ${identifier(source.name)} SET RECOVERY FULL, then a full backup, then log backups: the log grows without them`,
        closes: ['log-shipping'],
      }),
    ];
  if (source.neverBackedUp)
    return [
      blocker({
        code: 'never-backed-up',
        subject: 'database',
        what: `${source.name} has the recovery model ${source.facts?.recovery ?? 'FULL'} and no full backup yet: a log backup is refused`,
        remedy: `BACKUP DATABASE ${identifier(source.name)} TO DISK = N'…' WITH COMPRESSION, CHECKSUM`,
        closes: ['log-shipping'],
        evidence: ['last_log_backup_lsn is NULL'],
      }),
    ];
  const chain = source.backups.filter(({ kind }) => kind === 'L');
  const [last] = chain;
  if (last === undefined) return [];
  return [
    note({
      code: 'log-chain',
      subject: 'database',
      what: 'log backups are made already; any other log backup belongs to the same chain',
      remedy:
        'in the lane log-shipping, landfall’s log backups are part of the chain: keep their files with the others, or let landfall ship the files of the existing job',
      evidence: [
        `${chain.length} log backups are known, the last ${formatDuration(last.minutesAgo * 60_000)} ago by ${last.by ?? '?'} to ${last.device ?? '?'}`,
      ],
    }),
  ];
}

function options({ source }: Survey): DatabaseFinding[] {
  const found: DatabaseFinding[] = [];
  if (source.facts?.readOnly === true)
    found.push(
      blocker({
        code: 'read-only',
        subject: 'database',
        what: `${source.name} is read-only: nothing can be added to it, neither publication nor tracking nor marker`,
        remedy: `take log-shipping (one backup is enough while nobody writes), or ALTER DATABASE ${identifier(source.name)} SET READ_WRITE`,
        closes: ['backup', 'clone', 'snapshot', 'change-tracking'],
      }),
    );
  if (source.groupMember)
    found.push(
      warning({
        code: 'availability-group',
        subject: 'database',
        what: `${source.name} is in an availability group: after a failover within it, the publisher is another server`,
        remedy:
          'set the group to manual failover for the time of the evacuation, or point the distributor to the listener (sp_redirect_publisher)',
      }),
    );
  if (source.containment !== 'NONE')
    found.push(
      note({
        code: 'contained',
        subject: 'database',
        what: `${source.name} is contained (${source.containment}): its users have their passwords in it`,
        remedy: "on the subscriber: EXEC sp_configure N'contained database authentication', 1; RECONFIGURE",
      }),
    );
  return found;
}

function encryption({ source, subscriber }: Survey): DatabaseFinding[] {
  if (!source.encrypted) return [];
  const { encryptor } = source;
  const isThere =
    encryptor !== undefined &&
    subscriber.certificates.some(each => each.toUpperCase() === encryptor.toUpperCase());
  const distribution = note({
    code: 'encrypted-at-rest',
    subject: 'database',
    what: `${source.name} is encrypted at rest; the queue of the distributor and a copy filled by rows are not, unless they are encrypted, too`,
    remedy: 'encrypt distribution and copy, or their disks, where that is required',
  });
  if (isThere) return [distribution];
  return [
    blocker({
      code: 'certificate-missing',
      subject: 'subscriber',
      what: `${source.name} is encrypted at rest, and the subscriber does not have the certificate that opens its backups`,
      remedy:
        'on the publisher: BACKUP CERTIFICATE … TO FILE … WITH PRIVATE KEY; on the subscriber: CREATE CERTIFICATE … FROM FILE … WITH PRIVATE KEY',
      closes: ['backup', 'log-shipping'],
      evidence: [`thumbprint ${encryptor ?? 'not known'}`],
    }),
    distribution,
  ];
}

/** From here on a transaction holds up whoever waits for it. */
const LONG_SECONDS = 300;

function transactions(source: DatabaseSurvey): DatabaseFinding[] {
  const long = source.transactions.filter(({ seconds }) => seconds >= LONG_SECONDS);
  const [oldest] = long;
  if (oldest === undefined) return [];
  return [
    warning({
      code: 'long-transaction',
      subject: 'database',
      what: `a transaction has been open for ${formatDuration(oldest.seconds * 1000)}: the log keeps everything since, a snapshot rolls it back in itself, and nothing is drained before it ends`,
      remedy: `ask its owner to end it; KILL ${oldest.session} rolls it back, which may take as long again`,
      evidence: long.map(each => `${formatDuration(each.seconds * 1000)}: ${who(each)}`),
    }),
  ];
}

export const who = ({ session, login, host, program }: OtherSession): string =>
  `session ${session}, ${login} from ${host ?? '?'} with ${program === null || program === '' ? '?' : program}`;

function log({ source, plan, hoursLeft }: Survey): DatabaseFinding[] {
  const { facts, free } = source;
  if (facts === undefined) return [];
  const found: DatabaseFinding[] = [];
  const limit = plan.production.log_limit;
  if (facts.logUsedBytes > limit * 0.8)
    found.push(
      warning({
        code: 'log-near-limit',
        subject: 'database',
        what: `${formatBytes(facts.logUsedBytes)} of the log are in use; from ${formatBytes(limit)} on landfall proposes to drop the publication`,
        remedy: `find what holds it (${facts.logReuseWait}); raise production.log_limit in the plan where the disk has room`,
        evidence: [`log_reuse_wait_desc ${facts.logReuseWait}`],
      }),
    );
  const perHour = logPerHour(source);
  if (free !== undefined && perHour !== undefined) {
    const room = free.log + facts.logBytes - facts.logUsedBytes;
    const hours = room / Math.max(1, perHour);
    if (hours < hoursToKeep(hoursLeft))
      found.push(
        warning({
          code: 'log-room',
          subject: 'database',
          what: `while the Log Reader stands still, production's log has room for ${formatDuration(hours * 3_600_000)}`,
          remedy:
            'watch it (landfall does), or give the volume of the log more room before anything is published',
          evidence: [
            `${formatBytes(perHour)} of log an hour, by the log backups of the last day`,
            `${formatBytes(free.log)} free on its volume`,
          ],
        }),
      );
  }
  if (facts.recovery !== 'SIMPLE' && facts.logReuseWait === 'LOG_BACKUP' && !hasRecentLogBackup(source))
    found.push(
      warning({
        code: 'no-log-backups',
        subject: 'database',
        what: `${source.name} has the recovery model ${facts.recovery}, and nobody has made a log backup for a day: its log only grows`,
        remedy: 'make log backups, or a DBA decides for SIMPLE',
        evidence: [`log ${formatBytes(facts.logBytes)}, in use ${formatBytes(facts.logUsedBytes)}`],
      }),
    );
  return found;
}

const DAY_MINUTES = 1440;

const hasRecentLogBackup = ({ backups }: DatabaseSurvey): boolean =>
  backups.some(({ kind, minutesAgo }) => kind === 'L' && minutesAgo <= DAY_MINUTES);

/** What production writes into its log, bytes an hour, by the log backups of the last day; undefined without two. */
export function logPerHour({ backups }: Pick<DatabaseSurvey, 'backups'>): number | undefined {
  const day = backups.filter(({ kind, minutesAgo }) => kind === 'L' && minutesAgo <= DAY_MINUTES);
  const [newest] = day;
  const oldest = day.at(-1);
  if (newest === undefined || oldest === undefined) return undefined;
  const minutes = oldest.minutesAgo - newest.minutesAgo;
  // The oldest one holds what was written before the time that is looked at.
  return minutes < 5
    ? undefined
    : (day.slice(0, -1).reduce((sum, { bytes }) => sum + bytes, 0) * 60) / minutes;
}

/** Hours that a database snapshot is kept for a reconcile, at the most likely. */
const SNAPSHOT_HOURS = 12;

function snapshots({ publisher, source }: Survey): DatabaseFinding[] {
  const { facts, free, catalog } = source;
  if (facts === undefined) return [];
  const found: DatabaseFinding[] = [];
  if (!hasDatabaseSnapshots(publisher.facts))
    found.push(
      note({
        code: 'no-database-snapshots',
        subject: 'publisher',
        what: `${publisher.facts.edition} of this release has no database snapshots; landfall reads production under SNAPSHOT isolation`,
        remedy: `the plan's lane clone does it: ALTER DATABASE ${identifier(source.name)} SET ALLOW_SNAPSHOT_ISOLATION ON waits for the transactions of that moment; watch tempdb while it reads`,
      }),
    );
  if (catalog?.tables.some(table => table.memoryOptimized) === true)
    found.push(
      note({
        code: 'memory-optimized-snapshot',
        subject: 'database',
        what: 'a database with memory-optimised tables may have no database snapshot',
        remedy: 'nothing; landfall reads under SNAPSHOT isolation where the snapshot is refused',
      }),
    );
  const perHour = logPerHour(source);
  const grows = Math.min(
    facts.dataBytes,
    perHour === undefined ? facts.dataBytes / 10 : perHour * SNAPSHOT_HOURS,
  );
  if (free !== undefined && free.data < grows)
    found.push(
      warning({
        code: 'snapshot-room',
        subject: 'publisher',
        what: `a database snapshot may grow to ${formatBytes(grows)} in ${SNAPSHOT_HOURS} h; ${formatBytes(free.data)} are free where it would lie. One that finds no room becomes unusable, production goes on`,
        remedy: 'make room on the volume of the data files, or reconcile when little is written',
        evidence: [
          perHour === undefined
            ? 'a tenth of the data is assumed: no log backups to measure by'
            : `${formatBytes(perHour)} of log an hour`,
        ],
      }),
    );
  return found;
}

/** All editions from 2016 SP1 on, Enterprise before (facts: mssql 5.6). */
export function hasDatabaseSnapshots(server: {
  readonly major: number;
  readonly version: string;
  readonly engineEdition: number;
}): boolean {
  if (server.engineEdition === ENGINE.enterprise || server.major > 13) return true;
  return server.major === 13 && Number(server.version.split('.')[2] ?? 0) >= 4001;
}
