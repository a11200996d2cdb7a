import { isCutoverLive } from '../../../cutover/index.ts';
import { didYouMean } from '../../../foundation/spelling.ts';
import type { DatabaseOrder } from '../../../journal/database-facts.ts';
import type { EventBody } from '../../../journal/events.ts';
import type { DatabaseState } from '../../../journal/state.ts';
import type { CommandOf } from '../command.ts';
import { type Decision, type Desktop, failedSteps, reasonOf, refuse, retryEvents } from './decision.ts';

/** Orders after which nothing is as it was: only with the name of the database, typed. */
const TYPED: ReadonlySet<DatabaseOrder> = new Set(['handover', 'teardown']);

/**
 * Orders work on one database of the plan, or on all of them. What a step has to be done for it is the planner's to say;
 * steps of that database which had failed are tried again.
 */
export function database(command: CommandOf<'database'>, desk: Desktop): Decision {
  const { order, lane, tables, repair, dark, until, confirm, reason } = command;
  const names = databasesOf(desk, command.database);
  const [first] = names;
  if (first === undefined)
    throw refuse('the plan has no databases', ['name them under databases: in the plan']);
  if (TYPED.has(order)) {
    if (names.length > 1)
      throw refuse(`${order} is ordered for one database at a time`, [`it is one of: ${names.join(', ')}`]);
    if (confirm !== first)
      throw refuse(
        `${order} of ${first} needs its name, typed`,
        [`landfall database ${order} ${desk.plan.name} ${first} --confirm ${first}`],
        order === 'handover' ? 'from its point of no return on, the copy is the production' : undefined,
      );
  }
  if (lane !== undefined) refuseLane(desk, first, lane);
  for (const name of names) {
    refuseAmidCutover(desk, name, order);
    refuseEarly(desk, name, order, confirm);
  }
  const failed = names.flatMap(name => failedSteps(desk, name));
  const events = names.flatMap((name): EventBody[] => [
    ...(lane === undefined
      ? []
      : [
          {
            type: 'database.lane-chosen' as const,
            database: name,
            lane,
            reason: reason ?? 'chosen by the engineer',
          },
        ]),
    {
      type: 'database.ordered',
      database: name,
      order,
      ...reasonOf(reason),
      ...(tables === undefined ? {} : { tables }),
      ...(repair === undefined ? {} : { repair }),
      ...(dark === undefined ? {} : { dark }),
      ...(until === undefined ? {} : { until }),
      ...(confirm === undefined ? {} : { confirmed: confirm }),
    },
  ]);
  return {
    said: `${order} is ordered for ${names.join(', ')}${failed.length === 0 ? '' : `; ${failed.join(', ')} is tried again`}.`,
    events: [...events, ...retryEvents(failed)],
    retry: failed,
    recheck: names,
  };
}

function databasesOf({ plan }: Desktop, name: string | undefined): string[] {
  const names = Object.keys(plan.databases);
  if (name === undefined) return names;
  if (Object.hasOwn(plan.databases, name)) return [name];
  throw refuse(`the plan has no database called ${name}`, [
    didYouMean(name, names) ?? (names.length === 0 ? 'it has none' : `it has: ${names.join(', ')}`),
  ]);
}

const stateOf = ({ state }: Desktop, name: string): DatabaseState | undefined =>
  Object.hasOwn(state.databases, name) ? state.databases[name] : undefined;

/** A lane that the assessment closed does not become possible by being chosen; another one is not begun over a seed. */
function refuseLane(desk: Desktop, name: string, lane: string): void {
  const known = stateOf(desk, name);
  const forecast = known?.planned?.lanes.find(each => each.lane === lane);
  if (forecast?.verdict === 'closed')
    throw refuse(`the lane ${lane} is closed for ${name}`, [
      ...forecast.why,
      `the lanes and what each needs: landfall database plan ${desk.plan.name} ${name}`,
    ]);
  if (known?.captured !== undefined && known.lane?.lane !== lane)
    throw refuse(
      `${name} is seeded by the lane ${known.lane?.lane ?? 'before'} already`,
      [`landfall database teardown ${desk.plan.name} ${name} --confirm ${name}, then choose again`],
      'two lanes at once would write the same rows',
    );
}

/** What a cutover does itself, in its turn. */
const THE_CUTOVERS: ReadonlySet<DatabaseOrder> = new Set(['handover', 'thaw', 'teardown']);

function refuseAmidCutover(desk: Desktop, name: string, order: DatabaseOrder): void {
  if (!THE_CUTOVERS.has(order) || !isCutoverLive(desk)) return;
  const evacuation = desk.plan.name;
  throw refuse(
    `${order} of ${name} is part of the cutover that is under way`,
    order === 'handover'
      ? [`its turn in the list: landfall cutover ${evacuation}`]
      : [`give the cutover up: landfall cutover ${evacuation} abort --reason "..."`],
    'two hands on one database would undo each other',
  );
}

/** What may be done to a database whose copy is the production: it is read, or the way back is taken. */
const AFTERWARDS: ReadonlySet<DatabaseOrder> = new Set(['besides', 'assess', 'thaw', 'teardown']);

function refuseEarly(desk: Desktop, name: string, order: DatabaseOrder, confirm: string | undefined): void {
  const known = stateOf(desk, name);
  if ((order === 'validate' || order === 'handover') && known?.released === undefined)
    throw refuse(`the copy of ${name} does not follow production yet`, [
      `seed it first: landfall database seed ${desk.plan.name} ${name}`,
    ]);
  const isOver = known?.handover?.ended !== undefined;
  if (isOver && order === 'thaw' && confirm !== name)
    throw refuse(
      `${name} has been handed over: a thaw of ${name} needs its name, typed`,
      [
        `only where nobody has written to the copy yet: landfall database thaw ${desk.plan.name} ${name} --confirm ${name}`,
        'otherwise failback.sql in the directory of the evacuation is the way back',
      ],
      'writers on both would make two databases of one',
    );
  if (isOver && !AFTERWARDS.has(order))
    throw refuse(`${name} has been handed over`, [
      'its copy is the production now: nothing here may touch it',
    ]);
  if (order === 'reconcile' && known?.released !== undefined)
    throw refuse(
      `the copy of ${name} follows production: it is not reconciled with a snapshot any more`,
      [`compare it, and mend what differs: landfall database validate ${desk.plan.name} ${name} --repair`],
      'rows of a snapshot would overwrite what has arrived since',
    );
}
