import type { Database } from '../server/instance.ts';
import type { Scope } from './scope.ts';

/** Inside a view or a function: its own database and schema, none of the caller's variables, and its owner's permissions. */
export function moduleScope(scope: Scope, database: Database, schema: string): Scope {
  return {
    instance: scope.instance,
    database,
    catalogOf: other => scope.catalogOf(other),
    defaultSchema: schema,
    variable: () => undefined,
    rowSet: () => undefined,
    temporary: () => undefined,
    permit: () => undefined,
  };
}
