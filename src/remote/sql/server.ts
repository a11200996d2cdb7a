import type { z } from 'zod';
import type { Role, Statement } from './statement.ts';

/** A value as the driver hands it over. Ask for CONVERT to text where a number could be rounded. */
export type Cell = string | number | bigint | boolean | Date | Uint8Array | null;

/** What a batch answered. */
export interface Outcome {
  /** Of every result, its rows by column name. */
  readonly results: readonly (readonly Readonly<Record<string, unknown>>[])[];
  /** Texts of PRINT and other information, in order, harmless. */
  readonly messages: readonly string[];
  readonly rowsAffected: readonly number[];
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Values of parameters that were not known when the statement was made. */
  readonly parameters?: Statement['parameters'];
  /** Hears PRINT and RAISERROR … WITH NOWAIT as they come. */
  readonly onMessage?: (text: string) => void;
}

/** One connection that keeps its state: temporary tables, SET, a transaction. */
export interface SqlSession {
  run(statement: Statement, options?: RunOptions): Promise<Outcome>;
  /** Rows of the last result, each checked: a server that answers otherwise is an error that names the statement. */
  ask<S extends z.ZodType>(statement: Statement, row: S, options?: RunOptions): Promise<z.infer<S>[]>;
  /** Rows as they come, as arrays in the order of the columns; slows the server down where the reader is slow. */
  stream(statement: Statement, options?: RunOptions): AsyncIterable<readonly Cell[]>;
  /** Loads rows into a table that exists, by INSERT BULK; rows come as they are made. Returns how many were sent. */
  bulk(load: BulkLoad, options?: { readonly signal?: AbortSignal }): Promise<number>;
  /** Bytes over this connection so far. */
  traffic(): { readonly received: number; readonly sent: number };
}

export interface BulkLoad {
  readonly database: string;
  /** The table as T-SQL: `[landfall].[stage_12]`, or `#stage`. */
  readonly table: string;
  readonly columns: readonly {
    readonly name: string;
    /** A varchar is for texts that are ASCII by nature: the driver writes it in the code page of the connection. */
    readonly type: 'nvarchar' | 'varchar' | 'varbinary' | 'bigint' | 'int' | 'tinyint' | 'bit' | 'float';
    /** Characters or bytes; max where it is not given, which costs 14 bytes a value more on the wire. */
    readonly length?: number;
  }[];
  readonly rows: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>;
}

/** A SQL Server that can be reached. Everything landfall does to one goes through here. */
export interface SqlServer extends Omit<SqlSession, 'stream' | 'bulk' | 'traffic'> {
  readonly role: Role;
  /** For people: `publisher 10.10.4.61`. */
  readonly label: string;
  /** A connection of its own for as long as the work lasts; it is closed then, whatever happened. */
  session<T>(
    database: string,
    work: (session: SqlSession) => Promise<T>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T>;
  close(): Promise<void>;
}

/** The servers of one database of the plan; the distributor is publisher or subscriber where the plan has no third. */
export interface Servers {
  readonly publisher: SqlServer;
  readonly distributor: SqlServer;
  readonly subscriber: SqlServer;
}
