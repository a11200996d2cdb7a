/** An error as SQL Server raises it; the number and the text are its own, so that code which classifies by number is tested. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly number: number;
  /** Severity: up to 10 is information, 11 to 16 the user's, 17 to 19 resources, from 20 on the connection ends. */
  readonly severity: number;
  readonly state: number;
  /** Line in the batch or the procedure, from 1. */
  line: number | undefined;
  procedure: string | undefined;
  /** Raised by THROW or by a fault that ends the batch whatever XACT_ABORT says (syntax, binding, deadlock). */
  readonly endsBatch: boolean;
  /** The transaction is rolled back as well (1205, 3960, XACT_ABORT). */
  readonly endsTransaction: boolean;
  /** Errors of the same statement that are sent before this one (1767 before 1750); ERROR_NUMBER() is this one's. */
  readonly preceding: readonly SqlError[];

  constructor(number: number, message: string, options: SqlErrorOptions = {}) {
    super(message);
    this.number = number;
    this.severity = options.severity ?? 16;
    this.state = options.state ?? 1;
    this.line = options.line;
    this.procedure = options.procedure;
    this.endsBatch = options.endsBatch ?? false;
    this.endsTransaction = options.endsTransaction ?? false;
    this.preceding = options.preceding ?? [];
  }
}

export interface SqlErrorOptions {
  readonly severity?: number;
  readonly state?: number;
  readonly line?: number;
  readonly procedure?: string;
  readonly endsBatch?: boolean;
  readonly endsTransaction?: boolean;
  readonly preceding?: readonly SqlError[];
}

/**
 * What the double does not know it refuses: SQL Server's own number for the nearest fault (40517 as the catch-all), and a
 * text that names the construct, so that no query passes by accident.
 */
export function unsupported(construct: string, line?: number): SqlError {
  return new SqlError(40517, `The SQL Server double does not know ${construct}.`, {
    endsBatch: true,
    ...(line === undefined ? {} : { line }),
  });
}
