import type { ErrorCode } from '../../foundation/errors.ts';

/** What SQL Server's number means, and what to do, where that is the same whatever the statement was. */
export interface Reason {
  readonly code: ErrorCode;
  /** Goes after `<statement>: `; `{server}` is its label. */
  readonly what: string;
  readonly why?: string;
  readonly next: readonly string[];
}

const AGAIN = 'run the same command again: it goes on where it stopped';

const offline = (what: string, next: string): Reason => ({
  code: 'database.blocked',
  what,
  next: [next, AGAIN],
});

const full = (what: string, next: readonly string[]): Reason => ({ code: 'database.space', what, next });

const STATES = 'SELECT name, state_desc, user_access_desc FROM sys.databases';

const REASONS: ReadonlyMap<number, Reason> = new Map<number, Reason>([
  [
    942,
    offline('a database that it needs is offline on the {server}', `${STATES}; ALTER DATABASE … SET ONLINE`),
  ],
  [
    927,
    offline(
      'a database that it needs is being restored on the {server}',
      'RESTORE DATABASE … WITH RECOVERY ends a restore that was left open; a database that log backups are shipped to stays so',
    ),
  ],
  [
    922,
    offline('a database that it needs is recovering on the {server}', `wait until it is ONLINE: ${STATES}`),
  ],
  [
    924,
    offline(
      'somebody else holds the database alone on the {server} (single user)',
      'SELECT session_id, login_name FROM sys.dm_exec_sessions; ALTER DATABASE … SET MULTI_USER',
    ),
  ],
  [
    945,
    offline(
      'files of the database cannot be opened on the {server}',
      'look into its error log: EXEC sp_readerrorlog',
    ),
  ],
  [926, offline('the database is suspect on the {server}', 'DBCC CHECKDB, and a backup to restore')],
  [911, offline('there is no such database on the {server}', STATES)],
  [3906, offline('the database is read-only on the {server}', 'ALTER DATABASE … SET READ_WRITE')],
  [
    976,
    offline(
      'the database is a secondary of an availability group on the {server}',
      'connect to the primary: the listener, or SELECT * FROM sys.dm_hadr_availability_group_states',
    ),
  ],
  [
    9002,
    full('the log of the database is full on the {server}', [
      'what holds it? SELECT name, log_reuse_wait_desc FROM sys.databases',
      'LOG_BACKUP: make a log backup; REPLICATION: the Log Reader stands still; ACTIVE_TRANSACTION: DBCC OPENTRAN',
      'or give its file more room: ALTER DATABASE … MODIFY FILE',
    ]),
  ],
  [
    1105,
    full('a filegroup is full on the {server}', [
      'make room on the disk, or ALTER DATABASE … ADD FILE',
      AGAIN,
    ]),
  ],
  [
    1101,
    full('a filegroup is full on the {server}', [
      'make room on the disk, or ALTER DATABASE … ADD FILE',
      AGAIN,
    ]),
  ],
  [5149, full('the disk of a file is full on the {server}', ['make room on the disk', AGAIN])],
  [
    1222,
    {
      code: 'sql.failed',
      what: 'somebody holds a lock on the {server}, and landfall does not wait longer: production goes first',
      next: [
        'who? SELECT blocking_session_id, wait_resource FROM sys.dm_exec_requests WHERE blocking_session_id <> 0',
        'again when less is going on; production.lock_timeout in the plan says how long it waits',
      ],
    },
  ],
  [
    1205,
    {
      code: 'sql.failed',
      what: 'it met a deadlock on the {server} and was chosen to give way',
      next: [AGAIN],
    },
  ],
  [
    6005,
    {
      code: 'sql.connection-lost',
      what: 'the {server} is shutting down',
      why: 'whether the statement took effect is asked again before it is repeated',
      next: ['wait until it is up again', AGAIN],
    },
  ],
  [
    596,
    {
      code: 'sql.connection-lost',
      what: 'somebody ended the session on the {server} (KILL)',
      why: 'whether the statement took effect is asked again before it is repeated',
      next: ['tell the DBA that sessions of landfall are expected', AGAIN],
    },
  ],
  [
    3201,
    {
      code: 'sql.failed',
      what: 'the {server} cannot open the backup file',
      next: [
        'the path is the server’s own, and its service account needs to read or write there; for a share: the computer’s account',
      ],
    },
  ],
  [
    15281,
    {
      code: 'sql.failed',
      what: 'a component is switched off on the {server}',
      next: ['EXEC sp_configure names it; Agent XPs are switched on by starting SQL Server Agent'],
    },
  ],
]);

/** Of the first number that says it all; undefined where none does. */
export const reasonFor = (numbers: readonly number[]): Reason | undefined =>
  numbers.map(number => REASONS.get(number)).find(reason => reason !== undefined);
