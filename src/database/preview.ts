import type { Parameter, Statement } from '../remote/sql/statement.ts';
import type { Action } from '../step/action.ts';
import type { View } from '../step/step.ts';
import { sceneOf, stateOf } from './scene.ts';
import type { Stage } from './stage.ts';

type SqlAction = Extract<Action, { kind: 'sql' }>;

/** What a stage will send, as actions; where the servers are not known yet, that they have to be assessed first. */
export function previewOf(view: View, name: string, stage: Pick<Stage, 'id' | 'preview'>): SqlAction[] {
  try {
    return stage.preview(sceneOf(view, name)).map(statement => actionOf(name, statement));
  } catch (thrown) {
    if (stateOf(view, name).assessed !== undefined) throw thrown;
    const text = { unknown: 'the T-SQL of this stage', from: `database/${name}/assess` };
    return [{ kind: 'sql', host: `${name}.publisher`, database: name, text }];
  }
}

/** A statement as an action; its title, and the parameters that it is sent with, stand beside it. */
export function actionOf(name: string, statement: Statement): SqlAction {
  const { on, database, text, effect } = statement;
  const host = `${name}.${on}`;
  const note = noteOf(statement);
  return { kind: 'sql', host, database, text, ...(effect === 'reads' ? { reads: true } : {}), note };
}

function noteOf({ title, effect, parameters, secrets }: Statement): string {
  return [
    `${title}${effect === 'irreversible' ? ' (cannot be undone)' : ''}`,
    ...Object.entries(parameters ?? {}).map(
      ([parameter, value]) => `@${parameter} ${value.type} = ${shown(value)}`,
    ),
    ...Object.entries(secrets ?? {}).map(
      ([parameter, reference]) => `@${parameter} = the secret ${reference}, sent as a parameter`,
    ),
  ].join('\n');
}

const shown = ({ value }: Parameter): string =>
  value === null
    ? 'NULL'
    : value instanceof Uint8Array
      ? `0x${Buffer.from(value).toString('hex').toUpperCase()}`
      : String(value);
