import { get } from '../../journal/maps.ts';
import type { State } from '../../journal/state.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { SQL_RETRY } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { actionOf } from '../preview.ts';
import { isAsKnown } from './as-known.ts';
import { lookAtServer } from './look.ts';
import { type SurveyedServer, serversOf } from './servers-of.ts';
import { surveyStatements } from './statements.ts';

export const surveyStepId = (server: string): string => `inventory/${server}`;

/**
 * One look at each SQL Server of the plan. Nothing waits for it, and a server that cannot be reached fails its own look
 * alone. In the dark there are none: what was learned before has to do.
 */
export function serverSurveySteps(view: View): Step[] {
  return isDark(view.state) ? [] : serversOf(view.plan).map(server => stepOf(server));
}

const isDark = ({ evacuation, cutover }: State): boolean =>
  evacuation?.mode?.mode === 'dark' || (cutover?.dark === true && cutover.ended?.outcome !== 'rolled-back');

function stepOf(server: SurveyedServer): Step {
  const { key, by, databases } = server;
  return {
    id: surveyStepId(key),
    phase: 'inventory',
    subject: key,
    title: `look at the SQL Server ${key}`,
    needs: [],
    resources: [{ key: 'look', units: 1 }],
    retry: SQL_RETRY,
    preview: view => previewOf(view, server),
    async done(context, signal) {
      const known = get(context.state.servers ?? {}, key);
      if (known === undefined || !sameNames(known.planned, databases)) return false;
      return isAsKnown(await connected(context, server), known, databases, context.clock.now(), signal);
    },
    async run(context, signal) {
      context.sample({ text: `asks what ${key} has, reading only` });
      const survey = await lookAtServer(await connected(context, server), databases, signal);
      await context.emit({ type: 'server.surveyed', server: key, databases: [...databases], survey });
    },
  };

  async function connected(context: StepContext, { by: { database, role } }: SurveyedServer) {
    return (await context.sql(database))[role];
  }

  function previewOf({ state }: View, { by: { database, role } }: SurveyedServer) {
    const major = majorOf(state, key, by.database, by.role);
    return surveyStatements(role, databases, major).map((statement: Statement) =>
      actionOf(database, statement),
    );
  }
}

const sameNames = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());

/** As an earlier look or an assessment found it; undefined where nobody knows yet. */
function majorOf(
  state: State,
  key: string,
  database: string,
  role: 'publisher' | 'subscriber',
): number | undefined {
  const version = get(state.servers ?? {}, key)?.version;
  if (version !== undefined) return Number.parseInt(version, 10) || undefined;
  return get(state.databases, database)?.assessed?.[role].major;
}
