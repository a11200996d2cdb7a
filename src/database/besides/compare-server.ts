import { literal, qualified } from '../../remote/sql/quote.ts';
import type { LinkedServer, Login, ServerFacts } from './facts.ts';
import {
  byHand,
  different,
  type Finding,
  find,
  key,
  missing,
  onOff,
  type Passwords,
  type Saying,
  same,
  verbOf,
} from './wanted.ts';

/** Logins, server roles and permissions, linked servers, credentials, configuration: the server of the copy against the publisher's. */
export function compareServers(
  source: ServerFacts,
  copy: ServerFacts,
  passwords: Passwords,
  lent: ReadonlySet<string>,
): Finding[] {
  return [
    ...source.logins.map(login => loginFinding(login, source, copy, passwords, lent)),
    ...source.roles.map(role =>
      copy.roles.some(each => key(each) === key(role))
        ? same('server-role', role)
        : missing('server-role', role, 'is made', [{ phrase: 'serverRole', values: { role } }]),
    ),
    ...source.members.map(({ role, member }) => {
      const name = `${role}: ${member}`;
      return copy.members.some(each => key(each.role, each.member) === key(role, member))
        ? same('server-role-member', name)
        : missing('server-role-member', name, 'joins the server role', [
            { phrase: 'serverMember', values: { role, member } },
          ]);
    }),
    ...source.permissions.map(permission => {
      const name = `${permission.state} ${permission.permission} TO ${permission.grantee}`;
      const known = copy.permissions.some(
        each =>
          key(each.grantee, each.permission, each.class, each.state) ===
          key(permission.grantee, permission.permission, permission.class, permission.state),
      );
      if (known) return same('server-permission', name);
      return permission.class === 'SERVER'
        ? missing('server-permission', name, 'is given', [
            { phrase: 'serverPermission', values: verbOf(permission) },
          ])
        : byHand(
            'server-permission',
            name,
            `a permission on a thing of the server (${permission.class})`,
            `-- ${permission.state} ${permission.permission} ON ${permission.class}::‹which› TO ${permission.grantee}`,
          );
    }),
    ...source.linked.map(server =>
      find(copy.linked, server.name) === undefined
        ? linkedServer(server)
        : same('linked-server', server.name),
    ),
    ...absent(source.credentials, copy.credentials).map(({ name, identity }) =>
      byHand(
        'credential',
        name,
        'its secret cannot be read: enter it again',
        `CREATE CREDENTIAL ${qualified(name)} WITH IDENTITY = ${literal(identity)}, SECRET = N'‹secret›';`,
      ),
    ),
    ...unnamed(source.certificates, copy.certificates).map(name =>
      byHand(
        'certificate',
        name,
        'is not on the server of the copy; encrypted databases and backups need it',
        [
          `-- on the publisher: BACKUP CERTIFICATE ${qualified(name)} TO FILE = N'‹folder›.cer'`,
          `--   WITH PRIVATE KEY (FILE = N'‹folder›.pvk', ENCRYPTION BY PASSWORD = N'‹password›');`,
          `CREATE CERTIFICATE ${qualified(name)} FROM FILE = N'‹folder›.cer'`,
          `  WITH PRIVATE KEY (FILE = N'‹folder›.pvk', DECRYPTION BY PASSWORD = N'‹password›');`,
        ].join('\n'),
      ),
    ),
    ...configuration(source, copy),
    ...LISTED.flatMap(({ kind, of, what, command }) =>
      unnamed(of(source), of(copy)).map(name => byHand(kind, name, what, command(name))),
    ),
  ];
}

function loginFinding(
  login: Login,
  source: ServerFacts,
  copy: ServerFacts,
  passwords: Passwords,
  lent: ReadonlySet<string>,
): Finding {
  const { name } = login;
  const there = find(copy.logins, name);
  const password = passwords.get(key(name));
  // What the hand-over has frozen was enabled.
  const disabled = login.disabled && !lent.has(key(name));
  if (there === undefined) {
    const other = copy.logins.find(({ sid }) => sid === login.sid);
    if (other !== undefined)
      return byHand(
        'login',
        name,
        `its SID belongs to the login ${other.name} on the server of the copy`,
        `-- who is ${other.name}? Where it is the same person: ALTER LOGIN ${qualified(other.name)} WITH NAME = ${qualified(name)};`,
      );
    if (login.kind !== 'sql') return windowsLogin(login, source, copy);
    if (password === 'unreadable')
      return byHand(
        'login',
        name,
        'the hash of its password cannot be read or is of a newer kind than the server of the copy takes: give it a password',
        `CREATE LOGIN ${qualified(name)} WITH PASSWORD = N'‹password›', SID = ${login.sid};`,
      );
    return missing('login', name, 'is made with its SID and its password', [
      {
        phrase: 'login',
        values: { login: name, sid: login.sid, database: database(login, copy), language: login.language },
        hashOf: name,
      },
      ...state({ ...login, disabled }),
    ]);
  }
  if (login.kind !== 'sql') return same('login', name);
  const isPassword = password === 'different';
  const newPassword: Saying = { phrase: 'loginPassword', values: { login: name }, hashOf: name };
  if (there.sid !== login.sid)
    return different(
      'login',
      name,
      `has another SID there: its users are led to it by name${isPassword ? ', and it gets the password of the publisher at the hand-over' : ''}`,
      isPassword ? [newPassword] : [],
      'handover',
    );
  if (isPassword)
    return different(
      'login',
      name,
      'has another password there; it gets that of the publisher at the hand-over',
      [newPassword, ...state({ ...login, disabled })],
      'handover',
    );
  const sayings: Saying[] = [];
  if (there.policy !== login.policy || there.expiration !== login.expiration) sayings.push(policy(login));
  if (there.disabled !== disabled) sayings.push(enabling(name, disabled));
  return sayings.length === 0
    ? same('login', name)
    : different('login', name, 'is enabled or checked otherwise there', sayings, 'handover');
}

const policy = ({ name, policy, expiration }: Login): Saying => ({
  phrase: 'loginPolicy',
  values: { login: name, policy: onOff(policy), expiration: onOff(expiration && policy) },
});

const enabling = (login: string, disabled: boolean): Saying => ({
  phrase: 'loginState',
  values: { login, state: disabled ? 'DISABLE' : 'ENABLE' },
});

const state = (login: Login): Saying[] => [
  ...(login.policy ? [policy(login)] : []),
  ...(login.disabled ? [enabling(login.name, true)] : []),
];

/** The database itself may have another name there, or none yet. */
const database = (login: Login, _copy: ServerFacts): string =>
  ['master', 'msdb', 'tempdb', 'model'].includes(login.database.toLowerCase()) ? login.database : 'master';

function windowsLogin(login: Login, source: ServerFacts, copy: ServerFacts): Finding {
  const [domain] = login.name.split('\\');
  const machine = source.name.split('\\')[0];
  if (domain !== undefined && machine !== undefined && key(domain) === key(machine))
    return byHand(
      'login',
      login.name,
      'is an account of the publisher itself: no other machine knows it',
      `-- an account of a domain, or a SQL login, in its place: CREATE LOGIN ‹name› …`,
    );
  return missing('login', login.name, 'is made from Windows', [
    {
      phrase: 'windowsLogin',
      values: { login: login.name, database: database(login, copy), language: login.language },
    },
    ...(login.disabled ? [enabling(login.name, true)] : []),
  ]);
}

function linkedServer({ name, product, provider, source, catalog, remoteLogins }: LinkedServer): Finding {
  const own = product.toLowerCase() === 'sql server';
  const lines = [
    own
      ? `EXEC sys.sp_addlinkedserver @server = ${literal(name)}, @srvproduct = N'SQL Server';`
      : `EXEC sys.sp_addlinkedserver @server = ${literal(name)}, @srvproduct = ${literal(product)}, @provider = ${literal(provider)}, @datasrc = ${literal(source)}${catalog === '' ? '' : `, @catalog = ${literal(catalog)}`};`,
    ...remoteLogins.map(
      login =>
        `EXEC sys.sp_addlinkedsrvlogin @rmtsrvname = ${literal(name)}, @useself = N'False', @rmtuser = ${literal(login)}, @rmtpassword = N'‹password›';`,
    ),
  ];
  return byHand(
    'linked-server',
    name,
    'its passwords cannot be read, and whether it can be reached from there is to be tried',
    lines.join('\n'),
  );
}

/** Settings of a server's size; they are right for the machine they are on. */
const OF_THE_MACHINE =
  /memory|affinity|worker threads|degree of parallelism|version|default language|network packet|Replication XPs|Mail XPs$/i;

function configuration(source: ServerFacts, copy: ServerFacts): Finding[] {
  return source.configuration.flatMap(({ name, value }): Finding[] => {
    const there = find(copy.configuration, name);
    if (there === undefined || there.value === value) return [];
    const own = OF_THE_MACHINE.test(name) ? '; it may be right for the machine it is on' : '';
    return [
      byHand(
        'configuration',
        name,
        `${value} on the publisher, ${there.value} there${own}`,
        `EXEC sys.sp_configure ${literal(name)}, ${value}; RECONFIGURE;`,
      ),
    ];
  });
}

const absent = <T extends { readonly name: string }>(all: readonly T[], there: readonly T[]): T[] =>
  all.filter(({ name }) => find(there, name) === undefined);

const unnamed = (all: readonly string[], there: readonly string[]): string[] =>
  all.filter(name => !there.some(each => key(each) === key(name)));

const LISTED: readonly {
  readonly kind: string;
  readonly of: (facts: ServerFacts) => readonly string[];
  readonly what: string;
  readonly command: (name: string) => string;
}[] = [
  {
    kind: 'server-trigger',
    of: facts => facts.triggers,
    what: 'a trigger of the server',
    command: name =>
      `-- script it on the publisher: SELECT definition FROM sys.server_sql_modules WHERE object_id = (SELECT object_id FROM sys.server_triggers WHERE name = ${literal(name)});`,
  },
  {
    kind: 'alert',
    of: facts => facts.alerts,
    what: 'an alert of SQL Server Agent',
    command: name =>
      `-- script it on the publisher: EXEC msdb.dbo.sp_help_alert @alert_name = ${literal(name)};`,
  },
  {
    kind: 'proxy',
    of: facts => facts.proxies,
    what: 'a proxy of SQL Server Agent; it needs its credential first',
    command: name =>
      `EXEC msdb.dbo.sp_add_proxy @proxy_name = ${literal(name)}, @credential_name = N'‹credential›', @enabled = 1;`,
  },
  {
    kind: 'mail-profile',
    of: facts => facts.mailProfiles,
    what: 'a profile of Database Mail; the password of its account is to be entered again',
    command: name => `EXEC msdb.dbo.sysmail_add_profile_sp @profile_name = ${literal(name)};
-- then sysmail_add_account_sp (with ‹password›) and sysmail_add_profileaccount_sp`,
  },
  {
    kind: 'message',
    of: facts => facts.messages,
    what: 'a message of an application',
    command: name =>
      `-- look: SELECT * FROM sys.messages WHERE message_id = ${name};
EXEC sys.sp_addmessage @msgnum = ${name}, @severity = ‹severity›, @msgtext = N'‹text›';`,
  },
];
