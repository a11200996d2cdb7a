import { unsupported } from '../../errors.ts';
import type { Execution, StatementResult } from '../../flow/execution.ts';
import { checkIdentity } from './check-identity.ts';
import { checkConstraints, checkDatabase, checkTable } from './checks.ts';
import { type DbccCommand, type DbccStatement, incorrect } from './command.ts';
import { openTransaction } from './open-transaction.ts';
import { requireCommand } from './permission.ts';
import {
  accepted,
  inputBuffer,
  logInfo,
  performance,
  traceOff,
  traceOn,
  traceStatus,
  userOptions,
} from './settings.ts';

const COMMANDS: Readonly<Record<string, DbccCommand>> = {
  CHECKIDENT: checkIdentity,
  OPENTRAN: openTransaction,
  CHECKDB: checkDatabase,
  CHECKTABLE: checkTable,
  CHECKCONSTRAINTS: checkConstraints,
  USEROPTIONS: userOptions,
  TRACEON: traceOn,
  TRACEOFF: traceOff,
  TRACESTATUS: traceStatus,
  SQLPERF: performance,
  INPUTBUFFER: inputBuffer,
  LOGINFO: logInfo,
  DROPCLEANBUFFERS: accepted,
  FREEPROCCACHE: accepted,
  FREESYSTEMCACHE: accepted,
  FREESESSIONCACHE: accepted,
  UPDATEUSAGE: accepted,
};

/** Commands of SQL Server that the double refuses by name. */
const KNOWN = [
  'SHOW_STATISTICS',
  'SHOWCONTIG',
  'SHRINKDATABASE',
  'SHRINKFILE',
  'INDEXDEFRAG',
  'DBREINDEX',
  'CHECKALLOC',
  'CHECKCATALOG',
  'CHECKFILEGROUP',
  'CLEANTABLE',
  'CLONEDATABASE',
  'OUTPUTBUFFER',
  'PROCCACHE',
  'HELP',
];

/** @throws SqlError 2526 for a command that is none */
export async function dbcc(statement: DbccStatement, execution: Execution): Promise<StatementResult> {
  const command = COMMANDS[statement.command];
  if (command !== undefined) {
    requireCommand(statement.command, execution);
    return command(statement, execution);
  }
  if (KNOWN.includes(statement.command)) throw unsupported(`DBCC ${statement.command}`, statement.line);
  throw incorrect();
}
