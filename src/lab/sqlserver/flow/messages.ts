import { SqlError } from '../errors.ts';
import type { Expression } from '../syntax/expressions.ts';
import type { FlowStatement } from '../syntax/statements.ts';
import { findMessage } from '../system/messages.ts';
import { convertValue } from '../values/index.ts';
import { INT, nvarchar, varchar } from '../values/types.ts';
import { type TypedValue, valueAs, valueNow } from './expressions.ts';
import { ThrownError } from './faults.ts';
import { formatMessage } from './format-message.ts';
import { caughtIn } from './frame.ts';
import { isAdministrator } from './permissions.ts';
import { messageOf, raise } from './raise.ts';
import type { Runtime } from './runtime.ts';

/** PRINT, RAISERROR and THROW. */

export async function print(runtime: Runtime, { type, value }: TypedValue): Promise<void> {
  const { state, frame } = runtime;
  const narrow = type?.kind === 'varchar' || type?.kind === 'char';
  const text = value === null ? '' : convertValue(value, type, narrow ? varchar(8000) : nvarchar(4000));
  state.output.message({
    number: 0,
    state: 1,
    severity: 0,
    text: String(text),
    procedure: frame.procedureName,
    line: frame.line,
    now: false,
  });
  state.rowCount = 0;
  await state.output.ready();
}

/** Number of a message that is given as a text. */
const USER_MESSAGE = 50_000;
/** Numbers below are the server's alone. */
const FIRST_MESSAGE = 13_000;

export async function raiseError(
  runtime: Runtime,
  statement: Extract<FlowStatement, { statement: 'raiserror' }>,
): Promise<void> {
  const { state, frame } = runtime;
  const message = await valueNow(runtime, statement.message);
  const given = await integer(runtime, statement.severity);
  const raisedState = await integer(runtime, statement.state);
  const values: TypedValue[] = [];
  for (const each of statement.arguments) values.push(await valueNow(runtime, each));
  const { number, text, severity: usual } = messageText(runtime, message);
  // A negative severity is the message's own.
  const severity = given < 0 ? usual : given;
  const logged = statement.options.includes('LOG');
  if (severity > 18 && (!logged || !isAdministrator(state)))
    throw new SqlError(
      2754,
      'Error severity levels greater than 18 can only be specified by members of the sysadmin role, using the WITH LOG option.',
    );
  const error = new SqlError(number, formatMessage(text, values), {
    severity: Math.min(Math.max(severity, 0), 25),
    // A negative state is 1; above 255 it is refused.
    state: raisedState < 0 ? 1 : raisedState,
    line: frame.line,
    procedure: frame.procedureName,
  });
  state.rowCount = 0;
  if (error.severity <= 10) {
    state.lastError = statement.options.includes('SETERROR') ? number : 0;
    const now = statement.options.includes('NOWAIT');
    state.output.message({ ...messageOf(error), now });
    return;
  }
  raise(runtime, error, { byStatement: true });
  if (statement.options.includes('NOWAIT')) await state.output.ready();
}

interface RaisedText {
  readonly number: number;
  readonly text: string;
  readonly severity: number;
}

/** @throws SqlError 2732, 18054 for a number that is no message's */
function messageText(runtime: Runtime, { type, value }: TypedValue): RaisedText {
  if (type?.kind !== 'int' && type?.kind !== 'smallint' && type?.kind !== 'tinyint') {
    const text = value === null ? '' : String(convertValue(value, type, nvarchar('max')));
    return { number: USER_MESSAGE, text, severity: 0 };
  }
  const number = Number(value);
  if (number < FIRST_MESSAGE || number === USER_MESSAGE)
    throw new SqlError(
      2732,
      `Error number ${number} is invalid. The number must be from 13000 through 2147483647 and it cannot be 50000.`,
      { endsBatch: true },
    );
  const found = findMessage(runtime.state.instance, number);
  if (found) return { number, ...found };
  throw new SqlError(
    18054,
    `Error ${number}, severity 16, state 1 was raised, but no message with that error number was found in sys.messages. If error is larger than 50000, make sure the user-defined message is added using sp_addmessage.`,
  );
}

async function integer(runtime: Runtime, expression: Expression): Promise<number> {
  return Number((await valueAs(runtime, expression, INT)) ?? 0);
}

export async function throwError(
  runtime: Runtime,
  statement: Extract<FlowStatement, { statement: 'throw' }>,
): Promise<void> {
  const { frame } = runtime;
  if (!statement.error) {
    const caught = caughtIn(frame);
    if (!caught)
      throw new SqlError(
        10704,
        'To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the THROW statement inside a CATCH block, or add error parameters to the THROW statement.',
        { severity: 15, endsBatch: true },
      );
    throw new ThrownError(caught.number, caught.message, {
      severity: caught.severity,
      state: caught.state,
      line: caught.line,
      procedure: caught.procedure ?? '',
      endsBatch: true,
    });
  }
  const number = await integer(runtime, statement.error.number);
  const message = String((await valueAs(runtime, statement.error.message, nvarchar(2048))) ?? '');
  const state = await integer(runtime, statement.error.state);
  if (number < 50_000)
    throw new SqlError(
      35100,
      `Error number ${number} in the THROW statement is outside the valid range. Specify an error number in the valid range of 50000 to 2147483647.`,
      { state: 10, endsBatch: true },
    );
  throw new ThrownError(number, message, {
    state,
    line: frame.line,
    procedure: frame.procedureName,
    endsBatch: true,
  });
}
