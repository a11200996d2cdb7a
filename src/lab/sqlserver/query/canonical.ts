import { SqlError } from '../errors.ts';
import type { Expression } from '../syntax/expressions.ts';
import { isAggregateName } from './aggregates.ts';
import { findColumn, type Names } from './names.ts';

/** The shape of an expression: equal for two that mean the same columns, however they are written. */
export function canonical(expression: Expression, names: Names | undefined): string {
  return shape(expression, names);
}

function shape(value: unknown, names: Names | undefined): string {
  if (Array.isArray(value)) return `[${value.map(item => shape(item, names)).join(',')}]`;
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if (typeof value !== 'object' || value === null)
    return typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? '');
  if (isColumn(value)) return columnShape(value, names);
  const parts: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (key === 'line' || item === undefined) continue;
    if (key === 'name' && Array.isArray(item)) parts.push(`name:${item.join('.').toLowerCase()}`);
    else parts.push(`${key}:${shape(item, names)}`);
  }
  return `{${parts.join(';')}}`;
}

type Column = Extract<Expression, { node: 'column' }>;
const isColumn = (value: object): value is Column => 'node' in value && value.node === 'column';

function columnShape(column: Column, names: Names | undefined): string {
  try {
    const found = findColumn(names, column.name, column.line);
    return `#${found.depth}.${found.slot}`;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return `?${column.name.join('.').toLowerCase()}`;
  }
}

/** Is there an aggregate in it that belongs to this query: not in a query inside, and not with OVER? */
export function hasAggregate(value: unknown): boolean {
  return finds(
    value,
    call => isAggregateName(call.name.at(-1) ?? '') && call.name.length === 1 && call.over === undefined,
  );
}

export function hasWindow(value: unknown): boolean {
  return finds(value, call => call.over !== undefined);
}

type Call = Extract<Expression, { node: 'call' }>;
const isCall = (value: object): value is Call => 'node' in value && value.node === 'call';

function finds(value: unknown, wanted: (call: Call) => boolean): boolean {
  if (Array.isArray(value)) return value.some(item => finds(item, wanted));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  if (isCall(value) && wanted(value)) return true;
  if ('body' in value && 'hints' in value) return false;
  return Object.values(value).some(item => finds(item, wanted));
}

/** Is there a query in it? */
export function hasQuery(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasQuery);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  if ('body' in value && 'hints' in value) return true;
  return Object.values(value).some(hasQuery);
}

/** Functions that give another value for each row, so that nothing may be computed ahead from them. */
const VOLATILE = new Set(['newid', 'newsequentialid', 'rand', 'crypt_gen_random']);
export function isVolatile(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isVolatile);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  if ('node' in value && value.node === 'next-value') return true;
  if (isCall(value) && (VOLATILE.has((value.name.at(-1) ?? '').toLowerCase()) || value.name.length > 1))
    return true;
  return Object.values(value).some(isVolatile);
}
