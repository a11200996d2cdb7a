import type { Catalog, Table } from '../catalog/schema.ts';
import type { Database, Instance } from '../server/instance.ts';
import type { SqlType } from '../values/types.ts';

/** What names mean while a statement is bound. */
export interface Scope {
  readonly instance: Instance;
  /** The database of the session or of the module that runs. */
  readonly database: Database;
  /** The catalog of a database as the running transaction sees it. */
  catalogOf(database: Database): Catalog;
  /** Schema that a name without one means, after `sys`. */
  readonly defaultSchema: string;
  /** Type of a variable by its name with @, undefined where it was not declared (137). */
  variable(name: string): SqlType | undefined;
  /** Table variables (with @), and in a trigger `inserted` and `deleted`: their columns. */
  rowSet(name: string): Table | undefined;
  /** `#t` and `##t`: a table of tempdb, under its inner name. */
  temporary(name: string): Table | undefined;
  /** May the user do this: 229 where not. Asked for every object named. */
  permit(
    permission: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'EXECUTE',
    database: Database,
    objectId: number,
  ): void;
}
