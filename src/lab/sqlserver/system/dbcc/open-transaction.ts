import { SqlError } from '../../errors.ts';
import type { Execution } from '../../flow/execution.ts';
import type { Database } from '../../server/instance.ts';
import type { Lsn, Transaction } from '../../storage/store.ts';
import { convertValue, datetimeAt } from '../../values/index.ts';
import { DATETIME, varchar } from '../../values/types.ts';
import { nameOf } from '../statement-values.ts';
import { completed, type DbccCommand, inform, NOTHING, resultColumns, table } from './command.ts';

/** DBCC OPENTRAN [(database)] [WITH TABLERESULTS]: the oldest transaction that has written, and how far replication is. */
export const openTransaction: DbccCommand = (statement, execution) => {
  const database = databaseOf(execution, statement.arguments[0]);
  const oldest = database.store?.log.oldestActive();
  const replicated = database.options.published ? replication(database) : undefined;
  const inTable = statement.options.includes('TABLERESULTS');
  const result = inTable
    ? table(resultColumns(['', 'nvarchar(25)'], ['', 'nvarchar(256)']), [
        ...(oldest === undefined ? [] : oldestRows(execution, oldest)),
        ...(replicated === undefined
          ? []
          : [
              ['REPL_DIST_OLD_LSN', lsnText(replicated.distributed)],
              ['REPL_NONDIST_OLD_LSN', lsnText(replicated.waiting)],
            ]),
      ])
    : NOTHING;
  if (!inTable) {
    if (oldest === undefined && replicated === undefined)
      inform(statement, execution, 7969, 'No active open transactions.');
    else {
      inform(statement, execution, 7968, `Transaction information for database '${database.name}'.`);
      if (oldest !== undefined)
        inform(
          statement,
          execution,
          7970,
          ['Oldest active transaction:', ...oldestRows(execution, oldest).map(line)].join('\n'),
        );
      if (replicated !== undefined)
        inform(
          statement,
          execution,
          7971,
          [
            'Replicated Transaction Information:',
            `        Oldest distributed LSN     : ${lsnText(replicated.distributed)}`,
            `        Oldest non-distributed LSN : ${lsnText(replicated.waiting)}`,
          ].join('\n'),
        );
    }
  }
  completed(statement, execution);
  return result;
};

const LABELS: Readonly<Record<string, string>> = {
  OLDACT_SPID: 'SPID (server process ID): ',
  OLDACT_UID: 'UID (user ID) : ',
  OLDACT_NAME: 'Name          : ',
  OLDACT_LSN: 'LSN           : ',
  OLDACT_STARTTIME: 'Start time    : ',
  OLDACT_SID: 'SID           : ',
};

const line = ([name = '', value = '']: readonly string[]): string => `    ${LABELS[name] ?? ''}${value}`;

function oldestRows(execution: Execution, oldest: Transaction): readonly (readonly string[])[] {
  const session = execution.instance.sessions.get(oldest.session);
  const explicit = (session?.openTransactions ?? 0) > 0;
  const sid = session && execution.instance.principals.find(session.login)?.sid;
  const start = convertValue(datetimeAt(oldest.begun), DATETIME, varchar(30), 109);
  return [
    ['OLDACT_SPID', String(oldest.session)],
    ['OLDACT_UID', '-1'],
    ['OLDACT_NAME', explicit ? 'user_transaction' : 'implicit_transaction'],
    ['OLDACT_LSN', lsnText(oldest.beginLsn ?? 0n)],
    ['OLDACT_STARTTIME', String(start)],
    ['OLDACT_SID', `0x${Buffer.from(sid ?? Uint8Array.of(1)).toString('hex')}`],
  ];
}

/** LSN of what was delivered last and of what waits longest; 0 where nothing does. */
function replication(database: Database): { readonly distributed: Lsn; readonly waiting: Lsn } {
  const log = database.store?.log;
  const distributed = log?.distributedUpTo ?? 0n;
  const [waiting] = log?.captured(distributed, 1) ?? [];
  return { distributed, waiting: waiting?.lsn ?? 0n };
}

/** `(vlf:block:slot)` in decimal. */
export const lsnText = (lsn: Lsn): string =>
  `(${lsn >> 48n}:${(lsn >> 16n) & 0xffff_ffffn}:${lsn & 0xffffn})`;

type Argument = Parameters<typeof nameOf>[1];

/** A database by name or id; 0 and nothing are the current one. */
export function databaseOf(execution: Execution, argument: Argument | undefined): Database {
  const text = argument === undefined ? '' : (nameOf(execution, argument) ?? '');
  if (text === '' || text === '0') return execution.scope.database;
  const databases = [...execution.instance.databases.values()];
  const found = databases.find(
    each => each.name.toLowerCase() === text.toLowerCase() || String(each.id) === text,
  );
  if (found !== undefined) return found;
  if (/^\d+$/.test(text))
    throw new SqlError(
      2520,
      `Could not find database ID ${text}. The database ID either does not exist, or the database was dropped before a statement tried to use it. Verify if the database ID exists by querying the sys.databases catalog view.`,
    );
  throw new SqlError(
    2520,
    `Could not find database '${text}'. The database either does not exist, or was dropped before a statement tried to use it. Verify if the database exists by querying the sys.databases catalog view.`,
  );
}
