import { LandfallError } from '../../foundation/errors.ts';
import type { SqlAddress } from './connect.ts';
import { codeOf, codesOf, type ServerMessage, serverMessages, textOf } from './driver-error.ts';
import { identifier, literal } from './quote.ts';

/** What a connection that did not come about means to the engineer. */

interface Failed {
  readonly thrown: unknown;
  readonly at: SqlAddress;
  readonly database: string;
  readonly numbers: ReadonlySet<number>;
  readonly codes: ReadonlySet<string>;
  readonly text: string;
}

interface Told {
  readonly code:
    | 'sql.login-refused'
    | 'sql.permission'
    | 'sql.certificate'
    | 'sql.encryption'
    | 'sql.unreachable'
    | 'sql.timeout';
  readonly what: string;
  readonly why?: string;
  readonly next: readonly string[];
}

/** `said` is what the server sent before the connection ended: the driver keeps only the last of it. */
export function connectFault(
  thrown: unknown,
  at: SqlAddress,
  database: string,
  said: readonly ServerMessage[] = [],
): LandfallError {
  const messages = said.length > 0 ? said : serverMessages(thrown);
  const failed: Failed = {
    ...{ thrown, at, database },
    numbers: new Set(messages.map(({ number }) => number)),
    codes: codesOf(thrown),
    text: `${textOf(thrown)} ${codeOf(thrown)}`,
  };
  const { code, what, why, next } =
    database4060(failed) ?? busy(failed) ?? login(failed) ?? encryption(failed) ?? road(failed);
  return new LandfallError(code, {
    what,
    ...(why === undefined ? {} : { why }),
    where: { host: `${at.address}:${at.port}` },
    evidence:
      messages.length > 0 ? messages.map(({ number, text }) => `${number}: ${text}`) : [textOf(thrown)],
    next,
    cause: thrown,
  });
}

/** The server lets the login in, and the database does not: 4060 comes before 18456. */
function database4060({ numbers, at, database }: Failed): Told | undefined {
  if (!numbers.has(4060)) return undefined;
  return {
    code: 'sql.permission',
    what: `the ${at.label} has no database ${database} that ${at.user} may open`,
    why: 'it is not there, offline, being restored, or the login has no user in it',
    next: [
      `look: SELECT name, state_desc, user_access_desc, HAS_DBACCESS(name) FROM sys.databases WHERE name = ${literal(database)}`,
      `offline: ALTER DATABASE ${identifier(database)} SET ONLINE; no user: CREATE USER ${identifier(at.user)} FOR LOGIN ${identifier(at.user)} in it`,
    ],
  };
}

const LOGIN_NUMBERS: ReadonlyMap<number, (user: string) => string> = new Map<
  number,
  (user: string) => string
>([
  [18470, user => `it is disabled: ALTER LOGIN ${user} ENABLE`],
  [18486, user => `it is locked: ALTER LOGIN ${user} WITH PASSWORD = '…' UNLOCK`],
  [18487, user => `its password has expired: ALTER LOGIN ${user} WITH PASSWORD = '…'`],
  [18488, user => `its password has to be changed first: ALTER LOGIN ${user} WITH PASSWORD = '…'`],
  [18452, () => 'it is a Windows login of a domain that the server does not trust: take a SQL login'],
  [
    18456,
    user =>
      `it is not there, or its password is another; the server's error log tells which (state 5 no login, 8 wrong password, 58 SQL logins are off): EXEC sp_readerrorlog 0, 1, N'Login failed'. CREATE LOGIN ${user} WITH PASSWORD = '…'; ALTER SERVER ROLE sysadmin ADD MEMBER ${user}`,
  ],
]);

function login({ numbers, thrown, at }: Failed): Told | undefined {
  const known = [...LOGIN_NUMBERS].find(([number]) => numbers.has(number));
  if (known === undefined && codeOf(thrown) !== 'ELOGIN') return undefined;
  return {
    code: 'sql.login-refused',
    what: `the ${at.label} does not let ${at.user} in`,
    next: [
      ...(known === undefined ? [] : [known[1](identifier(at.user))]),
      `check user and password of the ${at.role} in the plan`,
    ],
  };
}

/** The server is there, and does not take connections now. */
const BUSY: ReadonlyMap<number, string> = new Map([
  [17142, 'it is paused: continue its service'],
  [17187, 'it has just started and is not ready yet: try again in a minute'],
  [18401, 'it upgrades its system databases: wait until its error log says that recovery is complete'],
  [18461, 'it runs in single-user mode, and somebody else is in'],
  [17188, 'it shuts down'],
  [17189, 'it has no more threads for connections: SELECT COUNT(*) FROM sys.dm_exec_connections'],
  [17809, 'it has reached its limit of connections (user connections)'],
]);

function busy({ numbers, at }: Failed): Told | undefined {
  const known = [...BUSY].find(([number]) => numbers.has(number));
  return known === undefined
    ? undefined
    : {
        code: 'sql.unreachable',
        what: `the ${at.label} takes no connections now`,
        next: [known[1], 'run the same command again: it goes on where it stopped'],
      };
}

function encryption({ text, codes, at }: Failed): Told | undefined {
  if (/requires encryption/i.test(text))
    return {
      code: 'sql.encryption',
      what: `the ${at.label} takes encrypted connections only, and the plan says encrypt: off`,
      next: [`in the plan: encrypt: required for the ${at.role}`],
    };
  if (/did not negotiate encryption|does not support encryption|EENCRYPT/i.test(text))
    return {
      code: 'sql.encryption',
      what: `the ${at.label} offers no encryption, and the plan demands it (encrypt: ${at.encrypt})`,
      why: 'rows and passwords would travel in clear text',
      next: [
        'give the server a certificate: SQL Server Configuration Manager, Protocols, Certificate; on Linux: mssql-conf set network.tlscert',
        'where the network itself is trusted: encrypt: off in the plan',
      ],
    };
  if (/before secure TLS connection|EPROTO|wrong version number|packet length too long/i.test(text))
    return {
      code: 'sql.encryption',
      what:
        at.encrypt === 'strict'
          ? `the ${at.label} does not speak TDS 8.0, which encrypt: strict demands`
          : `the ${at.label} ended the encrypted conversation before it began`,
      next:
        at.encrypt === 'strict'
          ? [
              'SQL Server 2022 and later speak it, with a certificate; for others encrypt: required in the plan',
            ]
          : [`does port ${at.port} belong to SQL Server? and which TLS versions does it allow?`],
    };
  if (/certificate|self.signed|CERT_|altname/i.test(`${text} ${[...codes].join(' ')}`))
    return {
      code: 'sql.certificate',
      what: `the certificate of the ${at.label} is not trusted`,
      why: 'without it landfall cannot know that it talks to this server and to no other',
      next: [
        'give the server a certificate that this machine trusts (NODE_EXTRA_CA_CERTS names further authorities)',
        'where the certificate has another name: certificate_name in the plan',
        'where the network itself is trusted: trust_certificate: true in the plan',
      ],
    };
  return undefined;
}

/** Between here and there. */
function road({ codes, text, thrown, at }: Failed): Told {
  const port = `${at.address}:${at.port}`;
  if (['ENOTFOUND', 'EAI_AGAIN'].some(code => codes.has(code)) || /ENOTFOUND|EAI_AGAIN/.test(text))
    return {
      code: 'sql.unreachable',
      what: `the name ${at.address} of the ${at.label} is not known here`,
      next: [`does it resolve? getent hosts ${at.address}`, 'or write its address in the plan'],
    };
  if (codes.has('ECONNREFUSED'))
    return {
      code: 'sql.unreachable',
      what: `nothing listens on ${port}, where the plan has the ${at.label}`,
      next: [
        'is the service up? SQL Server has TCP switched off in some editions: Configuration Manager, Protocols, TCP/IP',
        "a named instance has a port of its own: EXEC sp_readerrorlog 0, 1, N'listening' on the server tells it",
      ],
    };
  if (/hang up|ECONNRESET|EPIPE/i.test(text) || codes.has('ECONNRESET'))
    return {
      code: 'sql.unreachable',
      what: `something answers on ${port}, and it does not talk as SQL Server does`,
      next: [
        `which program has port ${at.port} there? ss -tlnp, or netstat -ano`,
        'if it is SQL Server: it may be starting, or be out of connections; look into its error log',
      ],
    };
  return {
    code: codeOf(thrown) === 'ETIMEOUT' ? 'sql.timeout' : 'sql.unreachable',
    what: `the ${at.label} does not answer on port ${at.port}`,
    next: [
      `is it up, and does a firewall let this machine in? nc -vz ${at.address} ${at.port}`,
      'a named instance has a port of its own: look in SQL Server Configuration Manager',
    ],
  };
}
