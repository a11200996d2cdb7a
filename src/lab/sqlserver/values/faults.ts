import { SqlError } from '../errors.ts';

/** Errors of values, with SQL Server's numbers and texts. */

export const overflow = (type: string, severity = 16): SqlError =>
  new SqlError(8115, `Arithmetic overflow error converting expression to data type ${type}.`, {
    severity,
    state: 2,
  });

export const overflowFrom = (from: string, to: string, state = 8): SqlError =>
  new SqlError(8115, `Arithmetic overflow error converting ${from} to data type ${to}.`, { state });

/** A value of tinyint or smallint that does not fit. */
export const overflowValue = (to: string, value: string): SqlError =>
  new SqlError(220, `Arithmetic overflow error for data type ${to}, value = ${value}.`);

export const divideByZero = (): SqlError => new SqlError(8134, 'Divide by zero error encountered.');

export const conversionFailed = (from: string, value: string, to: string): SqlError =>
  new SqlError(245, `Conversion failed when converting the ${from} value '${value}' to data type ${to}.`);

export const errorConverting = (from: string, to: string): SqlError =>
  new SqlError(8114, `Error converting data type ${from} to ${to}.`, { state: 5 });

export const dateSyntax = (): SqlError =>
  new SqlError(241, 'Conversion failed when converting date and/or time from character string.');

export const dateRange = (from: string, to: string): SqlError =>
  new SqlError(
    242,
    `The conversion of a ${from} data type to a ${to} data type resulted in an out-of-range value.`,
    { state: 3 },
  );

export const clash = (from: string, to: string): SqlError =>
  new SqlError(206, `Operand type clash: ${from} is incompatible with ${to}`, { state: 2, endsBatch: true });

export const needsConvert = (from: string, to: string): SqlError =>
  new SqlError(
    257,
    `Implicit conversion from data type ${from} to ${to} is not allowed. Use the CONVERT function to run this query.`,
    { state: 3, endsBatch: true },
  );

export const notConvertible = (from: string, to: string): SqlError =>
  new SqlError(529, `Explicit conversion from data type ${from} to ${to} is not allowed.`, {
    state: 2,
    endsBatch: true,
  });

export const badStyle = (style: number, from: string, to: string): SqlError =>
  new SqlError(281, `${style} is not a valid style number when converting from ${from} to ${to}.`);

export const badOperand = (type: string, operator: string): SqlError =>
  new SqlError(8117, `Operand data type ${type} is invalid for ${operator} operator.`, { endsBatch: true });

export const incompatible = (left: string, right: string, operator: string): SqlError =>
  new SqlError(402, `The data types ${left} and ${right} are incompatible in the ${operator} operator.`, {
    endsBatch: true,
  });
