import type { Catalog, StoredModule } from '../catalog/schema.ts';
import type { FunctionContext } from '../functions/function.ts';
import { bindQuery } from '../query/index.ts';
import type { Scope } from '../query/scope.ts';
import type { Database } from '../server/instance.ts';
import { resolveType } from '../values/index.ts';
import type { SqlType } from '../values/types.ts';
import { catalogOf } from './catalog-facts.ts';

export interface ModuleColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

const known = new WeakMap<Catalog, Map<number, readonly ModuleColumn[]>>();

/** Columns of a view or of a table function; none where its text no longer binds, as with a table that was dropped. */
export function moduleColumns(
  context: FunctionContext,
  database: Database,
  module: StoredModule,
): readonly ModuleColumn[] {
  const { definition } = module.module;
  if (
    definition.kind !== 'view' &&
    definition.kind !== 'inline-function' &&
    definition.kind !== 'table-function'
  )
    return [];
  const catalog = catalogOf(context, database);
  let columns = known.get(catalog);
  if (columns === undefined) {
    columns = new Map();
    known.set(catalog, columns);
  }
  let found = columns.get(module.id);
  if (found === undefined) {
    found = computed(context, database, module);
    columns.set(module.id, found);
  }
  return found;
}

function computed(
  context: FunctionContext,
  database: Database,
  module: StoredModule,
): readonly ModuleColumn[] {
  const { definition } = module.module;
  try {
    if (definition.kind === 'table-function')
      return definition.shape.columns.flatMap(column => {
        const type = column.type && resolveType(column.type, database.collation);
        return type === undefined ? [] : [{ name: column.name, type, nullable: column.nullable !== false }];
      });
    if (definition.kind !== 'view' && definition.kind !== 'inline-function') return [];
    const names = definition.kind === 'view' ? definition.columns : [];
    const parameters = new Map(
      (definition.kind === 'inline-function' ? definition.parameters : []).map(each => [
        each.name.toLowerCase(),
        resolveType(each.type, database.collation),
      ]),
    );
    const scope = scopeOf(context, database, module, name => parameters.get(name.toLowerCase()));
    return bindQuery(definition.query, scope).columns.map((column, place) => ({
      name: names[place] ?? column.name,
      type: column.type,
      nullable: column.nullable,
    }));
  } catch {
    return [];
  }
}

/** What names mean inside a stored query: its own database, everything permitted. */
function scopeOf(
  context: FunctionContext,
  database: Database,
  module: StoredModule,
  variable: (name: string) => SqlType | undefined,
): Scope {
  return {
    instance: context.instance,
    database,
    catalogOf: other => catalogOf(context, other),
    defaultSchema: catalogOf(context, database).schemas.get(module.schemaId)?.name ?? 'dbo',
    variable,
    rowSet: () => undefined,
    temporary: () => undefined,
    permit: () => undefined,
  };
}
