import { SqlError } from '../errors.ts';
import { isAgentSession } from '../replication/agent-session.ts';
import type { Database, Instance, SessionFacts } from '../server/instance.ts';
import type { Reply } from '../server/replies.ts';
import type { BulkRows, InputValue, Session, TransactionRequest } from '../server/requests.ts';
import { splitName } from '../syntax/parse.ts';
import type { Argument } from './arguments.ts';
import { takeBulk } from './bulk.ts';
import { ReplyChannel, replies } from './channel.ts';
import { commandName } from './command-name.ts';
import { sqlErrorOf } from './driver.ts';
import { callProcedure, requireSameCount } from './execute.ts';
import { Frame } from './frame.ts';
import { ChannelOutput } from './output.ts';
import { planOf } from './plan.ts';
import { messageOf, raise } from './raise.ts';
import { dropTables, runFrame } from './run-frame.ts';
import { Runtime } from './runtime.ts';
import { defaultOptions, type SessionLogin, SessionState } from './state.ts';
import { temporariesOf } from './temporaries.ts';
import { begin, commit, rollback, rollbackAll, save } from './transaction-statements.ts';
import { Transfer } from './transfer.ts';

const ISOLATION = {
  1: 'read-uncommitted',
  2: 'read-committed',
  3: 'repeatable-read',
  4: 'serializable',
  5: 'snapshot',
} as const;

const KILLED = new SqlError(596, 'Cannot continue the execution because the session is in the kill state.', {
  severity: 21,
});

/** Of one call, those of sp_executesql's own included. */
const MOST_PARAMETERS = 2100;

const tooMany = (): SqlError =>
  new SqlError(
    8003,
    `The incoming request has too many parameters. The server supports a maximum of ${MOST_PARAMETERS} parameters. Reduce the number of parameters and resend the request.`,
    { endsBatch: true },
  );

/** The session of one connection: what the wire drives, and what others see of it. */
export class EngineSession implements Session, SessionFacts {
  readonly id: number;
  readonly login: string;
  readonly host: string;
  readonly application: string;
  readonly encrypted: boolean;
  readonly started: number;
  readonly user: boolean;
  readonly opened: Session['opened'];
  readonly #state: SessionState;
  readonly #ended = new AbortController();
  readonly #onEnd: () => void;
  #running: Promise<void> | undefined;
  #cleaning: Promise<void> | undefined;
  #over = false;

  constructor(instance: Instance, login: SessionLogin, onEnd: () => void) {
    this.id = login.id;
    this.login = login.principal.name;
    this.host = login.host;
    this.application = login.application;
    this.encrypted = login.encrypted;
    this.user = login.user;
    this.opened = { database: login.database.name, collation: login.database.collation };
    this.#state = new SessionState(instance, login, new ChannelOutput(new ReplyChannel()));
    this.#state.replication = isAgentSession(login.application, login.principal, login.database);
    this.started = this.#state.started;
    this.#onEnd = onEnd;
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  get database(): Database {
    return this.#state.currentDatabase;
  }

  get openTransactions(): number {
    return this.#state.transaction.count;
  }

  get transactionId(): number | undefined {
    return this.#state.transaction.parts().values().next().value?.id;
  }

  get lastRequest(): number {
    return this.#state.lastRequest;
  }

  get request(): SessionFacts['request'] {
    const { request, command } = this.#state;
    return (
      request && { ...request, command: request.command === '' ? commandName(command) : request.command }
    );
  }

  batch(text: string, signal: AbortSignal): AsyncIterable<Reply> {
    return this.#serve(text, signal, async frame => {
      const { state } = frame;
      await runFrame(state, frame.frame, () => planOf(text, state.options.quotedIdentifier));
    });
  }

  call(procedure: string, parameters: readonly InputValue[], signal: AbortSignal): AsyncIterable<Reply> {
    return this.#serve(procedure, signal, async (runtime, channel) => {
      const given = parameters.map(argumentOf);
      const before = runtime.state.transaction.count;
      try {
        if (given.length > MOST_PARAMETERS) throw tooMany();
        const { status, outputs } = await callProcedure(runtime, splitName(procedure), given);
        requireSameCount(runtime, before);
        channel.push({
          reply: 'return',
          status,
          outputs: outputs.map(({ name, type, value }) => ({ name, type, value })),
        });
      } catch (failure) {
        raise(runtime, failure);
      }
    });
  }

  transaction(request: TransactionRequest): AsyncIterable<Reply> {
    return this.#serve(`TM ${request.kind}`, undefined, async runtime => {
      const { state } = runtime;
      try {
        switch (request.kind) {
          case 'begin':
            if (request.isolation !== 0) state.options.isolation = ISOLATION[request.isolation];
            return begin(state, request.name);
          case 'commit':
            return commit(state);
          case 'rollback':
            return rollback(state, request.name);
          case 'save':
            return save(state, request.name);
        }
      } catch (failure) {
        raise(runtime, failure);
      }
    });
  }

  bulk(rows: BulkRows, signal: AbortSignal): AsyncIterable<Reply> {
    return this.#serve('INSERT BULK', signal, async (runtime, channel) => {
      try {
        const count = await takeBulk(runtime, rows);
        runtime.state.rowCount = count;
        channel.push({ reply: 'done', count, command: 'other', inProcedure: false });
      } catch (failure) {
        raise(runtime, failure, { changes: true });
      }
    });
  }

  /** One request: its replies, and what is to be put right behind it. */
  #serve(
    text: string,
    signal: AbortSignal | undefined,
    work: (runtime: Runtime, channel: ReplyChannel) => Promise<void>,
  ): AsyncIterable<Reply> {
    const all = signal ? AbortSignal.any([signal, this.#ended.signal]) : this.#ended.signal;
    return replies(all, (channel, aborted) => {
      const running = this.#run(text, channel, aborted, work);
      this.#running = running;
      return running;
    });
  }

  async #run(
    text: string,
    channel: ReplyChannel,
    signal: AbortSignal,
    work: (runtime: Runtime, channel: ReplyChannel) => Promise<void>,
  ): Promise<void> {
    await this.#cleaning;
    const state = this.#state;
    state.instance.housekeep?.();
    state.output = new ChannelOutput(channel);
    state.signal = signal;
    state.request = {
      started: state.instance.clock.now(),
      command: '',
      text,
      percentComplete: 0,
      estimatedCompletionMs: 0,
      blockedBy: 0,
      waitType: undefined,
    };
    const frame = new Frame({ kind: 'batch', database: state.database, level: 0, parent: undefined });
    state.frame = frame;
    try {
      await work(new Runtime(state, frame), channel);
    } catch (failure) {
      this.#fail(failure);
    } finally {
      this.#settle();
      state.frame = undefined;
      state.request = undefined;
      state.lastRequest = state.instance.clock.now();
      this.#running = undefined;
      if (this.#over) await this.#clean();
    }
  }

  #fail(failure: unknown): void {
    const state = this.#state;
    if (!(failure instanceof Transfer)) {
      state.output.message(messageOf(sqlErrorOf(failure)));
      rollbackAll(state);
      return;
    }
    const killed = this.#ended.signal.aborted;
    if (failure.kind === 'cancelled' && (state.options.xactAbort || killed)) rollbackAll(state);
    if (killed) state.output.message(messageOf(KILLED));
    if (failure.kind === 'connection') this.#ended.abort();
  }

  /** @throws nothing: 3998 goes to the client */
  #settle(): void {
    const state = this.#state;
    const { transaction } = state;
    if (transaction.doomed) {
      state.output.message(
        messageOf(
          new SqlError(
            3998,
            'Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.',
          ),
        ),
      );
      rollbackAll(state);
    }
    if (transaction.count === 0 && transaction.parts().size > 0) transaction.rollback();
  }

  reset(keepTransaction: boolean): void {
    const state = this.#state;
    if (!keepTransaction) state.transaction.rollback();
    state.options = defaultOptions();
    state.database = state.login.database;
    state.prepared.clear();
    state.globalCursors.clear();
    state.contextInfo = null;
    state.contextValues.clear();
    state.identityInsert = undefined;
    state.bulk = undefined;
    this.#cleaning = this.#clean();
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#ended.abort();
    if (!this.#running) this.#cleaning = this.#clean();
  }

  /** Nothing is left of it but the connection, which sees that it has ended. */
  kill(): void {
    this.end();
  }

  /** Resolves when nothing of a session that has ended is left. */
  async gone(): Promise<void> {
    await this.#running;
    await this.#cleaning;
  }

  /** Temporary tables go; of a session that is over its transaction as well. */
  async #clean(): Promise<void> {
    const state = this.#state;
    if (this.#over) state.transaction.rollback();
    state.signal = new AbortController().signal;
    const frame = new Frame({ kind: 'batch', database: state.database, level: 0, parent: undefined });
    const names = temporariesOf(state);
    try {
      if (names.length > 0) await dropTables(new Runtime(state, frame), names);
    } finally {
      if (this.#over) this.#onEnd();
    }
  }
}

function argumentOf({ name, type, value, output }: InputValue): Argument {
  const given = isTable(value)
    ? ({ kind: 'table', table: value } as const)
    : ({ kind: 'value', type, value } as const);
  return { name: name === '' ? undefined : name, value: given, output, variable: undefined };
}

const isTable = (value: InputValue['value']): value is Extract<InputValue['value'], { typeName: unknown }> =>
  typeof value === 'object' && value !== null && 'typeName' in value;
