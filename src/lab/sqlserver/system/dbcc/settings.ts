import { SqlError } from '../../errors.ts';
import type { Execution } from '../../flow/execution.ts';
import type { Instance } from '../../server/instance.ts';
import type { Value } from '../../values/types.ts';
import { computed, nameOf } from '../statement-values.ts';
import { logSize, usedLog } from '../views/transactions.ts';
import { completed, type DbccCommand, incorrect, NOTHING, resultColumns, table } from './command.ts';

/** DBCC USEROPTIONS: what is on in this session. */
export const userOptions: DbccCommand = (statement, execution) => {
  const { options } = execution.evaluation.session;
  const isolation =
    options.isolation === 'read-committed' && execution.scope.database.options.readCommittedSnapshot
      ? 'read committed snapshot'
      : options.isolation.replace('-', ' ');
  const set: readonly (readonly [string, string | boolean])[] = [
    ['textsize', String(options.textSize)],
    ['language', options.language],
    ['dateformat', options.dateFormat],
    ['datefirst', String(options.dateFirst)],
    ['lock_timeout', String(options.lockTimeout)],
    ['quoted_identifier', options.quotedIdentifier],
    ['arithabort', options.arithAbort],
    ['nocount', options.nocount],
    ['xact_abort', options.xactAbort],
    ['ansi_null_dflt_on', true],
    ['ansi_warnings', options.ansiWarnings],
    ['ansi_padding', options.ansiPadding],
    ['ansi_nulls', options.ansiNulls],
    ['concat_null_yields_null', options.concatNullYieldsNull],
    ['implicit_transactions', options.implicitTransactions],
    ['isolation level', isolation],
  ];
  completed(statement, execution);
  return table(
    resultColumns(['Set Option', 'nvarchar(128)'], ['Value', 'nvarchar(128)']),
    set
      .filter(([, value]) => value !== false)
      .map(([name, value]) => [name, value === true ? 'SET' : String(value)]),
  );
};

/** Trace flags by number; those that are on for all sessions. The double knows none of them, it only keeps them. */
const flags = new WeakMap<
  Instance,
  { readonly global: Set<number>; readonly sessions: Map<number, Set<number>> }
>();

function flagsOf({ instance, evaluation }: Execution) {
  let found = flags.get(instance);
  if (found === undefined) {
    found = { global: new Set(), sessions: new Map() };
    flags.set(instance, found);
  }
  let session = found.sessions.get(evaluation.session.id);
  if (session === undefined) {
    session = new Set();
    found.sessions.set(evaluation.session.id, session);
  }
  return { global: found.global, session };
}

const numbers = (statement: Parameters<DbccCommand>[0], execution: Execution): readonly number[] =>
  statement.arguments.map(argument => Number(computed(execution, argument).value));

const trace =
  (on: boolean): DbccCommand =>
  (statement, execution) => {
    const given = numbers(statement, execution);
    const { global, session } = flagsOf(execution);
    const set = given.includes(-1) ? global : session;
    for (const flag of given.filter(each => each > 0)) {
      if (on) set.add(flag);
      else set.delete(flag);
    }
    completed(statement, execution);
    return NOTHING;
  };

export const traceOn = trace(true);
export const traceOff = trace(false);

export const traceStatus: DbccCommand = (statement, execution) => {
  const given = numbers(statement, execution);
  const { global, session } = flagsOf(execution);
  const asked = given.filter(each => each > 0);
  const all = given.length === 0 || given.includes(-1) ? [...new Set([...global, ...session])] : [];
  const shown = [...new Set([...asked, ...all])].sort((left, right) => left - right);
  completed(statement, execution);
  return shown.length === 0
    ? NOTHING
    : table(
        resultColumns(
          ['TraceFlag', 'smallint'],
          ['Status', 'smallint'],
          ['Global', 'smallint'],
          ['Session', 'smallint'],
        ),
        shown.map(flag => [
          flag,
          Number(global.has(flag) || session.has(flag)),
          Number(global.has(flag)),
          Number(session.has(flag)),
        ]),
      );
};

/** DBCC SQLPERF(LOGSPACE). */
export const performance: DbccCommand = (statement, execution) => {
  const [what] = statement.arguments;
  if (what === undefined || nameOf(execution, what)?.toUpperCase() !== 'LOGSPACE') throw incorrect();
  const rows = [...execution.instance.databases.values()]
    .filter(database => database.store !== undefined)
    .map((database): readonly Value[] => {
      const total = logSize(database);
      return [
        database.name,
        Math.fround(total / 1_048_576),
        Math.fround((usedLog(database) * 100) / total),
        0,
      ];
    });
  completed(statement, execution);
  return table(
    resultColumns(
      ['Database Name', 'nvarchar(128)'],
      ['Log Size (MB)', 'real'],
      ['Log Space Used (%)', 'real'],
      ['Status', 'int'],
    ),
    rows,
  );
};

/** DBCC INPUTBUFFER(session). */
export const inputBuffer: DbccCommand = (statement, execution) => {
  const [argument] = statement.arguments;
  if (argument === undefined) throw incorrect();
  const id = Number(computed(execution, argument).value);
  const session = execution.instance.sessions.get(id);
  if (session === undefined) throw new SqlError(7955, `Invalid SPID ${id} specified.`);
  completed(statement, execution);
  return table(
    resultColumns(['EventType', 'nvarchar(30)'], ['Parameters', 'smallint'], ['EventInfo', 'nvarchar(4000)']),
    [
      session.request === undefined
        ? ['No Event', 0, null]
        : ['Language Event', 0, session.request.text.slice(0, 4000)],
    ],
  );
};

/** DBCC LOGINFO: one virtual log file for each number that LSNs have reached, the last one active. */
export const logInfo: DbccCommand = (statement, execution) => {
  const log = execution.scope.database.store?.log;
  const last = Number((log?.current ?? 0n) >> 48n) || 1;
  const first = Math.max(1, last - 3);
  const rows: Value[][] = [];
  for (let sequence = first; sequence <= last; sequence++)
    rows.push([
      0,
      2,
      2_031_616n,
      BigInt(8192 + (sequence - first) * 2_031_616),
      sequence,
      sequence === last ? 2 : 0,
      64,
      0n,
    ]);
  completed(statement, execution);
  return table(
    resultColumns(
      ['RecoveryUnitId', 'int'],
      ['FileId', 'int'],
      ['FileSize', 'bigint'],
      ['StartOffset', 'bigint'],
      ['FSeqNo', 'int'],
      ['Status', 'int'],
      ['Parity', 'tinyint'],
      ['CreateLSN', 'numeric(25,0)'],
    ),
    rows,
  );
};

/** Commands that have nothing to do here: the double keeps no plans and no buffers of its own. */
export const accepted: DbccCommand = (statement, execution) => {
  completed(statement, execution);
  return NOTHING;
};
