import type { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { SqlAddress } from './connect.ts';
import type { Statement } from './statement.ts';

/** What a failed connection or request means to the engineer. Every error of the driver ends here, once. */

interface ServerMessage {
  readonly number: number;
  readonly text: string;
  readonly line?: number;
  readonly procedure?: string;
}

const get = (thrown: unknown, key: string): unknown =>
  typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, key) : undefined;

const textOf = (thrown: unknown): string => {
  const message = get(thrown, 'message');
  return harmless(typeof message === 'string' ? message : String(thrown));
};

/** Every error that the server sent, first first: replication's procedures send several, and the first one says why. */
export function serverMessages(thrown: unknown): ServerMessage[] {
  const before = get(thrown, 'precedingErrors');
  const all = [...(Array.isArray(before) ? before : []), thrown];
  return all.flatMap(each => {
    const info = get(each, 'info') ?? get(get(each, 'originalError'), 'info') ?? each;
    const number = get(info, 'number') ?? get(each, 'number');
    if (typeof number !== 'number') return [];
    const line = get(info, 'lineNumber') ?? get(each, 'lineNumber');
    const procedure = get(info, 'procName') ?? get(each, 'procName');
    return [
      {
        number,
        text: textOf(each),
        ...(typeof line === 'number' && line > 0 ? { line } : {}),
        ...(typeof procedure === 'string' && procedure !== '' ? { procedure: harmless(procedure) } : {}),
      },
    ];
  });
}

/** SQL Server's number of the first error, where the server sent one. */
export const numberOf = (thrown: unknown): number | undefined => serverMessages(thrown)[0]?.number;

/** The numbers of a LandfallError that came from a server: `[15002, 14050]`. */
export const numbersOf = (error: LandfallError): readonly number[] =>
  serverMessages(error.facts.cause).map(({ number }) => number);

const codeOf = (thrown: unknown): string => {
  const code = get(thrown, 'code');
  const inner = get(get(thrown, 'originalError'), 'code');
  return [inner, code].find(each => typeof each === 'string') ?? '';
};

export function connectFault(thrown: unknown, at: SqlAddress, database: string): LandfallError {
  const where = { host: `${at.address}:${at.port}` };
  const text = textOf(thrown);
  const evidence = [text];
  const messages = serverMessages(thrown);
  const number = messages[0]?.number;
  if (
    number === 18456 ||
    number === 18452 ||
    number === 18470 ||
    number === 18486 ||
    (/^ELOGIN$/.test(codeOf(thrown)) && number !== 4060)
  )
    return new LandfallError('sql.login-refused', {
      what: `the ${at.label} does not let ${at.user} in`,
      where,
      evidence,
      next: [
        `check user and password of ${at.label} in the plan; the server's error log says why (state of error 18456)`,
        'a login for landfall: CREATE LOGIN, ALTER SERVER ROLE sysadmin ADD MEMBER',
      ],
      cause: thrown,
    });
  if (number === 4060)
    return new LandfallError('sql.permission', {
      what: `the ${at.label} has no database ${database} that ${at.user} may open`,
      where,
      evidence,
      next: [`look: SELECT name, state_desc, HAS_DBACCESS(name) FROM sys.databases`],
      cause: thrown,
    });
  if (/certificate|self.signed|CERT_|altname/i.test(`${text} ${codeOf(thrown)}`))
    return new LandfallError('sql.certificate', {
      what: `the certificate of the ${at.label} is not trusted`,
      why: 'without it landfall cannot know that it talks to this server and to no other',
      where,
      evidence,
      next: [
        'give the server a certificate that this machine trusts (NODE_EXTRA_CA_CERTS names further authorities)',
        'where the certificate has another name: certificate_name in the plan',
        'where the network itself is trusted: trust_certificate: true in the plan',
      ],
      cause: thrown,
    });
  return new LandfallError(codeOf(thrown) === 'ETIMEOUT' ? 'sql.timeout' : 'sql.unreachable', {
    what: `the ${at.label} does not answer on port ${at.port}`,
    where,
    evidence,
    next: [
      `is it up, and does a firewall let this machine in? nc -vz ${at.address} ${at.port}`,
      'a named instance has a port of its own: look in SQL Server Configuration Manager',
    ],
    cause: thrown,
  });
}

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
      next: ['run the same command again: it goes on where it stopped'],
      cause: thrown,
    });
  }
  if (PERMISSION.has(first.number))
    return new LandfallError('sql.permission', {
      what: `${statement.title}: ${at.user} may not do that on the ${at.label}`,
      where,
      evidence,
      next: [
        `ALTER SERVER ROLE sysadmin ADD MEMBER [${at.user}] on the ${at.label}, for the time of the evacuation`,
      ],
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
