import { schemaName } from '../catalog/find.ts';
import type { Table } from '../catalog/schema.ts';
import { shownTemporaryName } from '../catalog/temporary.ts';
import type { Scope } from '../query/scope.ts';
import type { Database } from '../server/instance.ts';
import type { TableNames } from './faults.ts';

/** A stored table as errors name it. */
export function namesOf(table: Table, database: Database, scope: Scope): TableNames {
  const schema = schemaName(scope.catalogOf(database), table.schemaId);
  const name = shownTemporaryName(table.name);
  return {
    database: database.name,
    qualified: `${schema}.${name}`,
    full: `${database.name}.${schema}.${table.name}`,
    name,
  };
}

/** A table variable as errors name it. */
export const variableNames = (name: string): TableNames => ({
  database: 'tempdb',
  qualified: name,
  full: name,
  name,
});
