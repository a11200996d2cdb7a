import { literal, qualified } from '../../../remote/sql/quote.ts';
import type { TableName } from '../../catalog/types.ts';

/** `[dbo].[Orders]`. */
export const nameText = ({ schema, name }: TableName): string => qualified(schema, name);

/** `OBJECT_ID(N'[dbo].[Orders]')`: null where it is not there. */
export const idText = (of: TableName): string => `OBJECT_ID(${literal(nameText(of))})`;
