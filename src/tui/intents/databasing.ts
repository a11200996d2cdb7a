import type { CommandOf } from '../../evacuation/engine/command.ts';
import { LANES } from '../../journal/database-words.ts';
import type { App, Intent, IntentScope } from '../app.ts';
import { wrap } from '../text/line.ts';
import { ask } from './asking.ts';
import { order, tell } from './order.ts';
import { needsEngine, selectedOf } from './selection.ts';

/** Orders about a database. What cannot be undone shows what it does, and asks for the name. */
export const DATABASING: readonly Intent[] = [
  plain('validate', 'validate'),
  plain('reconcile', 'reconcile'),
  plain('besides', 'besides'),
  plain('thaw', 'thaw'),
  {
    id: 'lane',
    disabled: scope => needsDatabase(scope),
    run: (app, lane) => (lane === undefined ? askLane(app) : chooseLane(app, lane)),
  },
  typed('hand-over', 'handover', [
    'Writers on production are locked out, what they wrote last is proven to have arrived, both sides are compared exactly, and the copy becomes the production.',
    'Until the point of no return production can be thawed; from then on the way back is the failback.',
  ]),
  typed('tear-down', 'teardown', [
    'The subscription, the publication and whatever else landfall made on production are removed; what was there before stays. The copy stops following.',
  ]),
];

type Order = CommandOf<'database'>['order'];

function plain(id: Intent['id'], what: Order): Intent {
  return {
    id,
    disabled: needsDatabase,
    run: async (app, named) => {
      const database = named ?? databaseOf(app.current());
      if (database !== undefined) await order(app, { kind: 'database', database, order: what });
    },
  };
}

function typed(id: Intent['id'], what: Order, says: readonly string[]): Intent {
  return {
    id,
    disabled: needsDatabase,
    run: (app, named) => {
      const database = named ?? databaseOf(app.current());
      if (database === undefined) return;
      ask(app, {
        title: `${what === 'handover' ? 'Hand over' : 'Tear down'} ${database}`,
        body: width => says.flatMap(each => wrap(each, width)),
        fields: [],
        confirm: database,
        action: what === 'handover' ? 'hand it over' : 'tear it down',
        submit: async () =>
          void (await order(app, { kind: 'database', database, order: what, confirm: database })),
      });
    },
  };
}

function askLane(app: App): void {
  const database = databaseOf(app.current());
  if (database === undefined) return;
  const known = app.current().view.snapshot?.state.databases[database]?.planned?.lanes ?? [];
  ask(app, {
    title: `How ${database} is seeded`,
    body: width =>
      known.length === 0
        ? wrap(
            'The lanes have not been weighed yet: the engine does that once it has read both servers.',
            width,
          )
        : known.flatMap(({ lane, verdict, canLose }) => wrap(`${lane}: ${verdict}; ${canLose}`, width)),
    fields: [
      { label: 'lane', hint: LANES.join(', '), check: laneFault },
      { label: 'reason', optional: true },
    ],
    action: 'choose it',
    submit: async ([lane = '', reason = '']) => chooseLane(app, lane, reason),
  });
}

const laneFault = (lane: string): string | undefined =>
  LANES.some(each => each === lane) ? undefined : `"${lane}" is no lane; it is one of ${LANES.join(', ')}`;

async function chooseLane(app: App, wanted: string, reason = ''): Promise<void> {
  const lane = LANES.find(each => each === wanted);
  const database = databaseOf(app.current());
  if (lane === undefined) tell(app, laneFault(wanted) ?? '', 'bad');
  else if (database !== undefined)
    await order(app, {
      kind: 'database',
      database,
      order: 'plan',
      lane,
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    });
}

/** The database that is selected, or the only one of the plan. */
export function databaseOf(scope: Pick<IntentScope, 'view' | 'boxes'>): string | undefined {
  const names = Object.keys(scope.view.snapshot?.plan.databases ?? {});
  const selected = selectedOf(scope);
  return names.find(name => name === selected) ?? (names.length === 1 ? names[0] : undefined);
}

function needsDatabase(scope: IntentScope, named?: string): string | undefined {
  const missing = needsEngine(scope);
  if (missing !== undefined) return missing;
  const names = Object.keys(scope.view.snapshot?.plan.databases ?? {});
  if (named !== undefined && !LANES.some(each => each === named))
    return names.includes(named) ? undefined : `the plan has no database "${named}"`;
  return databaseOf(scope) === undefined ? 'no database is selected' : undefined;
}
