import type { DatabaseOrder } from './database-facts.ts';
import type { FamilyEvent } from './families.ts';
import { get, type OwnMaps, put } from './maps.ts';
import type { DatabaseState, State } from './state.ts';

type DatabaseEvent = FamilyEvent<'database'>;

/** Folds one event about a database; one that nobody announced is known from its first event on. */
export function foldDatabase(state: State, event: DatabaseEvent, own?: OwnMaps): State {
  const before = get(state.databases, event.database) ?? { name: event.database, ordered: {} };
  return { ...state, databases: put(state.databases, event.database, next(before, event), own) };
}

function next(database: DatabaseState, event: DatabaseEvent): DatabaseState {
  switch (event.type) {
    case 'database.ordered': {
      const { type, v, seq, database: _name, ...order } = event;
      return { ...database, ordered: { ...database.ordered, [event.order]: order } };
    }
    case 'database.assessed':
      return answered({ ...database, assessed: assessed(database, event) }, 'assess');
    case 'database.planned':
      return answered({ ...database, planned: told(event) }, 'plan');
    case 'database.lane-chosen': {
      const { at, by, lane, reason } = event;
      // Another lane begins from its own capture.
      const { captured, pinned, released, ...rest } = database;
      const kept = database.lane?.lane === lane ? database : rest;
      return { ...kept, lane: { lane, reason, at, by } };
    }
    case 'database.captured': {
      const { tornDown, ...rest } = database;
      return { ...rest, captured: told(event) };
    }
    case 'database.pinned':
      return { ...database, pinned: told(event) };
    case 'database.aligned':
      return { ...database, aligned: told(event) };
    case 'reconcile.started':
      return { ...database, reconcile: { ...told(event), done: [] } };
    case 'reconcile.table': {
      const { reconcile } = database;
      if (reconcile === undefined || reconcile.run !== event.run) return database;
      return { ...database, reconcile: { ...reconcile, done: [...reconcile.done, told(event)] } };
    }
    case 'reconcile.ended': {
      const { reconcile } = database;
      if (reconcile === undefined || reconcile.run !== event.run) return database;
      return answered({ ...database, reconcile: { ...reconcile, ended: told(event) } }, 'reconcile');
    }
    case 'database.released':
      return answered(answered({ ...database, released: told(event) }, 'seed'), 'replicate');
    case 'database.observed':
      return { ...database, observed: told(event) };
    case 'database.validated':
      return answered({ ...database, validated: validated(database, event) }, 'validate');
    case 'database.besides':
      return answered({ ...database, besides: told(event) }, 'besides');
    case 'handover.step':
      return handoverStep(database, event);
    case 'handover.drained': {
      const begun = database.handover ?? { dark: false, startedAt: event.at, steps: [] };
      return answered({ ...database, handover: { ...begun, drained: told(event) } }, 'handover');
    }
    case 'handover.ended': {
      const begun = database.handover ?? { dark: event.dark, startedAt: event.at, steps: [] };
      return answered({ ...database, handover: { ...begun, ended: told(event) } }, 'handover');
    }
    case 'handover.thawed': {
      const { handover, ...rest } = database;
      return answered(answered(rest, 'handover'), 'thaw');
    }
    case 'database.torn-down': {
      const { captured, pinned, released, observed, ...rest } = database;
      return answered({ ...rest, tornDown: told(event) }, 'teardown');
    }
  }
}

/**
 * Once landfall works on a database, another assessment finds SNAPSHOT isolation as landfall set it: what was found first
 * is what is given back.
 */
function assessed(
  { assessed: first, captured, pinned }: DatabaseState,
  event: Extract<DatabaseEvent, { type: 'database.assessed' }>,
): NonNullable<DatabaseState['assessed']> {
  const now = told(event);
  const [was, is] = [first?.publisher, now.publisher];
  const isBegun = captured !== undefined || pinned !== undefined;
  if (!isBegun || was?.database?.snapshotIsolation !== false || is.database === undefined) return now;
  if (was.serverId !== is.serverId || was.databaseId !== is.databaseId) return now;
  return { ...now, publisher: { ...is, database: { ...is.database, snapshotIsolation: false } } };
}

/**
 * A comparison of some tables takes their places in the one of all tables, which keeps its age; it never stands for a
 * comparison of all, nor for one of before the copy followed.
 */
function validated(
  { validated: known, released }: DatabaseState,
  event: Extract<DatabaseEvent, { type: 'database.validated' }>,
): NonNullable<DatabaseState['validated']> {
  const newest = told(event);
  const before = known?.[event.kind];
  if (event.limited !== true || before === undefined || before.startedAt < (released?.at ?? 0))
    return { ...known, [event.kind]: newest };
  const again = new Set(event.tables.map(({ table }) => table));
  const tables = [...before.tables.filter(({ table }) => !again.has(table)), ...event.tables];
  return { ...known, [event.kind]: { ...before, tables } };
}

/** A step that was tried again replaces what the first attempt said. */
function handoverStep(
  database: DatabaseState,
  event: Extract<DatabaseEvent, { type: 'handover.step' }>,
): DatabaseState {
  const before = database.handover;
  const begun =
    before === undefined || before.dark !== event.dark || before.ended !== undefined
      ? { dark: event.dark, startedAt: event.at, steps: [] }
      : before;
  const others = begun.steps.filter(({ id }) => id !== event.did.id);
  return { ...database, handover: { ...begun, steps: [...others, { ...event.did, at: event.at }] } };
}

function answered(database: DatabaseState, order: DatabaseOrder): DatabaseState {
  if (database.ordered[order] === undefined) return database;
  const { [order]: _done, ...ordered } = database.ordered;
  return { ...database, ordered };
}

/** The event without its envelope and the name under which it is kept; its time stays. */
function told<E extends DatabaseEvent>(event: E): Omit<E, 'type' | 'v' | 'seq' | 'by' | 'database'> {
  const { type, v, seq, by, database, ...facts } = event;
  return facts;
}
