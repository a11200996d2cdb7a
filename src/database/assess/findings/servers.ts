import { type DatabaseFinding, LANES } from '../../../journal/database-facts.ts';
import { identifier, literal } from '../../../remote/sql/quote.ts';
import { type DatabaseSurvey, PUBLISHING, RESTORING, type ServerSurvey, type Survey } from '../survey.ts';
import { ENGINE } from '../survey-server.ts';
import { blocker, note, warning } from './finding.ts';

/** Editions, versions, names and rights of the servers (facts: mssql 0.9, 2.1 to 2.3). */
export const serverFindings = (survey: Survey): DatabaseFinding[] => [
  ...sameServer(survey),
  ...editions(survey),
  ...versions(survey),
  ...serversOf(survey).flatMap(server => names(server)),
  ...rights(survey),
  ...agent(survey),
  ...builds(survey),
  ...serversOf(survey).flatMap(server => connection(server)),
  ...serversOf(survey).flatMap(server =>
    unseen(
      server,
      server === survey.publisher
        ? [survey.source]
        : server === survey.subscriber
          ? [...new Set([survey.clone, survey.target])]
          : [],
    ),
  ),
  ...trust(survey),
];

/** Each once: the distributor is often one of the two. */
export function serversOf({ publisher, distributor, subscriber }: Survey): ServerSurvey[] {
  const third =
    distributor.facts.serverId === publisher.facts.serverId ||
    distributor.facts.serverId === subscriber.facts.serverId;
  return third ? [publisher, subscriber] : [publisher, distributor, subscriber];
}

function sameServer({ publisher, subscriber }: Survey): DatabaseFinding[] {
  if (publisher.facts.serverId === subscriber.facts.serverId)
    return [
      blocker({
        code: 'same-server',
        subject: 'subscriber',
        what: 'publisher and subscriber are one and the same server',
        remedy: 'correct address and port of the subscriber in the plan',
        closes: LANES,
        evidence: [`both are ${publisher.facts.serverId}`],
      }),
    ];
  if (publisher.facts.name.toLowerCase() !== subscriber.facts.name.toLowerCase()) return [];
  return [
    blocker({
      code: 'same-name',
      subject: 'subscriber',
      what: `publisher and subscriber are both called ${publisher.facts.name}: replication tells servers apart by their names`,
      remedy: `on the subscriber: EXEC sp_dropserver ${literal(subscriber.facts.name)}; EXEC sp_addserver N'<its own name>', N'local'; then restart it`,
      closes: PUBLISHING,
    }),
  ];
}

function editions({ publisher, distributor, subscriber, source }: Survey): DatabaseFinding[] {
  const found: DatabaseFinding[] = [];
  if (!publisher.facts.publishes)
    found.push(
      blocker({
        code: 'edition-cannot-publish',
        subject: 'publisher',
        what: `${publisher.facts.edition} cannot publish; it can only subscribe`,
        remedy: 'take the lane change-tracking or log-shipping: both work with every edition',
        closes: PUBLISHING,
        evidence: [publisher.facts.edition, publisher.facts.version],
      }),
    );
  if (publisher.facts.publishes && !distributor.facts.distributes)
    found.push(
      blocker({
        code: 'edition-cannot-distribute',
        subject: 'distributor',
        what: `${distributor.facts.edition} cannot distribute`,
        remedy: 'in the plan: distributor_at: publisher, or a third server as distributor',
        closes: PUBLISHING,
        evidence: [distributor.facts.edition, distributor.facts.version],
      }),
    );
  const bytes = source.facts?.dataBytes ?? 0;
  const limit = subscriber.facts.major >= 17 ? 50 : 10;
  if (subscriber.facts.engineEdition === ENGINE.express && bytes > limit * 1024 ** 3)
    found.push(
      blocker({
        code: 'edition-too-small',
        subject: 'subscriber',
        what: `${subscriber.facts.edition} holds databases of up to ${limit} GB; this one is larger`,
        remedy: 'install Standard or Developer edition at the target',
        closes: LANES,
        evidence: [`data files: ${bytes} bytes`],
      }),
    );
  return found;
}

/** 11 is 2012, 17 is 2025. */
const RELEASES: Readonly<Record<number, string>> = {
  11: '2012',
  12: '2014',
  13: '2016',
  14: '2017',
  15: '2019',
  16: '2022',
  17: '2025',
};
const release = ({ facts }: ServerSurvey): string => RELEASES[facts.major] ?? facts.version;

function versions({ publisher, distributor, subscriber }: Survey): DatabaseFinding[] {
  const found: DatabaseFinding[] = [];
  const [p, s] = [publisher.facts.major, subscriber.facts.major];
  if (distributor.facts.major < p)
    found.push(
      blocker({
        code: 'distributor-older',
        subject: 'distributor',
        what: `the distributor (${release(distributor)}) is older than the publisher (${release(publisher)})`,
        remedy:
          'in the plan: distributor_at: publisher, or a distributor of the publisher’s release or newer',
        closes: PUBLISHING,
      }),
    );
  if (Math.abs(s - p) > 2)
    found.push(
      blocker({
        code: 'versions-too-far',
        subject: 'subscriber',
        what: `the subscriber (${release(subscriber)}) is not within two releases of the publisher (${release(publisher)})`,
        remedy: `install a release at the target that is no more than two away from ${release(publisher)}; log-shipping upgrades over any distance`,
        closes: PUBLISHING,
      }),
    );
  if (s < p)
    found.push(
      blocker({
        code: 'subscriber-older',
        subject: 'subscriber',
        what: `the subscriber (${release(subscriber)}) is older than the publisher (${release(publisher)}): it cannot restore its backups`,
        remedy: `install SQL Server ${release(publisher)} or newer at the target, or take a lane that carries rows`,
        closes: RESTORING,
      }),
    );
  if (s > p)
    found.push(
      note({
        code: 'no-way-back-by-restore',
        subject: 'subscriber',
        what: `the subscriber (${release(subscriber)}) is newer than the publisher (${release(publisher)}): the way home is by replication, never by a restore`,
        remedy: 'nothing now; the reverse publication that the hand-over prepares is the way home',
      }),
    );
  if (p >= 17 && distributor !== publisher)
    found.push(
      warning({
        code: 'distributor-certificate',
        subject: 'distributor',
        what: 'SQL Server 2025 encrypts its connection to a remote distributor and refuses a certificate it does not trust',
        remedy:
          "give the distributor a certificate that the publisher trusts, or @trust_distributor_certificate = N'yes' in sp_adddistributor",
      }),
    );
  return found;
}

function names(server: ServerSurvey): DatabaseFinding[] {
  const { localName, facts, role } = server;
  if (localName !== null && localName.toLowerCase() === serverName(facts.serverId).toLowerCase()) return [];
  const real = serverName(facts.serverId);
  return [
    blocker({
      code: 'server-name-differs',
      subject: role,
      what:
        localName === null
          ? 'the server does not know its own name: @@SERVERNAME is NULL'
          : `the server was renamed: @@SERVERNAME is ${localName}, its name is ${real}`,
      remedy: `${localName === null ? '' : `EXEC sp_dropserver ${literal(localName)}; `}EXEC sp_addserver ${literal(real)}, N'local'; then restart it. On production that needs a window: the lanes log-shipping and change-tracking do without`,
      closes: PUBLISHING,
      evidence: [`@@SERVERNAME ${localName ?? 'NULL'}`, `SERVERPROPERTY('ServerName') ${real}`],
    }),
  ];
}

/** An identity begins with SERVERPROPERTY('ServerName'). */
const serverName = (serverId: string): string => serverId.split('/')[0] ?? '';

function rights({ publisher, distributor, subscriber, source, clone }: Survey): DatabaseFinding[] {
  const found: DatabaseFinding[] = [];
  const joins = (server: ServerSurvey): string =>
    `ALTER SERVER ROLE sysadmin ADD MEMBER ${identifier(server.login)}; on the ${server.role}, for the time of the evacuation`;
  for (const server of new Set([publisher, distributor, subscriber]))
    if (!server.facts.sysadmin)
      found.push(
        blocker({
          code: 'not-sysadmin',
          subject: server.role,
          what: `${server.login} is no sysadmin on the ${server.role}: replication cannot be set up there`,
          remedy: joins(server),
          closes: PUBLISHING,
        }),
      );
  if (!publisher.facts.sysadmin && !source.owner)
    found.push(
      blocker({
        code: 'not-owner',
        subject: 'publisher',
        what: `${publisher.login} does not own ${source.name}: change tracking cannot be switched on`,
        remedy: `ALTER ROLE db_owner ADD MEMBER ${identifier(publisher.login)}; in ${source.name}`,
        closes: ['change-tracking'],
      }),
    );
  if (!publisher.facts.sysadmin && !source.owner && !source.backupOperator)
    found.push(
      blocker({
        code: 'may-not-back-up',
        subject: 'publisher',
        what: `${publisher.login} may not back ${source.name} up`,
        remedy: `ALTER ROLE db_backupoperator ADD MEMBER ${identifier(publisher.login)}; in ${source.name}`,
        closes: RESTORING,
      }),
    );
  if (!subscriber.dbcreator)
    found.push(
      blocker({
        code: 'may-not-restore',
        subject: 'subscriber',
        what: `${subscriber.login} may not restore databases on the subscriber`,
        remedy: `ALTER SERVER ROLE dbcreator ADD MEMBER ${identifier(subscriber.login)}; on the subscriber`,
        closes: RESTORING,
      }),
    );
  if (clone?.opens === true && !subscriber.facts.sysadmin && !clone.owner)
    found.push(
      blocker({
        code: 'clone-not-owned',
        subject: 'clone',
        what: `${subscriber.login} does not own the clone ${clone.name}`,
        remedy: `ALTER ROLE db_owner ADD MEMBER ${identifier(subscriber.login)}; in ${clone.name}`,
        closes: ['clone', 'snapshot', 'change-tracking'],
      }),
    );
  return found;
}

function agent({ publisher, distributor }: Survey): DatabaseFinding[] {
  if (!publisher.facts.publishes || !distributor.facts.distributes) return [];
  const { agentRunning, platform } = distributor.facts;
  if (agentRunning === true) return [];
  const start =
    platform === 'Linux'
      ? '/opt/mssql/bin/mssql-conf set sqlagent.enabled true && systemctl restart mssql-server'
      : 'Start-Service SQLSERVERAGENT, and set it to start by itself';
  if (agentRunning === false)
    return [
      blocker({
        code: 'agent-stopped',
        subject: 'distributor',
        what: `SQL Server Agent does not run on the distributor (the ${distributor.role}): no agent of replication would`,
        remedy: `${start}; on the ${distributor.role}`,
        closes: PUBLISHING,
      }),
    ];
  return [
    warning({
      code: 'agent-unknown',
      subject: 'distributor',
      what: 'whether SQL Server Agent runs on the distributor could not be asked',
      remedy: `GRANT VIEW SERVER STATE TO ${identifier(distributor.login)}; or look, and: ${start}`,
    }),
  ];
}

/** Builds in which replication is known to break (facts: mssql 0.9). */
function builds({ publisher, distributor, subscriber }: Survey): DatabaseFinding[] {
  const found: DatabaseFinding[] = [];
  const cu = ({ update }: ServerSurvey): number => Number(/^CU(\d+)/.exec(update ?? '')?.[1] ?? 0);
  const isLinux = ({ facts }: ServerSurvey): boolean => facts.platform === 'Linux';
  if (isLinux(distributor) && distributor.facts.major === 16 && cu(distributor) === 26)
    found.push(
      blocker({
        code: 'bad-build',
        subject: 'distributor',
        what: 'SQL Server 2022 CU26 on Linux is reported to crash in sp_adddistributor',
        remedy: 'take another cumulative update, or distribute on the other server',
        closes: PUBLISHING,
        evidence: [distributor.facts.version],
      }),
    );
  if (isLinux(distributor) && distributor.facts.major === 15 && cu(distributor) >= 9)
    found.push(
      blocker({
        code: 'bad-build',
        subject: 'distributor',
        what: 'the Snapshot Agent of SQL Server 2019 CU9 and later on Linux is reported to fail beyond a few thousand rows',
        remedy: 'take a lane that needs no snapshot',
        closes: ['snapshot'],
        evidence: [distributor.facts.version],
      }),
    );
  for (const server of new Set([publisher, distributor, subscriber]))
    if (isLinux(server) && (server.facts.major < 14 || (server.facts.major === 14 && cu(server) < 18)))
      found.push(
        blocker({
          code: 'linux-too-old',
          subject: server.role,
          what: 'SQL Server on Linux replicates from 2017 CU18 on',
          remedy: 'install a newer cumulative update',
          closes: PUBLISHING,
          evidence: [server.facts.version],
        }),
      );
  return found;
}

function connection(server: ServerSurvey): DatabaseFinding[] {
  const found: DatabaseFinding[] = [];
  if (server.facts.banner.startsWith('SQL Server double'))
    found.push(
      note({
        code: 'double',
        subject: server.role,
        what: 'this is a SQL Server double: a rehearsal, not a server',
        remedy: 'nothing; it is good for rehearsals only',
        evidence: [server.facts.banner],
      }),
    );
  if (server.encrypted === false)
    found.push(
      warning({
        code: 'not-encrypted',
        subject: server.role,
        what: `rows and passwords of agents travel to the ${server.role} in clear text`,
        remedy: 'in the plan: encrypt: required (or strict) for this server; or a tunnel between the sites',
      }),
    );
  return found;
}

/** Without VIEW SERVER STATE a server answers, and shows this login nobody but itself. */
function unseen(server: ServerSurvey, databases: readonly (DatabaseSurvey | undefined)[]): DatabaseFinding[] {
  const lines = [
    ...(server.seesState ? [] : ['VIEW SERVER STATE is not granted: sessions and transactions of others']),
    ...[server, ...databases].flatMap(
      each => each?.unknown.map(({ what, said }) => `${what}: ${said}`) ?? [],
    ),
  ];
  if (lines.length === 0) return [];
  return [
    warning({
      code: 'not-seen',
      subject: server.role,
      what: `${server.login} was not allowed to see everything on the ${server.role}: nobody knows whether something stands in the way there`,
      remedy: `GRANT VIEW SERVER STATE TO ${identifier(server.login)}; GRANT VIEW ANY DEFINITION TO ${identifier(server.login)}; then assess again`,
      evidence: lines,
    }),
  ];
}

function trust({ plan }: Survey): DatabaseFinding[] {
  return (['publisher', 'subscriber'] as const)
    .filter(role => plan[role].trust_certificate && plan[role].encrypt !== 'off')
    .map(role =>
      warning({
        code: 'certificate-not-checked',
        subject: role,
        what: `the certificate of the ${role} is taken unseen: landfall cannot know that it talks to this server and to no other`,
        remedy: 'give it a certificate that this machine trusts, and take trust_certificate out of the plan',
      }),
    );
}
