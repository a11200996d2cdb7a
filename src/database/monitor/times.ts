import { z } from 'zod';

/** Times as T-SQL gives them to landfall: epoch milliseconds as text. */

/** Of an expression in UTC. DATEDIFF_BIG is not there before 2016. */
export const epochText = (expression: string): string =>
  `CONVERT(varchar(20), CONVERT(bigint, DATEDIFF(second, '19700101', ${expression})) * 1000 + DATEPART(millisecond, ${expression}))`;

/** Of an expression in the server's own time, as history tables and msdb have it. */
export const localEpochText = (expression: string): string =>
  epochText(`DATEADD(minute, DATEDIFF(minute, GETDATE(), GETUTCDATE()), ${expression})`);

/** Big numbers arrive as text. NULL stays NULL: coerced it would be 0, which is an answer. */
export const amount = z
  .string()
  .nullable()
  .transform(text => (text === null ? null : Number(text)));
