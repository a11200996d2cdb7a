import { LandfallError } from '../foundation/errors.ts';
import type { DatabaseState } from '../journal/state.ts';
import type { Servers } from '../remote/sql/server.ts';
import type { StepContext, View } from '../step/step.ts';
import { refOf } from './names.ts';
import type { Scene, Work } from './stage.ts';

/** What is known of a database, from the plan and the folded journal. */
export function sceneOf(view: View, name: string): Scene {
  const plan = planOf(view, name);
  const known = stateOf(view, name);
  const { evacuation } = view.state;
  const linkLimit = evacuation?.throttle?.bytesPerSecond ?? view.plan.link.limit;
  return {
    ...{ name, plan, state: known },
    ref: refOf(name, plan, known, view.plan.name),
    ...(linkLimit === undefined ? {} : { linkLimit }),
    ...(evacuation === undefined ? {} : { deadline: evacuation.deadline }),
  };
}

/** The hands of a stage; what it looks at is always that of now. */
export function workOf(
  context: Pick<StepContext, 'plan' | 'state' | 'clock' | 'random' | 'emit' | 'sample' | 'keepLog'>,
  name: string,
  servers: Servers,
  signal: AbortSignal,
): Work {
  const now = (): Scene => sceneOf(context, name);
  const { linkLimit, deadline } = now();
  return {
    name,
    plan: planOf(context, name),
    get state() {
      return now().state;
    },
    get ref() {
      return now().ref;
    },
    ...(linkLimit === undefined ? {} : { linkLimit }),
    ...(deadline === undefined ? {} : { deadline }),
    servers,
    clock: context.clock,
    random: context.random,
    signal,
    emit: event => context.emit(event),
    sample: sample => context.sample(sample),
    keep: (file, content) => context.keepLog(`${keptFolder(name)}/${file}`, Buffer.from(content, 'utf8')),
  };
}

/** Below `logs/`; a name may hold characters that no file of ours has. */
export const keptFolder = (name: string): string => name.replaceAll(/[^A-Za-z0-9_-]/g, '_');

export const stateOf = ({ state }: Pick<View, 'state'>, name: string): DatabaseState =>
  (Object.hasOwn(state.databases, name) ? state.databases[name] : undefined) ?? { name, ordered: {} };

function planOf({ plan }: Pick<View, 'plan'>, name: string): Scene['plan'] {
  const known = Object.hasOwn(plan.databases, name) ? plan.databases[name] : undefined;
  if (known !== undefined) return known;
  throw new LandfallError('bug', {
    what: `the plan has no database called ${name}`,
    next: ['report this with the plan and the journal of the evacuation'],
  });
}
