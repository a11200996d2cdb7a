import type { Instance } from '../server/instance.ts';
import { keep, readKept } from './kept.ts';

/** Number, severity and text of the messages the double raises, with SQL Server's own place holders: sys.messages, FORMATMESSAGE. */
export const MESSAGES: readonly (readonly [number, number, string])[] = [
  [102, 15, "Incorrect syntax near '%.*ls'."],
  [105, 15, "Unclosed quotation mark after the character string '%.*ls'."],
  [107, 15, "The column prefix '%.*ls' does not match with a table name or alias name used in the query."],
  [
    109,
    15,
    'There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.',
  ],
  [
    110,
    15,
    'There are fewer columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.',
  ],
  [111, 15, "'%ls' must be the first statement in a query batch."],
  [
    120,
    15,
    'The select list for the INSERT statement contains fewer items than the insert list. The number of SELECT values must match the number of INSERT columns.',
  ],
  [
    121,
    15,
    'The select list for the INSERT statement contains more items than the insert list. The number of SELECT values must match the number of INSERT columns.',
  ],
  [137, 15, 'Must declare the scalar variable "%.*ls".'],
  [156, 15, "Incorrect syntax near the keyword '%.*ls'."],
  [195, 15, "'%.*ls' is not a recognized %S_MSG."],
  [201, 16, "Procedure or function '%.*ls' expects parameter '%.*ls', which was not supplied."],
  [206, 16, 'Operand type clash: %ls is incompatible with %ls'],
  [207, 16, "Invalid column name '%.*ls'."],
  [208, 16, "Invalid object name '%.*ls'."],
  [209, 16, "Ambiguous column name '%.*ls'."],
  [213, 16, 'Column name or number of supplied values does not match table definition.'],
  [220, 16, 'Arithmetic overflow error for data type %ls, value = %ld.'],
  [226, 16, '%ls statement not allowed within multi-statement transaction.'],
  [229, 14, "The %ls permission was denied on the object '%.*ls', database '%.*ls', schema '%.*ls'."],
  [
    230,
    14,
    "The %ls permission was denied on the column '%.*ls' of the object '%.*ls', database '%.*ls', schema '%.*ls'.",
  ],
  [241, 16, 'Conversion failed when converting date and/or time from character string.'],
  [242, 16, 'The conversion of a %ls data type to a %ls data type resulted in an out-of-range value.'],
  [245, 16, "Conversion failed when converting the %ls value '%.*ls' to data type %ls."],
  [
    257,
    16,
    'Implicit conversion from data type %ls to %ls is not allowed. Use the CONVERT function to run this query.',
  ],
  [262, 14, "%ls permission denied in database '%.*ls'."],
  [
    266,
    16,
    'Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = %ld, current count = %ld.',
  ],
  [
    273,
    16,
    'Cannot insert an explicit value into a timestamp column. Use INSERT with a column list to exclude the timestamp column, or insert a DEFAULT into the timestamp column.',
  ],
  [297, 16, 'The user does not have permission to perform this action.'],
  [300, 14, "%ls permission was denied on object '%.*ls', database '%.*ls'."],
  [
    334,
    16,
    "The target table '%.*ls' of the DML statement cannot have any enabled triggers if the statement contains an OUTPUT clause without INTO clause.",
  ],
  [402, 16, 'The data types %s and %s are incompatible in the %s operator.'],
  [448, 16, "Invalid collation '%.*ls'."],
  [468, 16, 'Cannot resolve the collation conflict between "%.*ls" and "%.*ls" in the %ls operation.'],
  [
    512,
    16,
    'Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.',
  ],
  [
    515,
    16,
    "Cannot insert the value NULL into column '%.*ls', table '%.*ls'; column does not allow nulls. %ls fails.",
  ],
  [529, 16, 'Explicit conversion from data type %ls to %ls is not allowed.'],
  [
    544,
    16,
    "Cannot insert explicit value for identity column in table '%.*ls' when IDENTITY_INSERT is set to OFF.",
  ],
  [
    545,
    16,
    "Explicit value must be specified for identity column in table '%.*ls' either when IDENTITY_INSERT is set to ON or when a replication user is inserting into a NOT FOR REPLICATION identity column.",
  ],
  [
    547,
    16,
    'The %ls statement conflicted with the %ls constraint "%.*ls". The conflict occurred in database "%.*ls", table "%.*ls"%ls%.*ls%ls.',
  ],
  [701, 17, "There is insufficient system memory in resource pool '%ls' to run this query."],
  [911, 16, "Database '%.*ls' does not exist. Make sure that the name is entered correctly."],
  [
    916,
    14,
    'The server principal "%.*ls" is not able to access the database "%.*ls" under the current security context.',
  ],
  [924, 14, "Database '%.*ls' is already open and can only have one user at a time."],
  [927, 14, "Database '%.*ls' cannot be opened. It is in the middle of a restore."],
  [942, 14, "Database '%.*ls' cannot be opened because it is offline."],
  [
    1205,
    13,
    'Transaction (Process ID %d) was deadlocked on %.*ls resources with another process and has been chosen as the deadlock victim. Rerun the transaction.',
  ],
  [1222, 16, 'Lock request time out period exceeded.'],
  [
    1505,
    16,
    "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '%.*ls' and the index name '%.*ls'. The duplicate key value is %ls.",
  ],
  [
    1785,
    16,
    "Introducing FOREIGN KEY constraint '%.*ls' on table '%.*ls' may cause cycles or multiple cascade paths. Specify ON DELETE NO ACTION or ON UPDATE NO ACTION, or modify other FOREIGN KEY constraints.",
  ],
  [1801, 16, "Database '%.*ls' already exists. Choose a different database name."],
  [2526, 16, 'Incorrect DBCC statement. Check the documentation for the correct DBCC syntax and options.'],
  [2528, 10, 'DBCC execution completed. If DBCC printed error messages, contact your system administrator.'],
  [
    2601,
    14,
    "Cannot insert duplicate key row in object '%.*ls' with unique index '%.*ls'. The duplicate key value is %ls.",
  ],
  [
    2627,
    14,
    "Violation of %ls constraint '%.*ls'. Cannot insert duplicate key in object '%.*ls'. The duplicate key value is %ls.",
  ],
  [
    2628,
    16,
    "String or binary data would be truncated in table '%.*ls', column '%.*ls'. Truncated value: '%.*ls'.",
  ],
  [2714, 16, "There is already an object named '%.*ls' in the database."],
  [2715, 16, 'Column, parameter, or variable #%d: Cannot find data type %.*ls.'],
  [2812, 16, "Could not find stored procedure '%.*ls'."],
  [3101, 16, 'Exclusive access could not be obtained because the database is in use.'],
  [
    3169,
    16,
    'The database was backed up on a server running version %ls. That version is incompatible with this server, which is running version %ls. Either restore the database on a server that supports the backup, or use a backup that is compatible with this server.',
  ],
  [3211, 10, '%d percent processed.'],
  [3609, 16, 'The transaction ended in the trigger. The batch has been aborted.'],
  [3701, 11, "Cannot %S_MSG the %S_MSG '%.*ls', because it does not exist or you do not have permission."],
  [3702, 16, 'Cannot drop the %S_MSG "%.*ls" because it is currently in use.'],
  [3724, 16, "Cannot %S_MSG the %S_MSG '%.*ls' because it is being used for replication."],
  [3726, 16, "Could not drop object '%.*ls' because it is referenced by a FOREIGN KEY constraint."],
  [3902, 16, 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.'],
  [3903, 16, 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.'],
  [
    3960,
    16,
    "Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access table '%.*ls' directly or indirectly in database '%.*ls' to update, delete, or insert the row that has been modified or deleted by another transaction. Retry the transaction or change the isolation level for the update/delete statement.",
  ],
  [4060, 11, 'Cannot open database "%.*ls" requested by the login. The login failed.'],
  [
    4711,
    16,
    "Cannot truncate table '%.*ls' because it is published for replication or enabled for Change Data Capture.",
  ],
  [4712, 16, "Cannot truncate table '%.*ls' because it is being referenced by a FOREIGN KEY constraint."],
  [5701, 10, "Changed database context to '%.*ls'."],
  [5703, 10, 'Changed language setting to %.*ls.'],
  [5808, 16, 'Ad hoc update to system catalogs is not supported.'],
  [6106, 16, 'Process ID %d is not an active process ID.'],
  [6107, 14, 'Only user processes can be killed.'],
  [
    7139,
    16,
    'Length of LOB data (%I64d) to be replicated exceeds configured maximum %ld. Use the stored procedure sp_configure to increase the configured maximum value for max text repl size option, which defaults to 65536. A configured value of -1 indicates no limit, other that the limit imposed by the data type.',
  ],
  [
    8101,
    16,
    "An explicit value for the identity column in table '%.*ls' can only be specified when a column list is used and IDENTITY_INSERT is ON.",
  ],
  [8114, 16, 'Error converting data type %ls to %ls.'],
  [8115, 16, 'Arithmetic overflow error converting %ls to data type %ls.'],
  [8134, 16, 'Divide by zero error encountered.'],
  [8144, 16, 'Procedure or function %.*ls has too many arguments specified.'],
  [8145, 16, '%.*ls is not a parameter for procedure %.*ls.'],
  [8146, 16, 'Procedure %.*ls has no parameters and arguments were supplied.'],
  [8152, 16, 'String or binary data would be truncated.'],
  [
    8672,
    16,
    'The MERGE statement attempted to UPDATE or DELETE the same row more than once. This happens when a target row matches more than one source row. A MERGE statement cannot UPDATE/DELETE the same row of the target table multiple times. Refine the ON clause to ensure a target row matches at most one source row, or use the GROUP BY clause to group the source rows.',
  ],
  [14013, 16, 'This database is not enabled for publication.'],
  [14016, 16, "The publication '%s' already exists."],
  [14151, 18, 'Replication-%s: agent %s failed. %s'],
  [14234, 16, "The specified '%s' is invalid (valid values are returned by %s)."],
  [14261, 16, "The specified %s ('%s') already exists."],
  [14262, 16, "The specified %s ('%s') does not exist."],
  [14294, 16, 'Supply either %s or %s to identify the job.'],
  [15002, 16, "The procedure '%s' cannot be executed within a transaction."],
  [15007, 16, "'%s' is not a valid login or you do not have permission."],
  [15009, 16, "The object '%s' does not exist in database '%s' or is invalid for this operation."],
  [
    15010,
    16,
    "The database '%s' does not exist. Supply a valid database name. To see available databases, use sys.databases.",
  ],
  [15015, 16, "The server '%s' does not exist. Use sp_helpserver to show available servers."],
  [15023, 16, "User, group, or role '%s' already exists in the current database."],
  [15025, 16, "The server principal '%s' already exists."],
  [15028, 16, "The server '%s' already exists."],
  [15123, 16, "The configuration option '%s' does not exist, or it may be an advanced option."],
  [15124, 16, "The configuration option '%s' is not unique."],
  [15129, 16, "'%d' is not a valid value for configuration option '%s'."],
  [15151, 16, "Cannot %S_MSG the %S_MSG '%.*ls', because it does not exist or you do not have permission."],
  [15233, 16, "Property cannot be added. Property '%.*ls' already exists for '%.*ls'."],
  [15247, 16, 'User does not have permission to perform this action.'],
  [
    15281,
    16,
    "SQL Server blocked access to %S_MSG '%ls' of component '%.*ls' because this component is turned off as part of the security configuration for this server. A system administrator can enable the use of '%.*ls' by using sp_configure. For more information about enabling '%.*ls', search for '%.*ls' in SQL Server Books Online.",
  ],
  [15433, 16, 'Supplied parameter sid is in use.'],
  [15457, 0, "Configuration option '%ls' changed from %ld to %ld. Run the RECONFIGURE statement to install."],
  [
    15517,
    16,
    'Cannot execute as the database principal because the principal "%.*ls" does not exist, this type of principal cannot be impersonated, or you do not have permission.',
  ],
  [18456, 14, "Login failed for user '%.*ls'.%.*ls"],
  [
    18752,
    16,
    'Only one log reader agent or log-related procedure (sp_repldone, sp_replcmds, and sp_replshowcmds) can connect to a database at a time. If you executed a log-related procedure, drop the connection over which the procedure was executed or execute sp_replflush over that connection before starting the log reader agent or executing another log-related procedure.',
  ],
  [
    20524,
    10,
    "Table '%s' may be out of synchronization. Rowcounts (actual: %s, expected: %s). Rowcount method %d used (0 = Full, 1 = Fast).",
  ],
  [
    20525,
    10,
    "Table '%s' might be out of synchronization. Rowcounts (actual: %s, expected %s). Checksum values  (actual: %s, expected: %s).",
  ],
  [20526, 10, "Table '%s' passed rowcount (%s) validation. Rowcount method %d used (0 = Full, 1 = Fast)."],
  [
    20527,
    10,
    "Table '%s' passed rowcount (%s) and checksum validation. Checksum is not compared for any text or image columns.",
  ],
  [
    20598,
    16,
    "The row was not found at the Subscriber when applying the replicated %S_MSG command for Table '%s' with Primary Key(s): %s",
  ],
  [22022, 16, 'SQLServerAgent Error: %s'],
  [40517, 16, 'The SQL Server double does not know %.*ls.'],
];

const BY_NUMBER = new Map(MESSAGES.map(([id, severity, text]) => [id, { severity, text }]));

export interface UserMessage {
  readonly id: number;
  readonly severity: number;
  readonly text: string;
  readonly logged: boolean;
}

const FILE = 'messages';

const added = new WeakMap<Instance, ReadonlyMap<number, UserMessage>>();

/** What sp_addmessage added to this server, kept over a restart. */
export function userMessages(instance: Instance): ReadonlyMap<number, UserMessage> {
  let found = added.get(instance);
  if (found === undefined) {
    found = new Map(readKept<UserMessage>(instance, FILE).map(each => [each.id, each]));
    added.set(instance, found);
  }
  return found;
}

export function setUserMessages(instance: Instance, messages: ReadonlyMap<number, UserMessage>): void {
  added.set(instance, messages);
  keep(instance, FILE, messages.values());
}

/** A message of the system or one's own, for FORMATMESSAGE and RAISERROR; undefined where there is none. */
export const findMessage = (
  instance: Instance,
  id: number,
): { readonly severity: number; readonly text: string } | undefined =>
  BY_NUMBER.get(id) ?? userMessages(instance).get(id);
