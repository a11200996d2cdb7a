import { SqlError } from '../../errors.ts';
import type { Instance } from '../../server/instance.ts';
import { hex, quoted } from '../places.ts';

/** runstatus of the history tables. */
export const RUN = { start: 1, succeed: 2, inProgress: 3, idle: 4, retry: 5, fail: 6 } as const;

export interface Progress {
  readonly transactions: number;
  readonly commands: number;
  /** Milliseconds from the publisher's commit to here, of the last delivery. */
  readonly latency: number;
  readonly seqno: Uint8Array | undefined;
}

/**
 * One session of an agent in its history table: a row at every change of state, and the newest one brought up to date while
 * the state stays, as the agents do between two message intervals.
 */
export class AgentHistory {
  readonly #instance: Instance;
  readonly #database: string;
  readonly #table: 'MSlogreader_history' | 'MSdistribution_history' | 'MSsnapshot_history';
  readonly #agent: number;
  readonly #started: number;
  #last: { readonly status: number; readonly comments: string } | undefined;
  #total = { transactions: 0, commands: 0 };

  constructor(instance: Instance, database: string, table: AgentHistory['table'], agent: number) {
    this.#instance = instance;
    this.#database = database;
    this.#table = table;
    this.#agent = agent;
    this.#started = instance.clock.now();
  }

  get table(): 'MSlogreader_history' | 'MSdistribution_history' | 'MSsnapshot_history' {
    return this.#table;
  }

  async write(status: number, comments: string, progress?: Progress, errorId = 0): Promise<void> {
    const seconds = Math.round((this.#instance.clock.now() - this.#started) / 1000);
    if (progress !== undefined) {
      this.#total = {
        transactions: this.#total.transactions + progress.transactions,
        commands: this.#total.commands + progress.commands,
      };
    }
    const { transactions, commands } = this.#total;
    const rate = seconds === 0 ? 0 : commands / seconds;
    const latency = Math.round(progress?.latency ?? 0);
    const seqno = progress?.seqno === undefined ? 'NULL' : hex(progress.seqno);
    const same = this.#last?.status === status && errorId === 0;
    const text = comments.slice(0, 4000);
    if (same && status === RUN.idle && this.#last?.comments === text) {
      // Nothing new: SQL Server, too, writes an idle agent's row again only at the message interval.
      return;
    }
    this.#last = { status, comments: text };
    const snapshot = this.#table === 'MSsnapshot_history';
    const extra = snapshot
      ? { names: '', values: '' }
      : {
          names: ', xact_seqno, average_commands, delivery_latency',
          values: `, ${seqno}, ${transactions === 0 ? 0 : Math.round(commands / transactions)}, ${latency}`,
        };
    const distribution =
      this.#table === 'MSdistribution_history'
        ? {
            names: ', current_delivery_rate, current_delivery_latency, total_delivered_commands',
            values: `, ${rate}, ${latency}, ${commands}`,
          }
        : { names: '', values: '' };
    await this.#instance.run(
      this.#database,
      `INSERT dbo.${this.#table} (agent_id, runstatus, start_time, time, duration, comments, delivered_transactions, delivered_commands, delivery_rate, error_id${extra.names}${distribution.names})
VALUES (${this.#agent}, ${status}, DATEADD(second, ${-seconds}, GETDATE()), GETDATE(), ${seconds}, ${quoted(text)}, ${transactions}, ${commands}, ${rate}, ${errorId}${extra.values}${distribution.values})`,
    );
  }

  /** The end of an agent that failed: its error, and runstatus 5 where it could not reach a server, else 6. Gives the message. */
  async failed(source: string, error: unknown, seqno?: Uint8Array, command?: number): Promise<string> {
    const { number, message, severity } =
      error instanceof SqlError
        ? error
        : new SqlError(20000, error instanceof Error ? error.message : String(error));
    const id = await this.error(source, number, message, seqno, command);
    await this.write(severity >= 20 || number === 18456 ? RUN.retry : RUN.fail, message, undefined, id);
    return message;
  }

  /** A row of MSrepl_errors; gives its id. */
  async error(
    source: string,
    code: number,
    message: string,
    seqno?: Uint8Array,
    command = 0,
  ): Promise<number> {
    const [row] = await this.#instance.run(
      this.#database,
      `DECLARE @id int = (SELECT ISNULL(MAX(id), 0) + 1 FROM dbo.MSrepl_errors);
INSERT dbo.MSrepl_errors (id, time, error_type_id, source_type_id, source_name, error_code, error_text, xact_seqno, command_id, session_id)
VALUES (@id, GETDATE(), 1, 0, ${quoted(source)}, N'${code}', ${quoted(message)}, ${seqno === undefined ? 'NULL' : hex(seqno)}, ${command}, 0);
SELECT @id AS id`,
    );
    return Number(row?.[0] ?? 0);
  }
}
