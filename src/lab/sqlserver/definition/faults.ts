import { SqlError } from '../errors.ts';

/** What the statements of this room refuse in more than one place. */

/** 4902: the table of ALTER TABLE and its kin is not there. */
export const noTable = (name: string, line: number): SqlError =>
  new SqlError(
    4902,
    `Cannot find the object "${name}" because it does not exist or you do not have permissions.`,
    { line },
  );

/** 1088: the table of an index is not there. */
export const noIndexedTable = (name: string, line: number): SqlError =>
  new SqlError(
    1088,
    `Cannot find the object "${name}" because it does not exist or you do not have permissions.`,
    { state: 12, line },
  );

/** 3701 for an object that is to be dropped and is not there. */
export const nothingToDrop = (kind: string, name: string, line: number): SqlError =>
  new SqlError(
    3701,
    `Cannot drop the ${kind} '${name}', because it does not exist or you do not have permission.`,
    { severity: 11, state: 5, line },
  );

/** 1750 behind the error that says why a constraint cannot be made. */
export const constraintFailed = (reason: SqlError): SqlError =>
  new SqlError(1750, 'Could not create constraint or index. See previous errors.', {
    state: 0,
    preceding: [...reason.preceding, reason],
    ...(reason.line === undefined ? {} : { line: reason.line }),
  });

/** Runs the making of a constraint, 1750 behind whatever is wrong with it. */
export function makingConstraint<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof SqlError && error.number !== 1750 && error.number !== 40517)
      throw constraintFailed(error);
    throw error;
  }
}

export const fault = (number: number, text: string, line?: number, state = 1): SqlError =>
  new SqlError(number, text, { state, ...(line === undefined ? {} : { line }) });
