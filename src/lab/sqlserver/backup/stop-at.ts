import { convertValue, DATETIME, millisecondsOf, nvarchar } from '../values/index.ts';

/** STOPAT = '2026-09-01T12:00:00': milliseconds since the epoch. @throws SqlError 241, 242 */
export function parseStopAt(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return millisecondsOf(convertValue(text, nvarchar(128), DATETIME), DATETIME);
}
