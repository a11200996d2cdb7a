import type { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { SqlAddress } from './connect.ts';
import { codeOf, serverMessages, textOf } from './driver-error.ts';
import { identifier } from './quote.ts';
import { reasonFor } from './request-reasons.ts';
import type { Statement } from './statement.ts';

export { connectFault } from './connect-fault.ts';
export { serverMessages } from './driver-error.ts';

/** What a failed request means to the engineer. Every error of the driver ends here or in connect-fault.ts, once. */

/** SQL Server's number of the first error, where the server sent one. */
export const numberOf = (thrown: unknown): number | undefined => serverMessages(thrown)[0]?.number;

/** The numbers of a LandfallError that came from a server: `[15002, 14050]`. */
export const numbersOf = (error: LandfallError): readonly number[] =>
  serverMessages(error.facts.cause).map(({ number }) => number);

export function requestFault(thrown: unknown, at: SqlAddress, statement: Statement): LandfallError {
  if (thrown instanceof LandfallError) return thrown;
  const messages = serverMessages(thrown);
  const where = {
    host: `${at.label}, database ${statement.database}`,
    command: firstLine(statement.text),
    ...(messages[0]?.line === undefined ? {} : { line: messages[0].line }),
  };
  const evidence =
    messages.length > 0
      ? messages.map(
          ({ number, text, procedure }) =>
            `${number}${procedure === undefined ? '' : ` in ${procedure}`}: ${text}`,
        )
      : [textOf(thrown)];
  const what = `${statement.title}: the ${at.label} refused it`;
  const code = codeOf(thrown);
  const [first] = messages;
  if (first === undefined) {
    if (code === 'ETIMEOUT')
      return new LandfallError('sql.timeout', {
        what: `${statement.title}: the ${at.label} did not answer in time`,
        where,
        evidence,
        next: ['look for what blocks it: SELECT * FROM sys.dm_exec_requests WHERE blocking_session_id <> 0'],
        cause: thrown,
      });
    return new LandfallError('sql.connection-lost', {
      what: `${statement.title}: the connection to the ${at.label} was lost`,
      why: 'whether the statement took effect is asked again before it is repeated',
      where,
      evidence,
      next: [
        'run the same command again: it goes on where it stopped',
        'was the server restarted? SELECT sqlserver_start_time FROM sys.dm_os_sys_info, and its error log',
      ],
      cause: thrown,
    });
  }
  if (PERMISSION.has(first.number))
    return new LandfallError('sql.permission', {
      what: `${statement.title}: ${at.user} may not do that on the ${at.label}`,
      where,
      evidence,
      next: [
        `ALTER SERVER ROLE sysadmin ADD MEMBER ${identifier(at.user)} on the ${at.label}, for the time of the evacuation`,
      ],
      cause: thrown,
    });
  const reason = reasonFor(messages.map(({ number }) => number));
  if (reason !== undefined)
    return new LandfallError(reason.code, {
      what: `${statement.title}: ${reason.what.replace('{server}', at.label)}`,
      ...(reason.why === undefined ? {} : { why: reason.why }),
      where,
      evidence,
      next: reason.next,
      cause: thrown,
    });
  return new LandfallError('sql.failed', {
    what,
    where,
    evidence,
    next: ['read the statement as it was sent: the command log has it'],
    cause: thrown,
  });
}

/** SELECT, EXECUTE, ALTER … denied; not a sysadmin; not an owner. */
const PERMISSION = new Set([229, 230, 262, 297, 300, 916, 5011, 15151, 15247, 21089, 14260]);

export function unreadable(error: z.ZodError, at: SqlAddress, statement: Statement): LandfallError {
  return new LandfallError('sql.answer-unreadable', {
    what: `${statement.title}: the ${at.label} answered something landfall does not understand`,
    where: { host: at.label, command: firstLine(statement.text) },
    evidence: error.issues.slice(0, 3).map(issue => harmless(`${issue.path.join('.')}: ${issue.message}`)),
    next: ['report this with the version of the server: SELECT @@VERSION'],
    cause: error,
  });
}

const firstLine = (text: string): string => {
  const line =
    text
      .trim()
      .split('\n')
      .find(each => !each.trim().startsWith('--')) ?? '';
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
};
