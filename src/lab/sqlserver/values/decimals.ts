/** Exact decimals as bigint in units of 10^-scale. */

const POWERS: readonly bigint[] = Array.from({ length: 80 }, (_, power) => 10n ** BigInt(power));

export const tenTo = (power: number): bigint => POWERS[power] ?? 10n ** BigInt(power);

/** To the nearest, halves away from zero. */
export function divideRounded(value: bigint, by: bigint): bigint {
  const half = by / 2n;
  return value >= 0n ? (value + half) / by : (value - half) / by;
}

/** The same number with another scale; rounded where digits are lost. */
export function rescale(value: bigint, from: number, to: number): bigint {
  if (from === to) return value;
  return to > from ? value * tenTo(to - from) : divideRounded(value, tenTo(from - to));
}

/** Digits left of the point are cut off towards zero. */
export const truncateScale = (value: bigint, scale: number): bigint => value / tenTo(scale);

export const fits = (value: bigint, precision: number): boolean => {
  const limit = tenTo(precision);
  return value < limit && value > -limit;
};

export function formatDecimal(value: bigint, scale: number): string {
  if (scale === 0) return value.toString();
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const NUMBER = /^\s*([+-]?)\s*(\d*)(?:\.(\d*))?\s*$/;

export interface ParsedDecimal {
  readonly units: bigint;
  readonly scale: number;
}

/** `-12.50`; no exponent; undefined for what is no number. */
export function parseDecimal(text: string): ParsedDecimal | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', part = ''] = match;
  if (whole === '' && part === '') return undefined;
  const units = BigInt(whole + part);
  return { units: sign === '-' ? -units : units, scale: part.length };
}

/** A float as a decimal: its 17 significant digits, which is all that a double has. */
export function floatUnits(value: number, scale: number): bigint {
  const [mantissa = '0', exponent = '0'] = value.toExponential(16).split('e');
  const parsed = parseDecimal(mantissa);
  if (parsed === undefined) return 0n;
  const power = Number(exponent) - parsed.scale + scale;
  return power >= 0
    ? parsed.units * 10n ** BigInt(power)
    : power < -60
      ? 0n
      : divideRounded(parsed.units, tenTo(-power));
}

export const unitsToFloat = (value: bigint, scale: number): number =>
  scale === 0 ? Number(value) : Number(formatDecimal(value, scale));
