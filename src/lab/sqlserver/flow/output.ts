import type { EnvironmentChange, Message, Reply, ResultColumn } from '../server/replies.ts';
import type { Value } from '../values/types.ts';
import type { ReplyChannel } from './channel.ts';

/** Where the replies of a statement go: to the client, or to whoever ran it from inside. */
export interface Output {
  columns(columns: readonly ResultColumn[]): void;
  rows(rows: readonly (readonly Value[])[]): void;
  /** The end of a statement; `result` says that rows came before. */
  done(count: number | undefined, options: { readonly result: boolean; readonly inProcedure: boolean }): void;
  message(message: Message): void;
  environment(change: EnvironmentChange): void;
  /** What has to be awaited before more is sent. */
  ready(): Promise<void> | undefined;
}

export class ChannelOutput implements Output {
  readonly #channel: ReplyChannel;

  constructor(channel: ReplyChannel) {
    this.#channel = channel;
  }

  columns(columns: readonly ResultColumn[]): void {
    this.#channel.push({ reply: 'columns', columns });
  }

  rows(rows: readonly (readonly Value[])[]): void {
    this.#channel.push({ reply: 'rows', rows });
  }

  done(
    count: number | undefined,
    options: { readonly result: boolean; readonly inProcedure: boolean },
  ): void {
    const command: Extract<Reply, { reply: 'done' }>['command'] = options.result ? 'select' : 'other';
    this.#channel.push({ reply: 'done', count, command, inProcedure: options.inProcedure });
  }

  message(message: Message): void {
    // Clients are told 0 for 10.
    const told = message.severity === 10 ? { ...message, severity: 0 } : message;
    this.#channel.push({ reply: 'message', message: told });
  }

  environment(change: EnvironmentChange): void {
    this.#channel.push({ reply: 'environment', change });
  }

  ready(): Promise<void> | undefined {
    return this.#channel.ready();
  }
}

export interface ResultSet {
  readonly columns: readonly ResultColumn[];
  readonly rows: (readonly Value[])[];
}

/** Keeps result sets instead of sending them (INSERT … EXECUTE, the server's own queries); all else goes on to `behind`. */
export class CapturedOutput implements Output {
  readonly results: ResultSet[] = [];
  readonly #behind: Output | undefined;

  constructor(behind?: Output) {
    this.#behind = behind;
  }

  columns(columns: readonly ResultColumn[]): void {
    this.results.push({ columns, rows: [] });
  }

  rows(rows: readonly (readonly Value[])[]): void {
    const last = this.results.at(-1);
    for (const row of rows) last?.rows.push(row);
  }

  done(): void {
    // Counts of captured statements are nobody's business.
  }

  message(message: Message): void {
    this.#behind?.message(message);
  }

  environment(change: EnvironmentChange): void {
    this.#behind?.environment(change);
  }

  ready(): Promise<void> | undefined {
    return this.#behind?.ready();
  }
}
