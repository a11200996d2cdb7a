import { harmless } from '../../foundation/text.ts';
import type { SqlDatabaseSurvey, SqlServerSurvey } from '../../journal/facts-site.ts';
import type { SqlServer } from '../../remote/sql/server.ts';
import {
  agentSessionsQuestion,
  distributorOfQuestion,
  publishersQuestion,
} from '../assess/questions-server.ts';
import { ENGINE } from '../assess/survey-server.ts';
import { type Beginning, begin, rowOf } from './begin.ts';
import { dataSourceOf } from './data-source.ts';
import { databasesOf } from './databases.ts';
import { instantOf } from './instants.ts';
import { jobsOf } from './jobs.ts';
import { type Inside, lookInside } from './look-inside.ts';
import { type Looker, looker } from './looker.ts';
import {
  agentsQuestion,
  clockQuestion,
  filesQuestion,
  jobsQuestion,
  lastBackupsQuestion,
  linkedServersQuestion,
  loginsQuestion,
  MOST,
  schedulesQuestion,
} from './questions-server.ts';
import { replicationSaid } from './replication.ts';
import { merged } from './rights.ts';

/**
 * All of one SQL Server, reading only: whatever its login may not see is named with the right that it lacks, and
 * everything else is told. `planned` are the databases that leave it; only these are opened.
 * @throws LandfallError where the server cannot be reached, does not let the login in, or is lost meanwhile
 */
export async function lookAtServer(
  server: Pick<SqlServer, 'ask' | 'role'>,
  planned: readonly string[],
  signal: AbortSignal,
): Promise<SqlServerSurvey> {
  const on = server.role;
  let login = '';
  const look = looker(server, signal, () => login);
  const begun = await begin(look, on, planned, name => {
    login = name;
  });
  const { about, hasMsdb, rows, seen } = begun;
  const [clock] = (await look.may(clockQuestion(on))) ?? [];
  const offset = clock?.offset ?? 0;
  const startedAt = clock?.started == null ? undefined : instantOf(clock.started, offset);
  const agentRunning = await agentRuns(look, begun);
  const files = seen.has('sizes') ? await look.may(filesQuestion(on)) : undefined;
  const backups = hasMsdb && seen.has('backups') ? await look.may(lastBackupsQuestion(on)) : undefined;
  const linked = look.first(MOST.linked, 'linked servers', await look.may(linkedServersQuestion(on)));
  const logins = seen.has('logins') ? (await look.may(loginsQuestion(on)))?.[0] : undefined;
  const jobs = await readJobs(look, begun, offset, agentRunning);
  const databases = databasesOf(rows, files ?? [], backups ?? [], offset);
  const inside = new Map<string, Inside>();
  for (const name of planned) {
    const row = rowOf(rows, name);
    if (row === undefined)
      look.gap({ what: `database ${harmless(name)}: the server has none of this name`, why: 'refused' });
    else if (row.state !== 'ONLINE')
      look.gap({ what: `inside of ${harmless(row.name)}: it is ${row.state}`, why: 'refused' });
    else if (row.opens)
      inside.set(
        harmless(row.name),
        await lookInside(look, begun, row, linked?.map(each => each.name) ?? []),
      );
  }
  const orphanedUsers = [...inside.values()].reduce((sum, { orphans }) => sum + orphans, 0);
  return {
    name: harmless(about.local_name ?? about.name),
    version: harmless(versionOf(about)),
    edition: harmless(about.edition),
    ...(startedAt === undefined ? {} : { startedAt }),
    collation: harmless(about.collation),
    ...(agentRunning === undefined ? {} : { agentRunning }),
    databases: databases.map(each => withInside(each, inside.get(each.name))),
    ...(jobs === undefined ? {} : { jobs }),
    ...(linked === undefined
      ? {}
      : {
          linkedServers: linked.map(({ name, provider, source }) => {
            const dataSource = source === null ? undefined : dataSourceOf(source);
            return {
              ...{ name: harmless(name), provider: harmless(provider) },
              ...(dataSource === undefined ? {} : { dataSource }),
            };
          }),
        }),
    ...(logins === undefined ? {} : { logins: { ...logins, orphanedUsers } }),
    replication: await readReplication(look, begun, inside, offset),
    missingRights: merged([...begun.missing, ...look.refused]).map(right => ({
      right: harmless(right.right),
      unlocks: harmless(right.unlocks),
      grant: harmless(right.grant),
    })),
    gaps: [...look.gaps],
  };
}

/** `16.0.4135.4 (CU14)`. */
const versionOf = ({ version, update_level }: Beginning['about']): string =>
  update_level === null ? version : `${version} (${update_level})`;

async function agentRuns(look: Looker, { about, seen }: Beginning): Promise<boolean | undefined> {
  if (about.engine_edition === ENGINE.express || !seen.has('agent')) return undefined;
  const [row] = (await look.may(agentSessionsQuestion(look.role))) ?? [];
  return row === undefined ? undefined : row.sessions > 0;
}

function withInside(database: SqlDatabaseSurvey, inside: Inside | undefined): SqlDatabaseSurvey {
  if (inside === undefined) return database;
  const { facts, features, sizes } = inside;
  const { sizeKnown, ...rest } = database;
  const known = sizeKnown === false ? sizes : undefined;
  return {
    ...rest,
    ...(sizeKnown === false && known === undefined ? { sizeKnown } : {}),
    ...(known ?? {}),
    ...facts,
    features: [...new Set([...database.features, ...features])],
  };
}

async function readJobs(
  look: Looker,
  { hasMsdb, seen }: Beginning,
  offset: number,
  agentRunning: boolean | undefined,
): Promise<SqlServerSurvey['jobs']> {
  if (!hasMsdb || !seen.has('jobs')) return undefined;
  const on = look.role;
  const rows = look.first(MOST.jobs, 'jobs of SQL Server Agent', await look.may(jobsQuestion(on)));
  if (rows === undefined) return undefined;
  const schedules = (await look.may(schedulesQuestion(on))) ?? [];
  return jobsOf(rows, schedules, { offset, agentRuns: agentRunning });
}

async function readReplication(
  look: Looker,
  { rows, seen, hasMsdb }: Beginning,
  inside: ReadonlyMap<string, Inside>,
  offset: number,
): Promise<string[]> {
  const on = look.role;
  const [distributor] = (await look.may(distributorOfQuestion(on))) ?? [];
  const isDistributor = rows.some(each => each.distributor);
  const publishers = hasMsdb && isDistributor ? ((await look.may(publishersQuestion(on))) ?? []) : [];
  const agents = [];
  for (const { name, distributor: isOne } of rows)
    if (isOne && seen.has(`replication ${name}`))
      agents.push(...((await look.may(agentsQuestion(on, name))) ?? []));
  return replicationSaid(
    {
      ...(distributor === undefined ? {} : { distributor: distributor.name }),
      publishers: publishers.map(({ name }) => name),
      publications: [...inside].flatMap(([database, { publications }]) =>
        publications.map(name => ({ database, name })),
      ),
      subscriptions: [...inside].flatMap(([database, { subscriptions }]) =>
        subscriptions.map(each => ({ database, ...each })),
      ),
      agents: look.first(MOST.agents, 'agents of replication', agents) ?? [],
    },
    offset,
  );
}
