import type { Message, Reply, ResultColumn } from '../../../../../src/lab/sqlserver/server/replies.ts';
import type {
  BulkRows,
  InputValue,
  Listener,
  Login,
  Session,
  TransactionRequest,
} from '../../../../../src/lab/sqlserver/server/requests.ts';
import {
  DEFAULT_COLLATION,
  type SqlType,
  type Value,
} from '../../../../../src/lab/sqlserver/values/index.ts';

/** What a test wants answered; what it leaves out is answered as an empty server would. */
export interface Script {
  readonly login?: (login: Login) => void;
  readonly batch?: (text: string, signal: AbortSignal) => Replies;
  readonly call?: (procedure: string, parameters: readonly InputValue[], signal: AbortSignal) => Replies;
  readonly transaction?: (request: TransactionRequest) => Replies;
  readonly bulk?: (rows: BulkRows, signal: AbortSignal) => Replies;
  readonly collation?: string;
}

export type Replies = Iterable<Reply> | AsyncIterable<Reply>;

export interface ScriptedSession extends Session {
  readonly login: Login;
  resets: boolean[];
  over: boolean;
  /** As KILL does it. */
  kill(): void;
}

export interface ScriptedListener extends Listener {
  readonly sessions: ScriptedSession[];
}

export const done = (count?: number, command: 'select' | 'other' = 'other'): Reply => ({
  reply: 'done',
  count,
  command,
  inProcedure: false,
});

export const columns = (...described: readonly (readonly [string, SqlType])[]): Reply => ({
  reply: 'columns',
  columns: described.map(([name, type]) => column(name, type)),
});

export const column = (name: string, type: SqlType, nullable = true): ResultColumn => ({
  name,
  type,
  nullable,
  identity: false,
});

export const rows = (...values: readonly (readonly Value[])[]): Reply => ({ reply: 'rows', rows: values });

export const table = (
  described: readonly (readonly [string, SqlType])[],
  ...values: readonly (readonly Value[])[]
): readonly Reply[] => [columns(...described), rows(...values), done(values.length, 'select')];

export const returned = (
  status: number,
  outputs: readonly { name: string; type: SqlType; value: Value }[] = [],
): Reply => ({ reply: 'return', status, outputs });

export const message = (number: number, text: string, severity = 16, more: Partial<Message> = {}): Reply => ({
  reply: 'message',
  message: { number, text, severity, state: 1, procedure: '', line: 1, now: false, ...more },
});

const ONE: SqlType = { kind: 'int' };

/** The text of a call of sp_executesql. */
export const statementOf = (parameters: readonly InputValue[]): string => {
  const value = parameters[0]?.value;
  return typeof value === 'string' ? value : '';
};

export function scripted(script: Script = {}): ScriptedListener {
  const sessions: ScriptedSession[] = [];
  let nextTransaction = 1n;

  const usual = (text: string): Replies =>
    text === 'SELECT 1;' ? [columns(['', ONE]), rows([1]), done(1, 'select'), returned(0)] : [done()];

  function openSession(login: Login): ScriptedSession {
    const killed = new AbortController();
    let transaction = 0n;
    const transactions = (request: TransactionRequest): Replies => {
      if (request.kind === 'save') return [done()];
      const { kind } = request;
      if (kind === 'begin') {
        transaction = nextTransaction;
        nextTransaction += 1n;
      }
      return [{ reply: 'environment', change: { kind, transaction } }, done()];
    };
    async function* answer(replies: () => Replies): AsyncGenerator<Reply> {
      yield* replies();
    }
    return {
      id: 50 + sessions.length + 1,
      login,
      opened: { database: login.database || 'master', collation: script.collation ?? DEFAULT_COLLATION },
      resets: [],
      over: false,
      batch: (text, signal) =>
        answer(() =>
          text.startsWith('set ') || script.batch === undefined ? [done()] : script.batch(text, signal),
        ),
      call: (procedure, parameters, signal) =>
        answer(() => {
          const text = statementOf(parameters);
          return text === 'SELECT 1;' || script.call === undefined
            ? usual(text)
            : script.call(procedure, parameters, signal);
        }),
      transaction: request => answer(() => (script.transaction ?? transactions)(request)),
      bulk: (bulkRows, signal) =>
        answer(() => {
          if (script.bulk === undefined) throw new Error('no bulk load was expected');
          return script.bulk(bulkRows, signal);
        }),
      reset(keepTransaction) {
        this.resets.push(keepTransaction);
      },
      end() {
        this.over = true;
      },
      kill: () => killed.abort(),
      ended: killed.signal,
    };
  }

  return {
    name: 'DOUBLE1',
    version: { major: 16, minor: 0, build: 4135 },
    sessions,
    login(login) {
      script.login?.(login);
      const session = openSession(login);
      sessions.push(session);
      return session;
    },
  };
}
