import { unsupported } from '../errors.ts';
import type { Scope } from '../query/scope.ts';
import { fault } from './faults.ts';

/** Options that change nothing that can be seen through queries. */
const HARMLESS: ReadonlySet<string> = new Set([
  'PAD_INDEX',
  'SORT_IN_TEMPDB',
  'STATISTICS_NORECOMPUTE',
  'STATISTICS_INCREMENTAL',
  'ALLOW_ROW_LOCKS',
  'ALLOW_PAGE_LOCKS',
  'MAXDOP',
  'OPTIMIZE_FOR_SEQUENTIAL_KEY',
  'DATA_COMPRESSION',
]);

export interface IndexOptions {
  readonly fillFactor: number;
  readonly dropExisting: boolean;
}

/** `FILLFACTOR = 90`, `DROP_EXISTING = ON`, … @throws SqlError 1712 for ONLINE in a small edition, 129 for a fill factor */
export function readIndexOptions(options: readonly string[], scope: Scope, line: number): IndexOptions {
  let fillFactor = 0;
  let dropExisting = false;
  for (const option of options) {
    const [name = '', value = 'ON'] = option.split('=').map(part => part.trim().toUpperCase());
    if (HARMLESS.has(name)) continue;
    if (name === 'FILLFACTOR') fillFactor = fillFactorOf(value, line);
    else if (name === 'DROP_EXISTING') dropExisting = value === 'ON';
    else if (name === 'ONLINE') requireOnline(value, scope, line);
    else if (name !== 'IGNORE_DUP_KEY' || value !== 'OFF')
      throw unsupported(`the index option ${option}`, line);
  }
  return { fillFactor, dropExisting };
}

function fillFactorOf(value: string, line: number): number {
  const percent = Number(value);
  if (Number.isInteger(percent) && percent >= 1 && percent <= 100) return percent;
  throw fault(
    129,
    `Fillfactor ${value} is not a valid percentage; fillfactor must be between 1 and 100.`,
    line,
  );
}

function requireOnline(value: string, scope: Scope, line: number): void {
  if (value === 'OFF' || scope.instance.product.engineEdition === 3) return;
  throw fault(
    1712,
    'Online index operations can only be performed in Enterprise edition of SQL Server.',
    line,
  );
}
