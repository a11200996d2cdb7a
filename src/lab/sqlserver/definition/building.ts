import { findConstraint, findObject } from '../catalog/find.ts';
import type { Catalog } from '../catalog/schema.ts';
import { isTemporary } from '../catalog/temporary.ts';
import type { Execution } from '../flow/execution.ts';
import type { Database } from '../server/instance.ts';
import type { Building } from './draft.ts';
import { writableStore } from './place.ts';

/** What a statement that makes or changes a table of a catalog builds with. */
export function buildingFor(
  table: { readonly database: Database; readonly schema: string; readonly name: string },
  catalog: Catalog,
  execution: Execution,
): Building {
  const temporary = isTemporary(table.name);
  const store = writableStore(table.database);
  return {
    scope: execution.scope,
    database: table.database,
    catalog,
    schema: table.schema,
    now: execution.evaluation.now,
    newId: () => store.nextObjectId(),
    // Two sessions may each have a #t with a constraint of one name: SQL Server refuses that too.
    nameTaken: name =>
      findObject(catalog, table.schema, name) !== undefined ||
      findConstraint(catalog, table.schema, name) !== undefined,
    note: (text, number) => execution.message({ text, number, severity: 10 }),
    foreignKeys: temporary ? 'skipped' : 'kept',
  };
}
