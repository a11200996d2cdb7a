import { CHAIN } from '../backup/chain.ts';
import { SqlError, unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { AdministrativeStatement, Option } from '../syntax/administration.ts';
import { changeTrackingOption } from './change-tracking-option.ts';
import { findDatabase, serverOf } from './database-names.ts';
import type { ServerDatabase } from './database-state.ts';
import { clearDatabase, othersIn, type Termination, terminationOf } from './database-users.ts';
import { requireOnline } from './online.ts';
import { optionText } from './option-text.ts';
import { PLAIN_OPTIONS, plainOption } from './plain-options.ts';

type AlterDatabase = Extract<AdministrativeStatement, { statement: 'alter-database' }>;

/** @throws SqlError 911, 5011, 5069 and what comes before it */
export async function alterDatabase(statement: AlterDatabase, execution: Execution): Promise<void> {
  const name = statement.name ?? execution.scope.database.name;
  const database = findDatabase(execution, name);
  if (!database)
    throw failed(
      new SqlError(
        5011,
        `User does not have permission to alter database '${name}', the database does not exist, or the database is not in a state that allows access checks.`,
        { severity: 14, state: 5 },
      ),
    );
  if (statement.collation !== undefined) throw unsupported('ALTER DATABASE … COLLATE', statement.line);
  if (statement.modifyName !== undefined) {
    rename(database, statement.modifyName, execution);
    return;
  }
  if (database.snapshotOf)
    throw failed(new SqlError(5093, 'The operation cannot be performed on a database snapshot.'));
  const termination = terminationOf(statement.termination);
  for (const option of statement.set ?? []) await setOption(database, option, termination, execution);
}

const failed = (before: SqlError): SqlError =>
  new SqlError(5069, 'ALTER DATABASE statement failed.', { preceding: [before] });

/** @throws SqlError 5030, 1801, 5024-like for system databases */
function rename(database: ServerDatabase, name: string, execution: Execution): void {
  if (database.id <= 4)
    throw new SqlError(
      5011,
      `User does not have permission to alter database '${database.name}', the database does not exist, or the database is not in a state that allows access checks.`,
      { severity: 14, state: 5 },
    );
  if (othersIn(database, execution).length > 0)
    throw new SqlError(5030, 'The database could not be exclusively locked to perform the operation.', {
      state: 2,
    });
  serverOf(execution).store.rename(database, name);
  execution.message({ number: 0, text: `The database name '${name}' has been set.` });
}

async function setOption(
  database: ServerDatabase,
  option: Option,
  termination: Termination,
  execution: Execution,
): Promise<void> {
  const { options } = database;
  const value = optionText(option.value)?.toUpperCase();
  const on = (): boolean => onOrOff(option, value);
  const clear = (): Promise<void> => exclusively(database, execution, termination);
  switch (option.name) {
    case 'RECOVERY':
      setRecovery(database, option, value);
      return;
    case 'ALLOW_SNAPSHOT_ISOLATION':
      options.snapshotIsolation = on();
      return;
    case 'READ_COMMITTED_SNAPSHOT': {
      const wanted = on();
      if (wanted !== options.readCommittedSnapshot) await clear();
      options.readCommittedSnapshot = wanted;
      return;
    }
    case 'READ_ONLY':
    case 'READ_WRITE': {
      refuseSystem(database, option.name);
      const wanted = option.name === 'READ_ONLY';
      if (wanted !== options.readOnly) await clear();
      options.readOnly = wanted;
      return;
    }
    case 'SINGLE_USER':
      refuseSystem(database, option.name);
      await clear();
      options.access = 'SINGLE_USER';
      return;
    case 'RESTRICTED_USER':
      refuseSystem(database, option.name);
      if (termination.after !== undefined) await clear();
      options.access = 'RESTRICTED_USER';
      return;
    case 'MULTI_USER':
      if (options.access === 'SINGLE_USER' && othersIn(database, execution).length > 0)
        throw failed(
          new SqlError(
            5064,
            `Changes to the state or options of database '${database.name}' cannot be made at this time. The database is in single-user mode, and a user is currently connected to it.`,
          ),
        );
      options.access = 'MULTI_USER';
      return;
    case 'OFFLINE':
      return setOffline(database, execution, termination);
    case 'ONLINE':
      setOnline(database);
      return;
    case 'COMPATIBILITY_LEVEL':
      setCompatibility(database, value, execution);
      return;
    case 'CHANGE_TRACKING':
      requireOnline(database);
      changeTrackingOption(database, option);
      return;
    case 'TRUSTWORTHY':
      options.trustworthy = on();
      return;
    case 'ENABLE_BROKER':
    case 'NEW_BROKER':
      await clear();
      options.broker = true;
      return;
    case 'DISABLE_BROKER':
    case 'ERROR_BROKER_CONVERSATIONS':
      options.broker = false;
      return;
    default:
      if (!PLAIN_OPTIONS.has(option.name))
        throw unsupported(`ALTER DATABASE … SET ${option.name}`, option.line);
      options.others.set(option.name, plainOption(option));
  }
}

/** @throws SqlError 102 for anything but ON and OFF */
function onOrOff(option: Option, value: string | undefined): boolean {
  if (value === 'ON') return true;
  if (value === 'OFF') return false;
  throw new SqlError(102, `Incorrect syntax near '${value ?? option.name}'.`, {
    severity: 15,
    line: option.line,
    endsBatch: true,
  });
}

/** @throws SqlError 5058 */
function refuseSystem(database: ServerDatabase, option: string): void {
  if (database.id > 4) return;
  throw failed(
    new SqlError(5058, `Option '${option}' cannot be set in database '${database.name}'.`, { state: 5 }),
  );
}

async function exclusively(
  database: ServerDatabase,
  execution: Execution,
  termination: Termination,
): Promise<void> {
  const others = othersIn(database, execution).length;
  await clearDatabase(database, execution, termination);
  if (others > 0 && termination.after !== undefined)
    execution.message({
      number: 5060,
      severity: 0,
      text: 'Nonqualified transactions are being rolled back. Estimated rollback completion: 100%.',
    });
}

function setRecovery(database: ServerDatabase, option: Option, value: string | undefined): void {
  if (value !== 'FULL' && value !== 'SIMPLE' && value !== 'BULK_LOGGED')
    throw new SqlError(102, `Incorrect syntax near '${value ?? option.name}'.`, {
      severity: 15,
      line: option.line,
      endsBatch: true,
    });
  if (database.id === 2)
    throw failed(
      new SqlError(5058, `Option 'RECOVERY' cannot be set in database '${database.name}'.`, { state: 1 }),
    );
  requireOnline(database);
  database.options.recovery = value;
  // A log that nobody may back up is not kept; under FULL it is from the next full backup on.
  if (value === 'SIMPLE') {
    database.store?.log.backups.enable(false);
    database.options.others.delete(CHAIN.log);
  }
}

/** @throws SqlError 15048 */
function setCompatibility(database: ServerDatabase, value: string | undefined, execution: Execution): void {
  const { compatibility, release } = execution.instance.product;
  const lowest = release === 2012 ? 90 : 100;
  const levels: number[] = [];
  for (let level = lowest; level <= compatibility; level += 10) levels.push(level);
  const wanted = Number(value);
  if (!levels.includes(wanted))
    throw new SqlError(
      15048,
      `Valid values of the database compatibility level are ${levels.slice(0, -1).join(', ')}, or ${levels.at(-1)}.`,
      { state: 3 },
    );
  database.options.compatibility = wanted;
}

async function setOffline(
  database: ServerDatabase,
  execution: Execution,
  termination: Termination,
): Promise<void> {
  refuseSystem(database, 'OFFLINE');
  if (execution.scope.database === database)
    throw failed(
      new SqlError(
        5061,
        `ALTER DATABASE failed because a lock could not be placed on database '${database.name}'. Try again later.`,
      ),
    );
  await exclusively(database, execution, termination);
  database.shut();
  database.options.state = 'OFFLINE';
}

function setOnline(database: ServerDatabase): void {
  if (database.options.state === 'RESTORING')
    throw failed(
      new SqlError(5052, 'ALTER DATABASE is not permitted while a database is in the Restoring state.'),
    );
  database.options.state = 'ONLINE';
  database.open();
}
