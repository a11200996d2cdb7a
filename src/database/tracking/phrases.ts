import { literal } from '../../remote/sql/quote.ts';
import type { Role, Statement } from '../../remote/sql/statement.ts';

/** The shapes of this room's statements. */

export const writes = (
  on: Role,
  database: string,
  title: string,
  text: string,
  parameters?: Statement['parameters'],
): Statement => ({
  on,
  database,
  title,
  text,
  effect: 'writes',
  ...(parameters === undefined ? {} : { parameters }),
});

export const reads = (
  on: Role,
  database: string,
  title: string,
  text: string,
  parameters?: Statement['parameters'],
): Statement => ({ ...writes(on, database, title, text, parameters), effect: 'reads' });

/** One bit: does the condition hold? */
export const asks = (on: Role, database: string, title: string, condition: string): Statement =>
  reads(on, database, title, `SELECT CONVERT(bit, CASE WHEN ${condition} THEN 1 ELSE 0 END) AS done;`);

/** As `asks`, of a table that may not be there: the answer is `otherwise` then. */
export const asksOf = (
  on: Role,
  database: string,
  title: string,
  table: string,
  condition: string,
  otherwise: 0 | 1,
): Statement =>
  reads(
    on,
    database,
    title,
    `IF OBJECT_ID(N'${table}', N'U') IS NULL SELECT CONVERT(bit, ${otherwise}) AS done;
ELSE SELECT CONVERT(bit, CASE WHEN ${condition} THEN 1 ELSE 0 END) AS done;`,
  );

export const objectId = (name: string): string => `OBJECT_ID(${literal(name)})`;
