import type { Role, Statement } from '../../remote/sql/statement.ts';
import {
  publicationsQuestion,
  referencesQuestion,
  sizesQuestion,
  subscriptionsQuestion,
} from '../assess/questions-database.ts';
import {
  agentSessionsQuestion,
  distributorOfQuestion,
  publishersQuestion,
  serverQuestion,
} from '../assess/questions-server.ts';
import {
  brokerQuestion,
  codeQuestion,
  fileGroupsQuestion,
  keysQuestion,
  orphansQuestion,
  routesQuestion,
  synonymsQuestion,
  tablesQuestion,
} from './questions-database.ts';
import {
  agentsQuestion,
  clockQuestion,
  databasesQuestion,
  filesQuestion,
  jobsQuestion,
  lastBackupsQuestion,
  linkedServersQuestion,
  loginsQuestion,
  schedulesQuestion,
} from './questions-server.ts';
import {
  databaseRightsAsked,
  distributionRightsAsked,
  msdbRightsAsked,
  serverRightsAsked,
} from './rights.ts';
import { MAJOR } from './versions.ts';

/** As a distribution database is called where nobody gave it another name; the survey takes the server's own. */
const DISTRIBUTION = 'distribution';

/**
 * Everything that a look may ask, in its order, for people who want to read it first. Where the version is not known yet
 * it is as the oldest one gets it, and says so; what the login may not see is left out when it comes to it.
 */
export function surveyStatements(
  on: Role,
  planned: readonly string[],
  major: number | undefined,
): readonly Statement[] {
  const version = major ?? MAJOR[2012];
  const gated = ({ statement }: { readonly statement: Statement }): { readonly statement: Statement } =>
    major === undefined
      ? {
          statement: {
            ...statement,
            title: `${statement.title} (a later version is asked for its later columns, too)`,
          },
        }
      : { statement };
  const questions: readonly { readonly statement: Statement }[] = [
    serverQuestion(on),
    gated(databasesQuestion(on, version)),
    gated(serverRightsAsked(on, version).question),
    msdbRightsAsked(on).question,
    distributionRightsAsked(on, DISTRIBUTION).question,
    ...planned.map(name => databaseRightsAsked(on, name).question),
    clockQuestion(on),
    agentSessionsQuestion(on),
    filesQuestion(on),
    lastBackupsQuestion(on),
    linkedServersQuestion(on),
    loginsQuestion(on),
    jobsQuestion(on),
    schedulesQuestion(on),
    ...planned.flatMap(name => [
      sizesQuestion(on, name),
      orphansQuestion(on, name),
      publicationsQuestion(on, name),
      subscriptionsQuestion(on, name),
      gated(tablesQuestion(on, name, version)),
      keysQuestion(on, name),
      fileGroupsQuestion(on, name),
      brokerQuestion(on, name),
      referencesQuestion(on, name),
      synonymsQuestion(on, name),
      codeQuestion(on, name),
      routesQuestion(on, name),
    ]),
    distributorOfQuestion(on),
    publishersQuestion(on),
    agentsQuestion(on, DISTRIBUTION),
  ];
  return questions.map(({ statement }) => statement);
}
