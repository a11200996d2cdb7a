import { type ErrorCode, LandfallError } from '../../foundation/errors.ts';
import { numbersOf } from '../../remote/sql/faults.ts';

/** Errors of setting replication up and taking it down, by SQL Server's number (facts: mssql 1.6, 2.6, 3.6, 10). */

export interface SetUpFault {
  readonly numbers: readonly number[];
  /** Stable: `no-lsn`, `in-transaction`. */
  readonly code: string;
  readonly error: ErrorCode;
  /** One sentence without a full stop. */
  readonly what: string;
  readonly next: readonly string[];
}

export const SET_UP_FAULTS: readonly SetUpFault[] = [
  {
    numbers: [15002],
    code: 'in-transaction',
    error: 'bug',
    what: 'a procedure of replication was called inside a transaction',
    next: ['report this with the journal of the evacuation'],
  },
  {
    numbers: [21397],
    code: 'backup-too-old',
    error: 'database.retention',
    what: 'what committed since the backup is no longer at the distributor, or was never captured',
    next: [
      'take a fresh backup and restore it: landfall database seed',
      'keep the clean-up off until the subscription exists',
    ],
  },
  {
    numbers: [21399],
    code: 'lsn-too-old',
    error: 'database.retention',
    what: 'what committed since the pinned marker is no longer at the distributor, or was never captured',
    next: ['pin production again and reconcile: landfall database reconcile'],
  },
  {
    numbers: [21398],
    code: 'cleanup-runs',
    error: 'database.in-use',
    what: 'the clean-up of the distribution database is running',
    next: [
      'run the same command again when it has ended; msdb.dbo.sp_help_jobactivity at the distributor tells',
    ],
  },
  {
    numbers: [18786],
    code: 'no-start-from-backup',
    error: 'database.foreign-object',
    what: 'the publication does not keep changes for a copy that comes from a backup',
    next: ["EXEC sys.sp_changepublication @property = N'allow_initialize_from_backup', @value = N'true'"],
  },
  {
    numbers: [14099],
    code: 'other-distributor',
    error: 'database.foreign-object',
    what: 'the server has another distributor already',
    next: ['look: EXEC sys.sp_helpdistributor', 'name that server as distributor in the plan'],
  },
  {
    numbers: [21007, 21768, 18482, 18483, 18456],
    code: 'distributor-refuses',
    error: 'database.agent',
    what: 'publisher and distributor do not reach each other, or not with this password',
    next: [
      'both must know each other by their own names (@@SERVERNAME), from both sides',
      'where the distributor is used by others: register the publisher with its password: EXEC sys.sp_adddistributor',
    ],
  },
  {
    numbers: [21105, 21106, 21041],
    code: 'edition',
    error: 'database.blocked',
    what: 'this edition or version of SQL Server cannot publish or distribute here',
    next: ['take another lane: change-tracking or log-shipping'],
  },
  {
    numbers: [14010],
    code: 'subscriber-unknown',
    error: 'database.agent',
    what: 'the publisher does not know the subscriber by its own name',
    next: ['the name in replication is @@SERVERNAME of the subscriber; it must resolve at the publisher'],
  },
  {
    numbers: [14088, 21395, 14028, 13570],
    code: 'not-publishable',
    error: 'database.drift',
    what: 'a table cannot be an article; it has changed since the assessment',
    next: ['assess again: landfall database assess'],
  },
  {
    numbers: [21074, 21011],
    code: 'expired',
    error: 'database.retention',
    what: 'the subscription was set inactive: it fell behind the retention of the distributor',
    next: [
      'tear down and seed again: landfall database teardown, then seed',
      'a longer max_distretention at the distributor',
    ],
  },
  {
    numbers: [21033, 14121, 14120],
    code: 'used-by-others',
    error: 'database.foreign-object',
    what: 'the distributor serves others besides landfall: it stays',
    next: ['look: EXEC sys.sp_helpdistpublisher at the distributor'],
  },
  {
    numbers: [1222],
    code: 'table-locked',
    error: 'database.in-use',
    what: 'somebody holds the table longer than the plan lets landfall wait for it',
    next: [
      'look who: SELECT * FROM sys.dm_exec_requests WHERE blocking_session_id <> 0',
      'run the same command again, or raise production.lock_timeout in the plan',
    ],
  },
  {
    numbers: [18752],
    code: 'second-log-reader',
    error: 'database.agent',
    what: 'somebody else reads the log of the database as a log reader does',
    next: ['end the other session (sp_replcmds, sp_repltrans, sp_replshowcmds), or run sp_replflush in it'],
  },
];

/** What a number means in set-up and teardown, or undefined. */
export const setUpFault = (number: number): SetUpFault | undefined =>
  SET_UP_FAULTS.find(({ numbers }) => numbers.includes(number));

/** The error with its cause said, where one of its numbers tells. The texts of the server stay as evidence. */
export function explained(error: LandfallError): LandfallError {
  if (error.code !== 'sql.failed') return error;
  const fault = numbersOf(error)
    .map(setUpFault)
    .find(each => each !== undefined);
  if (fault === undefined) return error;
  return new LandfallError(fault.error, {
    ...error.facts,
    what: `${error.facts.what.replace(/: the .* refused it$/, '')}: ${fault.what}`,
    next: [...fault.next, ...error.facts.next],
    cause: error.facts.cause,
  });
}
