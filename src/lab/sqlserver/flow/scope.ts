import { findTable } from '../catalog/find.ts';
import type { Catalog, Table } from '../catalog/schema.ts';
import { isGlobalTemporary, temporaryName } from '../catalog/temporary.ts';
import type { Scope } from '../query/scope.ts';
import type { Database, Instance } from '../server/instance.ts';
import type { SqlType } from '../values/types.ts';
import type { Frame } from './frame.ts';
import { requireObject, userName } from './permissions.ts';
import type { SessionState } from './state.ts';

/** What names mean in a frame of a session. */
export class FrameScope implements Scope {
  readonly instance: Instance;
  readonly #state: SessionState;
  readonly #frame: Frame;

  constructor(state: SessionState, frame: Frame) {
    this.instance = state.instance;
    this.#state = state;
    this.#frame = frame;
  }

  get database(): Database {
    return this.#frame.database;
  }

  /** A module's names are looked for in its own schema first. */
  get defaultSchema(): string {
    if (this.#frame.schema !== undefined) return this.#frame.schema;
    return defaultSchemaIn(this.#state, this.#frame.database);
  }

  catalogOf(database: Database): Catalog {
    return this.#state.transaction.part(database)?.catalog ?? database.catalog;
  }

  variable(name: string): SqlType | undefined {
    return this.#frame.types.get(name.toLowerCase());
  }

  rowSet(name: string): Table | undefined {
    return this.#frame.rowSets.get(name.toLowerCase())?.table;
  }

  temporary(name: string): Table | undefined {
    return findTemporary(this.#state, this.#frame.level, name);
  }

  permit(
    permission: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'EXECUTE',
    database: Database,
    objectId: number,
  ): void {
    // The chain of ownership: what a module does to objects of its own database its caller may do through it.
    if (chained(this.#frame) && database === this.#frame.database) return;
    requireObject(this.#state, permission, database, objectId);
  }
}

const chained = (frame: Frame): boolean => frame.module !== undefined && frame.kind !== 'text';

export function defaultSchemaIn(state: SessionState, database: Database): string {
  const user = userName(state, database).toLowerCase();
  if (user === 'dbo') return 'dbo';
  for (const each of database.catalog.principals.values())
    if (each.name.toLowerCase() === user) return each.defaultSchema ?? 'dbo';
  return 'dbo';
}

/** `#t` as the nearest level of the session has it, or `##t`. */
export function findTemporary(state: SessionState, level: number, name: string): Table | undefined {
  const database = state.instance.databases.get('tempdb');
  if (!database) return undefined;
  const catalog = state.transaction.part(database)?.catalog ?? database.catalog;
  if (isGlobalTemporary(name)) return findTable(catalog, 'dbo', name);
  for (let each = level; each >= 0; each -= 1) {
    const found = findTable(catalog, 'dbo', temporaryName(name, state.login.id, each));
    if (found) return found;
  }
  return undefined;
}
