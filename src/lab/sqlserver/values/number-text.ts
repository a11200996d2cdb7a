/** How SQL Server writes floats and money. */

/** `-1234567.80` as `-1,234,567.80`. */
export function groupThousands(text: string): string {
  const [whole = '', part] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return part === undefined ? grouped : `${grouped}.${part}`;
}

/** `1.5e+020`: three digits of the exponent. */
function exponential(value: number, digits: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(digits).split('e');
  return `${mantissa}e${exponent.charAt(0)}${exponent.slice(1).padStart(3, '0')}`;
}

const trimmedMantissa = (text: string): string => text.replace(/(\.\d*?)0+e/, '$1e').replace('.e', 'e');

/**
 * Styles of CONVERT for float and real: 0 has at most 6 digits, 1 has 8 and 2 has 16 in scientific notation, 3 has
 * 17, which come back as the same value.
 */
export function floatText(value: number, style: number): string {
  switch (style) {
    case 1:
      return exponential(value, 7);
    case 2:
      return exponential(value, 15);
    case 3:
      return exponential(value, 16);
    default:
      return general(value);
  }
}

/** Six significant digits; in scientific notation from 1e6 on and below 1e-4. */
function general(value: number): string {
  if (value === 0) return '0';
  const [, exponentText = '0'] = value.toExponential(5).split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) return trimmedMantissa(exponential(value, 5));
  return String(Number(value.toPrecision(6)));
}
