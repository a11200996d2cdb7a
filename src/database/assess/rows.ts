import { z } from 'zod';

/** How SQL Server's values arrive through the driver, and what they are. */

/** A bit, or the int of a yes-or-no function; NULL is no. */
export const flag = z
  .union([z.boolean(), z.number(), z.null()])
  .transform(value => value === true || value === 1);

/** A bigint of bytes, rows or seconds: the driver gives text; no size of a database is beyond 2^53. */
export const size = z.union([z.string(), z.number()]).transform(Number);

export const sizeOrNull = z.union([size, z.null()]);
export const text = z.string();
export const textOrNull = z.string().nullable();
export const whole = z.number();
