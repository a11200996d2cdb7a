import { harmless } from '../../foundation/text.ts';
import type { ReplicationTrouble } from '../../journal/database-facts.ts';

/** Errors of replication's agents while they run, and what to do (facts: mssql 3.6). Set-up has a table of its own. */

interface Known {
  readonly code: string;
  readonly severity: ReplicationTrouble['severity'];
  readonly what: string;
  readonly remedy: string;
}

const RECONCILE =
  'compare the table and repair the rows from production: landfall database reconcile, with --table for this one alone';

const differs = (code: string, what: string): Known => ({
  code,
  severity: 'blocker',
  what,
  remedy: `${RECONCILE}; then start the distribution agent again`,
});

const passing = (code: string, what: string): Known => ({
  code,
  severity: 'warning',
  what,
  remedy: 'the agent tries again by itself; where it stays, look who holds the locks: sys.dm_exec_requests',
});

const login = (what: string): Known => ({
  code: 'agent-login',
  severity: 'blocker',
  what,
  remedy:
    'make the login of the agents again, or correct agents: of the plan; then EXEC sp_changelogreader_agent or sp_changesubscriber with the password, and start the agent',
});

const inactive: Known = {
  code: 'subscription-expired',
  severity: 'blocker',
  what: 'the subscription was switched off: it stayed behind for longer than the distributor keeps commands',
  remedy: 'the copy has to be seeded again: landfall database seed',
};

const full: Known = {
  code: 'distribution-full',
  severity: 'blocker',
  what: 'the distributor has no more room: nothing leaves production, and its log grows',
  remedy:
    'make room on the volume of the distribution database or let its files grow: ALTER DATABASE [distribution] MODIFY FILE (…, MAXSIZE = …); then start the log reader',
};

const restored: Known = {
  code: 'log-position-lost',
  severity: 'blocker',
  what: 'production and the distributor do not agree how far the log was read: one of them was restored',
  remedy:
    'do not run sp_replrestart before the rows were compared; landfall database validate tells what differs, landfall database teardown and seed begin anew',
};

const seed: Known = {
  code: 'seed-refused',
  severity: 'blocker',
  what: 'the subscription does not begin where the seed ended',
  remedy: 'run landfall database seed again: it takes a new point to begin from',
};

const KNOWN: Readonly<Record<number, Known>> = {
  20598: differs('row-missing', 'a row that production changed is not at the copy'),
  2627: differs('duplicate-key', 'a row that production inserted is at the copy already'),
  2601: differs(
    'duplicate-key',
    'a row that production inserted collides with another row of a unique index at the copy',
  ),
  547: {
    code: 'constraint-at-copy',
    severity: 'blocker',
    what: 'a foreign key or check at the copy refuses what production has',
    remedy:
      'disable the constraint at the copy until the hand-over: ALTER TABLE … NOCHECK CONSTRAINT …; landfall holds all of them when it reconciles',
  },
  544: {
    code: 'identity-at-copy',
    severity: 'blocker',
    what: 'an identity column of the copy does not take the value of production',
    remedy:
      'at the copy: EXEC sys.sp_identitycolumnforreplication @object_id = OBJECT_ID(…), @value = 1, then start the distribution agent',
  },
  545: {
    code: 'trigger-at-copy',
    severity: 'blocker',
    what: 'a trigger at the copy inserts into a table with an identity column while the agent works',
    remedy: 'disable the trigger at the copy until the hand-over: DISABLE TRIGGER … ON …',
  },
  273: {
    code: 'rowversion-at-copy',
    severity: 'blocker',
    what: 'the agent writes into a rowversion column of the copy',
    remedy: 'the article needs schema option 0x08: tear the publication down and seed again',
  },
  2812: {
    code: 'procedures-missing',
    severity: 'blocker',
    what: 'procedures by which rows are applied are not at the copy',
    remedy:
      'on production: EXEC sp_scriptpublicationcustomprocs @publication = …, and run what it prints at the copy; the login of the log reader has to be sysadmin',
  },
  8144: differs('schema-differs', 'a table of the copy has other columns than the one of production'),
  201: differs('schema-differs', 'a table of the copy has other columns than the one of production'),
  1205: passing('deadlock', 'the agent was the victim of a deadlock'),
  1222: passing('lock-timeout', 'the agent waited too long for a lock'),
  [-2]: passing('agent-timeout', 'a statement of the agent took too long'),
  258: passing('agent-timeout', 'a statement of the agent took too long'),
  10054: passing('connection-lost', 'the agent lost its connection'),
  10060: passing('connection-lost', 'the agent does not reach a server'),
  53: passing('connection-lost', 'the agent does not reach a server'),
  18752: {
    code: 'second-log-reader',
    severity: 'blocker',
    what: "another session holds the place of the log reader in production's log",
    remedy:
      'find it: SELECT session_id, program_name FROM sys.dm_exec_sessions WHERE database_id = DB_ID(…); EXEC sp_replflush in that session, or close it',
  },
  18768: restored,
  18846: restored,
  18456: login('a server does not let the agent in'),
  18452: login('a server does not take the agent from its domain'),
  14151: login('the agent failed; the server says nothing more'),
  229: {
    code: 'agent-permission',
    severity: 'blocker',
    what: 'the login of the agent lacks a permission',
    remedy:
      'make it db_owner of the copy and of the distribution database; the log reader needs sysadmin on production',
  },
  21074: inactive,
  21011: inactive,
  1105: full,
  9002: {
    ...full,
    code: 'log-full',
    what: 'a transaction log has no more room: what writes there stands still',
    remedy:
      'see whose it is in the text, and give it room: ALTER DATABASE … MODIFY FILE (…, MAXSIZE = …), or BACKUP LOG; where it is production, teardown the publication first',
  },
  18786: seed,
  21397: seed,
  21398: seed,
  21399: seed,
  21407: seed,
  21408: seed,
  20574: differs('validation-failed', 'the validation of SQL Server found rows that differ'),
  20524: differs('validation-failed', 'the validation of SQL Server found another number of rows'),
  20525: differs('validation-failed', 'the validation of SQL Server found rows that differ'),
};

/** What an error of an agent means, and its remedy; what is not known is told in the server's own words. */
export function classify(number: number, text: string): Omit<ReplicationTrouble, 'at'> {
  const said = harmless(text);
  const known = KNOWN[number] ?? {
    code: 'agent-error',
    severity: 'warning',
    what: 'an agent met an error that landfall does not know',
    remedy: 'read its text; the history of the agent in the distribution database says what it did before',
  };
  const { code, severity, what, remedy } = known;
  return { code, number, severity, what, remedy, evidence: [`${number}: ${said}`] };
}

/** Rows differ: the trouble stays until they were compared, although the agent may have gone on. */
export const isOfData = (number: number): boolean =>
  number === 20598 ||
  number === 2627 ||
  number === 2601 ||
  number === 20574 ||
  number === 20525 ||
  number === 20524;
