import type { SqlServerFacts } from '../../journal/database-facts.ts';
import type { Servers } from '../../remote/sql/server.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { databaseTables } from '../catalog/tables.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { findingsOf } from './findings/index.ts';
import { identityStatement, readIdentity } from './identity.ts';
import { databaseQuestions } from './questions-database.ts';
import { serverQuestions } from './questions-server.ts';
import type { DatabaseSurvey, ServerSurvey, Survey } from './survey.ts';
import { surveyOf } from './survey-all.ts';

export { closing, findingsOf } from './findings/index.ts';
export { hoursToKeep } from './findings/replication.ts';
export { hasDatabaseSnapshots, logPerHour } from './findings/source.ts';
export { type Identity, identityStatement, readIdentity } from './identity.ts';
export type { DatabaseSurvey, KnownBackup, ServerSurvey, Survey } from './survey.ts';

/** Asks publisher, distributor, subscriber and clone what they are and what stands in the way. Writes nothing. */
export const assessStage: Stage = {
  id: 'assess',
  title: ({ name }) => `assess the database ${name} and its servers`,
  preview: previewOf,
  done: isAssessed,
  async run(work) {
    work.sample({ text: `asks the servers of ${work.name}` });
    const survey = await surveyOf(work);
    await work.emit({
      type: 'database.assessed',
      database: work.name,
      publisher: sideOf(survey.publisher, survey.source),
      distributor: sideOf(
        survey.distributor,
        survey.distributorAt === 'publisher' ? survey.source : undefined,
      ),
      subscriber: sideOf(survey.subscriber, copyOf(survey, work)),
      ...(survey.clone === undefined ? {} : { clone: sideOf(survey.subscriber, survey.clone) }),
      tables: survey.source.catalog === undefined ? [] : databaseTables(survey.source.catalog),
      findings: findingsOf(survey),
    });
  },
};

/** Every question but those of the catalog, which are long and only about names; all of them read. */
function previewOf({ name, plan, ref }: Scene): readonly Statement[] {
  const copy = plan.clone?.database ?? ref.copy;
  return [
    identityStatement('publisher', name),
    ...serverQuestions('publisher'),
    ...databaseQuestions('publisher', name),
    identityStatement('subscriber', copy),
    ...serverQuestions('subscriber'),
    ...databaseQuestions('subscriber', copy),
    ...(plan.distributor === undefined
      ? []
      : [identityStatement('distributor', 'master'), ...serverQuestions('distributor')]),
  ];
}

const copyOf = ({ clone, target }: Survey, { ref }: Work): DatabaseSurvey | undefined =>
  [clone, target].find(each => each?.name.toLowerCase() === ref.copy.toLowerCase());

function sideOf(server: ServerSurvey, database: DatabaseSurvey | undefined): SqlServerFacts {
  if (database === undefined) return server.facts;
  return {
    ...server.facts,
    databaseId: database.id,
    ...(database.facts === undefined ? {} : { database: database.facts }),
    ...(database.free === undefined ? {} : { freeBytes: Math.min(database.free.data, database.free.log) }),
  };
}

/** Nothing has been ordered since, and the servers are the ones that were assessed. */
async function isAssessed({ state, servers, name, signal }: Work): Promise<boolean> {
  const { assessed, ordered } = state;
  if (assessed === undefined || ordered.assess !== undefined) return false;
  const are = (at: keyof Servers): Promise<boolean> =>
    readIdentity(servers[at], at === 'publisher' ? name : 'master', signal).then(
      ({ serverId, databaseId }) =>
        serverId === assessed[at].serverId &&
        (at !== 'publisher' || databaseId === assessed.publisher.databaseId),
    );
  return (await are('publisher')) && (await are('distributor')) && (await are('subscriber'));
}
