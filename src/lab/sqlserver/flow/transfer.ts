import type { SqlError } from '../errors.ts';
import type { Frame } from './frame.ts';

/**
 * Control that leaves a statement other than to the next one; thrown, and never an SqlError, so that no handler of a
 * statement takes it for one.
 *
 * - `catch`: to the nearest CATCH; of a fault of compilation to one of an outer scope only.
 * - `scope`: the module or batch ends, its caller goes on.
 * - `batch`: everything ends.
 * - `connection`: the session ends as well.
 * - `cancelled`: by the client.
 */
export class Transfer extends Error {
  override readonly name = 'Transfer';
  readonly kind: 'catch' | 'scope' | 'batch' | 'connection' | 'cancelled';
  readonly error: SqlError | undefined;
  /** The frame whose own CATCH does not count. */
  readonly beyond: Frame | undefined;

  constructor(kind: Transfer['kind'], error?: SqlError, beyond?: Frame) {
    super(kind);
    this.kind = kind;
    this.error = error;
    this.beyond = beyond;
  }
}
