import { SqlError, unsupported } from '../errors.ts';
import type { SessionOptions } from '../functions/function.ts';
import type { Expression } from '../syntax/expressions.ts';
import { INT, nvarchar } from '../values/types.ts';
import { valueAs } from './expressions.ts';
import type { Runtime } from './runtime.ts';

type Switch = {
  [K in keyof SessionOptions]: SessionOptions[K] extends boolean ? K : never;
}[keyof SessionOptions];

/** Options that are on or off. */
const SWITCHES: Readonly<Record<string, Switch>> = {
  NOCOUNT: 'nocount',
  XACT_ABORT: 'xactAbort',
  ANSI_NULLS: 'ansiNulls',
  ANSI_WARNINGS: 'ansiWarnings',
  ANSI_PADDING: 'ansiPadding',
  ARITHABORT: 'arithAbort',
  CONCAT_NULL_YIELDS_NULL: 'concatNullYieldsNull',
  QUOTED_IDENTIFIER: 'quotedIdentifier',
  NUMERIC_ROUNDABORT: 'numericRoundAbort',
  IMPLICIT_TRANSACTIONS: 'implicitTransactions',
};

/** Switches of the session that change what statements answer, in the one position that the double follows. */
const FOLLOWED: Readonly<Record<string, boolean>> = {
  ANSI_WARNINGS: true,
  ANSI_PADDING: true,
  CONCAT_NULL_YIELDS_NULL: true,
  NUMERIC_ROUNDABORT: false,
  ANSI_DEFAULTS: true,
};

/** Switches that change nothing the double does while they are as a client sets them; the other way they are refused. */
const FIXED: Readonly<Record<string, boolean>> = {
  ANSI_NULL_DFLT_ON: true,
  ANSI_NULL_DFLT_OFF: false,
  CURSOR_CLOSE_ON_COMMIT: false,
  ARITHIGNORE: false,
  FORCEPLAN: false,
  FMTONLY: false,
  NOEXEC: false,
  PARSEONLY: false,
  NO_BROWSETABLE: false,
  REMOTE_PROC_TRANSACTIONS: false,
  'STATISTICS IO': false,
  'STATISTICS TIME': false,
  'STATISTICS PROFILE': false,
  'STATISTICS XML': false,
  SHOWPLAN_ALL: false,
  SHOWPLAN_TEXT: false,
  SHOWPLAN_XML: false,
};

const DATE_FORMATS: ReadonlySet<string> = new Set(['mdy', 'dmy', 'ymd', 'ydm', 'myd', 'dym']);

/** @throws SqlError 195 for an option that is none */
export async function setOptions(
  runtime: Runtime,
  names: readonly string[],
  value: boolean | Expression,
): Promise<void> {
  for (const name of names)
    if (typeof value === 'boolean') setSwitch(runtime, name, value);
    else await setValue(runtime, name, value);
}

function setSwitch({ state }: Runtime, name: string, on: boolean): void {
  if (FOLLOWED[name] === !on) throw unsupported(`SET ${name} ${on ? 'ON' : 'OFF'}`);
  const known = SWITCHES[name];
  if (known) {
    state.options[known] = on;
    return;
  }
  if (name === 'ANSI_DEFAULTS') {
    for (const each of ['ansiNulls', 'ansiPadding', 'ansiWarnings', 'quotedIdentifier'] as const)
      state.options[each] = on;
    state.options.implicitTransactions = on;
    return;
  }
  const fixed = FIXED[name];
  if (fixed === undefined) throw unknown(name);
  // ANSI_NULL_DFLT_OFF ON and the like would change what statements do.
  if (fixed !== on && name !== 'ANSI_NULL_DFLT_ON') throw unsupported(`SET ${name} ${on ? 'ON' : 'OFF'}`);
}

const unknown = (name: string): SqlError =>
  new SqlError(195, `'${name}' is not a recognized SET option.`, { severity: 15, endsBatch: true });

async function setValue(runtime: Runtime, name: string, value: Expression): Promise<void> {
  const { options } = runtime.state;
  switch (name) {
    case 'LOCK_TIMEOUT':
      options.lockTimeout = await integer(runtime, value);
      return;
    case 'TEXTSIZE': {
      const size = await integer(runtime, value);
      if (size >= 0 && size !== 2147483647) throw unsupported(`SET TEXTSIZE ${size}`);
      options.textSize = 2147483647;
      return;
    }
    case 'ROWCOUNT': {
      const count = await integer(runtime, value);
      if (count !== 0) throw unsupported('SET ROWCOUNT other than 0');
      return;
    }
    case 'DATEFIRST': {
      const day = await integer(runtime, value);
      if (day < 1 || day > 7)
        throw new SqlError(2742, `SET DATEFIRST ${day} is out of range.`, { endsBatch: true });
      options.dateFirst = day;
      return;
    }
    case 'DATEFORMAT': {
      const format = (await word(runtime, value)).toLowerCase();
      if (!DATE_FORMATS.has(format))
        throw new SqlError(2741, 'SET DATEFORMAT date order is invalid.', { endsBatch: true });
      if (format !== 'mdy') throw unsupported(`SET DATEFORMAT ${format}`);
      options.dateFormat = format;
      return;
    }
    case 'LANGUAGE': {
      const language = await word(runtime, value);
      if (!/^(us_english|english)$/i.test(language)) throw unsupported(`SET LANGUAGE ${language}`);
      options.language = 'us_english';
      return;
    }
    case 'DEADLOCK_PRIORITY':
      options.deadlockPriority = await priority(runtime, value);
      runtime.state.transaction.deadlockPriority = options.deadlockPriority;
      return;
    case 'CONTEXT_INFO':
      runtime.state.contextInfo = await contextInfo(runtime, value);
      return;
    case 'QUERY_GOVERNOR_COST_LIMIT':
      await integer(runtime, value);
      return;
    default:
      throw unknown(name);
  }
}

const integer = async (runtime: Runtime, value: Expression): Promise<number> =>
  Number((await valueAs(runtime, value, INT)) ?? 0);

/** A bare word or a text. */
async function word(runtime: Runtime, value: Expression): Promise<string> {
  if (value.node === 'column') return value.name.at(-1) ?? '';
  return String((await valueAs(runtime, value, nvarchar(128))) ?? '');
}

async function priority(runtime: Runtime, value: Expression): Promise<number> {
  if (value.node === 'column') {
    const level = { LOW: -5, NORMAL: 0, HIGH: 5 }[(value.name.at(-1) ?? '').toUpperCase()];
    if (level !== undefined) return level;
  }
  const number = await integer(runtime, value);
  if (number < -10 || number > 10)
    throw new SqlError(1070, `The value ${number} is out of range for the SET DEADLOCK_PRIORITY option.`, {
      severity: 15,
      endsBatch: true,
    });
  return number;
}

async function contextInfo(runtime: Runtime, value: Expression): Promise<Uint8Array> {
  const given = await valueAs(runtime, value, { kind: 'varbinary', length: 128 });
  const padded = new Uint8Array(128);
  if (given instanceof Uint8Array) padded.set(given.subarray(0, 128));
  return padded;
}
