import { SqlError } from '../errors.ts';
import type { SqlType, Value } from '../values/types.ts';

/** An argument of RAISERROR, SQL Server's printf. */
export interface FormatArgument {
  readonly type: SqlType | undefined;
  readonly value: Value;
}

const PLACE =
  /%(?<flags>[-+0# ]*)(?<width>\*|\d+)?(?:\.(?<precision>\*|\d+))?(?<size>I64|[hl])?(?<kind>[a-zA-Z%])/g;
const INTEGERS: ReadonlySet<string> = new Set(['tinyint', 'smallint', 'int', 'bigint']);
const TEXTS: ReadonlySet<string> = new Set(['char', 'varchar', 'nchar', 'nvarchar']);
/** Characters that a message has at most: longer ones are cut and end in three dots. */
const LONGEST = 2047;

/**
 * The text of a message with its placeholders filled: %s, %d, %i, %u, %o, %x, %X, %%, with flags, width, precision and I64.
 *
 * @throws SqlError 2786 for an argument that does not fit its place, 2787 for a place that is none
 */
export function formatMessage(format: string, values: readonly FormatArgument[]): string {
  let place = 0;
  const next = (): FormatArgument | undefined => {
    const value = values[place];
    place += 1;
    return value;
  };
  const size = (written: string | undefined): number | undefined =>
    written === '*' ? Number(next()?.value ?? 0) : written === undefined ? undefined : Number(written);
  let end = 0;
  let text = '';
  for (const match of format.matchAll(PLACE)) {
    const { flags = '', kind = '', size: length } = match.groups ?? {};
    text += plain(format.slice(end, match.index));
    end = match.index + match[0].length;
    if (kind === '%') {
      text += '%';
      continue;
    }
    const width = size(match.groups?.['width']);
    const precision = size(match.groups?.['precision']);
    text += padded(converted(kind, flags, precision, length, next(), place, match[0]), width, flags);
  }
  text += plain(format.slice(end));
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

function plain(text: string): string {
  if (text.includes('%'))
    throw new SqlError(2787, `Invalid format specification: '${text.slice(text.indexOf('%'))}'.`);
  return text;
}

function converted(
  kind: string,
  flags: string,
  precision: number | undefined,
  length: string | undefined,
  argument: FormatArgument | undefined,
  place: number,
  written: string,
): string {
  if (!'sdiuoxX'.includes(kind)) throw new SqlError(2787, `Invalid format specification: '${written}'.`);
  if (!argument || argument.value === null) return '(null)';
  const { type, value } = argument;
  if (kind === 's') {
    if (!type || !TEXTS.has(type.kind)) throw misfit(place);
    const text = String(value);
    return precision === undefined ? text : text.slice(0, precision);
  }
  if (!type || !INTEGERS.has(type.kind) || (type.kind === 'bigint' && length !== 'I64')) throw misfit(place);
  const number = typeof value === 'bigint' ? value : BigInt(Number(value));
  const bits = length === 'I64' ? 64 : 32;
  return digits(number, kind, flags, bits, precision);
}

function digits(
  number: bigint,
  kind: string,
  flags: string,
  bits: number,
  precision: number | undefined,
): string {
  const fill = (text: string): string => text.padStart(precision ?? 0, '0');
  if (kind === 'd' || kind === 'i') {
    const sign = number < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
    return sign + fill(String(number < 0n ? -number : number));
  }
  const unsigned = BigInt.asUintN(bits, number);
  if (kind === 'u') return fill(String(unsigned));
  if (kind === 'o') return (flags.includes('#') ? '0' : '') + fill(unsigned.toString(8));
  const hex = fill(unsigned.toString(16));
  const whole = (flags.includes('#') ? '0x' : '') + hex;
  return kind === 'X' ? whole.toUpperCase() : whole;
}

function padded(text: string, width: number | undefined, flags: string): string {
  if (width === undefined) return text;
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

const misfit = (place: number): SqlError =>
  new SqlError(
    2786,
    `The data type of substitution parameter ${place} does not match the expected type of the format specification.`,
  );
