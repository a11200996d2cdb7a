import { triggersOf } from '../catalog/find.ts';
import type { StoredModule, Table } from '../catalog/schema.ts';
import type { Execution } from '../flow/execution.ts';
import type { Database } from '../server/instance.ts';
import { type ChangeSet, eventOf, type Values } from './changes.ts';

export type Event = 'insert' | 'update' | 'delete';

/** Triggers of a table or view that are to fire for an event. */
export function triggersFor(
  database: Database,
  parent: number,
  event: Event,
  insteadOf: boolean,
  execution: Execution,
): readonly StoredModule[] {
  const catalog = execution.scope.catalogOf(database);
  const { session } = execution.evaluation;
  return triggersOf(catalog, parent).filter(trigger => {
    const { definition } = trigger.module;
    if (trigger.disabled || definition.kind !== 'trigger' || definition.insteadOf !== insteadOf) return false;
    if (!definition.events.includes(event)) return false;
    if (definition.notForReplication && session.replication) return false;
    // A trigger does not set itself off again (RECURSIVE_TRIGGERS is OFF).
    return session.procedure?.id !== trigger.id || (!insteadOf && recursive(database));
  });
}

const recursive = (database: Database): boolean => {
  const option = database.options.others.get('RECURSIVE_TRIGGERS');
  return option === 'ON' || option === 1;
};

/** Has a table any trigger that is enabled: OUTPUT to the client is refused then (334). */
export const hasTriggers = (database: Database, table: Table, execution: Execution): boolean =>
  triggersOf(execution.scope.catalogOf(database), table.id).some(trigger => !trigger.disabled);

/**
 * Fires the AFTER triggers of a statement, also where it has changed no row: those of tables that cascades have reached
 * first, those of its own table last.
 *
 * @param events what the statement was to do to its own table
 * @param updatedColumns columns named in SET
 */
export async function fireAfter(
  sets: readonly ChangeSet[],
  events: readonly Event[],
  updatedColumns: ReadonlySet<number>,
  execution: Execution,
): Promise<void> {
  for (const [at, set] of [...sets.entries()].reverse()) {
    const { database, table, variable } = set.target;
    if (variable !== undefined) continue;
    const own = at === 0;
    for (const event of own ? events : eventsOf(set)) {
      const triggers = triggersFor(database, table.id, event, false, execution);
      if (triggers.length === 0) continue;
      const { inserted, deleted } = rowSetsOf(set, event);
      const columns = event === 'update' && own ? updatedColumns : touched(set, event);
      for (const trigger of triggers)
        await execution.fire({ database, table, trigger, event, inserted, deleted, updatedColumns: columns });
    }
  }
}

const eventsOf = (set: ChangeSet): readonly Event[] => [...new Set(set.changes.map(eventOf))];

export function rowSetsOf(
  set: Pick<ChangeSet, 'changes'>,
  event: Event,
): { readonly inserted: readonly Values[]; readonly deleted: readonly Values[] } {
  const own = set.changes.filter(change => eventOf(change) === event);
  return {
    inserted: own.flatMap(change => (change.after ? [change.after] : [])),
    deleted: own.flatMap(change => (change.before ? [change.before] : [])),
  };
}

/** All columns for an insert, none for a delete, those that a cascade has changed for an update. */
function touched(set: ChangeSet, event: Event): ReadonlySet<number> {
  const { columns } = set.target.table;
  if (event === 'insert') return new Set(columns.map(column => column.id));
  if (event === 'delete') return new Set();
  return new Set(
    columns
      .filter((_column, place) =>
        set.changes.some(({ before, after }) => before && after && before[place] !== after[place]),
      )
      .map(column => column.id),
  );
}
