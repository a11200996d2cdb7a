import { resolveObject, schemaName } from '../../catalog/find.ts';
import type { StoredModule } from '../../catalog/schema.ts';
import { isTemporary } from '../../catalog/temporary.ts';
import type { Scope } from '../../query/scope.ts';
import type { Database } from '../../server/instance.ts';
import type { Name } from '../../syntax/names.ts';
import type { CommonTable, QueryExpression, Source } from '../../syntax/queries.ts';
import { homeScope } from '../home-scope.ts';

/** A view or a common table expression that a statement writes through. */
export interface NamedQuery {
  readonly name: string;
  readonly query: QueryExpression;
  /** Names of its columns, empty where they are those of the query. */
  readonly columns: readonly string[];
  readonly withCheck: boolean;
  /** Of a view. */
  readonly view: { readonly database: Database; readonly module: StoredModule } | undefined;
  /** What the names in it mean. */
  readonly scope: Scope;
}

/** The view that a name means, or the common table expression; undefined for a table and whatever else. */
export function namedQuery(name: Name, common: readonly CommonTable[], scope: Scope): NamedQuery | undefined {
  const own = name.at(-1) ?? '';
  if (own.startsWith('@') || isTemporary(own) || name.length > 3) return undefined;
  const expression = name.length === 1 && common.find(each => each.name.toLowerCase() === own.toLowerCase());
  if (expression)
    return {
      name: own,
      query: { ...expression.query, with: [...before(common, expression), ...expression.query.with] },
      columns: expression.columns,
      withCheck: false,
      view: undefined,
      scope,
    };
  const written = name.at(-3) ?? '';
  const database = written === '' ? scope.database : scope.instance.databases.get(written.toLowerCase());
  if (!database) return undefined;
  const catalog = scope.catalogOf(database);
  const found = resolveObject(catalog, name, database === scope.database ? scope.defaultSchema : 'dbo');
  if (found?.kind !== 'module') return undefined;
  const { definition } = found.object.module;
  if (definition.kind !== 'view') return undefined;
  return {
    name: found.object.name,
    query: definition.query,
    columns: definition.columns,
    withCheck: definition.withCheck,
    view: { database, module: found.object },
    scope: {
      ...homeScope(scope, database),
      defaultSchema: schemaName(catalog, found.object.schemaId),
    },
  };
}

const before = (common: readonly CommonTable[], one: CommonTable): readonly CommonTable[] =>
  common.slice(0, common.indexOf(one));

/** Where the target of an UPDATE or DELETE stands: a source of its FROM, or only its own name. */
export interface Exposed {
  readonly name: Name;
  readonly alias: string;
  readonly source: Source | undefined;
}

export function exposed(target: Name, from: readonly Source[]): Exposed {
  const own = target.at(-1) ?? '';
  const sources = from.flatMap(tables);
  const called = (source: TableSource) => (source.alias ?? source.name.at(-1) ?? '').toLowerCase();
  const byAlias =
    target.length === 1 ? sources.find(source => called(source) === own.toLowerCase()) : undefined;
  const byName = sources.filter(source => source.name.at(-1)?.toLowerCase() === own.toLowerCase());
  const found = byAlias ?? (byName.length === 1 ? byName[0] : undefined);
  if (!found) return { name: target, alias: own, source: undefined };
  return { name: found.name, alias: found.alias ?? found.name.at(-1) ?? '', source: found };
}

type TableSource = Extract<Source, { readonly source: 'table' }>;

function tables(source: Source): readonly TableSource[] {
  if (source.source === 'table') return [source];
  if (source.source === 'join' || source.source === 'apply')
    return [...tables(source.left), ...tables(source.right)];
  return [];
}

/** FROM with another source in the place of one. */
export function replaced(from: readonly Source[], old: Source | undefined, fresh: Source): readonly Source[] {
  if (!old) return [...from, fresh];
  const swap = (source: Source): Source => {
    if (source === old) return fresh;
    if (source.source === 'join' || source.source === 'apply')
      return { ...source, left: swap(source.left), right: swap(source.right) };
    return source;
  };
  return from.map(swap);
}
