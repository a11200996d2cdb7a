import type { OffsetTime, SqlType, Value, Variant } from '../values/types.ts';

/** Stands before what JSON has no form for. */
const MARK = '\u0001';

type Cell = null | number | string | Tagged;
type Tagged = readonly [SqlType, Cell];

/** A row as text, from which it comes back as it was. Text of lone surrogates is escaped by JSON itself. */
export function rowToText(row: readonly Value[]): string {
  const cells: Cell[] = new Array(row.length);
  for (let at = 0; at < row.length; at += 1) cells[at] = cellOf(row[at] ?? null);
  return JSON.stringify(cells);
}

function cellOf(value: Value): Cell {
  if (value === null) return null;
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? `${MARK}z` : value;
    case 'string':
      return value.startsWith(MARK) ? `${MARK}s${value}` : value;
    case 'bigint':
      return `${MARK}n${value}`;
    default:
      if (value instanceof Uint8Array)
        return `${MARK}x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')}`;
      return 'ticks' in value ? `${MARK}o${value.ticks} ${value.offset}` : [value.type, cellOf(value.value)];
  }
}

export function rowFromText(text: string): Value[] {
  const cells: Cell[] = JSON.parse(text);
  const row: Value[] = new Array(cells.length);
  for (let at = 0; at < cells.length; at += 1) {
    const cell = cells[at] ?? null;
    row[at] =
      cell === null || typeof cell === 'number' || (typeof cell === 'string' && !cell.startsWith(MARK))
        ? cell
        : valueFrom(cell);
  }
  return row;
}

function valueFrom(cell: Cell): Value {
  if (cell === null || typeof cell === 'number') return cell;
  if (typeof cell !== 'string') return variantOf(cell);
  if (!cell.startsWith(MARK)) return cell;
  const rest = cell.slice(2);
  switch (cell[1]) {
    case 'z':
      return -0;
    case 's':
      return rest;
    case 'n':
      return BigInt(rest);
    case 'x':
      return new Uint8Array(Buffer.from(rest, 'base64'));
    default:
      return offsetOf(rest);
  }
}

function offsetOf(text: string): OffsetTime {
  const [ticks = '0', offset = '0'] = text.split(' ');
  return { ticks: BigInt(ticks), offset: Number(offset) };
}

function variantOf([type, cell]: Tagged): Value {
  const value = valueFrom(cell);
  if (isVariant(value)) throw new TypeError('a variant in a variant');
  return { type, value };
}

const isVariant = (value: Value): value is Variant =>
  typeof value === 'object' && value !== null && 'type' in value;
