import type { SqlServer } from '../../remote/sql/server.ts';
import { asker } from './ask.ts';
import { readIdentity } from './identity.ts';
import {
  agentSessionsQuestion,
  certificatesQuestion,
  configurationQuestion,
  distributionQuestion,
  distributorOfQuestion,
  encryptionQuestion,
  freeQuestion,
  publishersQuestion,
  serverQuestion,
  servicesQuestion,
} from './questions-server.ts';
import type { ServerSurvey } from './survey.ts';

/** Editions of SERVERPROPERTY('EngineEdition') (facts: mssql 2.1). */
export const ENGINE = { standard: 2, enterprise: 3, express: 4, managedInstance: 8 } as const;

const isWeb = (edition: string): boolean => /^web\b/i.test(edition);

/** @throws LandfallError where the server is not there or does not let this login in */
export async function surveyServer(server: SqlServer, signal: AbortSignal): Promise<ServerSurvey> {
  const { role } = server;
  const { must, may, unknown } = asker(server, signal);
  const [about] = await must(serverQuestion(role));
  if (about === undefined) throw new TypeError('a SELECT without FROM gives one row');
  const identity = await readIdentity(server, 'master', signal);
  const settings = new Map(
    ((await may(configurationQuestion(role))) ?? []).map(({ name, value }) => [name, value]),
  );
  const services = await may(servicesQuestion(role));
  const agents = await may(agentSessionsQuestion(role));
  const encryption = await may(encryptionQuestion(role));
  const [distributor] = (await may(distributorOfQuestion(role))) ?? [];
  const distribution = (await may(distributionQuestion(role))) ?? [];
  const publishers = (await may(publishersQuestion(role))) ?? [];
  const certificates = (await may(certificatesQuestion(role))) ?? [];
  // Where a database will lie that is not there yet, nobody knows; beside master is the best guess.
  const free = (await may(freeQuestion(role, 'master'))) ?? [];
  const data = free.find(({ kind }) => kind === 'data');
  const engine = about.engine_edition;
  const canPublish =
    (engine === ENGINE.standard || engine === ENGINE.enterprise || engine === ENGINE.managedInstance) &&
    !isWeb(about.edition);
  const largest = settings.get('max text repl size (B)');
  return {
    role,
    localName: about.local_name,
    login: about.login,
    dbcreator: about.dbcreator || about.sysadmin,
    seesState: about.sees_state,
    distribution: distribution.map(({ name, hours }) => ({ name, hours })),
    publishers: publishers.map(({ name }) => name),
    certificates: certificates.map(({ thumbprint }) => thumbprint),
    unknown,
    ...(about.update_level === null ? {} : { update: about.update_level }),
    ...(largest === undefined ? {} : { maxReplicatedBytes: largest }),
    ...(encryption?.[0] === undefined ? {} : { encrypted: encryption[0].encrypted === 'TRUE' }),
    ...(distributor === undefined ? {} : { distributor: distributor.name }),
    facts: {
      name: about.local_name ?? about.name,
      version: about.version,
      major: Number.parseInt(about.version, 10) || 0,
      edition: about.edition,
      engineEdition: engine,
      platform: /\bon Linux\b/i.test(about.banner) ? 'Linux' : 'Windows',
      collation: about.collation,
      banner: bannerOf(about.banner),
      sysadmin: about.sysadmin,
      agentRunning: agentRuns(
        engine,
        services?.[0]?.status,
        agents?.[0]?.sessions,
        settings.get('Agent XPs'),
      ),
      publishes: canPublish,
      distributes: canPublish,
      serverId: identity.serverId,
      ...(data === undefined ? {} : { freeBytes: data.free }),
    },
  };
}

/** A double says so first, on every screen. */
function bannerOf(banner: string): string {
  const [first = ''] = banner.split('\n');
  return /SQL Server double/i.test(banner) ? `SQL Server double: ${first.trim()}` : first.trim();
}

/** The service's state, else Agent's own sessions, else the procedures that it switches on when it starts. */
function agentRuns(
  engine: number,
  status: string | undefined,
  sessions: number | undefined,
  procedures: number | undefined,
): boolean | null {
  if (engine === ENGINE.express) return false;
  if (status !== undefined) return status === 'Running';
  if (sessions !== undefined && sessions > 0) return true;
  return procedures === 0 ? false : null;
}
