import type { SqlError } from '../errors.ts';
import type { EnvironmentChange, Message, OutputValue, Reply } from '../server/replies.ts';
import { collation } from '../values/index.ts';
import type { Value } from '../values/types.ts';
import type { Outgoing } from './outgoing.ts';
import { type RowWriter, rowWriter } from './rows.ts';
import {
  DONE,
  type DoneToken,
  ENVIRONMENT,
  isLargeOutput,
  TOKEN,
  writeBytesChange,
  writeColumns,
  writeDone,
  writeMessage,
  writeReset,
  writeReturnStatus,
  writeReturnValue,
  writeTextChange,
  writeTransactionChange,
} from './tokens.ts';

/** What a request was: an RPC ends with DONEPROC, everything else with DONE. */
export type RequestKind = 'batch' | 'call';

/** What the connection knows beyond one request. */
export interface ConnectionState {
  /** 0 in autocommit; requests must name it (3989). */
  transaction: bigint;
  readonly server: string;
}

export interface ReplyWriter {
  write(reply: Reply): void;
  error(error: SqlError): void;
  /** Rows and columns are dropped from now on, as the client discards them; `quiet` drops messages as well. */
  mute(how: 'rows' | 'quiet'): void;
  /** The session was reset before this request. */
  reset(rolledBack: boolean): void;
  /** Between two calls of an RPC message. */
  nextCall(): void;
  /** Ends the message. */
  finish(): void;
  /** Names of the parameters of the call that runs, for the ordinals of its outputs. */
  parameters: readonly string[];
  /** An error of severity 20 or more was sent: the connection ends with this reply. */
  readonly fatal: boolean;
}

interface Held {
  readonly token: DoneToken;
  readonly status: number;
  readonly command: number;
  readonly count: number;
}

const SELECT = 0xc1;
const CALL = 0xe0;
/** Bytes of rows after which full packets go out. */
const ENOUGH = 65_536;

/** The tokens of one reply message, with the rules of facts tds-double 9. */
export function createReplyWriter(
  outgoing: Outgoing,
  kind: RequestKind,
  state: ConnectionState,
): ReplyWriter {
  const { out } = outgoing;
  // A DONE waits for what follows it: only then is it known whether there is more.
  let held: Held | undefined;
  let failed = false;
  let fatal = false;
  let returned = false;
  let muted: 'no' | 'rows' | 'quiet' = 'no';
  let writeRow: RowWriter | undefined;

  const release = (more: boolean): void => {
    if (held === undefined) return;
    writeDone(out, held.token, held.status | (more ? DONE.more : 0), held.command, held.count);
    held = undefined;
  };

  const hold = (token: DoneToken, command: number, count: number | undefined): void => {
    release(true);
    held = {
      token,
      status:
        (failed ? DONE.error : 0) |
        (count === undefined ? 0 : DONE.count) |
        (state.transaction === 0n ? 0 : DONE.transaction),
      command,
      count: count ?? 0,
    };
    failed = false;
  };

  // Half a row would make everything after it unreadable.
  const writeWhole = (write: RowWriter, row: readonly Value[]): void => {
    const start = out.length;
    try {
      write(out, row);
    } catch (error) {
      out.length = start;
      throw error;
    }
  };

  const message = (text: Message): void => {
    if (text.severity > 10) failed = true;
    if (text.severity >= 20) fatal = true;
    if (muted === 'quiet' && text.severity < 20) return;
    release(true);
    writeMessage(out, text, state.server);
    if (text.now) outgoing.push();
  };

  const change = (environment: EnvironmentChange): void => {
    release(true);
    if (environment.kind === 'database') {
      writeTextChange(out, ENVIRONMENT.database, environment.name, environment.before);
      if (environment.collation !== undefined) {
        writeBytesChange(
          out,
          ENVIRONMENT.collation,
          collation(environment.collation).wire,
          new Uint8Array(0),
        );
      }
      return;
    }
    state.transaction = environment.kind === 'begin' ? environment.transaction : 0n;
    writeTransactionChange(out, environment.kind, environment.transaction);
  };

  const returns = (status: number, outputs: readonly OutputValue[]): void => {
    release(true);
    writeReturnStatus(out, status);
    const late = outputs.filter(isLargeOutput);
    for (const output of [...outputs.filter(one => !late.includes(one)), ...late]) {
      const place = writer.parameters.findIndex(name => name.toLowerCase() === output.name.toLowerCase());
      writeReturnValue(out, output, place === -1 ? outputs.indexOf(output) : place);
    }
    hold(TOKEN.doneProcedure, CALL, undefined);
    returned = true;
  };

  const writer: ReplyWriter = {
    parameters: [],
    get fatal() {
      return fatal;
    },
    mute(how) {
      if (muted !== 'quiet') muted = how;
      // What is taken back ends with an error's DONE.
      if (how === 'quiet') failed = true;
    },
    reset(rolledBack) {
      if (rolledBack) {
        writeTransactionChange(out, 'rollback', state.transaction);
        state.transaction = 0n;
      }
      writeReset(out);
    },
    error(error) {
      message({
        number: error.number,
        state: error.state,
        severity: error.severity,
        text: error.message,
        procedure: error.procedure ?? '',
        line: error.line ?? 1,
        now: false,
      });
    },
    write(reply) {
      switch (reply.reply) {
        case 'columns':
          if (muted !== 'no') return;
          release(true);
          writeRow = rowWriter(writeColumns(out, reply.columns));
          return;
        case 'rows':
          if (muted !== 'no') return;
          if (writeRow === undefined) throw new TypeError('the wire was given rows without columns');
          for (const row of reply.rows) {
            writeWhole(writeRow, row);
            if (out.length > ENOUGH) outgoing.spill();
          }
          break;
        case 'done':
          if (muted === 'quiet') return;
          hold(
            kind === 'call' || reply.inProcedure ? TOKEN.doneInProcedure : TOKEN.done,
            reply.command === 'select' ? SELECT : 0,
            reply.count,
          );
          break;
        case 'message':
          message(reply.message);
          break;
        case 'environment':
          change(reply.change);
          break;
        case 'return':
          returns(reply.status, reply.outputs);
          break;
      }
      outgoing.spill();
    },
    nextCall() {
      if (!returned) hold(TOKEN.doneProcedure, CALL, undefined);
      returned = false;
    },
    finish() {
      const ending = kind === 'call' ? TOKEN.doneProcedure : TOKEN.done;
      const ended =
        held !== undefined && !failed && (held.token === ending || held.token === TOKEN.doneProcedure);
      if (!ended) hold(ending, kind === 'call' ? CALL : 0, undefined);
      release(false);
      outgoing.finish();
    },
  };
  return writer;
}
