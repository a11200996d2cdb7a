import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDouble, type Double, type DoubleOptions } from '../../src/lab/sqlserver/server/double.ts';
import type { EnvironmentChange, Message, Reply } from '../../src/lab/sqlserver/server/replies.ts';
import type { InputValue, Session } from '../../src/lab/sqlserver/server/requests.ts';
import type { Value } from '../../src/lab/sqlserver/values/types.ts';

/** A SQL Server double in a directory of its own, and sessions on it without the wire. */

export const SA_PASSWORD = 'Correct horse 1';

export interface SqlDouble extends Double, AsyncDisposable {
  readonly directory: string;
  /** A session of `sa` in `app`, unless options say otherwise. */
  session(options?: SessionOptions): SqlSession;
}

export interface SessionOptions {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly application?: string;
}

/** What a request answered. */
export interface Answer {
  readonly results: readonly ResultSet[];
  /** Rows of the last result. */
  readonly rows: readonly (readonly Value[])[];
  /** Of every statement that counts, in order. */
  readonly counts: readonly number[];
  /** Severity 11 and more. */
  readonly errors: readonly Message[];
  /** Numbers of the errors. */
  readonly numbers: readonly number[];
  readonly messages: readonly Message[];
  /** Texts of PRINT and of other information. */
  readonly texts: readonly string[];
  readonly environment: readonly EnvironmentChange[];
  readonly returned: Extract<Reply, { reply: 'return' }> | undefined;
}

export interface ResultSet {
  readonly columns: readonly string[];
  readonly rows: (readonly Value[])[];
}

export interface SqlSession {
  readonly session: Session;
  /** Runs a batch. */
  run(text: string, signal?: AbortSignal): Promise<Answer>;
  call(procedure: string, parameters?: readonly InputValue[]): Promise<Answer>;
  /** The only value of the only row, or undefined. */
  value(text: string): Promise<Value | undefined>;
  end(): void;
}

export async function startDouble(options: Partial<DoubleOptions> = {}): Promise<SqlDouble> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'landfall-sql-'));
  const double = await createDouble({
    name: 'MIA-SQL1',
    product: '2022-standard',
    saPassword: SA_PASSWORD,
    databases: ['app'],
    trust: 'one domain',
    ...options,
    directory,
  });
  return {
    ...double,
    directory,
    session: (login = {}) =>
      sessionOf(
        double.instance.login({
          user: login.user ?? 'sa',
          password: login.password ?? SA_PASSWORD,
          database: login.database ?? 'app',
          application: login.application ?? 'test',
          host: 'here',
          address: '127.0.0.1',
        }),
      ),
    async [Symbol.asyncDispose]() {
      await double.close();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

function sessionOf(session: Session): SqlSession {
  const run = (text: string, signal = new AbortController().signal): Promise<Answer> =>
    gather(session.batch(text, signal));
  return {
    session,
    run,
    call: (procedure, parameters = []) =>
      gather(session.call(procedure, parameters, new AbortController().signal)),
    async value(text) {
      const { rows, errors } = await run(text);
      const [error] = errors;
      if (error) throw new Error(`${error.number}: ${error.text}`);
      return rows[0]?.[0];
    },
    end: () => session.end(),
  };
}

export async function gather(replies: AsyncIterable<Reply>): Promise<Answer> {
  const results: ResultSet[] = [];
  const counts: number[] = [];
  const messages: Message[] = [];
  const environment: EnvironmentChange[] = [];
  let returned: Answer['returned'];
  for await (const reply of replies)
    switch (reply.reply) {
      case 'columns':
        results.push({ columns: reply.columns.map(column => column.name), rows: [] });
        break;
      case 'rows':
        results.at(-1)?.rows.push(...reply.rows);
        break;
      case 'done':
        if (reply.count !== undefined) counts.push(reply.count);
        break;
      case 'message':
        messages.push(reply.message);
        break;
      case 'environment':
        environment.push(reply.change);
        break;
      case 'return':
        returned = reply;
        break;
    }
  const errors = messages.filter(each => each.severity > 10);
  return {
    results,
    rows: results.at(-1)?.rows ?? [],
    counts,
    errors,
    numbers: errors.map(each => each.number),
    messages,
    texts: messages.filter(each => each.severity <= 10).map(each => each.text),
    environment,
    returned,
  };
}
