import { SqlError, unsupported } from '../errors.ts';
import type { Name } from '../syntax/names.ts';
import type { Value } from '../values/index.ts';
import type { Binding } from './binding.ts';
import { invalidObject, located } from './objects.ts';
import { computed, type Typed } from './typed.ts';

/** AT TIME ZONE for UTC, the only zone the double knows. */
export function atTimeZone(operand: Typed, zone: Typed, line: number): Typed {
  const name = zone.value;
  if (typeof name !== 'string' || name.toLowerCase() !== 'utc')
    throw unsupported("AT TIME ZONE with another zone than 'UTC'", line);
  const { kind } = operand.type;
  if (kind === 'datetimeoffset')
    return computed(operand.type, (row, context) => {
      const value = operand.evaluate(row, context);
      return typeof value === 'object' && value !== null && 'ticks' in value
        ? { ticks: value.ticks, offset: 0 }
        : null;
    });
  if (kind !== 'datetime2') throw unsupported(`AT TIME ZONE for ${kind}`, line);
  return computed({ kind: 'datetimeoffset', scale: operand.type.scale }, (row, context) => {
    const value = operand.evaluate(row, context);
    return typeof value === 'bigint' ? { ticks: value, offset: 0 } : null;
  });
}

/** NEXT VALUE FOR: one value a row, handed out at once and never taken back. */
export function nextValue(name: Name, binding: Binding, line: number): Typed {
  const { scope } = binding;
  const { database, schema, object } = located(name, scope, line);
  const catalog = scope.catalogOf(database);
  const candidates = schema === '' ? [scope.defaultSchema, 'dbo'] : [schema];
  for (const candidate of candidates) {
    const id = catalog.byName.get(`${candidate.toLowerCase()}.${object.toLowerCase()}`);
    const sequence = id === undefined ? undefined : catalog.sequences.get(id);
    if (sequence === undefined) continue;
    if (['where', 'having', 'order by', 'group by', 'aggregate', 'on'].includes(binding.place))
      throw new SqlError(
        11720,
        'NEXT VALUE FOR function is not allowed in the TOP, OVER, OUTPUT, ON, WHERE, GROUP BY, HAVING, or ORDER BY clauses.',
        { severity: 15, line, endsBatch: true },
      );
    const { kind } = sequence.type;
    const scale = 'scale' in sequence.type ? sequence.type.scale : 0;
    const held = (value: bigint): Value => {
      if (kind === 'bigint') return value;
      if (kind === 'decimal' || kind === 'numeric') return value * 10n ** BigInt(scale);
      return Number(value);
    };
    return computed(
      sequence.type,
      () => {
        const { store } = database;
        if (store === undefined) throw invalidObject(name, line);
        return held(store.nextSequenceValue(sequence.id));
      },
      { nullable: false },
    );
  }
  throw invalidObject(name, line);
}

/**
 * NEXT VALUE FOR one sequence has one value in a row, however often it stands there: the double hands out one for each.
 *
 * @param row expressions of one row
 */
export function requireOneNextValue(row: unknown): void {
  const seen = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return;
    if ('node' in part && part.node === 'next-value' && 'sequence' in part && Array.isArray(part.sequence)) {
      const name = String(part.sequence.at(-1)).toLowerCase();
      if (seen.has(name)) throw unsupported('NEXT VALUE FOR one sequence twice in a row');
      seen.add(name);
    }
    for (const each of Object.values(part)) visit(each);
  };
  visit(row);
}
