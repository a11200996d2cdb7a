import type { Scope } from '../query/scope.ts';
import type { Database } from '../server/instance.ts';

/**
 * What names mean in the definitions of a table: they lie in its own database, know no variables, and what they call is
 * called by the owner of the table.
 */
export const homeScope = (scope: Scope, database: Database): Scope => ({
  instance: scope.instance,
  database,
  catalogOf: asked => scope.catalogOf(asked),
  defaultSchema: 'dbo',
  variable: () => undefined,
  rowSet: () => undefined,
  temporary: name => scope.temporary(name),
  permit: () => {},
});
