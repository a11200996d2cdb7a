import type { Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { SqlType, Value } from '../values/types.ts';

const LARGE: ReadonlySet<string> = new Set(['text', 'ntext', 'image', 'xml']);

const isLarge = (type: SqlType): boolean =>
  LARGE.has(type.kind) || ('length' in type && type.length === 'max');

function bytes(value: Value, type: SqlType): number {
  if (typeof value === 'string') {
    const wide = type.kind === 'nvarchar' || type.kind === 'ntext' || type.kind === 'xml';
    return wide ? value.length * 2 : value.length;
  }
  return value instanceof Uint8Array ? value.length : 0;
}

/**
 * Large values of a published table are limited by `max text repl size`, -1 is no limit.
 *
 * @throws SqlError 7139
 */
export function requireShortLobs(
  table: Table,
  after: readonly Value[],
  before: readonly Value[] | undefined,
  execution: Execution,
): void {
  if (!table.published) return;
  const most = execution.instance.configuration.value('max text repl size (B)');
  if (most === undefined || most < 0) return;
  table.columns.forEach((column, place) => {
    const value = after[place] ?? null;
    if (!isLarge(column.type) || value === before?.[place]) return;
    const length = bytes(value, column.type);
    if (length > most)
      throw new SqlError(
        7139,
        `Length of LOB data (${length}) to be replicated exceeds configured maximum ${most}. Use the stored procedure sp_configure to increase the configured maximum value for max text repl size option, which defaults to 65536. A configured value of -1 indicates no limit, other than the limit imposed by the data type.`,
      );
  });
}
