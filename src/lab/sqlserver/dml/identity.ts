import type { Column, Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Store } from '../storage/store.ts';
import { typeName } from '../values/index.ts';
import type { SqlType, Value } from '../values/types.ts';

const LIMITS: ReadonlyMap<string, readonly [bigint, bigint]> = new Map([
  ['tinyint', [0n, 255n]],
  ['smallint', [-32768n, 32767n]],
  ['int', [-2147483648n, 2147483647n]],
  ['bigint', [-9223372036854775808n, 9223372036854775807n]],
]);

/** An identity value as a value of its column. @throws SqlError 8115 where the type is used up */
export function identityValue(value: bigint, type: SqlType): Value {
  const [low, high] = LIMITS.get(type.kind) ?? decimalLimits(type);
  if (value < low || value > high)
    throw new SqlError(8115, `Arithmetic overflow error converting IDENTITY to data type ${typeName(type)}.`);
  return type.kind === 'tinyint' || type.kind === 'smallint' || type.kind === 'int' ? Number(value) : value;
}

function decimalLimits(type: SqlType): readonly [bigint, bigint] {
  const limit = 10n ** BigInt('precision' in type ? type.precision : 38) - 1n;
  return [-limit, limit];
}

/** The number that a value of an identity column is. */
export const identityNumber = (value: Value): bigint | undefined =>
  typeof value === 'number' ? BigInt(value) : typeof value === 'bigint' ? value : undefined;

/**
 * A value that was given moves the counter on where it lies beyond it.
 *
 * @param agent a replication agent wrote it into a column that is NOT FOR REPLICATION: the counter stays
 */
export function reseedBy(store: Store, table: Table, column: Column, value: Value, agent: boolean): void {
  const { identity } = column;
  const given = identityNumber(value);
  if (!identity || given === undefined || (agent && identity.notForReplication)) return;
  const current = store.identity(table);
  const rising = identity.increment > 0n;
  const from = current ?? identity.seed;
  const beyond = rising ? given > from : given < from;
  if (beyond || (current === null && given === identity.seed)) store.setIdentity(table, given);
}
