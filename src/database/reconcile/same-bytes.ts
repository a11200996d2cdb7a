import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import type { Role, Statement } from '../../remote/sql/statement.ts';
import type { Work } from '../stage.ts';

/**
 * Moments and GUIDs travel as the bytes to which SQL Server converts them. What these bytes are is documented for no
 * version, so both servers are asked before a row is written: the same bytes, and back to the same moment.
 */

const MOMENTS: Readonly<Record<string, readonly [type: string, bytes: number, value: string]>> = {
  date: ['date', 3, '2031-12-09'],
  smalldatetime: ['smalldatetime', 4, '2031-12-09T23:58:00'],
  datetime: ['datetime', 8, '2031-12-09T23:58:59.997'],
  time0: ['time(0)', 6, '23:58:59'],
  time3: ['time(3)', 6, '23:58:59.123'],
  time7: ['time(7)', 6, '23:58:59.1234567'],
  datetime2_0: ['datetime2(0)', 9, '2031-12-09T23:58:59'],
  datetime2_4: ['datetime2(4)', 9, '2031-12-09T23:58:59.1234'],
  datetime2_7: ['datetime2(7)', 9, '2031-12-09T23:58:59.1234567'],
  datetimeoffset_0: ['datetimeoffset(0)', 11, '2031-12-09T23:58:59-04:00'],
  datetimeoffset_7: ['datetimeoffset(7)', 11, '2031-12-09T23:58:59.1234567+05:30'],
  uniqueidentifier: ['uniqueidentifier', 16, '0E984725-C51C-4BF4-9960-E1C80E27ABA0'],
};

const answer = z.record(z.string(), z.string());

/** One row: for every type its bytes in hexadecimal, with `=` where they give the value back. */
export const bytesStatement = (on: Role, database: string): Statement => ({
  on,
  database,
  title: 'ask how moments and GUIDs are converted to bytes',
  effect: 'reads',
  text: `SELECT
${Object.entries(MOMENTS)
  .map(([name, [type, bytes, value]]) => {
    const converted = `CONVERT(varbinary(${bytes}), CONVERT(${type}, '${value}'))`;
    const isKept = `CASE WHEN CONVERT(${type}, ${converted}) = CONVERT(${type}, '${value}') THEN '=' ELSE '?' END`;
    return `  CONVERT(varchar(40), ${converted}, 2) + ${isKept} AS [${name}]`;
  })
  .join(',\n')};`,
});

/** Throws `database.blocked` where the two servers would not mean the same by the same bytes. */
export async function requireSameBytes(work: Pick<Work, 'servers' | 'ref' | 'signal'>): Promise<void> {
  const { servers, ref, signal } = work;
  const [[source], [copy]] = await Promise.all([
    servers.publisher.ask(bytesStatement('publisher', 'master'), answer, { signal }),
    servers.subscriber.ask(bytesStatement('subscriber', 'master'), answer, { signal }),
  ]);
  const differences = differingTypes(source, copy);
  if (differences.length === 0) return;
  throw new LandfallError('database.blocked', {
    what: `${servers.publisher.label} and ${servers.subscriber.label} do not convert moments to the same bytes`,
    why: `rows that travel as bytes would arrive in ${ref.copy} with other times; nothing was touched`,
    where: { host: servers.subscriber.label },
    evidence: differences,
    next: [
      'report this with the versions of both servers',
      'seed by a backup meanwhile: landfall database seed PLAN --lane backup',
    ],
  });
}

/** Types that the two answers do not agree on, in words. A type that one does not answer is one of them. */
export function differingTypes(
  source: Readonly<Record<string, string>> | undefined,
  copy: Readonly<Record<string, string>> | undefined,
): string[] {
  return Object.entries(MOMENTS).flatMap(([name, [type]]) => {
    const [left, right] = [source?.[name], copy?.[name]];
    if (left !== undefined && left === right && left.endsWith('=')) return [];
    return [`${type}: ${left ?? 'no answer'} at the source, ${right ?? 'no answer'} at the copy`];
  });
}
