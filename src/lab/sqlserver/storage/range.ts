import type { SQLInputValue } from 'node:sqlite';
import type { Value } from '../values/types.ts';
import type { IndexAccess, KeyPart, Values } from './access.ts';
import type { Edge, Range } from './store.ts';

/** A range or a key as a condition of SQL, and as a test for rows that are not in the file yet. */
export interface Bounds {
  /** '' where every row is inside. */
  readonly where: string;
  readonly parameters: readonly SQLInputValue[];
  readonly inside: (values: Values) => boolean;
  /** Compared whole and with all columns of the index: at most one row where the index is unique. */
  readonly whole: boolean;
}

export const EVERYTHING: Bounds = { where: '', parameters: [], inside: () => true, whole: false };

interface Limit {
  readonly parts: readonly KeyPart[];
  readonly key: readonly Value[];
  readonly inclusive: boolean;
}

/** NULL is equal to NULL, as in a unique index. */
export function boundsOfKey(access: IndexAccess, key: Values): Bounds {
  const parts = access.parts.slice(0, key.length);
  return {
    where: parts.map(part => `${part.name} IS ?`).join(' AND '),
    parameters: parts.map((part, n) => part.encode(key[n] ?? null)),
    inside: values =>
      parts.every((part, n) => part.compare(values[part.place] ?? null, key[n] ?? null) === 0),
    whole: parts.length === access.parts.length,
  };
}

export function boundsOfRange(access: IndexAccess, range: Range): Bounds {
  const { low, high } = range;
  const common = commonPrefix(access, low, high);
  const prefix = boundsOfKey(access, (low ?? high)?.key.slice(0, common) ?? []);
  const lowest = limit(access, common, low);
  const highest = limit(access, common, high);
  const conditions = [
    prefix.where,
    lowest ? condition(lowest, '>') : '',
    highest ? condition(highest, '<') : '',
  ].filter(text => text !== '');
  return {
    where: conditions.join(' AND '),
    parameters: [...prefix.parameters, ...parameters(lowest), ...parameters(highest)],
    inside: values =>
      prefix.inside(values) &&
      (!lowest || within(lowest, values, 1)) &&
      (!highest || within(highest, values, -1)),
    whole: prefix.whole,
  };
}

/** How many leading columns both edges fix to one value. */
function commonPrefix(access: IndexAccess, low: Edge | undefined, high: Edge | undefined): number {
  if (!low || !high) return 0;
  let common = 0;
  for (const part of access.parts) {
    const open = (edge: Edge) =>
      common >= edge.key.length || (common === edge.key.length - 1 && !edge.inclusive);
    if (open(low) || open(high)) break;
    if (part.compare(low.key[common] ?? null, high.key[common] ?? null) !== 0) break;
    common++;
  }
  return common;
}

function limit(access: IndexAccess, common: number, edge: Edge | undefined): Limit | undefined {
  if (!edge || edge.key.length <= common) return undefined;
  return {
    parts: access.parts.slice(common, edge.key.length),
    key: edge.key.slice(common),
    inclusive: edge.inclusive,
  };
}

/** Row values compare column by column, and nothing compares with NULL. */
function condition({ parts, inclusive }: Limit, sign: '<' | '>'): string {
  const names = parts.map(part => part.name).join(', ');
  const marks = parts.map(() => '?').join(', ');
  const operator = inclusive ? `${sign}=` : sign;
  return parts.length === 1 ? `${names} ${operator} ?` : `(${names}) ${operator} (${marks})`;
}

function parameters(limit: Limit | undefined): readonly SQLInputValue[] {
  return limit ? limit.parts.map((part, n) => part.encode(limit.key[n] ?? null)) : [];
}

function within({ parts, key, inclusive }: Limit, values: Values, direction: 1 | -1): boolean {
  for (let n = 0; n < parts.length; n++) {
    const part = parts[n];
    const value = part ? (values[part.place] ?? null) : null;
    const edge = key[n] ?? null;
    if (!part || value === null || edge === null) return false;
    const order = part.compare(value, edge) * direction;
    if (order !== 0) return order > 0;
  }
  return inclusive;
}
